"""The names of the jobs, so that who asks for work and who does it agree; and trying one again."""

from __future__ import annotations

from firstlight.core.kernel.ids import JobId
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import JobQueue

VALIDATE_FINDING = "validate-finding"
VERIFY_PATCH = "verify-patch"
PUBLISH_DUE = "publish-due"
READ_BATCH = "read-batch"
GIVEN_UP = "given-up"
"""follows a job of `FOLLOWED_UP` that failed too often; its payload holds that job's"""
FOLLOWED_UP = frozenset({VALIDATE_FINDING, READ_BATCH})
"""jobs that somebody waits for, and must be told when nothing more will come of them"""


def retry_job(context: Context, queue: JobQueue, actor: Actor, job: JobId) -> None:
    """Give a job that failed too often its tries again.

    Raises:
        Refused: the actor may not.
        Missing: no such job has failed.
    """
    allow(actor, Action.JOB_RETRY)
    queue.retry(job)
    with context.storage.begin() as work:
        record(
            context,
            work,
            now=context.clock.now(),
            actor=actor,
            action=Action.JOB_RETRY,
            subject=str(job),
            rule="a person gives a failed job its tries again",
        )
