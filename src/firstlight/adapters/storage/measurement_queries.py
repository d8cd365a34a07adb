"""Reads about runs, filtered by what the reader may see, in the query itself.

What the table's words mean here:
- *own*: a run of a review of the reader's own organisation; for a coordinator, of nobody's review;
- *party*: a run of a review in which the reader's office takes part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Sum

from firstlight.adapters.storage import codec, cursors, measurement_rows, review_rows
from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import (
    EngagementRecord,
    MeasurementRecord,
    MeasurementResult,
    MeasurementSample,
    OfficeRecord,
    OrganisationName,
)
from firstlight.adapters.storage.visibility import ALL, NOTHING
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.measurement import Measurement
from firstlight.core.review.offices import OfficeState
from firstlight.usecases.access.rules import Action, Reach
from firstlight.usecases.access.table import rule
from firstlight.usecases.ports.runs import RECORD, STATEMENT, KeptSample, report_name
from firstlight.usecases.queries.measurements import (
    Determined,
    RecordFor,
    RunCut,
    RunPage,
    RunRow,
    TaskRow,
)
from firstlight.usecases.queries.port import Page

_LONGEST_PAGE = 200


class DjangoMeasurementQueries:
    """`MeasurementQueries` on SQLite or PostgreSQL."""

    def __init__(self, using: str = "default") -> None:
        """`using` is Django's alias of the database."""
        self._runs = MeasurementRecord.objects.using(using)
        self._samples = MeasurementSample.objects.using(using)
        self._results = MeasurementResult.objects.using(using)
        self._engagements = EngagementRecord.objects.using(using)
        self._offices = OfficeRecord.objects.using(using)
        self._names = OrganisationName.objects.using(using)

    def _seen(self, reader: Actor, action: Action) -> QuerySet[MeasurementRecord]:
        """The runs to which the reader's row for this action reaches."""
        row = rule(reader, action)
        mine = str(reader.organisation) if reader.organisation else None
        seen = NOTHING
        if row.reach is Reach.EVERYTHING:
            seen = ALL
        elif row.reach >= Reach.OWN and reader.role is Role.COORDINATOR:
            seen = Q(engagement__isnull=True)
        elif row.reach >= Reach.OWN and mine is not None:
            seen = Q(engagement__developer=mine)
            if row.reach >= Reach.PARTY and reader.role is Role.REVIEWER:
                offices = self._offices.filter(
                    engagement=OuterRef("engagement"),
                    organisation=mine,
                    state=OfficeState.MEMBER.value,
                )
                seen |= Q(Exists(offices))
        up_to = [each.value for each in Marking if each.at_most(row.ceiling)]
        return self._runs.filter(seen, marking__in=up_to)

    def _row(
        self, reader: Actor, identifier: MeasurementId, action: Action = Action.MEASUREMENT_READ
    ) -> MeasurementRecord:
        row = self._seen(reader, action).filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no {identifier} for you")
        return row

    @border()
    def runs(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[RunRow]:
        """Newest first."""
        rows = self._seen(reader, Action.MEASUREMENT_READ)
        if cursor is not None:
            place = cursors.read_place(cursor)
            before = Q(started_at__lt=place.at) | Q(started_at=place.at, pk__lt=place.id)
            rows = rows.filter(before)
        size = min(max(limit, 1), _LONGEST_PAGE)
        number = self._engagements.filter(pk=OuterRef("engagement")).values("number")[:1]
        counted = (
            self._samples.filter(measurement=OuterRef("pk"))
            .order_by()
            .values("measurement")
            .annotate(found=Count("pk"))
            .values("found")
        )
        named = rows.annotate(review=Subquery(number), done=Subquery(counted))
        found = list(named.order_by("-started_at", "-pk")[: size + 1])
        last = found[size - 1] if len(found) > size else None
        return Page(
            rows=tuple(_run_row(row) for row in found[:size]),
            next_cursor=cursors.write(cursors.Place(last.started_at, last.pk)) if last else None,
        )

    @border()
    def run(self, reader: Actor, identifier: MeasurementId) -> RunPage:
        """Raises Missing."""
        row = self._row(reader, identifier)
        cut = _cut(reader)
        stored = measurement_rows.run(row)
        mine = self._samples.filter(measurement=row)
        sums = mine.aggregate(tokens=Sum("tokens"), cost=Sum("cost"), last=Max("at"))
        engagement = self._engagements.filter(pk=row.engagement_id).first()
        whole = cut is not RunCut.PUBLIC
        last = Instant(sums["last"]) if sums["last"] else stored.measurement.started_at
        return RunPage(
            measurement=stored.measurement if whole else _without_tasks(stored.measurement),
            review=engagement.number if engagement else "",
            cut=cut,
            ended=_counts(mine),
            tokens=sums["tokens"] or 0,
            cost=sums["cost"] or 0,
            changed_at=max(last, stored.measurement.ended_at or last),
            tasks=_tasks(mine) if whole else (),
            determined=self._determined(engagement, stored.measurement.statement),
        )

    def _determined(
        self, engagement: EngagementRecord | None, statement: str
    ) -> Sequence[Determined]:
        if engagement is None or not statement:
            return ()
        answers = [
            (question.number, question.assessment)
            for question in review_rows.engagement(engagement).questions
            if question.assessment is not None and question.assessment.statement == statement
        ]
        offices = [str(found.office) for _, found in answers]
        names = dict(self._names.filter(pk__in=offices).values_list("pk", "name"))
        return tuple(
            Determined(
                determination=found.determination,
                office=found.office,
                office_name=names.get(str(found.office), ""),
                at=found.at,
                question=number,
            )
            for number, found in answers
        )

    @border()
    def samples(self, reader: Actor, identifier: MeasurementId, task: str) -> Sequence[KeptSample]:
        """Raises Missing."""
        row = self._row(reader, identifier, Action.MEASUREMENT_EVIDENCE)
        found = self._samples.filter(measurement=row, task=task.replace("\x00", ""))
        kept = [measurement_rows.sample(one) for one in found.order_by("epoch")]
        if not kept:
            raise Missing(f"{task[:80]!r} has no sample in this run")
        return tuple(kept)

    @border()
    def statement(self, reader: Actor, identifier: MeasurementId) -> bytes:
        """Raises Missing."""
        return self._result(self._row(reader, identifier), STATEMENT)

    @border()
    def report(self, reader: Actor, identifier: MeasurementId, cut: RunCut) -> bytes:
        """Raises Missing."""
        row, cuts = self._row(reader, identifier), list(RunCut)
        if cuts.index(cut) > cuts.index(_cut(reader)):
            raise Missing(f"there is no {cut} report for you")
        return self._result(row, report_name(cut.value))

    @border()
    def record(self, reader: Actor, identifier: MeasurementId) -> RecordFor:
        """Raises Missing."""
        row = self._row(reader, identifier)
        return RecordFor(content=self._result(row, RECORD), cut=_cut(reader))

    def _result(self, row: MeasurementRecord, name: str) -> bytes:
        found = self._results.filter(measurement=row, name=name).first()
        if found is None:
            raise Missing(
                "This run has no statement yet.", hint="It is made when the run has ended."
            )
        return codec.unsqueeze(found.content)


def _cut(reader: Actor) -> RunCut:
    """By what the reader's rows say, not by the name of the role."""
    if rule(reader, Action.MEASUREMENT_EVIDENCE).reach is not Reach.NOTHING:
        return RunCut.FULL
    everything = rule(reader, Action.MEASUREMENT_READ).reach is Reach.EVERYTHING
    return RunCut.PUBLIC if everything else RunCut.DEVELOPER


def _without_tasks(measurement: Measurement) -> Measurement:
    """The names of tasks, families and environments taken out, their numbers kept."""
    fixed = measurement.fixed
    items = tuple(
        replace(item, task=f"task {n}", family="", declined="")
        for n, item in enumerate(fixed.items, 1)
    )
    return replace(measurement, fixed=replace(fixed, items=items), environments=())


def _counts(samples: QuerySet[MeasurementSample]) -> Mapping[str, int]:
    rows = samples.order_by().values_list("ended").annotate(found=Count("pk"))
    return dict(rows)


def _tasks(samples: QuerySet[MeasurementSample]) -> Sequence[TaskRow]:
    rows = samples.order_by().values_list("kind", "family", "task", "ended")
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for kind, family, task, ended, count in rows.annotate(found=Count("pk")):
        found.setdefault((kind, family, task), {})[ended] = count
    return tuple(
        TaskRow(task=task, family=family, kind=kind, ended=ended)
        for (kind, family, task), ended in sorted(found.items())
    )


def _run_row(row: Any) -> RunRow:  # noqa: ANN401  # an annotated row
    run = measurement_rows.run(row).measurement
    model = run.fixed.model
    return RunRow(
        id=run.id,
        state=run.state,
        marking=run.marking,
        model=f"{model.name} {run.version_seen or model.version}".strip(),
        scripted=model.scripted,
        suite=f"{run.fixed.suite.name} {run.fixed.suite.version}",
        level=run.level,
        started_at=run.started_at,
        ended_at=run.ended_at,
        done=row.done or 0,
        of=run.samples,
        statement=run.statement,
        answer=run.answer,
        review=row.review or "",
    )
