"""One try of one job: whatever its handler raises belongs to the job, not to the worker."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from types import TracebackType

from firstlight.adapters.storage.attempts import Attempts
from firstlight.core.kernel.errors import Unavailable
from firstlight.usecases.ports import Handler, Job

_LOG = logging.getLogger(__name__)


class NoHandler(Unavailable):
    """No worker knows how to do this kind of job."""

    code = "jobs.no_handler"
    next_step = "Start workers of the version that asked for it."


class _Try:
    """Ends a try: done, or failed with the error kept. Only the end of the process passes."""

    def __init__(self, attempts: Attempts, job: Job) -> None:
        self._attempts = attempts
        self._job = job

    def __enter__(self) -> None:
        """The try has been counted already."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is None:
            self._attempts.succeed(self._job)
            return False
        if not isinstance(error, Exception):
            return False
        _LOG.warning(
            "job %s (%s) failed in try %d: %s",
            self._job.id,
            self._job.kind,
            self._job.attempt,
            type(error).__name__,
        )
        self._attempts.fail(self._job, "".join(traceback.format_exception(error)))
        return True


def perform(attempts: Attempts, handlers: Mapping[str, Handler], job: Job) -> None:
    """Run the job's handler and record how it ended.

    Raises:
        Unavailable: the end could not be recorded; the job will run again.
    """
    with _Try(attempts, job):
        handler = handlers.get(job.kind)
        if handler is None:
            raise NoHandler(f"no handler for jobs of kind {job.kind!r}", kind=job.kind)
        handler(job)
