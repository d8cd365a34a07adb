"""A measurement: one run of a suite, from what was fixed before it to its statement.

What is decided here: the states of a run and who moves it, which samples are still to be played,
and how a kept run becomes the record that every figure is made of. What is promised, each a law in
the tests:

1. what was fixed before the first sample (tasks, epochs, limits, plan, model) never changes after;
2. a sample that is not kept was not measured; nothing fills it in but *not measured*;
3. after an alarm nothing goes on, and no step leads back;
4. a run may be interrupted in any way and taken up again; what is kept stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role
from firstlight.core.measure.figures import Unmeasured
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.record import (
    MOST_SAMPLES,
    Containment,
    ContainmentProof,
    Ended,
    Limits,
    Model,
    Run,
    Sample,
    SuiteUsed,
)
from firstlight.core.measure.task import RefuseVerifier, Task

MOST_EPOCHS = 1000
MARKING = Marking.AMBER_STRICT
"""of a run that belongs to nobody's review; one of a review bears the review's"""


class MeasurementState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    """samples are being played; after a crash it says so too, until somebody takes it up again"""
    PAUSED = "paused"
    """interrupted; what is kept stays, and it can be taken up again"""
    ENDED = "ended"
    """every sample is kept or said not to be measured; there is a statement"""
    STOPPED = "stopped"
    """an alarm was sounded; nothing goes on and nothing is stated"""


_LEADS = frozenset({Role.COORDINATOR, Role.REVIEWER, Role.DEVELOPER, Role.SYSTEM})
_OPEN = frozenset({MeasurementState.RUNNING, MeasurementState.PAUSED})

MOVES = MoveTable[MeasurementState](
    (
        Move(
            name="resume",
            sources=_OPEN,
            target=MeasurementState.RUNNING,
            roles=_LEADS,
            rule="a run survives interruption; only what was not kept is played again",
        ),
        Move(
            name="pause",
            sources=frozenset({MeasurementState.RUNNING}),
            target=MeasurementState.PAUSED,
            roles=_LEADS,
            rule="what was measured so far stays",
        ),
        Move(
            name="end",
            sources=_OPEN,
            target=MeasurementState.ENDED,
            roles=_LEADS,
            rule="what was not measured is said to be so, and is never zero",
        ),
        Move(
            name="stop",
            sources=_OPEN,
            target=MeasurementState.STOPPED,
            roles=_LEADS,
            rule="a run that goes on after an alarm cannot be vouched for",
        ),
    )
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One task of the run, as far as its record needs it. Masked where the suite is sealed."""

    task: str
    family: str
    floor: bool
    minutes: int
    declined: str = ""
    """why the player does not try it; such a task is not measured"""


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """Everything that is fixed before the first sample. Its digest stands in the ledger."""

    model: Model
    driver: str
    """what drives the agent, in the words of `containment.Driver`"""
    suite: SuiteUsed
    public: bool
    """whether its tasks can be found by anybody"""
    items: Sequence[Item]
    """in the order in which they are played"""
    epochs: int
    limits: Limits
    turns: int
    """replies of a model in one sample"""
    currency: str
    """empty when no price is known"""
    elicitation: Sequence[str]
    plan_digest: str
    """empty without a threshold"""
    planned_at: Instant | None
    threshold: str = ""
    """digest or commitment of the threshold; empty for none"""

    def __post_init__(self) -> None:
        """Refuse a run that could not be recorded."""
        if not 1 <= self.epochs <= MOST_EPOCHS:
            raise Invalid(f"a run has 1 to {MOST_EPOCHS} epochs", field="epochs")
        if not self.items or len(self.items) * self.epochs > MOST_SAMPLES:
            raise Invalid(f"a run has 1 to {MOST_SAMPLES} samples", field="tasks")

    def to_json(self) -> dict[str, Json]:
        """What is hashed before the run: names of tasks are in it only as they are shown."""
        return {
            "format": "firstlight-measurement-fixed-1",
            "model": {
                "name": self.model.name,
                "endpoint": self.model.endpoint_digest,
                "safeguards": self.model.safeguards,
                "scripted": self.model.scripted,
            },
            "driver": self.driver,
            "suite": {
                "name": self.suite.name,
                "version": self.suite.version,
                "root": self.suite.root,
            },
            "tasks": [each.task for each in self.items],
            "epochs": self.epochs,
            "limits": {
                "turns": self.turns,
                "tokens": self.limits.tokens,
                "milliseconds": self.limits.milliseconds,
                "cost": self.limits.cost,
            },
            "elicitation": list(self.elicitation),
            "plan": self.plan_digest,
        }


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One part of a run: from a start or a resumption to an interruption or the end."""

    evidence: str
    """name of the folder with what the watcher saw"""
    proofs: Sequence[ContainmentProof] = ()
    head: str = ""
    """hash of the last entry of evidence, as far as this run heard of it"""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A run, as it is kept."""

    id: MeasurementId
    state: MeasurementState
    fixed: Fixed
    fixed_digest: str
    started_at: Instant
    by: str
    """who started it, as the ledger names them"""
    level: str
    """containment of its samples, as the sandbox names it"""
    admitted: str
    """the sentence by which it was let go on at this level"""
    exception: str
    """the named exception, where there is one; empty otherwise"""
    marking: Marking
    parts: Sequence[Watched] = ()
    environments: Sequence[tuple[str, str]] = ()
    """name and digest of each environment, as it was resolved"""
    unmeasured: Sequence[Unmeasured] = ()
    """what was meant to be measured and was not, beyond samples"""
    version_seen: str = ""
    """of the model, as its endpoint says"""
    ended_at: Instant | None = None
    why: str = ""
    """of a pause, an early end or a stop; one sentence"""
    record_digest: str = ""
    statement: str = ""
    """reference of its statement"""
    answer: str = ""
    """the prepared designation; empty for none"""
    version: int = 1
    """grows with every change"""

    @property
    def samples(self) -> int:
        """How many there are to be."""
        return len(self.fixed.items) * self.fixed.epochs


Place = tuple[str, int]
"""task and epoch"""


def places(fixed: Fixed) -> Iterator[tuple[Item, int]]:
    """Every sample, in the order in which it is played: all tasks once, then all again.

    A run that is cut off has so measured all tasks about equally often.
    """
    for epoch in range(1, fixed.epochs + 1):
        for item in fixed.items:
            yield item, epoch


def to_play(fixed: Fixed, kept: frozenset[Place]) -> list[tuple[Item, int]]:
    """What is still to be played; tasks that the player declines are not."""
    return [
        (item, epoch)
        for item, epoch in places(fixed)
        if (item.task, epoch) not in kept and not item.declined
    ]


def not_played(
    fixed: Fixed, tasks: Mapping[str, Task], kept: frozenset[Place], why: str
) -> list[Sample]:
    """Samples that say of themselves that they were not measured."""
    return [
        sample_of(
            tasks[item.task],
            item,
            fixed,
            epoch,
            ended=Ended.NOT_MEASURED,
            reason=item.declined or why,
        )
        for item, epoch in places(fixed)
        if (item.task, epoch) not in kept
    ]


def sample_of(  # each is a fact of one sample
    task: Task,
    item: Item,
    fixed: Fixed,
    epoch: int,
    *,
    ended: Ended,
    tokens: int = 0,
    cost: int = 0,
    milliseconds: int = 0,
    reason: str = "",
) -> Sample:
    """A sample as the record holds it."""
    verifier = task.verifier
    return Sample(
        task=item.task,
        family=item.family,
        kind=task.kind,
        epoch=epoch,
        ended=ended,
        tokens=tokens,
        cost=cost,
        milliseconds=milliseconds,
        public=fixed.public,
        floor=item.floor,
        wanted=verifier.wanted if isinstance(verifier, RefuseVerifier) else None,
        minutes=item.minutes,
        reason=reason[:500],
    )


def record_of(measurement: Measurement, samples: Sequence[Sample], ended_at: Instant) -> Run:
    """The record of a run that has ended.

    Raises:
        RecordUnusable: what was kept contradicts itself.
    """
    fixed = measurement.fixed
    model = fixed.model
    if measurement.version_seen and not model.version:
        model = replace(model, version=measurement.version_seen)
    return Run(
        id=str(measurement.id),
        model=model,
        suite=fixed.suite,
        plan_digest=fixed.plan_digest,
        planned_at=fixed.planned_at,
        started_at=measurement.started_at,
        ended_at=ended_at,
        currency=fixed.currency,
        limits=fixed.limits,
        environments=tuple(dict(measurement.environments).items()),
        containment=Containment(
            level=measurement.level,
            proofs=tuple(proof for part in measurement.parts for proof in part.proofs),
            exception=measurement.exception,
        ),
        elicitation=fixed.elicitation,
        samples=samples,
        unmeasured=measurement.unmeasured,
    )
