"""Which queue serves a database."""

from __future__ import annotations

from firstlight.adapters.jobs.lease import LeaseQueue
from firstlight.adapters.jobs.procrastinate_queue import ProcrastinateQueue
from firstlight.adapters.storage.attempts import Patience
from firstlight.adapters.storage.stores.jobs import Jobs
from firstlight.adapters.storage.tickets import vendor
from firstlight.usecases.ports import JobQueue, JobStore


def job_queue(using: str = "default", patience: Patience | None = None) -> JobQueue:
    """The working half: Procrastinate on PostgreSQL, leases on SQLite."""
    kind = ProcrastinateQueue if vendor(using) == "postgresql" else LeaseQueue
    return kind(using, patience)


def job_store(using: str = "default") -> JobStore:
    """The enqueueing half, for code that has no unit of work; joins a running transaction."""
    return Jobs(using)
