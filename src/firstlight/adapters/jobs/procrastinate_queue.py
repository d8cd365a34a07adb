"""The queue on PostgreSQL: Procrastinate carries tickets to any number of workers.

Procrastinate finds the worker (row locks, LISTEN/NOTIFY, heartbeats); what a job is, how often it
is tried and what becomes of it stands in our own row (`storage.attempts`). So a job that
Procrastinate forgets is found again, and one that it hands out twice runs once.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker

from firstlight.adapters.jobs.lease import worker_name
from firstlight.adapters.jobs.trying import perform
from firstlight.adapters.storage.attempts import Attempts, Patience
from firstlight.adapters.storage.stores.jobs import QUEUE, TASK
from firstlight.adapters.storage.tickets import connection_parameters, take_over
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.kernel.ids import JobId
from firstlight.usecases.ports import Handler, PoisonJob, QueueCounts

_LOG = logging.getLogger(__name__)
_STOP_SECONDS = 0.1
"""how often `stop()` is asked"""
_SPARE_CONNECTIONS = 3
"""besides one per running job: fetching, heartbeat, listening"""


class ProcrastinateQueue:
    """`JobQueue` over Procrastinate."""

    def __init__(self, using: str = "default", patience: Patience | None = None) -> None:
        """`using` is Django's alias of a PostgreSQL database."""
        self._using = using
        self._patience = patience or Patience()
        self._attempts = Attempts(using, self._patience)

    def work(
        self, handlers: Mapping[str, Handler], *, concurrency: int, stop: Callable[[], bool]
    ) -> None:
        """Take and run jobs until `stop()`; what runs then is finished first."""
        while not stop():
            try:
                asyncio.run(self._run(handlers, concurrency=concurrency, stop=stop))
            except ConnectorException as error:
                # The database may come back; a worker that gives up would have to be restarted.
                _LOG.warning("cannot look for jobs: %s", type(error.__cause__ or error).__name__)
                time.sleep(self._patience.poll_seconds)

    def drain(self, handlers: Mapping[str, Handler]) -> int:
        """Run what is due, one after the other."""
        take_over(self._using, self._patience.lease_seconds)
        return asyncio.run(self._run(handlers, concurrency=1, stop=None))

    def counts(self) -> QueueCounts:
        """How much there is to do."""
        return self._attempts.counts()

    def poisoned(self, limit: int) -> list[PoisonJob]:
        """Newest first."""
        return self._attempts.poisoned(limit)

    def retry(self, job: JobId) -> None:
        """Give a poison job its tries again. Raises Missing."""
        self._attempts.retry(job)

    async def _run(
        self, handlers: Mapping[str, Handler], *, concurrency: int, stop: Callable[[], bool] | None
    ) -> int:
        """Work until `stop()`, or without it until nothing is due; returns how many jobs ran."""
        ran: list[str] = []
        app = self._app(handlers, concurrency, ran)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(concurrency))
        async with app.open_async():
            worker = Worker(
                app,
                queues=[QUEUE],
                concurrency=concurrency,
                wait=stop is not None,
                listen_notify=stop is not None,
                fetch_job_polling_interval=self._patience.poll_seconds,
                update_heartbeat_interval=self._patience.beat_seconds,
                stalled_worker_timeout=self._patience.lease_seconds,
                delete_jobs="always",
                install_signal_handlers=False,
            )
            watching = asyncio.create_task(self._watch(worker, stop)) if stop else None
            await worker.run()  # type: ignore[no-untyped-call]  # the library leaves it out
            if watching:
                watching.cancel()
                await asyncio.wait([watching])
        return len(ran)

    def _app(self, handlers: Mapping[str, Handler], concurrency: int, ran: list[str]) -> App:
        app = App(
            connector=PsycopgConnector(
                kwargs=connection_parameters(self._using),
                min_size=1,
                max_size=concurrency + _SPARE_CONNECTIONS,
            )
        )
        holder = worker_name()
        # Handlers' errors end in our row. What is left to Procrastinate is a database that could
        # not be reached at the beginning or the end of a try: then the ticket is tried again.
        again = RetryStrategy(wait=math.ceil(self._patience.poll_seconds))

        @app.task(name=TASK, queue=QUEUE, pass_context=True, retry=again)
        def _perform(context: JobContext, job: str) -> None:
            ticket = context.job.id or 0
            try:
                begun = self._attempts.begin(job, ticket, holder)
                if begun is not None:
                    ran.append(job)
                    perform(self._attempts, handlers, begun)
            finally:
                self._attempts.leave()

        return app

    async def _watch(self, worker: Worker, stop: Callable[[], bool]) -> None:
        """Pass `stop()` on, and take over from dead workers."""
        with ThreadPoolExecutor(1) as aside:
            loop = asyncio.get_running_loop()
            next_look = 0.0
            try:
                while not stop():
                    if loop.time() >= next_look:
                        await loop.run_in_executor(aside, self._take_over)
                        next_look = loop.time() + self._patience.beat_seconds
                    await asyncio.sleep(_STOP_SECONDS)
            finally:
                worker.stop()  # type: ignore[no-untyped-call]  # the library leaves it out
                aside.submit(self._attempts.leave)

    def _take_over(self) -> None:
        try:
            given_back = take_over(self._using, self._patience.lease_seconds)
        except FirstlightError as error:
            _LOG.warning("cannot look for dead workers: %s", error.message)
        else:
            if given_back:
                _LOG.warning("took over %d jobs", given_back)
