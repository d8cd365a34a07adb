"""What a worker does for each kind of job: translate the payload and call the use case."""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.adapters.formats.bulk.read import read_records
from firstlight.core.clearinghouse.intake.flood import BatchId
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import AdvisoryId, FindingId, PatchId
from firstlight.usecases import jobs
from firstlight.usecases.advisories.publish import Render, publish_advisory
from firstlight.usecases.context import Context
from firstlight.usecases.findings.flood import give_up_reading, read_batch
from firstlight.usecases.findings.validate import give_up_validation, validate_finding
from firstlight.usecases.patches.propose import verify_patch
from firstlight.usecases.ports import Handler, Job


def handlers(context: Context, render: Render) -> Mapping[str, Handler]:
    """Every job's handler. Each may run more than once and has its effect once."""

    def validate(job: Job) -> None:
        validate_finding(context, FindingId(str(job.payload["finding"])), job.id)

    def given_up(job: Job) -> None:
        payload = job.payload["payload"]
        if not isinstance(payload, dict):
            raise Invalid(f"job {job.id} follows a job without a payload")
        if "batch" in payload:
            give_up_reading(context, BatchId(str(payload["batch"])))
        else:
            give_up_validation(context, FindingId(str(payload["finding"])), job.id)

    def verify(job: Job) -> None:
        verify_patch(context, PatchId(str(job.payload["patch"])), job.id)

    def publish(job: Job) -> None:
        publish_advisory(context, AdvisoryId(str(job.payload["advisory"])), render)

    def read(job: Job) -> None:
        read_batch(context, BatchId(str(job.payload["batch"])), read_records)

    return {
        jobs.VALIDATE_FINDING: validate,
        jobs.READ_BATCH: read,
        jobs.GIVEN_UP: given_up,
        jobs.VERIFY_PATCH: verify,
        jobs.PUBLISH_DUE: publish,
    }
