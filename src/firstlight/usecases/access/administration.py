"""Rows of the access table about accounts, organisations and the program's own work."""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.rules import EVERYTHING, OWN, Action, Rule

_VETTED = (
    Role.FINDER,
    Role.MAINTAINER,
    Role.OPERATOR,
    Role.COORDINATOR,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)

ROWS: Mapping[Role, Mapping[Action, Rule]] = {
    role: {Action.TOKEN_MANAGE: OWN} for role in _VETTED
} | {
    Role.COORDINATOR: {
        Action.TOKEN_MANAGE: OWN,
        Action.JOB_READ: EVERYTHING,
        Action.JOB_RETRY: EVERYTHING,
        Action.GUARD_READ: EVERYTHING,
        Action.GUARD_OPEN: EVERYTHING,
        Action.GUARD_DECIDE: EVERYTHING,
    },
    # An auditor sees each verdict of the guard and who decided, and no text.
    Role.AUDITOR: {
        Action.TOKEN_MANAGE: OWN,
        Action.JOB_READ: EVERYTHING,
        Action.GUARD_READ: EVERYTHING,
    },
    Role.ADMINISTRATOR: {
        Action.TOKEN_MANAGE: OWN,
        Action.JOB_READ: EVERYTHING,
        Action.JOB_RETRY: EVERYTHING,
        Action.ORGANISATION_VET: EVERYTHING,
        Action.ACCOUNT_MANAGE: EVERYTHING,
    },
}
