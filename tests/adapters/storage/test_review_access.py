"""What each reader sees of reviews: every role x organisation x scope x marking x state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
from tests.core.review import review_samples as made

from firstlight.adapters.storage import samples
from firstlight.adapters.storage.queries import DjangoQueries
from firstlight.adapters.storage.review_queries import DjangoReviewQueries
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review import coverage
from firstlight.core.review.coverage import Assessment, Determination
from firstlight.core.review.criteria import NEWEST, Sector
from firstlight.core.review.engagement import Engagement, EngagementState
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId, GrantId, ObservationId, PartnerId
from firstlight.core.review.model import Model
from firstlight.core.review.observations import Observation, wording
from firstlight.core.review.offices import Office, OfficeState
from firstlight.core.review.partners import Partner, PartnerState, Side
from firstlight.core.review.window import Audience
from firstlight.usecases.access.rules import Action, Thing
from firstlight.usecases.access.table import admits
from firstlight.usecases.queries.reviews import Cut
from firstlight.usecases.reviews.step import thing_of

DEVELOPER, MEMBER, ASKING, PARTNER, PROPOSED, STRANGER = (
    samples.fresh(OrganisationId) for _ in range(6)
)
HOMES = (DEVELOPER, MEMBER, ASKING, PARTNER, PROPOSED, STRANGER)
PEOPLE = {home: samples.fresh(PersonId) for home in HOMES}
_SCOPED = (
    Action.REVIEW_READ,
    Action.GRANT_READ,
    Action.REPORT_READ,
    Action.ASSESSMENT_READ,
    Action.REVIEW_ADVISE,
)
READERS = [
    Actor(role=role, person=PEOPLE[home], organisation=home, scopes=scopes)
    for role, home in product(Role, HOMES)
    for scopes in (None, frozenset[str]())
]
READERS += [Actor(role=role) for role in Role]
READERS += [
    Actor(role=role, person=PEOPLE[home], organisation=home, scopes=frozenset({action.value}))
    for (role, home), action in product(
        ((Role.DEVELOPER, DEVELOPER), (Role.REVIEWER, MEMBER), (Role.PARTNER, PARTNER)), _SCOPED
    )
]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One engagement with one of everything."""

    engagement: Engagement
    grants: dict[OrganisationId, Grant]
    partner: Partner
    observations: dict[OrganisationId, Observation]
    things: dict[Role, Thing]
    """for reading it, and for everything but asking"""
    asked: dict[Role, Thing]
    """for asking, and for taking a request back"""


def _engagement(number: int, marking: Marking, state: EngagementState) -> Engagement:
    asked = coverage.ask((), "Is it?", made.LEAD, made.START)
    answer = Assessment(
        determination=Determination.COVERED,
        office=MEMBER,
        by=PEOPLE[MEMBER],
        at=made.START,
        statement="a statement",
        classified_digest="",
        for_researchers=True,
    )
    answered = coverage.answer(asked, answer)
    return made.engagement(
        id=samples.fresh(EngagementId),
        number=f"FR-2026-{number:04d}",
        model=Model(developer=DEVELOPER, name=f"Model {number}", version="1"),
        marking=marking,
        state=state,
        closed_at=made.START if state is EngagementState.CLOSED else None,
        questions=coverage.share(answered, 1, made.START) if number % 2 else answered,
        plan=made.plan(listed=bool(number % 2)),
    )


def _store(storage: DjangoStorage, engagement: Engagement) -> Stored:
    grants = {
        home: made.grant(
            id=samples.fresh(GrantId),
            engagement=engagement.id,
            audience=audience,
            person=PEOPLE[home],
            organisation=home,
            seconds=(),
        )
        for home, audience in ((MEMBER, Audience.OFFICES), (PARTNER, Audience.PARTNERS))
    }
    partners = [
        Partner(
            id=samples.fresh(PartnerId),
            engagement=engagement.id,
            organisation=home,
            sector=Sector.ENERGY,
            criteria=NEWEST,
            meets={},
            proposed_by=Side.DEVELOPER,
            proposed_at=made.START,
            state=state,
        )
        for home, state in ((PARTNER, PartnerState.AGREED), (PROPOSED, PartnerState.PROPOSED))
    ]
    observations = {
        home: Observation(
            id=samples.fresh(ObservationId),
            engagement=engagement.id,
            organisation=home,
            wordings=(wording(1, "A title", "A text", PEOPLE[home], made.START),),
        )
        for home in (MEMBER, PARTNER)
    }
    with storage.begin() as work:
        assert work.engagements.lock_model(engagement.model) is None
        work.engagements.add(engagement)
        for home, state in ((MEMBER, OfficeState.MEMBER), (ASKING, OfficeState.ASKING)):
            office = Office(organisation=home, state=state, since=made.START)
            work.engagements.put_office(engagement.id, office)
        for grant in grants.values():
            work.grants.add(grant)
        for partner in partners:
            work.partners.add(partner)
        for observation in observations.values():
            work.observations.add(observation)
        samples.append(work, str(engagement.id))
        things = {role: thing_of(work, engagement, role, Action.REVIEW_READ) for role in Role}
        asked = {role: thing_of(work, engagement, role, Action.REVIEW_ASK) for role in Role}
    return Stored(
        engagement=engagement,
        grants=grants,
        partner=partners[0],
        observations=observations,
        things=things,
        asked=asked,
    )


@pytest.fixture
def world(any_storage: DjangoStorage) -> Sequence[Stored]:
    """Both markings of a review and the laxer ones, which no use case makes; open and closed."""
    kinds = product(Marking, (EngagementState.OPEN, EngagementState.CLOSED), range(2))
    return [
        _store(any_storage, _engagement(number, marking, state))
        for number, (marking, state, _) in enumerate(kinds)
    ]


def _there(read: Callable[..., object], *which: object) -> bool:
    with suppress(Missing):
        return read(*which) is not None
    return False


def _pages(reader: Actor) -> Iterator[str]:
    cursor: str | None = None
    while True:
        page = DjangoReviewQueries().engagements(reader, state=None, cursor=cursor, limit=7)
        yield from (str(row.id) for row in page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return


def _seen(reader: Actor, one: Stored) -> bool:
    return admits(reader, Action.REVIEW_READ, one.things[reader.role])


def test_lists_show_what_the_table_admits(world: Sequence[Stored]) -> None:
    """The list of engagements holds exactly what may be read, on every page."""
    shown = 0
    for reader in READERS:
        expected = [str(one.engagement.id) for one in world if _seen(reader, one)]
        found = list(_pages(reader))
        assert sorted(found) == sorted(expected), reader
        shown += len(found)
    assert shown > 50, "the matrix must hold something to see"


def test_inside_an_engagement_the_same_readers_see(world: Sequence[Stored]) -> None:
    """Every door into it admits the same; to the rest it is Missing or empty."""
    queries = DjangoReviewQueries()
    for reader, one in product(READERS, world[::3]):
        identifier, seen = one.engagement.id, _seen(reader, one)
        assert _there(queries.engagement, reader, identifier) is seen
        assert _there(queries.engagement_by_number, reader, one.engagement.number) is seen
        assert _there(queries.report, reader, identifier, Cut.INTERNAL) is seen
        assert len(queries.offices(reader, identifier)) == (2 if seen else 0)
        assert len(queries.grants(reader, identifier)) == (2 if seen else 0)
        assert len(queries.partners(reader, identifier)) == (2 if seen else 0)
        advises = reader.role is Role.PARTNER and reader.organisation == PARTNER
        scoped = reader.scopes is None or Action.REVIEW_ADVISE.value in reader.scopes
        own = {one.observations[PARTNER].id} if advises and scoped else set()
        every = {each.id for each in one.observations.values()} if seen else own
        assert {each.id for each in queries.observations(reader, identifier)} == every


def test_a_name_is_found_where_the_action_reaches(world: Sequence[Stored]) -> None:
    """By identifier or number, for every action, exactly where the table admits it."""
    queries, found = DjangoReviewQueries(), 0
    actions = [action for action in Action if action.value.startswith(("review.", "report."))]
    for reader, one in product(READERS, world[::5]):
        for action in actions:
            things = one.asked if action is Action.REVIEW_ASK else one.things
            admitted = admits(reader, action, things[reader.role])
            for name in (str(one.engagement.id), one.engagement.number):
                assert _there(queries.reached, reader, name, action) is admitted, (reader, action)
            found += admitted
    assert found > 50, "the matrix must hold something to find"


def test_terms_are_read_by_whoever_may_accept_them(world: Sequence[Stored]) -> None:
    """And the oversight list by whoever may read the oversight cut, without the model."""
    queries = DjangoReviewQueries()
    for reader, one in product(READERS, world[::3]):
        admitted = admits(reader, Action.REVIEW_ACCEPT, one.things[reader.role])
        assert _there(queries.terms, reader, one.engagement.id) is admitted, reader
    for reader in READERS:
        rows = queries.overseen(reader, cursor=None, limit=200).rows
        seen = {
            one.engagement.id
            for one in world
            if _there(queries.report, reader, one.engagement.id, Cut.OVERSIGHT)
            and reader.role in {Role.AUDITOR, Role.SYSTEM}
        }
        assert {row.engagement for row in rows} == seen, reader
        assert "Model" not in repr(rows)


def test_a_grant_is_read_by_its_person_and_by_those_who_see_the_engagement(
    world: Sequence[Stored],
) -> None:
    """A colleague without part in the engagement does not see it."""
    queries = DjangoReviewQueries()
    for reader, one in product(READERS, world[::3]):
        for home, grant in one.grants.items():
            thing = Thing(marking=Marking.CLEAR, owner=home)
            mine = reader.person == grant.person or reader.role is Role.SYSTEM
            own = mine and admits(reader, Action.GRANT_READ, thing)
            assert _there(queries.grant, reader, grant.id) is (own or _seen(reader, one)), reader


def test_own_grants_are_of_the_person(world: Sequence[Stored]) -> None:
    """Everything one needs to use them, and nobody else's."""
    for reader in READERS:
        found = DjangoReviewQueries().own_grants(reader)
        assert {each.grant.person for each in found} <= {reader.person}
        role = reader.role in {Role.REVIEWER, Role.PARTNER, Role.OPERATOR, Role.SYSTEM}
        scoped = reader.scopes is None or Action.GRANT_READ.value in reader.scopes
        holds = reader.organisation in {MEMBER, PARTNER}
        assert len(found) == (len(world) if role and scoped and holds else 0), reader


def test_reports_go_to_their_readers(world: Sequence[Stored]) -> None:
    """Oversight to the auditor up to AMBER+STRICT and to who sees all; the public cut to anyone."""
    queries = DjangoReviewQueries()
    for reader, one in product(READERS, world[::3]):
        identifier = one.engagement.id
        scoped = reader.scopes is None or Action.REPORT_READ.value in reader.scopes
        checks = admits(reader, Action.REPORT_READ, one.things[reader.role])
        assert _there(queries.report, reader, identifier, Cut.OVERSIGHT) is checks, reader
        closed = one.engagement.state is EngagementState.CLOSED
        assert _there(queries.report, reader, identifier, Cut.PUBLIC) is (closed and scoped)
    anyone = Actor(role=Role.ANONYMOUS)
    closed_ones = [one for one in world if one.engagement.state is EngagementState.CLOSED]
    assert len(queries.public_reports(anyone)) == len(closed_ones)


def test_assessments_are_cut_by_role(world: Sequence[Stored]) -> None:
    """A researcher sees the shared ones without the question; an office the whole of its own."""
    queries = DjangoReviewQueries()
    cuts = queries.assessments(Actor(role=Role.RESEARCHER, organisation=STRANGER))
    assert len(cuts) == len(world) // 2
    assert not any("question" in cut or "by" in cut for cut in cuts)
    office = Actor(role=Role.REVIEWER, person=PEOPLE[MEMBER], organisation=MEMBER)
    assert len(queries.assessments(office)) == len(world)
    assert all(cut["question"] == "Is it?" for cut in queries.assessments(office))
    assert queries.assessments(replace(office, organisation=ASKING)) == ()
    assert queries.assessments(Actor(role=Role.PARTNER, organisation=PARTNER)) == ()
    assert queries.assessments(Actor(role=Role.ANONYMOUS)) == ()


def test_an_office_that_asks_sees_what_it_asked(world: Sequence[Stored]) -> None:
    """Its own requests, and nothing inside."""
    queries = DjangoReviewQueries()
    asking = Actor(role=Role.REVIEWER, person=PEOPLE[ASKING], organisation=ASKING)
    assert len(queries.requests(asking)) == len(world)
    assert {row.state for row in queries.requests(asking)} == {OfficeState.ASKING}
    assert queries.requests(replace(asking, role=Role.PARTNER)) == ()
    assert queries.requests(replace(asking, organisation=STRANGER)) == ()


def test_a_proposed_partner_sees_its_own_part(world: Sequence[Stored]) -> None:
    """In order to appeal; no other partner's, and not the engagement."""
    queries = DjangoReviewQueries()
    proposed = Actor(role=Role.PARTNER, person=PEOPLE[PROPOSED], organisation=PROPOSED)
    assert len(queries.own_partnerships(proposed)) == len(world)
    assert not _there(queries.partner, proposed, world[0].partner.id)
    assert _there(queries.partner, replace(proposed, organisation=PARTNER), world[0].partner.id)
    assert queries.own_partnerships(replace(proposed, organisation=STRANGER)) == ()


def test_the_ledger_of_an_engagement_is_its_developers(world: Sequence[Stored]) -> None:
    """Besides the auditor and the program, only the developer opens its entries."""
    subjects = [str(one.engagement.id) for one in world]

    def opened(reader: Actor) -> int:
        page: Any = DjangoQueries().ledger(reader, subjects=subjects, cursor=None, limit=200)
        return len(page.rows)

    everything = {Role.COORDINATOR, Role.AUDITOR, Role.SYSTEM}
    for reader in READERS:
        if reader.scopes is not None:
            assert opened(reader) == 0
            continue
        mine = reader.role is Role.DEVELOPER and reader.organisation == DEVELOPER
        assert opened(reader) == (len(world) if mine or reader.role in everything else 0), reader
