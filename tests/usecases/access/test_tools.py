"""The access matrix of defensive tools and of the register, written out once more by hand."""

from __future__ import annotations

from itertools import product

import pytest

from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.table import TABLE, Action, Reach

ACTIONS = [
    action for action in Action if action.value.startswith(("tool.", "request.", "participant."))
]
_EVERYONE = {Reach.PUBLISHED: "tool.read participant.read"}
_OFFERS = "tool.offer request.read request.decide"
REACHES = {
    Role.OPERATOR: _EVERYONE | {Reach.OWN: "request.make request.read tool.use"},
    Role.COORDINATOR: _EVERYONE | {Reach.OWN: _OFFERS},
    Role.DEVELOPER: _EVERYONE | {Reach.OWN: f"{_OFFERS} participant.list"},
    Role.REVIEWER: _EVERYONE | {Reach.OWN: f"{_OFFERS} participant.list"},
    Role.PARTNER: _EVERYONE | {Reach.OWN: "participant.list"},
    Role.AUDITOR: _EVERYONE | {Reach.EVERYTHING: "request.read"},
    Role.SYSTEM: {Reach.EVERYTHING: "tool.read participant.read request.read"},
}


def expected(role: Role, action: Action) -> Reach:
    """How far this role's action reaches, by the list above."""
    for reach, actions in REACHES.get(role, _EVERYONE).items():
        if action.value in actions.split():
            return reach
    return Reach.NOTHING


@pytest.mark.parametrize("role", Role)
def test_each_role_reaches_as_far_as_is_written_here(role: Role) -> None:
    """Every action about tools and participants, for every role."""
    found = {a: TABLE[role][a].reach if a in TABLE[role] else Reach.NOTHING for a in ACTIONS}
    assert found == {action: expected(role, action) for action in ACTIONS}


def test_nobody_asks_and_decides_in_one_role() -> None:
    """Asking and answering are two roles, whatever organisation somebody has."""
    for role in Role:
        both = (Action.REQUEST_MAKE, Action.REQUEST_DECIDE)
        reached = [TABLE[role][a].reach for a in both if a in TABLE[role]]
        assert sum(reach is not Reach.NOTHING for reach in reached) <= 1


def test_only_people_act() -> None:
    """Neither the program nor a stranger offers, asks, decides, uses or lists."""
    reads = {Action.TOOL_READ, Action.REQUEST_READ, Action.PARTICIPANT_READ}
    strangers = (Role.SYSTEM, Role.ANONYMOUS, Role.PENDING, Role.ADMINISTRATOR)
    for role, action in product(strangers, set(ACTIONS) - reads):
        assert expected(role, action) is Reach.NOTHING
