"""The flood: batches of many records, and what tells one record from another.

A scan's output is no pile of reports. Its records become *candidates*: kept once each, compared by
fingerprint, read by their finder and by coordinators alone, until somebody makes one a report. What
is decided here: which states a batch goes through, what makes two records the same, how much one
finder may send. How bytes become records is left to the formats, where rows go to storage.

Two names for a record:
- its *content*, the leaf hash of its bytes: equal bytes are kept once;
- its *identity*, which survives line drift: a result that moved to another line of the same file is
  the same candidate, changed. Equal identities within one batch are told apart by their turn, since
  two calls of one function in one file may be two flaws.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from firstlight.core.clearinghouse.finding import Format
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.kernel.ids import ALPHABET, FindingId, Identifier, OrganisationId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.merkle import leaf_hash
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role

IDENTITY_BYTES = 16
_NUMBERS = re.compile(r"0x[0-9a-f]+|[0-9]+", re.IGNORECASE)
_APART = "\x1f"


class BatchId(Identifier):
    """One file of many records."""

    prefix = "bat"


class CandidateId(Identifier):
    """A record of a batch, as people name it; made from its owner and its identity."""

    prefix = "can"


class BatchState(StrEnum):
    """How far a batch has come."""

    RECEIVING = "receiving"
    """its bytes are still coming"""
    WAITING = "waiting"
    """all bytes are here; a worker will read them"""
    READ = "read"
    """every record was looked at"""
    BROKEN = "broken"
    """the file cannot be read to its end; what came before the break is kept"""
    CANCELLED = "cancelled"
    """its sender took it back before it was read"""


_SENDERS = frozenset({Role.FINDER, Role.MAINTAINER, Role.COORDINATOR, Role.SYSTEM})
BATCH_MOVES: MoveTable[BatchState] = MoveTable(
    (
        Move(
            name="close",
            sources=frozenset({BatchState.RECEIVING}),
            target=BatchState.WAITING,
            roles=_SENDERS,
            rule="only a whole file is read",
        ),
        Move(
            name="cancel",
            sources=frozenset({BatchState.RECEIVING}),
            target=BatchState.CANCELLED,
            roles=_SENDERS,
            rule="a sender may stop sending",
        ),
        Move(
            name="finish",
            sources=frozenset({BatchState.WAITING}),
            target=BatchState.READ,
            roles=frozenset({Role.SYSTEM}),
            rule="every record was looked at",
        ),
        Move(
            name="break off",
            sources=frozenset({BatchState.WAITING}),
            target=BatchState.BROKEN,
            roles=frozenset({Role.SYSTEM}),
            rule="what came before the break is kept",
        ),
    )
)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What became of the records of a batch."""

    fresh: int = 0
    """new candidates"""
    changed: int = 0
    """known by identity, with other content: a moved line, a newer version of a record"""
    known: int = 0
    """there already, byte for byte"""
    passed: int = 0
    """report no problem, or were suppressed by their owner"""
    failed: int = 0
    """cannot be read; each has its position and reason"""

    @property
    def looked_at(self) -> int:
        """Records so far; where reading goes on after a cut."""
        return self.fresh + self.changed + self.known + self.passed + self.failed

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            fresh=self.fresh + other.fresh,
            changed=self.changed + other.changed,
            known=self.known + other.known,
            passed=self.passed + other.passed,
            failed=self.failed + other.failed,
        )


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A file of many records."""

    id: BatchId
    owner: OrganisationId
    """the organisation that sends it"""
    name: str
    """the file's name, for people"""
    marking: Marking
    """of every candidate in it"""
    state: BatchState
    opened_at: Instant
    size: int = 0
    """bytes received so far; where sending goes on after a cut"""
    digest: str = ""
    """SHA-256 (hex) of the whole file; empty until all of it is here"""
    tally: Tally = Tally()
    purl: str = ""
    """package of every record that names none itself"""
    trouble: str = ""
    """why it broke off, and where"""
    ended_at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A record that cannot be read."""

    position: str
    """its JSON path, or its line"""
    code: str
    """stable, as of every error"""
    reason: str
    """for a person"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record as it is kept: columns to ask by, and its bytes. Not keyword-only for speed."""

    format: Format
    likeness: bytes
    """equal for records that only their turn tells apart"""
    content: bytes
    """leaf hash of the document"""
    document: bytes
    """the record alone, readable by its format's own reader"""
    position: str = ""
    package: str = ""
    """purl without version"""
    rule: str = ""
    """the tool's rule, or the weakness"""
    title: str = ""
    path: str = ""
    line: int | None = None
    function: str = ""
    level: str = ""
    names: str = ""
    """public names of the flaw in capitals, separated by blanks"""


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that reports no problem."""

    position: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The file cannot be read any further."""

    position: str
    error: FirstlightError


Read = Candidate | Fault | Passed | Broken


@dataclass(frozen=True, kw_only=True)
class CandidateRow:
    """A candidate in a list, and who made what of it."""

    id: CandidateId
    batch: BatchId
    format: Format
    marking: Marking
    position: str
    package: str
    rule: str
    title: str
    path: str
    line: int | None
    function: str
    level: str
    names: Sequence[str]
    first_at: Instant
    changed_at: Instant
    finding: FindingId | None
    """the report that was made of it"""


def likeness(*parts: str) -> bytes:
    """One name for everything that is equal in these parts, in this order."""
    told = _APART.join(parts)
    if told.count(_APART) >= len(parts):  # a part holds the mark itself
        told = _APART.join(part.replace(_APART, " ") for part in parts)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()[:IDENTITY_BYTES]


def steady(text: str) -> str:
    """A message without what drifts: numbers become one mark, blanks one blank."""
    return _NUMBERS.sub("#", " ".join(text.split()))


def content_of(document: bytes) -> bytes:
    """The Merkle leaf of a document."""
    return leaf_hash(document)


def candidate_key(owner: OrganisationId, identity: bytes) -> bytes:
    """The same for the same owner and identity, so that sending twice gives one name."""
    return hashlib.sha256(str(owner).encode() + identity).digest()[:IDENTITY_BYTES]


def candidate_id(key: bytes) -> CandidateId:
    """A key as people name it."""
    return CandidateId.mint(int.from_bytes(key[:6]), key[6:])


def key_of(identifier: CandidateId) -> bytes:
    """The key that this identifier names."""
    number = 0
    for letter in identifier.value.removeprefix("can_"):
        number = number << 5 | ALPHABET.index(letter)
    return (number & (1 << 128) - 1).to_bytes(16)


class Turns:
    """Tells equal likenesses of one batch apart, in their order.

    Memory grows by some 200 bytes with each record; `Quota.records` bounds it.
    """

    def __init__(self) -> None:
        """Nothing was seen."""
        self._count: dict[bytes, int] = {}
        self._seen: dict[bytes, bytes] = {}

    def identity(self, candidate: Candidate) -> bytes:
        """The identity; a record that came byte for byte before has the same one again."""
        before = self._seen.get(candidate.content)
        if before is not None:
            return before
        turn = self._count.get(candidate.likeness, 0) + 1
        self._count[candidate.likeness] = turn
        made = candidate.likeness if turn == 1 else _turned(candidate.likeness, turn)
        self._seen[candidate.content] = made
        return made


def _turned(base: bytes, turn: int) -> bytes:
    return hashlib.sha256(base + turn.to_bytes(4)).digest()[:IDENTITY_BYTES]


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How much one finder may send. A flood of one must not become the drought of all."""

    window: timedelta = timedelta(days=1)
    """over which `bytes` is counted"""
    bytes: int = 8 << 30
    """sent in a window by one organisation"""
    waiting: int = 2 << 30
    """received and not read yet, of one organisation; what is beyond waits with its sender"""
    backlog: int = 16 << 30
    """received and not read yet, of all; a disk is finite"""
    open: int = 8
    """batches that are being sent at once by one organisation"""
    file: int = 2 << 30
    """of one file; some two million results"""
    piece: int = 8 << 20
    """of one piece of it"""
    records: int = 1_000_000
    """of one file; more are sent as several"""
    faults: int = 1_000
    """records that cannot be read are kept with position and reason up to here, then counted"""


QUOTA = Quota()
