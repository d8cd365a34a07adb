"""The clearinghouse's rows of the access table."""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.rules import (
    COMMUNITY,
    EVERYTHING,
    OWN,
    PARTY,
    PUBLIC,
    Action,
    Reach,
    Rule,
)

_ANYONE = {Action.FINDING_SUBMIT: OWN, Action.ADVISORY_READ: PUBLIC}

# An auditor sees what was done and changes nothing; sealed content (RED) stays closed.
_AUDIT = Rule(Reach.EVERYTHING, Marking.AMBER_STRICT)

ROWS: Mapping[Role, Mapping[Action, Rule]] = {
    Role.ANONYMOUS: _ANYONE,
    # An unvetted organisation sees and does no more than the public does.
    Role.PENDING: _ANYONE,
    Role.FINDER: {
        Action.FINDING_SUBMIT: OWN,
        Action.FINDING_IMPORT: OWN,
        Action.FINDING_READ: OWN,
        Action.CASE_READ: PARTY,
        Action.EVIDENCE_READ: OWN,
        Action.PATCH_PROPOSE: PARTY,
        Action.PATCH_READ: PARTY,
        Action.ADVISORY_READ: PARTY,
        Action.LEDGER_READ: OWN,
    },
    Role.MAINTAINER: {
        Action.FINDING_SUBMIT: OWN,
        Action.FINDING_IMPORT: OWN,
        Action.FINDING_READ: PARTY,
        Action.CASE_READ: PARTY,
        Action.EVIDENCE_READ: PARTY,
        Action.PATCH_PROPOSE: PARTY,
        Action.PATCH_READ: PARTY,
        Action.ADVISORY_READ: PARTY,
        Action.LEDGER_READ: OWN,
    },
    Role.OPERATOR: {
        Action.FINDING_SUBMIT: OWN,
        Action.FINDING_READ: OWN,
        Action.ADVISORY_READ: Rule(Reach.PUBLISHED, COMMUNITY),
        Action.SOURCE_READ: EVERYTHING,
    },
    Role.COORDINATOR: dict.fromkeys(
        (
            Action.FINDING_SUBMIT,
            Action.FINDING_IMPORT,
            Action.FINDING_READ,
            Action.FINDING_VALIDATE,
            Action.CASE_READ,
            Action.CASE_MOVE,
            Action.CASE_PARTY,
            Action.EVIDENCE_READ,
            Action.DUPLICATE_DECIDE,
            Action.PATCH_PROPOSE,
            Action.PATCH_READ,
            Action.ADVISORY_READ,
            Action.ADVISORY_WRITE,
            Action.ADVISORY_APPROVE,
            Action.LEDGER_READ,
            Action.SOURCE_READ,
            Action.SOURCE_LOAD,
        ),
        EVERYTHING,
    ),
    Role.AUDITOR: {
        Action.CASE_READ: _AUDIT,
        Action.EVIDENCE_READ: _AUDIT,
        Action.PATCH_READ: _AUDIT,
        Action.ADVISORY_READ: _AUDIT,
        Action.LEDGER_READ: EVERYTHING,
        Action.SOURCE_READ: EVERYTHING,
    },
    # Managing accounts gives no sight of a case.
    Role.ADMINISTRATOR: _ANYONE | {Action.SOURCE_READ: EVERYTHING, Action.SOURCE_LOAD: EVERYTHING},
    Role.SYSTEM: dict.fromkeys(Action, EVERYTHING),
}
