"""The working half of the queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import JobId


@dataclass(frozen=True, kw_only=True)
class Job:
    """A piece of work that a worker holds."""

    id: JobId
    kind: str
    payload: Mapping[str, Json]
    attempt: int
    """1 for the first try"""


@dataclass(frozen=True, kw_only=True)
class PoisonJob:
    """A job that failed too often; it is kept with its error and not tried again by itself."""

    id: JobId
    kind: str
    payload: Mapping[str, Json]
    attempts: int
    error: str
    failed_at: Instant


@dataclass(frozen=True, kw_only=True)
class QueueCounts:
    """How much there is to do."""

    waiting: int
    running: int
    failed: int


Handler = Callable[[Job], None]


class JobQueue(Protocol):
    """Runs jobs: each at least once, also when a worker dies; handlers are idempotent.

    A job that raises is tried again later, a bounded number of times; then it is kept as poison.
    """

    def work(
        self, handlers: Mapping[str, Handler], *, concurrency: int, stop: Callable[[], bool]
    ) -> None:
        """Take and run jobs until `stop()` is true; running jobs are finished first."""
        ...

    def drain(self, handlers: Mapping[str, Handler]) -> int:
        """Run what is due now in this thread until nothing is; returns how many jobs ran."""
        ...

    def counts(self) -> QueueCounts: ...

    def poisoned(self, limit: int) -> list[PoisonJob]: ...

    def retry(self, job: JobId) -> None:
        """Give a poison job its tries again. Raises Missing."""
        ...
