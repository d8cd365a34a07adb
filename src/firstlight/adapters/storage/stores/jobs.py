"""The enqueueing half of the queue, the same on both databases.

The row in `firstlight_job` is the job: it holds the key, the tries, the error. Where Procrastinate
carries jobs to workers (PostgreSQL), the row names Procrastinate's job as its *ticket*, asked for
in the same transaction; a ticket that is not the row's is void.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import IntegrityError, connections, transaction

from firstlight.adapters.storage import codec
from firstlight.adapters.storage.models import JobRecord, JobState
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import JobId

TASK = "firstlight.perform"
"""the one task that Procrastinate knows; its argument is the JobId"""
QUEUE = "firstlight"
_DEFER = (
    "SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[ROW("
    "%s, %s, 0, NULL, NULL, jsonb_build_object('job', %s::text), %s::timestamptz"
    ")]::procrastinate_job_to_defer_v1[]))"
)
_RANDOM_BYTES = 10


def request_ticket(using: str, job: str, run_at: datetime) -> int | None:
    """Ask Procrastinate, inside the running transaction, to carry this job to a worker.

    Args:
        using: database alias
        job: JobId
        run_at: not before this moment

    Returns:
        The ticket, or None on a database without Procrastinate.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(_DEFER, [QUEUE, TASK, job, run_at])
        (ticket,) = cursor.fetchone()
    return int(ticket)


class Jobs:
    """`JobStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using

    def enqueue(
        self, kind: str, payload: Mapping[str, Json], *, key: str, run_at: Instant | None = None
    ) -> JobId | None:
        """Join the running transaction; None when an unfinished job has the key."""
        moment = datetime.now(UTC)
        job = JobId.mint(int(moment.timestamp() * 1000), os.urandom(_RANDOM_BYTES))
        due = run_at.utc if run_at else moment
        row = JobRecord(
            id=str(job),
            kind=kind,
            key=key,
            payload=codec.pack_json(payload),
            state=JobState.WAITING.value,
            run_at=due,
        )
        try:
            # The savepoint keeps the unit of work usable when the key turns out to be taken.
            with transaction.atomic(using=self._using):
                row.save(using=self._using, force_insert=True)
        except IntegrityError:
            return None
        ticket = request_ticket(self._using, str(job), due)
        if ticket is not None:
            JobRecord.objects.using(self._using).filter(pk=str(job)).update(ticket=ticket)
        return job
