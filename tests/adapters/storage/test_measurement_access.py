"""What each reader sees of runs: every role x organisation x scope x run, by every way to ask."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest
from tests.core.review import review_samples as made
from tests.usecases.laboratory import ScriptedLaboratory
from tests.usecases.measurements.runs import FIXED, ended_in

from firstlight.adapters.formats.measure_record import read_record
from firstlight.adapters.machine import SystemClock, SystemMint
from firstlight.adapters.publication.zone import FolderZone
from firstlight.adapters.storage import samples
from firstlight.adapters.storage.measurement_queries import DjangoMeasurementQueries
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.measurement import MARKING, Measurement
from firstlight.core.review import coverage
from firstlight.core.review.coverage import Assessment, Determination
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.model import Model
from firstlight.core.review.offices import Office, OfficeState
from firstlight.usecases.context import Context
from firstlight.usecases.measurements.reading import compare
from firstlight.usecases.queries.measurements import RunCut

DEVELOPER, MEMBER, ASKING, STRANGER = (samples.fresh(OrganisationId) for _ in range(4))
HOMES = (DEVELOPER, MEMBER, ASKING, STRANGER, None)
READ, EVIDENCE = "measurement.read", "measurement.evidence"
SCOPES = (
    None,
    frozenset[str](),
    frozenset({READ}),
    frozenset({EVIDENCE}),
    frozenset({"case.read"}),
)
READERS = [
    Actor(role=role, person=samples.fresh(PersonId), organisation=home, scopes=scopes)
    for role, home, scopes in product(Role, HOMES, SCOPES)
]
_NAMES = [item.task for item in FIXED.items]


@dataclass(frozen=True)
class Kept:
    """A run and whose it is."""

    run: Measurement
    review: Engagement | None


@pytest.fixture
def context(any_storage: DjangoStorage, tmp_path: Path) -> Context:
    """Over each real database."""
    return Context(
        storage=any_storage,
        clock=SystemClock(),
        mint=SystemMint(),
        signer=KeyFolder(tmp_path / "keys"),
        laboratory=ScriptedLaboratory(),
        zone=FolderZone(tmp_path / "public"),
    )


@pytest.fixture
def kept(context: Context) -> list[Kept]:
    """A run of nobody's review, and one of a review of each marking."""
    found = [Kept(ended_in(context), None)]
    for number, marking in enumerate((Marking.AMBER_STRICT, Marking.RED), 1):
        review = made.engagement(
            id=samples.fresh(EngagementId),
            number=f"FR-2026-{number:04d}",
            model=Model(developer=DEVELOPER, name=f"Model {number}", version="1"),
            marking=marking,
        )
        with context.storage.begin() as work:
            assert work.engagements.lock_model(review.model) is None
            work.engagements.add(review)
            for home, state in ((MEMBER, OfficeState.MEMBER), (ASKING, OfficeState.ASKING)):
                office = Office(organisation=home, state=state, since=made.START)
                work.engagements.put_office(review.id, office)
        found.append(Kept(ended_in(context, review.id), review))
    return found


def _reads(reader: Actor, one: Kept) -> bool:
    """Written out by hand on purpose: access that changes by accident must fail here."""
    if reader.scopes is not None and READ not in reader.scopes:
        return False
    return _reaches(reader, one)


def _sees_evidence(reader: Actor, one: Kept) -> bool:
    if reader.scopes is not None and EVIDENCE not in reader.scopes:
        return False
    roles = {Role.REVIEWER, Role.COORDINATOR, Role.SYSTEM}
    return reader.role in roles and _reaches(reader, one)


def _reaches(reader: Actor, one: Kept) -> bool:
    match reader.role:
        case Role.SYSTEM:
            return True
        case Role.AUDITOR:
            marking = one.review.marking if one.review else MARKING
            return marking is not Marking.RED
        case Role.COORDINATOR:
            return one.review is None
        case Role.DEVELOPER:
            return one.review is not None and reader.organisation == DEVELOPER
        case Role.REVIEWER:
            return one.review is not None and reader.organisation in {DEVELOPER, MEMBER}
        case _:
            return False


def _cut(reader: Actor) -> RunCut:
    evidence = reader.scopes is None or EVIDENCE in reader.scopes
    if reader.role in {Role.REVIEWER, Role.COORDINATOR, Role.SYSTEM} and evidence:
        return RunCut.FULL
    return RunCut.PUBLIC if reader.role in {Role.AUDITOR, Role.SYSTEM} else RunCut.DEVELOPER


def test_each_reader_sees_what_is_theirs(kept: list[Kept]) -> None:
    """By list, by name, by task, as statement and as each cut of the report alike."""
    queries, cells = DjangoMeasurementQueries(), 0
    for reader in READERS:
        listed = {row.id for row in queries.runs(reader, cursor=None, limit=10).rows}
        for one in kept:
            identifier, may = one.run.id, _reads(reader, one)
            assert (identifier in listed) == may, reader
            for ask in (queries.run, queries.statement, queries.record):
                assert _there(ask, reader, identifier) == may
            samples_seen = _there(queries.samples, reader, identifier, "one")
            assert samples_seen == _sees_evidence(reader, one), reader
            cuts = list(RunCut)
            for cut in cuts:
                within = may and cuts.index(cut) <= cuts.index(_cut(reader))
                assert _there(queries.report, reader, identifier, cut) == within, reader
            if may:
                _within_the_cut(queries, reader, identifier)
            cells += 5 + len(cuts)
    assert cells == len(READERS) * len(kept) * 8


def _within_the_cut(
    queries: DjangoMeasurementQueries, reader: Actor, identifier: MeasurementId
) -> None:
    seen = queries.run(reader, identifier)
    assert seen.cut is _cut(reader)
    named = [item.task for item in seen.measurement.fixed.items] == _NAMES
    assert named == (seen.cut is not RunCut.PUBLIC)
    assert bool(seen.tasks) == (seen.cut is not RunCut.PUBLIC)


def _there(ask: Callable[..., object], *given: object) -> bool:
    with suppress(Missing):
        ask(*given)
        return True
    return False


def test_families_of_a_comparison_are_within_the_cut(kept: list[Kept], context: Context) -> None:
    """An auditor gets the differences by kind, whoever may see families gets them too."""
    first, second = kept[0].run.id, ended_in(context).id
    queries = DjangoMeasurementQueries()
    for role, families in ((Role.AUDITOR, False), (Role.COORDINATOR, True)):
        reader = Actor(role=role, person=samples.fresh(PersonId))
        found = compare(queries, reader, first, second, read_record)
        assert found.scripted
        assert all(bool(each.families) == families for each in found.kinds.values())


def test_a_determination_is_shown_with_the_statement_it_names(
    kept: list[Kept], context: Context
) -> None:
    """The office's recorded act is found by the reference, and no other answer is taken for it."""
    one = kept[1]
    assert one.review is not None
    by = samples.fresh(PersonId)
    for number, statement in enumerate((one.run.statement, "sha256:another"), 1):
        with context.storage.begin() as work:
            review = work.engagements.lock(one.review.id)
            asked = coverage.ask(review.questions, "Is it?", made.LEAD, made.START)
            answer = Assessment(
                determination=Determination.UNDETERMINED,
                office=MEMBER,
                by=by,
                at=made.START,
                statement=statement,
                classified_digest="",
                for_researchers=False,
            )
            answered = coverage.answer(asked, answer)
            work.engagements.save(replace(review, questions=answered))
        reader = Actor(role=Role.REVIEWER, person=by, organisation=MEMBER)
        found = DjangoMeasurementQueries().run(reader, one.run.id).determined
        assert [(each.question, each.office) for each in found] == [(1, MEMBER)], number
