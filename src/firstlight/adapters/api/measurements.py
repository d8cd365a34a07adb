"""Runs of suites: what was seen, within what the asker may see."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from firstlight.adapters.api.answers import answer, page, page_size
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.measurements import (
    RunListed,
    RunListPage,
    RunsCompared,
    RunShownWhole,
    SampleShown,
    TaskShownWhole,
)
from firstlight.core.measure.ids import MeasurementId
from firstlight.usecases.access.table import Action
from firstlight.usecases.measurements.reading import compare
from firstlight.usecases.queries.measurements import RunCut

router = Router(tags=["measurements"])

RunName = Annotated[str, Path(description="identifier (mea_...)", max_length=64)]
_FILE = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/measurements",
    auth=may(Action.MEASUREMENT_READ),
    response=RunListPage,
    operation_id="listMeasurements",
    summary="List runs",
)
def list_runs(request: HttpRequest, cursor: Cursor = None, limit: Limit = None) -> HttpResponse:
    """The newest first."""
    found = services().measurements.runs(actor_of(request), cursor=cursor, limit=page_size(limit))
    items = [RunListed.of_row(row) for row in found.rows]
    return page(request, RunListPage(items=items, next=found.next_cursor))


@router.get(
    "/measurements/{measurement}",
    auth=may(Action.MEASUREMENT_READ),
    response=RunShownWhole,
    operation_id="readMeasurement",
    summary="Read a run",
)
def read_run(request: HttpRequest, measurement: RunName) -> HttpResponse:
    """Also while it goes on: ask again with `If-None-Match`."""
    name = identified(MeasurementId, measurement)
    return answer(RunShownWhole.of_page(services().measurements.run(actor_of(request), name)))


@router.get(
    "/measurements/{measurement}/tasks/{task}",
    auth=may(Action.MEASUREMENT_EVIDENCE),
    response=TaskShownWhole,
    operation_id="readMeasuredTask",
    summary="Read the evidence of a task",
)
def read_task(
    request: HttpRequest,
    measurement: RunName,
    task: Annotated[str, Path(description="the task's name in the run", max_length=200)],
) -> HttpResponse:
    """Every epoch, with what it rests on."""
    name = identified(MeasurementId, measurement)
    samples = services().measurements.samples(actor_of(request), name, task)
    shown = [SampleShown.of_kept(one) for one in samples]
    return answer(TaskShownWhole(task=task, samples=shown))


@router.get(
    "/measurements/{measurement}/statement",
    auth=may(Action.MEASUREMENT_READ),
    response={200: None},
    operation_id="readStatement",
    summary="Fetch the signed statement",
    openapi_extra={
        "responses": {
            200: {
                "description": "in-toto statement in a DSSE envelope",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        }
    },
)
def read_statement(request: HttpRequest, measurement: RunName) -> HttpResponse:
    """Check it with `firstlight measure verify`, offline."""
    name = identified(MeasurementId, measurement)
    content = services().measurements.statement(actor_of(request), name)
    return HttpResponse(content, content_type="application/json")


@router.get(
    "/measurements/{measurement}/report",
    auth=may(Action.MEASUREMENT_READ),
    response={200: None},
    operation_id="readMeasurementReport",
    summary="Fetch a report",
    openapi_extra={
        "responses": {200: {"description": "One HTML file", "content": {"text/html": _FILE}}}
    },
)
def read_report(
    request: HttpRequest,
    measurement: RunName,
    cut: Annotated[RunCut, Query(description="no larger than the one of the run")] = RunCut.PUBLIC,
) -> HttpResponse:
    """Self-contained, made to be printed."""
    name = identified(MeasurementId, measurement)
    content = services().measurements.report(actor_of(request), name, cut)
    response = HttpResponse(content, content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{cut}.html"'
    return response


@router.get(
    "/measurements/{measurement}/comparison",
    auth=may(Action.MEASUREMENT_READ),
    response=RunsCompared,
    operation_id="compareMeasurements",
    summary="Compare two runs",
)
def compare_both(
    request: HttpRequest,
    measurement: RunName,
    other: Annotated[str, Query(alias="with", description="identifier (mea_...)", max_length=64)],
) -> HttpResponse:
    """Paired differences over the tasks that both measured, by family."""
    first, second = identified(MeasurementId, measurement), identified(MeasurementId, other)
    found = compare(
        services().measurements, actor_of(request), first, second, services().read_record
    )
    return answer(RunsCompared.of_both(found))
