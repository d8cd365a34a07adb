"""Start a run, take it up again, keep its samples, and end it. Each is one unit of work.

The ledger holds the start (with the digest of everything that was fixed before), each resumption,
pause and alarm, and the end with the statement; single samples are in the run's record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.errors import Conflict
from firstlight.core.kernel.parties import Actor
from firstlight.core.measure.baselines import Summary
from firstlight.core.measure.containment import Admitted, Proof
from firstlight.core.measure.designation import Designation
from firstlight.core.measure.figures import Unmeasured
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.measurement import (
    MARKING,
    MOVES,
    Fixed,
    Measurement,
    MeasurementState,
    Watched,
    not_played,
    record_of,
)
from firstlight.core.measure.plan import Plan
from firstlight.core.measure.record import ContainmentProof, Run
from firstlight.core.measure.results import Results
from firstlight.core.measure.task import Task
from firstlight.core.review.ids import EngagementId
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.measurements.state import state
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.measurements import ThresholdKeeper
from firstlight.usecases.ports.runs import (
    RECORD,
    STATEMENT,
    KeptSample,
    StoredRun,
    report_name,
)

_START = "a run is fixed before its first sample, and begins after a proof of containment"


@dataclass(frozen=True, kw_only=True)
class Written:
    """A record as bytes, and by which a statement names it."""

    content: bytes
    digest: str


class Papers(Protocol):
    """Writes what people and programs read of a run."""

    def record(self, run: Run) -> Written:
        """The record."""
        ...

    def reports(
        self, run: Run, record_digest: str, found: Results, prepared: Designation | None
    ) -> Mapping[str, bytes]:
        """A report for each cut, by its name."""
        ...


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A run that has ended, with everything that it leaves."""

    measurement: Measurement
    run: Run
    record: bytes
    statement: bytes
    reports: Mapping[str, bytes]
    """by cut"""
    designation: Designation | None


def start(
    context: Context,
    actor: Actor,
    identifier: MeasurementId,
    fixed: Fixed,
    admitted: Admitted,
    *,
    evidence: str,
    engagement: EngagementId | None = None,
) -> Measurement:
    """Fix a run before its first sample.

    Args:
        context: the ports
        actor: who leads it
        identifier: fresh; the folder of evidence bears it
        fixed: all that will not change
        admitted: why it may go on at this level of containment
        evidence: name of the folder with what the watcher will see
        engagement: the review that it belongs to

    Raises:
        NotSignedIn, Refused: the actor may not.
        Missing: there is no such review.
    """
    allow(actor, Action.MEASUREMENT_RUN)
    now = context.clock.now()
    with context.storage.begin() as work:
        marking = work.engagements.get(engagement).marking if engagement else MARKING
        measurement = Measurement(
            id=identifier,
            state=MeasurementState.RUNNING,
            fixed=fixed,
            fixed_digest=digest(canonical(fixed.to_json())),
            started_at=now,
            by=actor.label,
            level=admitted.level.value,
            admitted=str(admitted),
            exception=str(admitted.exception) if admitted.exception else "",
            marking=marking,
            parts=(Watched(evidence=evidence),),
        )
        work.measurements.add(StoredRun(measurement=measurement, engagement=engagement))
        facts: dict[str, Json] = {
            "step": "start",
            "fixed": measurement.fixed_digest,
            "plan": fixed.plan_digest,
            "suite": fixed.suite.root,
            "endpoint": fixed.model.endpoint_digest,
            "scripted": fixed.model.scripted,
            "level": measurement.level,
            "exception": measurement.exception,
            "review": str(engagement) if engagement else "",
        }
        _note(context, work, actor, measurement, _START, facts)
    return measurement


def resume(
    context: Context, actor: Actor, identifier: MeasurementId, admitted: Admitted, *, evidence: str
) -> Measurement:
    """Take a run up again; what is kept stays.

    Raises:
        NotSignedIn, Refused: the actor may not.
        Missing: there is no such run.
        MoveNotAllowed: it has ended, or was stopped by an alarm.
        Conflict: it would go on at another level of containment.
    """
    with _moved(context, actor, identifier, "resume") as (work, found, rule):
        if found.level != admitted.level.value:
            raise Conflict(
                f"The run was begun at {found.level}; this is {admitted.level}.",
                hint="Resume it where it was begun, or start a new one.",
            )
        saved = work.measurements.save(
            replace(
                found,
                state=MeasurementState.RUNNING,
                why="",
                exception=str(admitted.exception) if admitted.exception else found.exception,
                parts=(*found.parts, Watched(evidence=evidence)),
            )
        )
        facts: dict[str, Json] = {
            "step": "resume",
            "part": len(saved.parts),
            "exception": saved.exception,
        }
        _note(context, work, actor, saved, rule, facts)
    return saved


def keep(
    context: Context,
    actor: Actor,
    identifier: MeasurementId,
    kept: Sequence[KeptSample],
    *,
    environment: tuple[str, str] | None = None,
    version_seen: str = "",
    unmeasured: Sequence[Unmeasured] = (),
) -> None:
    """Keep samples as they end, and what was seen with them.

    Raises:
        NotSignedIn, Refused: the actor may not.
        Missing: there is no such run.
        Conflict: one of them is kept already, or the run does not go on.
    """
    allow(actor, Action.MEASUREMENT_RUN)
    with context.storage.begin() as work:
        found = work.measurements.lock(identifier).measurement
        if found.state is not MeasurementState.RUNNING:
            raise Conflict(f"The run is {found.state}; no sample is added to it.")
        work.measurements.keep(identifier, kept)
        changed = found
        if environment is not None and environment not in found.environments:
            changed = replace(changed, environments=(*found.environments, environment))
        if version_seen and version_seen != found.version_seen:
            changed = replace(changed, version_seen=version_seen)
        gaps = tuple(one for one in unmeasured if one not in found.unmeasured)
        if gaps:
            changed = replace(changed, unmeasured=(*found.unmeasured, *gaps))
        if changed is not found:
            work.measurements.save(changed)


def note_watch(
    context: Context, identifier: MeasurementId, proofs: Sequence[Proof], head: str
) -> None:
    """Keep the proofs of the part that is going on, and the head of its evidence.

    Raises:
        Missing: there is no such run.
    """
    with context.storage.begin() as work:
        found = work.measurements.lock(identifier).measurement
        _save_watch(work, found, proofs, head)


def pause(context: Context, actor: Actor, identifier: MeasurementId, *, why: str) -> Measurement:
    """Interrupt a run.

    Raises:
        NotSignedIn, Refused, Missing, MoveNotAllowed: as for `resume`.
    """
    with _moved(context, actor, identifier, "pause") as (work, found, rule):
        saved = work.measurements.save(replace(found, state=MeasurementState.PAUSED, why=why[:500]))
        _note(context, work, actor, saved, rule, {"step": "pause", "why": why[:500]})
    return saved


def stop(
    context: Context, actor: Actor, identifier: MeasurementId, *, alarm: str, head: str
) -> Measurement:
    """An alarm was sounded: nothing goes on.

    Raises:
        NotSignedIn, Refused, Missing, MoveNotAllowed: as for `resume`.
    """
    with _moved(context, actor, identifier, "stop") as (work, found, rule):
        saved = work.measurements.save(
            replace(
                found,
                state=MeasurementState.STOPPED,
                why=alarm[:500],
                ended_at=context.clock.now(),
            )
        )
        facts: dict[str, Json] = {"step": "alarm", "alarm": alarm[:500], "evidence": head}
        _note(context, work, actor, saved, rule, facts)
    return saved


def end(
    context: Context,
    actor: Actor,
    identifier: MeasurementId,
    tasks: Mapping[str, Task],
    papers: Papers,
    *,
    why: str = "",
    keeper: ThresholdKeeper | None = None,
    plan: Plan | None = None,
    tools: Summary | None = None,
) -> Ended:
    """End a run: what was not played is said not to be measured, and the statement is signed.

    Args:
        context: the ports
        actor: who leads it
        identifier: which
        tasks: by the names of the run
        papers: writes record and reports
        why: what is left was not measured; empty when all was played
        keeper: of the threshold; None applies none
        plan: that was fixed before the run
        tools: what tools without a model solved of the suite; None where nobody tried

    Raises:
        NotSignedIn, Refused, Missing, MoveNotAllowed: as for `resume`.
        RecordUnusable: what was kept contradicts itself.
        Unavailable: the key of statements cannot be read.
    """
    with _moved(context, actor, identifier, "end") as (work, found, rule):
        now = context.clock.now()
        kept = work.measurements.samples(identifier)
        there = frozenset((each.task, each.epoch) for each in kept)
        samples = [*kept, *not_played(found.fixed, tasks, there, why or "it was not played")]
        run = record_of(found, samples, now)
        if tools is not None:
            run = replace(run, baselines=tools.beside(run.model.name, run.samples))
        written = papers.record(run)
        stated = state(context.signer, run, written.digest, keeper, plan)
        answer = stated.designation.answer.value if stated.designation else ""
        saved = work.measurements.save(
            replace(
                found,
                state=MeasurementState.ENDED,
                ended_at=now,
                why=why,
                record_digest=written.digest,
                statement=stated.reference,
                answer=answer,
            )
        )
        work.measurements.put_result(identifier, RECORD, written.content)
        work.measurements.put_result(identifier, STATEMENT, stated.envelope)
        reports = papers.reports(run, written.digest, stated.results, stated.designation)
        for cut, page in reports.items():
            work.measurements.put_result(identifier, report_name(cut), page)
        facts: dict[str, Json] = {
            "step": "end",
            "record": written.digest,
            "statement": stated.reference,
            "prepared": answer,
            "samples": len(samples),
            "kept": len(kept),
            "evidence": [part.head for part in saved.parts],
        }
        _note(context, work, actor, saved, rule, facts)
    return Ended(
        measurement=saved,
        run=run,
        record=written.content,
        statement=stated.envelope,
        reports=reports,
        designation=stated.designation,
    )


@contextmanager
def _moved(
    context: Context, actor: Actor, identifier: MeasurementId, step: str
) -> Iterator[tuple[UnitOfWork, Measurement, str]]:
    """A unit of work around one step of a run, with the rule of its row."""
    allow(actor, Action.MEASUREMENT_RUN)
    with context.storage.begin() as work:
        found = work.measurements.lock(identifier).measurement
        move = MOVES.apply(step, found.state, actor.role)
        yield work, found, move.rule


def _save_watch(work: UnitOfWork, found: Measurement, proofs: Sequence[Proof], head: str) -> None:
    shown = tuple(
        ContainmentProof(when=one.when.value, at=one.at, digest=one.digest, held=one.held)
        for one in proofs
    )
    part = replace(found.parts[-1], proofs=shown, head=head)
    work.measurements.save(replace(found, parts=(*found.parts[:-1], part)))


def _note(  # noqa: PLR0917  # private, and the order is that of every step above
    context: Context,
    work: UnitOfWork,
    actor: Actor,
    measurement: Measurement,
    rule: str,
    facts: Mapping[str, Json],
) -> None:
    record(
        context,
        work,
        now=context.clock.now(),
        actor=actor,
        action=Action.MEASUREMENT_RUN,
        subject=str(measurement.id),
        rule=rule,
        facts=facts,
    )
