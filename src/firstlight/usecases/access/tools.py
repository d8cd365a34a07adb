"""Rows about defensive tools and the register of participants.

*Own* is an offer of the actor's own organisation for those who offer, and a request, a grant or a
use of the actor's own organisation for those who ask. Everyone reads what is offered, who may ask,
how long answers take, and who chose to be listed. Only people ask, decide and use.
"""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.rules import (
    DENIED,
    EVERYTHING,
    OWN,
    PUBLIC,
    Action,
    Reach,
    Rule,
)

_READ = {Action.TOOL_READ: PUBLIC, Action.PARTICIPANT_READ: PUBLIC}
_OFFERS = dict.fromkeys((Action.TOOL_OFFER, Action.REQUEST_READ, Action.REQUEST_DECIDE), OWN)
_ASKS = dict.fromkeys((Action.REQUEST_MAKE, Action.REQUEST_READ, Action.TOOL_USE), OWN)
_LISTS = {Action.PARTICIPANT_LIST: OWN}
_PEOPLES = (
    Action.TOOL_OFFER,
    Action.TOOL_USE,
    Action.REQUEST_MAKE,
    Action.REQUEST_DECIDE,
    Action.PARTICIPANT_LIST,
)
"""what only people do"""

ROWS: Mapping[Role, Mapping[Action, Rule]] = {
    **dict.fromkeys(Role, _READ),
    Role.OPERATOR: _READ | _ASKS,
    Role.COORDINATOR: _READ | _OFFERS,
    Role.DEVELOPER: _READ | _OFFERS | _LISTS,
    Role.REVIEWER: _READ | _OFFERS | _LISTS,
    Role.PARTNER: _READ | _LISTS,
    # Steps, times and reasons of every request.
    Role.AUDITOR: _READ | {Action.REQUEST_READ: Rule(Reach.EVERYTHING, Marking.AMBER_STRICT)},
    Role.SYSTEM: {
        Action.TOOL_READ: EVERYTHING,
        Action.PARTICIPANT_READ: EVERYTHING,
        Action.REQUEST_READ: EVERYTHING,
        **dict.fromkeys(_PEOPLES, DENIED),
    },
}
