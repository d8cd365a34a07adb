"""Where batches and candidates are kept, and who reads a file's records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from firstlight.core.clearinghouse.intake.flood import (
    Batch,
    BatchId,
    Candidate,
    CandidateId,
    CandidateRow,
    Fault,
    Read,
    Tally,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import FindingId, OrganisationId


class RecordReader(Protocol):
    """Reads the records of a file in their order, one at a time."""

    def __call__(self, file: BinaryIO, purl: str) -> Iterator[Read]:
        """Every record; a `Broken` is the last.

        Args:
            file: its format is told by what it holds; it can be sought
            purl: package of every record that names none itself
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one organisation has sent."""

    bytes_since: int
    """received since the moment that was asked about"""
    bytes_waiting: int
    """received and not read yet"""
    backlog: int
    """the same of all organisations together"""
    open: int
    """batches that are being sent"""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Records that are stored together: one transaction, one ledger entry."""

    start: int
    """how many records of the batch stood before"""
    records: Sequence[tuple[bytes, Candidate]]
    """identity and candidate, in their order, each identity once"""
    leaves: bytes
    """leaf hashes of all candidates looked at, in their order, the known ones too"""
    faults: Sequence[Fault]
    """as many as are kept"""


class BatchStore(Protocol):
    """Batches, their bytes until they are read, and the candidates in them."""

    def add(self, batch: Batch) -> None: ...

    def get(self, identifier: BatchId) -> Batch:
        """Raises Missing."""
        ...

    def lock(self, identifier: BatchId) -> Batch:
        """Like `get`, locked until this unit of work ends. Raises Missing."""
        ...

    def save(self, batch: Batch) -> None:
        """Store state, size, digest, tally and trouble."""
        ...

    def load(self, owner: OrganisationId, since: Instant) -> Load:
        """What this organisation has sent."""
        ...

    def append(self, identifier: BatchId, offset: int, data: bytes, now: Instant) -> None:
        """Keep the piece that starts at this byte."""
        ...

    def open(self, identifier: BatchId) -> BinaryIO:
        """The bytes as a file that can be sought; one piece is in memory at a time."""
        ...

    def drop_bytes(self, identifier: BatchId) -> None:
        """Forget the bytes: every record has them, and the ledger the digest."""
        ...

    def keep(self, batch: Batch, pack: Pack, now: Instant) -> Tally:
        """Store new and changed candidates; tells how many were new, changed and known."""
        ...

    def faults(self, identifier: BatchId) -> Sequence[Fault]:
        """Those that were kept, in the order of the file."""
        ...

    def candidate(self, identifier: CandidateId) -> tuple[CandidateRow, OrganisationId]:
        """A candidate and its owner. Raises Missing."""
        ...

    def document(self, identifier: CandidateId) -> bytes:
        """The record alone. Raises Missing."""
        ...

    def promoted(self, identifier: CandidateId, finding: FindingId) -> None:
        """Remember the report that was made of it."""
        ...
