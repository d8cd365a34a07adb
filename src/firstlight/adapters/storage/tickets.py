"""What workers on PostgreSQL need besides Procrastinate's own: taking over, a connection."""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction

from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import JobRecord
from firstlight.adapters.storage.stores.jobs import QUEUE, request_ticket

# One worker at a time decides who is dead; it sees what the one before has done.
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('firstlight take over'))"
_STALLED = """
    SELECT procrastinate_retry_job_v2(job.id, now(), NULL, NULL, NULL)
    FROM procrastinate_jobs job
    WHERE job.status = 'doing' AND job.queue_name = %s AND NOT EXISTS (
        SELECT 1 FROM procrastinate_workers worker
        WHERE worker.id = job.worker_id
        AND worker.last_heartbeat >= now() - make_interval(secs => %s)
    )
"""
_ORPHANS = """
    SELECT id, run_at FROM firstlight_job
    WHERE state IN ('waiting', 'running')
    AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs carried WHERE carried.id = ticket)
    FOR UPDATE SKIP LOCKED
"""
# Workers wait for inserted jobs; one that is given back wakes them only in this way.
_WAKE = """
    SELECT pg_notify('procrastinate_queue_v1#' || %s, '{"type": "job_inserted", "job_id": 0}')
"""


def take_over(using: str, lease_seconds: float) -> int:
    """Give the jobs of dead workers back to the queue, and tickets to jobs that lost theirs.

    A ticket is lost when Procrastinate's tables were emptied or restored without ours.

    Args:
        using: alias of a PostgreSQL database
        lease_seconds: a worker without a heartbeat for so long is dead, by the database's clock

    Returns:
        How many jobs were given back.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with (
        border(),
        transaction.atomic(using=using),
        connections[using].cursor() as cursor,
    ):
        cursor.execute(_ALONE)
        (alone,) = cursor.fetchone()
        if not alone:
            return 0
        cursor.execute(_STALLED, [QUEUE, lease_seconds])
        given_back = len(cursor.fetchall())
        cursor.execute(_ORPHANS)
        orphans = cursor.fetchall()
        for job, run_at in orphans:
            ticket = request_ticket(using, job, run_at)
            JobRecord.objects.using(using).filter(pk=job).update(ticket=ticket)
        if given_back:
            cursor.execute(_WAKE, [QUEUE])
        return given_back + len(orphans)


def connection_parameters(using: str) -> dict[str, Any]:
    """What psycopg needs to reach the same database."""
    parameters: dict[str, Any] = connections[using].get_connection_params()
    return {
        name: value
        for name, value in parameters.items()
        if name not in {"cursor_factory", "context", "prepare_threshold"}
    }


def vendor(using: str) -> str:
    """`sqlite` or `postgresql`."""
    return connections[using].vendor
