"""The service itself: jobs, health, readiness, metrics, schema, and this API's description."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from firstlight.adapters.api.answers import Answer, answer, once
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import OPEN, BearerOrLoopback, actor_of, may
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.operations import Accepted, Health, JobsShown, Ready
from firstlight.adapters.formats import plain
from firstlight.core.kernel.ids import JobId
from firstlight.usecases import jobs
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context

router = Router(tags=["service"])

VERSION = version("firstlight")
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


@router.get(
    "/jobs",
    auth=may(Action.JOB_READ),
    response=JobsShown,
    operation_id="listJobs",
    summary="See what there is to do",
)
def list_jobs(
    request: HttpRequest,  # noqa: ARG001  # the router's signature
    limit: Annotated[int, Query(ge=1, le=200, description="failed jobs at most")] = 50,
) -> HttpResponse:
    """How many jobs wait and run, and those that failed for good, each with its error."""
    queue = services().jobs
    return answer(JobsShown.of(queue.counts(), queue.poisoned(limit)))


@router.post(
    "/jobs/{job}/retry",
    auth=may(Action.JOB_RETRY),
    response={202: Accepted},
    operation_id="retryJob",
    summary="Try a failed job again",
)
def retry_job(
    request: HttpRequest,
    job: Annotated[str, Path(max_length=64, description="identifier (job_...)")],
) -> HttpResponse:
    """Give a job that failed for good its tries again."""
    name, actor = identified(JobId, job), actor_of(request)

    def act(context: Context) -> Answer:
        jobs.retry_job(context, services().jobs, actor, name)
        return Answer(shown=Accepted(subject=str(name)), status=202)

    return once(request, act)


@router.get(
    "/health",
    auth=OPEN,
    response=Health,
    operation_id="readHealth",
    summary="Ask whether the process lives",
)
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the router's signature
    """Touches nothing but the process itself."""
    return answer(Health(status="ok", version=VERSION))


@router.get(
    "/ready",
    auth=OPEN,
    response=Ready,
    operation_id="readReadiness",
    summary="Ask whether the service can work",
)
def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the router's signature
    """200 when the database answers; otherwise 503 with what is wrong."""
    services().jobs.counts()
    return answer(Ready(status="ready"))


@router.get(
    "/metrics",
    auth=BearerOrLoopback(Action.JOB_READ),
    response={200: None},
    operation_id="readMetrics",
    summary="Read metrics",
    openapi_extra={
        "responses": {
            200: {
                "description": "Prometheus text format 0.0.4",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        }
    },
)
def metrics(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the router's signature
    """For Prometheus: on the same machine without a token, from elsewhere with one."""
    parts = services()
    counts = parts.jobs.counts()
    with parts.context.storage.begin() as work:
        size = work.ledger.size()
        published = len(work.advisories.published())
    text = _exposition(
        {
            ("firstlight_info", "gauge", "Version", f'{{version="{VERSION}"}}'): 1,
            ("firstlight_jobs", "gauge", "Jobs by state", '{state="waiting"}'): counts.waiting,
            ("firstlight_jobs", "gauge", "Jobs by state", '{state="running"}'): counts.running,
            ("firstlight_jobs", "gauge", "Jobs by state", '{state="failed"}'): counts.failed,
            ("firstlight_ledger_entries", "counter", "Entries of the ledger", ""): size,
            ("firstlight_advisories_public", "gauge", "Advisories in public", ""): published,
        }
    )
    return HttpResponse(text, content_type=_METRICS)


@router.get(
    "/schemas/report-1.0.json",
    auth=OPEN,
    response={200: None},
    operation_id="readReportSchema",
    summary="Read the schema of a plain report",
    openapi_extra={
        "responses": {
            200: {
                "description": "JSON Schema, draft 2020-12",
                "content": {"application/schema+json": {"schema": {"type": "object"}}},
            }
        }
    },
)
def report_schema(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the router's signature
    """What a report in plain JSON may say."""
    response = HttpResponse(plain.schema(), content_type="application/schema+json")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _exposition(values: dict[tuple[str, str, str, str], int]) -> str:
    lines: list[str] = []
    named: set[str] = set()
    for (name, kind, sentence, labels), value in values.items():
        if name not in named:
            named.add(name)
            lines += [f"# HELP {name} {sentence}", f"# TYPE {name} {kind}"]
        lines.append(f"{name}{labels} {value}")
    return "\n".join(lines) + "\n"
