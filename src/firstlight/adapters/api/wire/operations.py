"""The ledger, outside sources, jobs, and the service itself."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from firstlight.adapters.api.wire.common import Moment, Page, Wire
from firstlight.usecases.ports import Committed, PoisonJob, QueueCounts, SourceStatus


class EntryShown(Wire):
    """A ledger entry with what opens its commitment."""

    index: int
    entry: dict[str, Any] = Field(description="id, at, actor, action, subject, rule, facts, ...")
    salt: str = Field(description="hex")
    commitment: str = Field(description="hex: SHA-256(salt || RFC 8785 bytes of the entry)")

    @classmethod
    def of(cls, committed: Committed) -> EntryShown:
        """As it is stored."""
        return cls(
            index=committed.index,
            entry=committed.entry.to_json(),
            salt=committed.salt.hex(),
            commitment=committed.commitment.hex(),
        )


class LedgerPage(Page[EntryShown]):
    """Entries, newest first."""


class LedgerExport(Wire):
    """What `firstlight ledger verify` checks without this server."""

    format: str
    verifier_key: str
    checkpoint: str
    entries: list[dict[str, Any]]
    history: list[dict[str, Any]]


class SourceShown(Wire):
    """What was loaded of an outside catalogue; never loaded is said, not taken for empty."""

    name: str
    loaded: bool
    version: str | None = None
    dated: str | None = Field(default=None, description="the day that the source gives itself")
    loaded_at: Moment | None = None
    origin: str | None = None
    count: int | None = None

    @classmethod
    def of(cls, name: str, status: SourceStatus | None) -> SourceShown:
        """From the store."""
        if status is None:
            return cls(name=name, loaded=False)
        return cls(
            name=name,
            loaded=True,
            version=status.version,
            dated=status.dated.isoformat(),
            loaded_at=str(status.loaded_at),
            origin=status.origin,
            count=status.count,
        )


class PoisonShown(Wire):
    """A job that failed too often; it waits for a person."""

    id: str
    kind: str
    payload: dict[str, Any]
    attempts: int
    error: str
    failed_at: Moment

    @classmethod
    def of(cls, job: PoisonJob) -> PoisonShown:
        """From the queue."""
        return cls(
            id=str(job.id),
            kind=job.kind,
            payload=dict(job.payload),
            attempts=job.attempts,
            error=job.error,
            failed_at=str(job.failed_at),
        )


class JobsShown(Wire):
    """How much there is to do, and what has failed for good."""

    waiting: int
    running: int
    failed: int
    poisoned: list[PoisonShown]

    @classmethod
    def of(cls, counts: QueueCounts, poisoned: list[PoisonJob]) -> JobsShown:
        """From the queue."""
        return cls(
            waiting=counts.waiting,
            running=counts.running,
            failed=counts.failed,
            poisoned=[PoisonShown.of(job) for job in poisoned],
        )


class Accepted(Wire):
    """It will be done."""

    accepted: bool = True
    subject: str = Field(description="what it is about")


class Health(Wire):
    """The process answers."""

    status: str = Field(examples=["ok"])
    version: str


class Ready(Wire):
    """The database answers."""

    status: str = Field(examples=["ready"])
