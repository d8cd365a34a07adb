"""What workers do to job rows: begin a try, end it, count, show poison, try again.

A try is counted before the handler starts and in a transaction of its own, so a job that kills its
worker is bounded like one that raises. The end of a try counts only while the try is the row's
newest (`attempts` is the fence): a worker that was given up for dead changes nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connections, transaction
from django.db.models import Count, Q, QuerySet

from firstlight.adapters.storage import codec, translate
from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import JobRecord, JobState
from firstlight.adapters.storage.stores.jobs import Jobs, request_ticket
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import JobId
from firstlight.usecases.jobs import FOLLOWED_UP, GIVEN_UP
from firstlight.usecases.ports import Job, PoisonJob, QueueCounts

_ERROR_CHARACTERS = 4_000
"""kept of an error's text: its end, where the reason stands"""
_LOST = "the worker died or was lost in every try"


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often and how fast a job is tried, and when its worker counts as dead."""

    tries: int = 5
    """begun tries after which a job is poison"""
    first_wait_seconds: float = 10.0
    """before the second try; each further wait is four times as long"""
    longest_wait_seconds: float = 3600.0
    lease_seconds: float = 30.0
    """a worker that was silent for so long is dead, and its jobs are taken over"""
    poll_seconds: float = 1.0
    """an idle worker looks for work this often"""

    @property
    def beat_seconds(self) -> float:
        """A worker shows this often that it lives; two beats may be late."""
        return self.lease_seconds / 3

    def wait(self, attempt: int) -> timedelta:
        """Between this try and the next."""
        seconds = self.first_wait_seconds * 4.0 ** (attempt - 1)
        return timedelta(seconds=min(seconds, self.longest_wait_seconds))


class Attempts:
    """Tries of jobs in one database."""

    def __init__(self, using: str, patience: Patience) -> None:
        """`using` is Django's alias of the database."""
        self._using = using
        self._patience = patience
        self.rows: QuerySet[JobRecord] = JobRecord.objects.using(using)

    def claim(self, holder: str) -> Job | None:
        """Take the job that is due longest under a lease; None when nothing is due.

        A running job whose lease has ended is due: its worker is dead.
        """
        while True:
            now = datetime.now(UTC)
            due = Q(state=JobState.WAITING.value, run_at__lte=now) | Q(
                state=JobState.RUNNING.value, leased_until__lt=now
            )
            with border(), transaction.atomic(using=self._using):
                rows = self.rows.select_for_update(skip_locked=True).filter(due)
                row = rows.order_by("run_at", "id").first()
                if row is None:
                    return None
                job = self._begin(row, holder, now)
            if job is not None:
                return job

    def begin(self, identifier: str, ticket: int, holder: str) -> Job | None:
        """Begin the try that a ticket stands for; None when the ticket is void."""
        with border(), transaction.atomic(using=self._using):
            rows = self.rows.select_for_update().exclude(state=JobState.FAILED.value)
            row = rows.filter(pk=identifier, ticket=ticket).first()
            return self._begin(row, holder, datetime.now(UTC)) if row else None

    def _begin(self, row: JobRecord, holder: str, now: datetime) -> Job | None:
        if row.attempts >= self._patience.tries:
            self._poison(row.pk, row.error or _LOST, now)
            return None
        attempt = row.attempts + 1
        self.rows.filter(pk=row.pk).update(
            state=JobState.RUNNING.value,
            attempts=attempt,
            holder=holder,
            leased_until=now + timedelta(seconds=self._patience.lease_seconds),
        )
        return Job(
            id=JobId(row.pk),
            kind=row.kind,
            payload=codec.unpack_json(row.payload),
            attempt=attempt,
        )

    def beat(self, holder: str) -> None:
        """Renew the leases of a living worker."""
        until = datetime.now(UTC) + timedelta(seconds=self._patience.lease_seconds)
        with border():
            held = self.rows.filter(holder=holder, state=JobState.RUNNING.value)
            held.update(leased_until=until)

    def succeed(self, job: Job) -> None:
        """Done: the row goes."""
        with border():
            self.rows.filter(pk=str(job.id), attempts=job.attempt).delete()

    def fail(self, job: Job, error: str) -> None:
        """Try again later, or keep it as poison."""
        now = datetime.now(UTC)
        kept = translate.clean(error)[-_ERROR_CHARACTERS:]
        with border(), transaction.atomic(using=self._using):
            rows = self.rows.select_for_update()
            if not rows.filter(pk=str(job.id), attempts=job.attempt).exists():
                return
            if job.attempt >= self._patience.tries:
                self._poison(str(job.id), kept, now)
                return
            run_at = now + self._patience.wait(job.attempt)
            self._wait_until(str(job.id), run_at, error=kept)

    def counts(self) -> QueueCounts:
        """How much there is to do."""
        with border():
            states = dict(self.rows.values_list("state").annotate(Count("id")).order_by())
        return QueueCounts(
            waiting=states.get(JobState.WAITING.value, 0),
            running=states.get(JobState.RUNNING.value, 0),
            failed=states.get(JobState.FAILED.value, 0),
        )

    def poisoned(self, limit: int) -> list[PoisonJob]:
        """Newest first."""
        with border():
            rows = self.rows.filter(state=JobState.FAILED.value).order_by("-failed_at", "-id")
            return [_poison_job(row) for row in rows[:limit]]

    def retry(self, identifier: JobId) -> None:
        """Give a poison job its tries again.

        Raises:
            Missing: there is no such poison.
            Conflict: an unfinished job has its key.
        """
        with border(), transaction.atomic(using=self._using):
            poison = self.rows.select_for_update().filter(
                pk=str(identifier), state=JobState.FAILED.value
            )
            if not poison.update(attempts=0, failed_at=None):
                raise Missing(f"there is no failed job {identifier}")
            self._wait_until(str(identifier), datetime.now(UTC), error="")

    def _wait_until(self, identifier: str, run_at: datetime, *, error: str) -> None:
        self.rows.filter(pk=identifier).update(
            state=JobState.WAITING.value,
            holder="",
            leased_until=None,
            run_at=run_at,
            error=error,
            ticket=request_ticket(self._using, identifier, run_at),
        )

    def _poison(self, identifier: str, error: str, now: datetime) -> None:
        """Keep it with its error; in the same transaction ask for what has to follow."""
        row = self.rows.get(pk=identifier)
        if row.kind in FOLLOWED_UP:
            payload = {"kind": row.kind, "payload": codec.unpack_json(row.payload)}
            Jobs(self._using).enqueue(GIVEN_UP, payload, key=f"given up {identifier}")
        self.rows.filter(pk=identifier).update(
            state=JobState.FAILED.value,
            holder="",
            leased_until=None,
            ticket=None,
            error=error,
            failed_at=now,
        )

    def leave(self) -> None:
        """Close this thread's connection; a worker's threads come and go."""
        connections[self._using].close()


def _poison_job(row: JobRecord) -> PoisonJob:
    return PoisonJob(
        id=JobId(row.pk),
        kind=row.kind,
        payload=codec.unpack_json(row.payload),
        attempts=row.attempts,
        error=row.error,
        failed_at=translate.instant(row.failed_at or row.run_at),
    )
