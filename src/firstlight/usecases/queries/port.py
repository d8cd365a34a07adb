"""Reads. Every one requires its reader and applies the access table in the query itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.clearinghouse.case import Case, CaseState, Evidence, PartyRole
from firstlight.core.clearinghouse.finding import Finding, FindingState, Format
from firstlight.core.clearinghouse.patches.model import Patch
from firstlight.core.directives.history import HistoryEntry
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import AdvisoryId, CaseId, FindingId, OrganisationId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.ports.storage import Committed

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """A piece of a list, newest first."""

    rows: Sequence[Row]
    next_cursor: str | None
    """hand it back for the rows after these; None at the end"""


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A case in a list."""

    id: CaseId
    number: str
    title: str
    package: str
    state: CaseState
    marking: Marking
    opened_at: Instant
    findings: int
    reproduced: int
    advisory: AdvisoryState | None


@dataclass(frozen=True, kw_only=True)
class FindingRow:
    """A finding in a list."""

    id: FindingId
    title: str
    package: str
    format: Format
    state: FindingState
    state_reason: str
    marking: Marking
    received_at: Instant
    organisation: str
    """the reporter's organisation by name; empty for an anonymous report"""
    case: CaseId | None
    case_number: str


@dataclass(frozen=True, kw_only=True)
class PartyRow:
    """An organisation in a case."""

    organisation: OrganisationId
    name: str
    role: PartyRole


class Queries(Protocol):
    """What a reader may see; the rest is Missing, so that its existence is not told."""

    def cases(
        self, reader: Actor, *, state: CaseState | None, cursor: str | None, limit: int
    ) -> Page[CaseRow]: ...

    def case(self, reader: Actor, identifier: CaseId) -> Case:
        """Raises Missing."""
        ...

    def case_by_number(self, reader: Actor, number: str) -> Case:
        """Raises Missing."""
        ...

    def parties(self, reader: Actor, case: CaseId) -> Sequence[PartyRow]: ...

    def findings(
        self, reader: Actor, *, case: CaseId | None, cursor: str | None, limit: int
    ) -> Page[FindingRow]: ...

    def finding(self, reader: Actor, identifier: FindingId) -> Finding:
        """Raises Missing."""
        ...

    def evidence(self, reader: Actor, case: CaseId) -> Sequence[Evidence]:
        """Oldest first; of findings that the reader may see."""
        ...

    def patches(self, reader: Actor, case: CaseId) -> Sequence[Patch]: ...

    def advisories(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[Advisory]: ...

    def advisory(self, reader: Actor, identifier: AdvisoryId) -> Advisory:
        """Raises Missing."""
        ...

    def advisory_of(self, reader: Actor, case: CaseId) -> Advisory | None: ...

    def ledger(
        self, reader: Actor, *, subjects: Sequence[str] | None, cursor: str | None, limit: int
    ) -> Page[Committed]:
        """Entries newest first; a reader whose reach is OWN sees those of the own findings."""
        ...

    def duty_history(self, reader: Actor, duty: str | None) -> Sequence[HistoryEntry]:
        """Of one duty or of all, oldest first; people only for who reads the whole ledger."""
        ...
