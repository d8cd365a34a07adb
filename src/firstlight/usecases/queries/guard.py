"""Reads of the guard's verdicts, without their texts; who reads a text is recorded elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from firstlight.core.guard.record import Kept, KeptState, VerdictId
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.queries.port import Page


class GuardQueries(Protocol):
    """What a reader may see of verdicts."""

    def verdicts(
        self, reader: Actor, states: Collection[KeptState], *, cursor: str | None, limit: int
    ) -> Page[Kept]:
        """Newest first; of all states when none is named."""
        ...

    def verdict(self, reader: Actor, identifier: VerdictId) -> Kept:
        """Raises Missing."""
        ...

    def waiting(self, reader: Actor) -> int:
        """How many are held, of those that the reader may see."""
        ...
