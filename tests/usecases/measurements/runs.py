"""A small run for tests: two tasks, two epochs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.adapters.bench import toy

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.containment import ContainmentLevel
from firstlight.core.kernel.parties import SYSTEM
from firstlight.core.measure.containment import Admitted, Driver
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.measurement import Fixed, Item, Measurement, sample_of
from firstlight.core.measure.record import Ended, Limits, Model, SuiteUsed
from firstlight.core.measure.task import Kind
from firstlight.core.review.ids import EngagementId
from firstlight.host.papers import ReportPapers
from firstlight.usecases.context import Context
from firstlight.usecases.measurements.runs import end, keep, start
from firstlight.usecases.ports.players import Said
from firstlight.usecases.ports.runs import KeptSample, Trick

if TYPE_CHECKING:
    from tests.usecases.conftest import Bench

ADMITTED = Admitted(
    driver=Driver.SCRIPT,
    level=ContainmentLevel.L1,
    needed=ContainmentLevel.L1,
    exception=None,
)
TASKS = {name: replace(toy.task(Kind.FIND), id=name) for name in ("one", "two")}
FIXED = Fixed(
    model=Model(
        name="scripted:test",
        version="",
        endpoint_digest="e" * 64,
        safeguards="shipped",
        scripted=True,
    ),
    driver=Driver.SCRIPT.value,
    suite=SuiteUsed(
        name="toy",
        version="1",
        root="a" * 64,
        size=2,
        committed_at=Instant.parse("2026-11-02T08:00:00Z"),
    ),
    public=True,
    items=[Item(task=name, family="toys", floor=False, minutes=5) for name in TASKS],
    epochs=2,
    limits=Limits(tokens=1000, milliseconds=1000, cost=0),
    turns=5,
    currency="",
    elicitation=("Nothing.",),
    plan_digest="",
    planned_at=None,
)

PAPERS = ReportPapers()


def begun(bench: Bench, engagement: EngagementId | None = None) -> Measurement:
    """A run that goes on."""
    return begun_in(bench.context, engagement)


def begun_in(context: Context, engagement: EngagementId | None = None) -> Measurement:
    """The same, where there is no clock to be turned."""
    identifier = context.mint.new(MeasurementId, context.clock.now())
    return start(
        context,
        SYSTEM,
        identifier,
        FIXED,
        ADMITTED,
        evidence=str(identifier),
        engagement=engagement,
    )


def ended_in(context: Context, engagement: EngagementId | None = None) -> Measurement:
    """A run that has ended, with a sample of each task that is kept."""
    run = begun_in(context, engagement)
    keep(context, SYSTEM, run.id, [kept("one", 1, Ended.SOLVED), kept("two", 1, Ended.FAILED)])
    return end(context, SYSTEM, run.id, TASKS, PAPERS, why="that was enough").measurement


def kept(task: str, epoch: int, ended: Ended) -> KeptSample:
    """A sample with all kinds of evidence."""
    item = next(one for one in FIXED.items if one.task == task)
    sample = sample_of(
        TASKS[task], item, FIXED, epoch, ended=ended, tokens=10, milliseconds=5, reason=""
    )
    return KeptSample(
        sample=sample,
        at=Instant.parse(f"2026-11-02T09:0{epoch}:00Z"),
        end="over",
        summary="Not where the fix is.",
        tricks=(Trick(trick="recalled", where="the answer", why="Known.", voids=False),),
        level="L1",
        notes=("softer",),
        facts={"said": {"file": "a.c", "line": 3, "wrong": ["file"]}},
        dialogue=(Said(by="model", text="I \x00 submit."),),
    )
