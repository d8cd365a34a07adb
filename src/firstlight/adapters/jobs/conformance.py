# ruff: noqa: S101, PLR2004  # a check is an assertion about literal expectations
"""What every queue must do. A queue's own tests run each check over a fresh database.

A check raises AssertionError with the fact that does not hold. Waiting is by `drain`, so a check
takes a fraction of a second; give the queue the patience `QUICK`. Death of workers needs real
processes and is proved in the tests beside.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from firstlight.adapters.storage.attempts import Patience
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import JobId
from firstlight.usecases.ports import Job, JobQueue, Storage

QUICK = Patience(
    tries=3,
    first_wait_seconds=0.05,
    longest_wait_seconds=0.2,
    lease_seconds=1.0,
    poll_seconds=0.05,
)
_PATIENCE_SECONDS = 20.0


class _Undone(Exception):
    """Raised to roll a unit of work back."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A queue and the storage whose units of work enqueue for it."""

    storage: Storage
    queue: JobQueue

    def enqueue(
        self, payload: Mapping[str, Json], *, key: str, run_at: Instant | None = None
    ) -> JobId | None:
        """One job of kind `note` in a unit of work of its own."""
        with self.storage.begin() as work:
            return work.jobs.enqueue("note", payload, key=key, run_at=run_at)

    def drain_until(self, handler: Callable[[Job], None], done: Callable[[], bool]) -> None:
        """Drain again and again; waits between tries are short, but they are waits."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError("the queue did not get there in time")
            self.queue.drain({"note": handler})
            time.sleep(0.02)


def runs_once(subject: Subject) -> None:
    """A job runs once, with the payload that it was given, and is gone."""
    seen: list[Job] = []
    payload: dict[str, Json] = {
        "finding": "fnd",
        "count": 3,
        "nested": {"list": [1, "two", None, True]},
    }
    identifier = subject.enqueue(payload, key="a")
    assert subject.queue.drain({"note": seen.append}) == 1
    assert subject.queue.drain({"note": seen.append}) == 0
    assert [(job.id, job.kind, job.payload, job.attempt) for job in seen] == [
        (identifier, "note", payload, 1)
    ]
    counts = subject.queue.counts()
    assert (counts.waiting, counts.running, counts.failed) == (0, 0, 0)


def rolls_back(subject: Subject) -> None:
    """A unit of work that fails enqueues nothing."""
    with suppress(_Undone), subject.storage.begin() as work:
        work.jobs.enqueue("note", {}, key="a")
        raise _Undone
    assert subject.queue.counts().waiting == 0
    assert subject.queue.drain({"note": _fail}) == 0


def key_is_unique_while_unfinished(subject: Subject) -> None:
    """A key is taken while its job waits or runs, and free afterwards."""
    first = subject.enqueue({}, key="a")
    assert first is not None
    assert subject.enqueue({}, key="a") is None
    assert subject.enqueue({}, key="b") is not None
    inside: list[JobId | None] = []
    subject.queue.drain({"note": lambda _job: inside.append(subject.enqueue({}, key="a"))})
    assert inside[0] is None, "a running job keeps its key"
    assert len(inside) == 3, "the second job took the free key, and its own job ran"
    assert subject.enqueue({}, key="a") is not None


def taken_key_leaves_the_unit_of_work_usable(subject: Subject) -> None:
    """After a refused key, the same unit of work goes on and commits."""
    subject.enqueue({}, key="a")
    with subject.storage.begin() as work:
        assert work.jobs.enqueue("note", {}, key="a") is None
        assert work.jobs.enqueue("note", {}, key="b") is not None
    assert subject.queue.counts().waiting == 2


def waits_for_its_time(subject: Subject) -> None:
    """A delayed job does not run early, and runs afterwards."""
    at = datetime.now(UTC) + timedelta(seconds=0.6)
    ran: list[datetime] = []
    subject.enqueue({}, key="later", run_at=Instant(at))
    assert subject.queue.drain({"note": _fail}) == 0
    subject.drain_until(lambda _job: ran.append(datetime.now(UTC)), lambda: bool(ran))
    assert ran[0] >= at


def failing_job_is_kept(subject: Subject) -> None:
    """A job that raises is tried a bounded number of times, then kept with its error."""
    attempts: list[int] = []

    def broken(job: Job) -> None:
        attempts.append(job.attempt)
        raise ValueError(f"broken \x00 in try {job.attempt}")

    identifier = subject.enqueue({"a": "b"}, key="poison")
    subject.drain_until(broken, lambda: subject.queue.counts().failed == 1)
    assert attempts == [1, 2, 3]
    assert subject.queue.drain({"note": broken}) == 0, "poison is not tried by itself"
    (poison,) = subject.queue.poisoned(10)
    assert (poison.id, poison.kind, poison.payload) == (identifier, "note", {"a": "b"})
    assert poison.attempts == 3
    assert "ValueError" in poison.error
    assert "in try 3" in poison.error
    assert subject.enqueue({}, key="poison") is not None, "poison does not keep its key"


def poison_can_be_retried(subject: Subject) -> None:
    """A person gives poison its tries again; what is no poison is Missing."""
    identifier = subject.enqueue({}, key="poison")
    assert identifier is not None
    subject.drain_until(_fail, lambda: subject.queue.counts().failed == 1)
    seen: list[Job] = []
    subject.queue.retry(identifier)
    assert subject.queue.drain({"note": seen.append}) == 1
    assert [job.attempt for job in seen] == [1]
    try:
        subject.queue.retry(identifier)
    except Missing:
        return
    raise AssertionError("retrying what is no poison must be Missing")


def unknown_kind_is_kept(subject: Subject) -> None:
    """A job without a handler is not lost: it becomes poison that names its kind."""
    subject.enqueue({}, key="a")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while subject.queue.counts().failed == 0 and time.monotonic() < deadline:
        subject.queue.drain({})
        time.sleep(0.02)
    (poison,) = subject.queue.poisoned(10)
    assert "'note'" in poison.error


def job_may_enqueue(subject: Subject) -> None:
    """What a job asks for is done in the same drain."""
    left = [3]

    def follow(_job: Job) -> None:
        left[0] -= 1
        if left[0]:
            subject.enqueue({}, key=f"next {left[0]}")

    subject.enqueue({}, key="first")
    assert subject.queue.drain({"note": follow}) == 3


def works_at_the_same_time(subject: Subject) -> None:
    """`work` runs as many jobs at once as it may, and ends when told, with nothing left running."""
    running: list[int] = []
    most: list[int] = []
    finished: list[int] = []

    def slow(job: Job) -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.15)
        running.pop()
        finished.append(job.attempt)

    for number in range(8):
        subject.enqueue({}, key=f"slow {number}")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    subject.queue.work(
        {"note": slow},
        concurrency=4,
        stop=lambda: len(finished) == 8 or time.monotonic() > deadline,
    )
    assert finished == [1] * 8
    assert 2 <= max(most) <= 4
    counts = subject.queue.counts()
    assert (counts.waiting, counts.running, counts.failed) == (0, 0, 0)


def outlives_its_lease(subject: Subject) -> None:
    """A job that takes longer than a lease keeps it by its worker's heartbeat and runs once."""
    ran: list[int] = []

    def long(job: Job) -> None:
        ran.append(job.attempt)
        time.sleep(QUICK.lease_seconds * 2.5)

    subject.enqueue({}, key="long")
    deadline = time.monotonic() + QUICK.lease_seconds * 3.5
    subject.queue.work({"note": long}, concurrency=2, stop=lambda: time.monotonic() > deadline)
    assert ran == [1]


CHECKS: tuple[Callable[[Subject], None], ...] = (
    runs_once,
    rolls_back,
    key_is_unique_while_unfinished,
    taken_key_leaves_the_unit_of_work_usable,
    waits_for_its_time,
    failing_job_is_kept,
    poison_can_be_retried,
    unknown_kind_is_kept,
    job_may_enqueue,
    works_at_the_same_time,
    outlives_its_lease,
)


def _fail(_job: Job) -> None:
    raise ValueError("this job always fails")
