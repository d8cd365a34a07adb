"""The queue as a table of leases: no server besides the database.

A worker claims the job that is due longest for the time of a lease and renews all its leases in a
thread of their own; when it dies they end, and any other worker takes the jobs over. The clocks of
machines that share a database must agree to well within a lease.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from firstlight.adapters.jobs.trying import perform
from firstlight.adapters.storage.attempts import Attempts, Patience
from firstlight.core.kernel.errors import FirstlightError, Unavailable
from firstlight.core.kernel.ids import JobId
from firstlight.usecases.ports import Handler, Job, PoisonJob, QueueCounts

_LOG = logging.getLogger(__name__)


def worker_name() -> str:
    """Tells this worker from every other, on whatever machine."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


class LeaseQueue:
    """`JobQueue` on the lease columns of the job's row."""

    def __init__(self, using: str = "default", patience: Patience | None = None) -> None:
        """`using` is Django's alias of the database."""
        self._patience = patience or Patience()
        self._attempts = Attempts(using, self._patience)

    def work(
        self, handlers: Mapping[str, Handler], *, concurrency: int, stop: Callable[[], bool]
    ) -> None:
        """Take and run jobs until `stop()`; what runs then is finished first."""
        holder = worker_name()
        running: set[Future[None]] = set()
        with self._beating(holder), ThreadPoolExecutor(concurrency) as pool:
            while not stop():
                job = self._claim(holder) if len(running) < concurrency else None
                if job is not None:
                    running.add(pool.submit(self._perform, handlers, job))
                elif running:
                    wait(running, self._patience.poll_seconds, return_when=FIRST_COMPLETED)
                else:
                    time.sleep(self._patience.poll_seconds)
                running -= {future for future in running if _ended(future)}
        self._attempts.leave()

    def drain(self, handlers: Mapping[str, Handler]) -> int:
        """Run what is due, one after the other."""
        holder = worker_name()
        count = 0
        with self._beating(holder):
            while (job := self._attempts.claim(holder)) is not None:
                perform(self._attempts, handlers, job)
                count += 1
        return count

    def counts(self) -> QueueCounts:
        """How much there is to do."""
        return self._attempts.counts()

    def poisoned(self, limit: int) -> list[PoisonJob]:
        """Newest first."""
        return self._attempts.poisoned(limit)

    def retry(self, job: JobId) -> None:
        """Give a poison job its tries again. Raises Missing."""
        self._attempts.retry(job)

    def _claim(self, holder: str) -> Job | None:
        try:
            return self._attempts.claim(holder)
        except FirstlightError as error:
            # The database may come back; a worker that gives up would have to be restarted.
            _LOG.warning("cannot look for jobs: %s", error.message)
            return None

    def _perform(self, handlers: Mapping[str, Handler], job: Job) -> None:
        try:
            perform(self._attempts, handlers, job)
        finally:
            self._attempts.leave()

    @contextmanager
    def _beating(self, holder: str) -> Iterator[None]:
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self._patience.beat_seconds):
                try:
                    self._attempts.beat(holder)
                except FirstlightError as error:
                    _LOG.warning("cannot renew the leases: %s", error.message)
            self._attempts.leave()

        thread = threading.Thread(target=beat, name="leases", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _ended(future: Future[None]) -> bool:
    """Whether the try is over; one whose end could not be recorded runs again after its lease."""
    if not future.done():
        return False
    error = future.exception()
    if isinstance(error, Unavailable):
        _LOG.warning("the end of a job could not be recorded: %s", error.message)
    elif error is not None:
        raise error
    return True
