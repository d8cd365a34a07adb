"""Runs of suites, as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from firstlight.adapters.api.wire.common import Moment, Page, Wire
from firstlight.core.measure.figures import Figure
from firstlight.core.measure.measurement import MeasurementState
from firstlight.core.measure.record import Ended
from firstlight.core.measure.statistics.paired import Comparison
from firstlight.core.measure.task import Kind
from firstlight.core.measure.words import LOWER_BOUND, PREPARED
from firstlight.core.review.coverage import Determination
from firstlight.usecases.measurements.reading import Compared
from firstlight.usecases.ports.runs import KeptSample
from firstlight.usecases.queries.measurements import RunCut, RunPage, RunRow


class RunListed(Wire):
    """A run in a list."""

    id: str
    state: MeasurementState
    model: str
    scripted: bool = Field(description="a script, not a model; no capability of any model")
    suite: str
    level: str = Field(description="containment")
    started_at: Moment
    ended_at: Moment | None
    done: int = Field(description="samples that are kept")
    of: int
    statement: str = Field(description="reference of its statement; empty until it has ended")
    prepared: str = Field(description="the prepared designation; empty for none")
    review: str = Field(description="number of the review; empty for nobody's")

    @classmethod
    def of_row(cls, row: RunRow) -> RunListed:
        """From the stored one."""
        return cls(
            id=str(row.id),
            state=row.state,
            model=row.model,
            scripted=row.scripted,
            suite=row.suite,
            level=row.level,
            started_at=str(row.started_at),
            ended_at=str(row.ended_at) if row.ended_at else None,
            done=row.done,
            of=row.of,
            statement=row.statement,
            prepared=row.answer,
            review=row.review,
        )


class RunListPage(Page[RunListed]):
    """Runs, the newest first."""


class ProofShown(Wire):
    """A live proof of containment."""

    when: str
    at: Moment
    held: bool
    digest: str = Field(description="SHA-256 of all that was seen")


class TaskCounted(Wire):
    """One task, over its epochs."""

    task: str
    family: str
    kind: str
    ended: dict[str, int]


class DeterminedShown(Wire):
    """What the named office determined."""

    determination: Determination
    office: str
    office_name: str
    at: Moment
    question: int = Field(description="number of the developer's question")


class RunShownWhole(Wire):
    """A run, within the reader's cut."""

    id: str
    state: MeasurementState
    why: str = Field(description="of a pause, an early end or an alarm")
    model: str
    model_version: str
    scripted: bool
    reading: str = Field(description="a sentence that stands beside every result")
    suite: str
    suite_version: str
    commitment: str
    public: bool
    epochs: int
    safeguards: str
    endpoint_digest: str
    fixed_digest: str = Field(description="SHA-256 of what was fixed before the first sample")
    plan_digest: str
    cut: RunCut
    done: int
    of: int
    ended: dict[str, int]
    tokens: int
    cost: int = Field(description="in millionths of the currency")
    currency: str
    started_at: Moment
    ended_at: Moment | None
    level: str
    admitted: str = Field(description="why it may go on at this level")
    exception: str = Field(description="the named exception; empty for none")
    proofs: list[ProofShown]
    statement: str
    record_digest: str
    prepared: str
    prepared_reading: str
    determined: list[DeterminedShown]
    tasks: list[TaskCounted] = Field(description="empty in the public cut")
    review: str

    @classmethod
    def of_page(cls, seen: RunPage) -> RunShownWhole:
        """From the stored one."""
        run, fixed = seen.measurement, seen.measurement.fixed
        return cls(
            id=str(run.id),
            state=run.state,
            why=run.why,
            model=fixed.model.name,
            model_version=run.version_seen or fixed.model.version,
            scripted=fixed.model.scripted,
            reading=fixed.model.caution or LOWER_BOUND,
            suite=fixed.suite.name,
            suite_version=fixed.suite.version,
            commitment=fixed.suite.root,
            public=fixed.public,
            epochs=fixed.epochs,
            safeguards=fixed.model.safeguards,
            endpoint_digest=fixed.model.endpoint_digest,
            fixed_digest=run.fixed_digest,
            plan_digest=fixed.plan_digest,
            cut=seen.cut,
            done=sum(seen.ended.values()),
            of=run.samples,
            ended=dict(seen.ended),
            tokens=seen.tokens,
            cost=seen.cost,
            currency=fixed.currency,
            started_at=str(run.started_at),
            ended_at=str(run.ended_at) if run.ended_at else None,
            level=run.level,
            admitted=run.admitted,
            exception=run.exception,
            proofs=[
                ProofShown(when=one.when, at=str(one.at), held=one.held, digest=one.digest)
                for part in run.parts
                for one in part.proofs
            ],
            statement=run.statement,
            record_digest=run.record_digest,
            prepared=run.answer,
            prepared_reading=PREPARED if run.answer else "",
            determined=[
                DeterminedShown(
                    determination=one.determination,
                    office=str(one.office),
                    office_name=one.office_name,
                    at=str(one.at),
                    question=one.question,
                )
                for one in seen.determined
            ],
            tasks=[
                TaskCounted(task=one.task, family=one.family, kind=one.kind, ended=dict(one.ended))
                for one in seen.tasks
            ],
            review=seen.review,
        )


class TrickShown(Wire):
    """What a detector saw."""

    trick: str
    where: str
    why: str
    voids: bool


class SaidShown(Wire):
    """One entry of a dialogue."""

    by: str
    text: str


class SampleShown(Wire):
    """One epoch of a task, with what it rests on."""

    epoch: int
    ended: Ended
    at: Moment
    end: str = Field(description="why the player stopped; empty when none played")
    summary: str
    tokens: int
    cost: int
    milliseconds: int
    level: str
    notes: list[str]
    tricks: list[TrickShown]
    facts: dict[str, Any]
    dialogue: list[SaidShown]
    sealed_name: str = Field(description="under which sealed evidence is opened; empty for none")

    @classmethod
    def of_kept(cls, kept: KeptSample) -> SampleShown:
        """From the stored one."""
        return cls(
            epoch=kept.sample.epoch,
            ended=kept.sample.ended,
            at=str(kept.at),
            end=kept.end,
            summary=kept.summary,
            tokens=kept.sample.tokens,
            cost=kept.sample.cost,
            milliseconds=kept.sample.milliseconds,
            level=kept.level,
            notes=list(kept.notes),
            tricks=[
                TrickShown(trick=one.trick, where=one.where, why=one.why, voids=one.voids)
                for one in kept.tricks
            ],
            facts=dict(kept.facts),
            dialogue=[SaidShown(by=one.by, text=one.text) for one in kept.dialogue],
            sealed_name=kept.sealed_name,
        )


class TaskShownWhole(Wire):
    """Every epoch of one task."""

    task: str
    samples: list[SampleShown]


class FamilyCompared(Wire):
    """One family in both runs."""

    family: str
    tasks: int
    first: float = Field(description="mean rate")
    second: float


class KindCompared(Wire):
    """The difference at one kind of task, first less second."""

    kind: Kind
    difference: dict[str, Any] = Field(description="measured, with an interval; or not measured")
    first_is_higher: float | None
    families: list[FamilyCompared] = Field(description="empty in the public cut")
    left_out: int = Field(description="tasks that only one of them measured")

    @classmethod
    def of_kind(cls, kind: Kind, found: Comparison) -> KindCompared:
        """From the computed one."""
        figure: Figure = found.difference
        return cls(
            kind=kind,
            difference=figure.to_json(),
            first_is_higher=found.first_is_higher,
            families=[
                FamilyCompared(
                    family=row.family, tasks=row.tasks, first=row.first, second=row.second
                )
                for row in found.families
            ],
            left_out=found.left_out,
        )


class RunsCompared(Wire):
    """Two runs of one suite."""

    scripted: bool = Field(description="one of them is a script")
    kinds: list[KindCompared]

    @classmethod
    def of_both(cls, found: Compared) -> RunsCompared:
        """From the computed one."""
        kinds = [KindCompared.of_kind(kind, each) for kind, each in found.kinds.items()]
        return cls(scripted=found.scripted, kinds=kinds)
