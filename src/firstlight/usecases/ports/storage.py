"""Stores and the unit of work: everything that must be kept, and kept together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from firstlight.core.clearinghouse.advisory.model import Advisory
from firstlight.core.clearinghouse.case import Case, Evidence, Party, PartyRole
from firstlight.core.clearinghouse.finding import Finding, Report
from firstlight.core.clearinghouse.patches.model import Patch
from firstlight.core.directives.history import HistoryEntry
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import (
    AdvisoryId,
    CaseId,
    EvidenceId,
    FindingId,
    JobId,
    OrganisationId,
    PatchId,
)
from firstlight.core.kernel.ledger import Entry
from firstlight.core.kernel.parties import Role
from firstlight.usecases.ports.documents import DocumentStore
from firstlight.usecases.ports.flood import BatchStore
from firstlight.usecases.ports.guard import GuardStore
from firstlight.usecases.ports.notices import NoticeStore
from firstlight.usecases.ports.reviews import (
    EngagementStore,
    GrantStore,
    ObservationStore,
    PartnerStore,
)
from firstlight.usecases.ports.runs import MeasurementStore
from firstlight.usecases.ports.tools import ParticipantStore, ToolStore
from firstlight.usecases.ports.uses import (
    EndpointStore,
    GrantKeyStore,
    PresenceStore,
    UseStore,
)


class FindingStore(Protocol):
    """Findings and the documents they arrived in."""

    def add(self, finding: Finding, raw: bytes) -> None:
        """Keep a new finding and its raw document (stored once per digest, compressed)."""
        ...

    def get(self, identifier: FindingId) -> Finding:
        """Raises Missing."""
        ...

    def save(self, finding: Finding) -> None:
        """Store a new state, reason or case; the report itself never changes. Raises Missing."""
        ...

    def by_raw_digest(self, digest: str, organisation: OrganisationId | None) -> Sequence[Finding]:
        """Findings that arrived in exactly this document from this organisation."""
        ...

    def of_case(self, case: CaseId) -> Sequence[Finding]:
        """The findings of a case, oldest first."""
        ...

    def opened_with(self, case: CaseId) -> Sequence[Finding]:
        """The findings whose home this case is."""
        ...

    def raw(self, identifier: FindingId) -> bytes:
        """The document as it arrived. Raises Missing."""
        ...

    def comparable(self, package: str, identifiers: Sequence[str], limit: int) -> Sequence[Finding]:
        """Findings that share the package (purl without version) or an identifier, oldest first."""
        ...

    def alike(self, report: Report, limit: int) -> Sequence[Finding]:
        """Findings whose texts may be alike, whatever their package; the likeliest first."""
        ...


class CaseStore(Protocol):
    """Cases, their parties and their evidence."""

    def add(self, case: Case) -> None: ...

    def get(self, identifier: CaseId) -> Case:
        """Raises Missing."""
        ...

    def lock(self, identifier: CaseId) -> Case:
        """Like `get`, and nobody else changes it until this unit of work ends. Raises Missing."""
        ...

    def save(self, case: Case) -> Case:
        """Store a change and return it with the next version.

        Raises:
            Conflict: `case.version` is not the stored one.
        """
        ...

    def next_number(self, year: int) -> str:
        """The next FL-<year>-<four or more digits>; never given twice."""
        ...

    def add_party(self, case: CaseId, party: Party) -> None:
        """Idempotent."""
        ...

    def remove_party(self, case: CaseId, organisation: OrganisationId, role: PartyRole) -> None:
        """Idempotent."""
        ...

    def parties(self, case: CaseId) -> Sequence[Party]: ...

    def add_evidence(self, evidence: Evidence) -> None:
        """Idempotent by identifier."""
        ...

    def evidence(self, case: CaseId) -> Sequence[Evidence]:
        """Of the findings that belong to the case now, and of the case itself; oldest first."""
        ...

    def get_evidence(self, identifier: EvidenceId) -> Evidence | None: ...


@dataclass(frozen=True, kw_only=True)
class DuplicateDecision:
    """A person's word on two findings."""

    left: FindingId
    right: FindingId
    same: bool
    """True confirms that they are one flaw, False splits them"""
    by: str
    at: Instant
    reason: str


class DecisionStore(Protocol):
    """What people decided about duplicates; the latest word on a pair counts."""

    def put(self, decision: DuplicateDecision) -> None: ...

    def remove(self, left: FindingId, right: FindingId) -> None:
        """Take the word on a pair back. Idempotent."""
        ...

    def among(self, findings: Iterable[FindingId]) -> Sequence[DuplicateDecision]:
        """Decisions whose both sides are among these."""
        ...


class PatchStore(Protocol):
    """Proposed patches."""

    def add(self, patch: Patch) -> None: ...

    def get(self, identifier: PatchId) -> Patch:
        """Raises Missing."""
        ...

    def save(self, patch: Patch) -> None: ...

    def of_case(self, case: CaseId) -> Sequence[Patch]:
        """Oldest first."""
        ...


class AdvisoryStore(Protocol):
    """Advisories."""

    def add(self, advisory: Advisory) -> None: ...

    def get(self, identifier: AdvisoryId) -> Advisory:
        """Raises Missing."""
        ...

    def lock(self, identifier: AdvisoryId) -> Advisory:
        """Like `get`, locked until this unit of work ends. Raises Missing."""
        ...

    def save(self, advisory: Advisory) -> Advisory:
        """Store a change and return it with the next version. Raises Conflict."""
        ...

    def of_case(self, case: CaseId) -> Advisory | None: ...

    def due(self, now: Instant) -> Sequence[Advisory]:
        """Approved ones whose go-live time is not after `now`."""
        ...

    def published(self) -> Sequence[Advisory]:
        """Published and publicly withdrawn ones, oldest first."""
        ...


@dataclass(frozen=True, kw_only=True)
class Committed:
    """A ledger entry as it is stored."""

    index: int
    """0, 1, 2, ... in the whole ledger"""
    entry: Entry
    salt: bytes
    commitment: bytes


class LedgerStore(Protocol):
    """The append-only ledger. Appending serialises: two units of work never share an index."""

    def last_of(self, subject: str) -> Committed | None:
        """The newest entry of a subject, locked against a concurrent append."""
        ...

    def append(self, entry: Entry, salt: bytes, commitment: bytes) -> Committed: ...

    def size(self) -> int: ...

    def commitments(self, size: int) -> Sequence[bytes]:
        """The first `size` commitments, in order."""
        ...

    def entries(self, subject: str | None, start: int, limit: int) -> Sequence[Committed]:
        """Entries from index `start` on, of one subject or of all."""
        ...

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed checkpoint. Idempotent by size."""
        ...

    def checkpoints(self) -> Sequence[tuple[int, str]]:
        """All kept (size, note), smallest first."""
        ...


class JobStore(Protocol):
    """The enqueueing half of the queue: part of the unit of work."""

    def enqueue(
        self,
        kind: str,
        payload: Mapping[str, Json],
        *,
        key: str,
        run_at: Instant | None = None,
    ) -> JobId | None:
        """Ask for work, to start when this unit of work has committed and `run_at` has come.

        Args:
            kind: the handler's name
            payload: identifiers, small
            key: while an unfinished job with this key exists nothing is added (None is returned)
            run_at: not before this moment
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something to tell the outside, delivered after commit, at least once."""

    kind: str
    """`mail`, `webhook`, or `notice`, which becomes one of each for whom it concerns"""
    to: str
    subject: str
    body: str
    key: str = field(default="", compare=False)
    """under which it was put, told at its delivery"""


class Outbox(Protocol):
    """Messages that leave when the unit of work has committed."""

    def put(self, message: Message, *, key: str) -> None:
        """Idempotent by key."""
        ...


@dataclass(frozen=True, kw_only=True)
class SourceStatus:
    """What was loaded of an outside source, and when."""

    name: str
    """`kev`, `epss`"""
    version: str
    dated: date
    """the date that the source gives itself"""
    loaded_at: Instant
    origin: str
    """file name or address it came from"""
    count: int


class SourceStore(Protocol):
    """Catalogues of others; each load replaces the one before as a whole, so removals count."""

    def replace(self, status: SourceStatus, rows: Iterable[tuple[str, Mapping[str, Json]]]) -> None:
        """Keep the new catalogue: key (a CVE) and facts of each row."""
        ...

    def status(self, name: str) -> SourceStatus | None:
        """None when it was never loaded."""
        ...

    def lookup(self, name: str, keys: Sequence[str]) -> Mapping[str, Mapping[str, Json]]:
        """The rows of these keys; absent ones are not in the catalogue."""
        ...


class DutyStore(Protocol):
    """What was recorded about duties of the register. Append-only."""

    def append(self, entry: HistoryEntry, role: Role) -> None:
        """Keep an entry and the role in which it was recorded. Raises Conflict."""
        ...

    def lock(self, duty: str) -> Sequence[HistoryEntry]:
        """The entries of a duty, oldest first; nobody appends until this unit of work ends."""
        ...


class IdempotencyStore(Protocol):
    """Answers to requests that may be sent twice."""

    def get(self, scope: str, key: str) -> tuple[str, Json] | None:
        """(digest of the request, stored answer), or None."""
        ...

    def put(self, scope: str, key: str, request_digest: str, answer: Json, now: Instant) -> None:
        """Raises Conflict when another request took the key first."""
        ...


class UnitOfWork(Protocol):
    """One transaction: the change, its ledger entry, its jobs and its messages, or none of them."""

    findings: FindingStore
    cases: CaseStore
    decisions: DecisionStore
    patches: PatchStore
    advisories: AdvisoryStore
    ledger: LedgerStore
    jobs: JobStore
    outbox: Outbox
    sources: SourceStore
    idempotency: IdempotencyStore
    duties: DutyStore
    engagements: EngagementStore
    grants: GrantStore
    partners: PartnerStore
    observations: ObservationStore
    endpoints: EndpointStore
    keys: GrantKeyStore
    presences: PresenceStore
    uses: UseStore
    documents: DocumentStore
    notices: NoticeStore
    tools: ToolStore
    participants: ParticipantStore
    measurements: MeasurementStore
    batches: BatchStore
    guard: GuardStore


class Storage(Protocol):
    """Opens units of work."""

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """Commit when the block ends, roll back when it raises.

        Raises:
            Unavailable: the database cannot be reached.
        """
        ...

    def look(self) -> AbstractContextManager[UnitOfWork]:
        """Stores to read from only: nothing is locked, and nothing may be written.

        What is read first may be older than what is read last.

        Raises:
            Unavailable: the database cannot be reached.
        """
        ...
