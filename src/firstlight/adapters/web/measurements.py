"""Runs: the list, one run while it goes on and after, a task's evidence, two runs side by side.

What is shown is what the reader's cut admits; the queries see to it.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from firstlight.adapters.web.following import Following, news, tag_of
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.kernel.ids import MalformedIdentifier
from firstlight.core.kernel.parties import Actor
from firstlight.core.measure.figures import Figure, Measured
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.measurement import MeasurementState
from firstlight.core.measure.words import LOWER_BOUND, PREPARED
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.measurements.reading import compare
from firstlight.usecases.queries.measurements import RunCut, RunPage

_COMPARABLE = 100
"""of the newest runs, among which another is chosen"""


@require_safe
def measurements(request: HttpRequest) -> HttpResponse:
    """Every run that the reader may see, the newest first."""
    actor = actor_of(request)
    allow(actor, Action.MEASUREMENT_READ)
    found = services().measurements.runs(
        actor, cursor=request.GET.get("after"), limit=services().page_size
    )
    return render(request, "web/measurements.html", {"page": found, "rows": found.rows})


@require_safe
def measurement(request: HttpRequest, identifier: str) -> HttpResponse:
    """One run."""
    actor = actor_of(request)
    seen = services().measurements.run(actor, _named(actor, identifier))
    run = seen.measurement
    done = sum(seen.ended.values())
    page = {
        "seen": seen,
        "run": run,
        "done": done,
        "of": run.samples,
        "proofs": [proof for part in run.parts for proof in part.proofs],
        "cuts": _cuts(seen),
        "others": _others(actor, seen),
        "follow": _follow(seen),
        "lower_bound": LOWER_BOUND,
        "prepared": PREPARED,
    }
    return render(request, "web/measurement.html", page)


@require_safe
def news_of(request: HttpRequest, identifier: str) -> HttpResponse:
    """304 while a run is as the tag in If-None-Match says; an empty answer when it is not."""
    actor = actor_of(request)
    return news(request, _tag(services().measurements.run(actor, _named(actor, identifier))))


@require_safe
def task(request: HttpRequest, identifier: str, task: str) -> HttpResponse:
    """Every epoch of one task, with what it rests on."""
    actor = actor_of(request)
    allow(actor, Action.MEASUREMENT_EVIDENCE)
    name = _named(actor, identifier)
    samples = services().measurements.samples(actor, name, task)
    page = {
        "run": services().measurements.run(actor, name).measurement,
        "task": task,
        "samples": samples,
    }
    return render(request, "web/measurement_task.html", page)


@require_safe
def statement(request: HttpRequest, identifier: str) -> HttpResponse:
    """The signed statement, as a file."""
    actor = actor_of(request)
    name = _named(actor, identifier)
    content = services().measurements.statement(actor, name)
    return _file(content, "application/json", f"{name}-statement.json")


@require_safe
def report(request: HttpRequest, identifier: str) -> HttpResponse:
    """A report in one of the reader's cuts, as a file: it brings its own style along."""
    actor = actor_of(request)
    name, asked = _named(actor, identifier), request.GET.get("cut", RunCut.PUBLIC.value)
    if asked not in list(RunCut):
        raise Missing(f"there is no {asked[:20]!r} report")
    cut = RunCut(asked)
    content = services().measurements.report(actor, name, cut)
    return _file(content, "text/html; charset=utf-8", f"{name}-{cut}.html")


@require_safe
def compared(request: HttpRequest, identifier: str) -> HttpResponse:
    """Paired differences of two runs, by kind and family."""
    actor, queries = actor_of(request), services().measurements
    first, second = _named(actor, identifier), _named(actor, request.GET.get("with", ""))
    problem, found = None, None
    try:
        found = compare(queries, actor, first, second, services().read_record)
    except Conflict as error:
        problem = error
    kinds = found.kinds.items() if found else ()
    page = {
        "first": queries.run(actor, first).measurement,
        "second": queries.run(actor, second).measurement,
        "kinds": [(kind, each, percent(each.difference)) for kind, each in kinds],
        "caution": found.caution if found else "",
        "problem": problem,
    }
    return render(request, "web/measurement_compare.html", page, status=409 if problem else 200)


def percent(figure: Figure) -> str:
    """A difference with its interval; the reason where there is none."""
    if not isinstance(figure, Measured):
        return f"not measured: {figure.reason}"
    low, high = figure.interval.low, figure.interval.high
    return f"{figure.value:+.1%} (95 %: {low:+.1%} to {high:+.1%})"


def _named(actor: Actor, identifier: str) -> MeasurementId:
    allow(actor, Action.MEASUREMENT_READ)
    try:
        return MeasurementId(identifier)
    except MalformedIdentifier as error:
        raise Missing(error.message) from None


def _cuts(seen: RunPage) -> list[RunCut]:
    """Those that the reader may have, once there is a report."""
    cuts = list(RunCut)
    return cuts[: cuts.index(seen.cut) + 1] if seen.measurement.statement else []


def _others(actor: Actor, seen: RunPage) -> list[tuple[str, str]]:
    """Runs of the same suite that have ended, to compare with."""
    run = seen.measurement
    if not run.statement:
        return []
    suite = f"{run.fixed.suite.name} {run.fixed.suite.version}"
    page = services().measurements.runs(actor, cursor=None, limit=_COMPARABLE)
    return [
        (str(row.id), f"{row.model}, {str(row.started_at)[:16]}")
        for row in page.rows
        if row.statement and row.suite == suite and row.id != run.id
    ]


def _follow(seen: RunPage) -> Following | None:
    if seen.measurement.state is not MeasurementState.RUNNING:
        return None
    address = reverse("measurement_news", args=[str(seen.measurement.id)])
    return Following(address=address, tag=_tag(seen), why="Samples are being played.")


def _tag(seen: RunPage) -> str:
    run = seen.measurement
    return tag_of(run.state, run.version, sum(seen.ended.values()))


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
