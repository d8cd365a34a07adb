"""Reads about floods. Every one requires its reader and applies the access table in the query.

A candidate belongs to no case, so no party sees it: its sender does, and whoever sees everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from firstlight.core.clearinghouse.intake.flood import (
    Batch,
    BatchId,
    CandidateId,
    CandidateRow,
    Fault,
)
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.queries.port import Page


class FloodQueries(Protocol):
    """What a reader may see; the rest is Missing, so that its existence is not told."""

    def batches(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[Batch]:
        """Newest first."""
        ...

    def batch(self, reader: Actor, identifier: BatchId) -> Batch:
        """Raises Missing."""
        ...

    def faults(self, reader: Actor, identifier: BatchId) -> Sequence[Fault]:
        """Records that could not be read, as many as are kept. Raises Missing."""
        ...

    def candidates(
        self,
        reader: Actor,
        *,
        batch: BatchId | None,
        package: str | None,
        cursor: str | None,
        limit: int,
    ) -> Page[CandidateRow]:
        """Newest first; only those of a batch or of a package, where one is named."""
        ...

    def candidate(self, reader: Actor, identifier: CandidateId) -> CandidateRow:
        """Raises Missing."""
        ...

    def document(self, reader: Actor, identifier: CandidateId) -> bytes:
        """The record alone, readable by its format's own reader. Raises Missing."""
        ...
