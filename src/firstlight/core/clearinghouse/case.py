"""A case: one flaw, whoever reported it, from the first report to the advisory.

The table of moves is the only thing that changes a case's state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import CaseId, EvidenceId, FindingId, OrganisationId, PatchId
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
    MERGED = "merged"
    """the same flaw as another case, which goes on; nothing is lost, and it can be undone"""


class EvidenceKind(StrEnum):
    """What was tried."""

    VALIDATION = "validation"
    """a proof was run on the vulnerable and on the fixed release"""
    PATCH_VERIFICATION = "patch-verification"
    """a proposed patch was put through its checks"""
    ASSESSMENT = "assessment"
    """a coordinator answered the questions of the priority tables"""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one validation or verification showed. Never changed; a new try is new evidence."""

    id: EvidenceId
    case: CaseId
    kind: EvidenceKind
    finding: FindingId | None
    """the finding that was validated"""
    patch: PatchId | None
    """the patch that was verified"""
    target: str
    """identifier of the target, empty when there was none"""
    outcome: str
    """the outcome's kind, as the stage that decided it names it"""
    summary: str
    """one sentence for a person"""
    level: str
    """containment level of the runs, empty when nothing ran"""
    at: Instant
    body: Mapping[str, Json]
    """runs, logs (bounded), environment: small JSON"""


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
    merged_into: CaseId | None = None
    """the case that goes on, when this one is merged"""
    version: int = 1
    """grows with every change; a writer names the version that it saw"""


@dataclass(frozen=True, kw_only=True)
class Party:
    """An organisation in a case."""

    organisation: OrganisationId
    role: PartyRole
    raw_feed: bool = False
    """a maintainer who asked to see reports before they are validated"""


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
            name="merge",
            sources=frozenset({CaseState.OPEN, CaseState.VALIDATED}),
            target=CaseState.MERGED,
            roles=_PROGRAM,
            rule="grouping found the same flaw in an older case, or a coordinator confirmed it",
        ),
        Move(
            name="separate",
            sources=frozenset({CaseState.MERGED}),
            target=CaseState.OPEN,
            roles=_PROGRAM,
            rule="a coordinator split what had been grouped",
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
