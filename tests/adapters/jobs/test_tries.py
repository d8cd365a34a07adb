from __future__ import annotations

import time
from dataclasses import replace

import pytest
from django.db import connection

from firstlight.adapters.jobs.conformance import QUICK
from firstlight.adapters.jobs.queues import job_queue
from firstlight.adapters.storage.attempts import Attempts
from firstlight.adapters.storage.tickets import take_over
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.core.kernel.errors import RunnerLost
from firstlight.usecases.jobs import GIVEN_UP, VALIDATE_FINDING
from firstlight.usecases.ports import Job

_SHORT = replace(QUICK, lease_seconds=0.05)


def _enqueue(storage: DjangoStorage, key: str = "a") -> None:
    with storage.begin() as work:
        assert work.jobs.enqueue("note", {}, key=key) is not None


def test_a_lost_worker_changes_nothing_any_more(any_storage: DjangoStorage) -> None:
    """A worker that was given up for dead and comes back neither ends nor fails the new try."""
    _enqueue(any_storage)
    attempts = Attempts("default", _SHORT)
    first = attempts.claim("first")
    assert first is not None
    time.sleep(0.1)
    second = attempts.claim("second")
    assert second == replace(first, attempt=2)
    attempts.succeed(first)
    attempts.fail(first, "too late")
    row = attempts.rows.get()
    assert (row.state, row.holder, row.attempts, row.error) == ("running", "second", 2, "")
    attempts.succeed(second)
    assert attempts.counts().running == 0


def test_a_living_worker_keeps_its_lease(any_storage: DjangoStorage) -> None:
    """A heartbeat renews the leases of its own worker and of no other."""
    _enqueue(any_storage, "a")
    _enqueue(any_storage, "b")
    attempts = Attempts("default", replace(QUICK, lease_seconds=0.4))
    living, dead = attempts.claim("living"), attempts.claim("dead")
    assert living is not None
    assert dead is not None
    for _ in range(4):
        time.sleep(0.15)
        attempts.beat("living")
    taken = attempts.claim("third")
    assert taken is not None
    assert taken.id == dead.id
    assert attempts.claim("fourth") is None


def test_a_job_is_claimed_once(any_storage: DjangoStorage) -> None:
    """Two workers never hold the same try."""
    _enqueue(any_storage)
    attempts = Attempts("default", QUICK)
    assert attempts.claim("first") is not None
    assert attempts.claim("second") is None


def test_waits_grow_and_are_bounded() -> None:
    """Each wait is longer than the one before, up to the longest."""
    patience = replace(QUICK, first_wait_seconds=10, longest_wait_seconds=3600)
    waits = [patience.wait(attempt).total_seconds() for attempt in range(1, 8)]
    assert waits == [10, 40, 160, 640, 2560, 3600, 3600]


@pytest.mark.postgres
def test_a_lost_ticket_is_replaced(postgres_storage: DjangoStorage) -> None:
    """When Procrastinate's tables are emptied, every job of ours is found and runs once."""
    _enqueue(postgres_storage, "a")
    _enqueue(postgres_storage, "b")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    seen: list[Job] = []
    assert job_queue(patience=QUICK).drain({"note": seen.append}) == 2
    assert len({job.id for job in seen}) == 2
    assert take_over("default", QUICK.lease_seconds) == 0


@pytest.mark.postgres
def test_a_void_ticket_runs_nothing(postgres_storage: DjangoStorage) -> None:
    """A ticket that Procrastinate hands out twice, or late, begins no try."""
    _enqueue(postgres_storage)
    attempts = Attempts("default", QUICK)
    row = attempts.rows.get()
    assert row.ticket is not None
    assert attempts.begin(row.pk, row.ticket + 1, "worker") is None
    job = attempts.begin(row.pk, row.ticket, "worker")
    assert job is not None
    attempts.fail(job, "an error")
    assert attempts.begin(row.pk, row.ticket, "worker") is None, "the next try has its own ticket"


@pytest.mark.postgres
def test_procrastinate_keeps_no_rows(postgres_storage: DjangoStorage) -> None:
    """What is done leaves nothing behind in either table."""
    _enqueue(postgres_storage)
    assert job_queue(patience=QUICK).drain({"note": lambda _job: None}) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        assert cursor.fetchone() == (0,)


def test_who_waits_for_a_job_that_is_given_up_is_told(any_storage: DjangoStorage) -> None:
    """Poison of a kind that somebody waits for is followed by a job that can say so, once."""
    with any_storage.begin() as work:
        assert work.jobs.enqueue(VALIDATE_FINDING, {"finding": "f"}, key="a") is not None
    queue, seen = job_queue(patience=QUICK), list[Job]()

    def broken(_job: Job) -> None:
        raise RunnerLost("the runner is gone", trials=1)

    deadline = time.monotonic() + 20
    while not seen and time.monotonic() < deadline:
        queue.drain({VALIDATE_FINDING: broken, GIVEN_UP: seen.append})
        time.sleep(0.02)
    assert [job.payload for job in seen] == [
        {"kind": VALIDATE_FINDING, "payload": {"finding": "f"}}
    ]
    counts = queue.counts()
    assert (counts.waiting, counts.failed) == (0, 1)
