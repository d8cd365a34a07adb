"""A case: one flaw, whoever reported it, from the first report to the advisory.

The table of moves is the only thing that changes a case's state.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import CaseId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    """reports are in; none has been reproduced yet"""
    VALIDATED = "validated"
    """the flaw was reproduced by us"""
    PATCHED = "patched"
    """a patch was verified"""
    PUBLISHED = "published"
    """its advisory is in the public zone"""
    CLOSED = "closed"
    """nothing more is to be done; the reason is in the ledger"""


class PartyRole(StrEnum):
    """Why an organisation belongs to a case."""

    FINDER = "finder"
    """reported it"""
    MAINTAINER = "maintainer"
    """answers for the software"""
    COORDINATOR = "coordinator"
    """leads it"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One flaw."""

    id: CaseId
    number: str
    """for people: FL-2026-0001"""
    title: str
    package: str
    """purl without version, empty when unknown"""
    state: CaseState
    marking: Marking
    opened_at: Instant
    version: int = 1
    """grows with every change; a writer names the version that it saw"""


_LEADS = frozenset({Role.COORDINATOR})
_PROGRAM = frozenset({Role.SYSTEM})
_LIVE = frozenset({CaseState.OPEN, CaseState.VALIDATED, CaseState.PATCHED})

CASE_MOVES: MoveTable[CaseState] = MoveTable(
    (
        Move(
            name="validate",
            sources=frozenset({CaseState.OPEN}),
            target=CaseState.VALIDATED,
            roles=_PROGRAM,
            rule="a report was reproduced on the vulnerable release and on no fixed one",
        ),
        Move(
            name="patch",
            sources=frozenset({CaseState.VALIDATED}),
            target=CaseState.PATCHED,
            roles=_PROGRAM,
            rule="a patch passed every check of the verification",
        ),
        Move(
            name="publish",
            sources=frozenset({CaseState.VALIDATED, CaseState.PATCHED}),
            target=CaseState.PUBLISHED,
            roles=_PROGRAM,
            rule="the approved advisory reached its go-live time",
        ),
        Move(
            name="close",
            sources=_LIVE | {CaseState.PUBLISHED},
            target=CaseState.CLOSED,
            roles=_LEADS,
            rule="a coordinator closes it with a reason",
        ),
        Move(
            name="reopen",
            sources=frozenset({CaseState.CLOSED}),
            target=CaseState.OPEN,
            roles=_LEADS,
            rule="new evidence came in",
        ),
    )
)
