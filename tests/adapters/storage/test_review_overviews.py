"""Reads over many reviews: what each reader gets, by the same table as for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from tests.adapters.storage.test_review_access import (
    DEVELOPER,
    HOMES,
    MEMBER,
    PARTNER,
    PEOPLE,
    READERS,
    Stored,
    _engagement,
    _store,
)

from firstlight.adapters.storage.review_overviews import DjangoReviewOverviews
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.asked import Ask
from firstlight.core.review.engagement import EngagementState
from firstlight.core.review.grants import GrantState
from firstlight.usecases.access.rules import Action
from firstlight.usecases.access.table import admits


@pytest.fixture
def stored(any_storage: DjangoStorage) -> Sequence[Stored]:
    """An open and a closed one of each marking that a review can have."""
    kinds = product((Marking.AMBER_STRICT, Marking.RED), (EngagementState.OPEN, "closed"))
    return [
        _store(any_storage, _engagement(number, marking, EngagementState(state)))
        for number, (marking, state) in enumerate(kinds)
    ]


def seen(reader: Actor, one: Stored, action: Action) -> bool:
    """As the table says."""
    return admits(reader, action, one.things[reader.role])


def test_oversight_lists_what_the_table_admits(stored: Sequence[Stored]) -> None:
    """The auditor all but RED, page by page; everybody else nothing, their own included."""
    queries = DjangoReviewOverviews()
    for reader in READERS:
        found, cursor = [], None
        while True:
            page = queries.oversight(reader, cursor=cursor, limit=1)
            found += [row.id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        checks = reader.role in {Role.AUDITOR, Role.SYSTEM}
        expected = [
            one.engagement.id for one in stored if checks and seen(reader, one, Action.REPORT_READ)
        ]
        assert sorted(map(str, found)) == sorted(map(str, expected)), reader


def test_oversight_rows_hold_the_oversight_cut(stored: Sequence[Stored]) -> None:
    """The same as one report, so that a list tells no more than a page."""
    from firstlight.usecases.queries.reviews import Cut  # noqa: PLC0415  # only here

    assert stored
    queries, auditor = DjangoReviewOverviews(), Actor(role=Role.AUDITOR)
    rows = queries.oversight(auditor, cursor=None, limit=50).rows
    assert len(rows) == 2
    for row in rows:
        assert row.report == queries.report(auditor, row.id, Cut.OVERSIGHT)


def test_only_those_who_take_part_are_asked(stored: Sequence[Stored]) -> None:
    """Developer and office, of what they may read; of closed ones nothing."""
    queries = DjangoReviewOverviews()
    numbers = {one.engagement.number: one for one in stored}
    for reader in READERS:
        rows = queries.asked(reader)
        for row in rows:
            one = numbers[row.number]
            assert seen(reader, one, Action.REVIEW_READ), reader
            assert one.engagement.state is EngagementState.OPEN
        assert reader.role in {Role.DEVELOPER, Role.REVIEWER} or rows == ()
    developer = Actor(role=Role.DEVELOPER, person=PEOPLE[DEVELOPER], organisation=DEVELOPER)
    kinds = [row.asked.what for row in queries.asked(developer)]
    assert kinds.count(Ask.OFFICE) == 2
    assert kinds.count(Ask.OBSERVATION) == 4
    office = Actor(role=Role.REVIEWER, person=PEOPLE[MEMBER], organisation=MEMBER)
    assert {row.asked.what for row in queries.asked(office)} == {Ask.PROPOSAL}


def test_a_partner_answers_for_its_own_people_only(stored: Sequence[Stored]) -> None:
    """Their grants, without artefact or model in the row; nothing of any other organisation."""
    queries = DjangoReviewOverviews()
    for reader in READERS:
        rows = queries.colleague_grants(reader)
        assert {row.grant.organisation for row in rows} <= {reader.organisation}
        scoped = reader.scopes is None or Action.GRANT_READ.value in reader.scopes
        holds = reader.role is Role.PARTNER and reader.organisation in {PARTNER, MEMBER}
        assert len(rows) == (len(stored) if holds and scoped else 0), reader


def test_a_second_person_sees_the_grants_that_name_them(any_storage: DjangoStorage) -> None:
    """Of a side that takes part, while the grant stands; nobody else, and not its own person."""
    engagement = _engagement(1, Marking.AMBER_STRICT, EngagementState.OPEN)
    one = _store(any_storage, engagement)
    grant = replace(one.grants[PARTNER], seconds=(PEOPLE[DEVELOPER], PEOPLE[HOMES[-1]]))
    with any_storage.begin() as work:
        grant = work.grants.save(grant)
    queries = DjangoReviewOverviews()
    for reader in READERS:
        found = queries.second_grants(reader)
        named = reader.person in grant.seconds
        assert len(found) == (1 if named and seen(reader, one, Action.REVIEW_ACCEPT) else 0), reader
        assert not any(row.accepted for row in found)
    with any_storage.begin() as work:
        work.grants.save(replace(grant, state=GrantState.REVOKED))
    developer = Actor(role=Role.DEVELOPER, person=PEOPLE[DEVELOPER], organisation=DEVELOPER)
    assert queries.second_grants(developer) == ()


def test_days_elsewhere_are_of_the_same_model(any_storage: DjangoStorage) -> None:
    """Those of its other engagements, for who may read this one; Missing for the rest."""
    first = _engagement(1, Marking.AMBER_STRICT, EngagementState.CLOSED)
    again = _engagement(2, Marking.AMBER_STRICT, EngagementState.OPEN)
    again = replace(again, model=first.model)
    _store(any_storage, first)
    _store(any_storage, again)
    queries = DjangoReviewOverviews()
    for home in HOMES:
        reader = Actor(role=Role.DEVELOPER, person=PEOPLE[home], organisation=home)
        if home == DEVELOPER:
            assert queries.days_elsewhere(reader, again.id) == timedelta(days=10)
        else:
            with pytest.raises(Missing):
                queries.days_elsewhere(reader, again.id)
