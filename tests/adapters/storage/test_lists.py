from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.storage import cursors, samples
from firstlight.adapters.storage.cursors import BadCursor, Index, Place
from firstlight.adapters.storage.queries import DjangoQueries
from firstlight.adapters.storage.unit import DjangoStorage, remember_organisation
from firstlight.core.clearinghouse.case import CaseState, Party, PartyRole
from firstlight.core.clearinghouse.finding import FindingState
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import Actor, Role
from firstlight.usecases.queries.port import Queries

_OURS = samples.fresh(OrganisationId)
_READERS = [
    Actor(role=Role.COORDINATOR, organisation=_OURS),
    Actor(role=Role.MAINTAINER, organisation=_OURS),
    Actor(role=Role.FINDER, organisation=_OURS),
]
_LISTS: dict[str, Callable[[Queries, Actor, str | None, int], object]] = {
    "cases": lambda queries, reader, cursor, limit: queries.cases(
        reader, state=None, cursor=cursor, limit=limit
    ),
    "findings": lambda queries, reader, cursor, limit: queries.findings(
        reader, case=None, cursor=cursor, limit=limit
    ),
    "advisories": lambda queries, reader, cursor, limit: queries.advisories(
        reader, cursor=cursor, limit=limit
    ),
    "ledger": lambda queries, reader, cursor, limit: queries.ledger(
        reader, subjects=None, cursor=cursor, limit=limit
    ),
}


def _fill(storage: DjangoStorage, numbers: list[str]) -> None:
    """Cases that our organisation may see, several of them opened at the same moment."""
    with storage.begin() as work:
        remember_organisation(_OURS, "Ours")
        for position, number in enumerate(numbers):
            at = samples.later(position // 4)
            case = samples.case(number, opened_at=at, state=CaseState.VALIDATED)
            finding = samples.finding(
                case, received_at=at, organisation=_OURS, state=FindingState.REPRODUCED
            )
            work.cases.add(case)
            work.findings.add(finding, b"{}")
            work.cases.add_party(case.id, Party(organisation=_OURS, role=PartyRole.FINDER))
            work.advisories.add(samples.advisory(case, drafted_at=at))
            work.cases.add_evidence(samples.evidence(case, finding))
            samples.append(work, str(finding.id))


@pytest.mark.parametrize("name", _LISTS)
@pytest.mark.parametrize("reader", _READERS, ids=[reader.role.value for reader in _READERS])
def test_pages_join_to_the_whole(any_storage: DjangoStorage, name: str, reader: Actor) -> None:
    """Pages of any size, joined, are the whole list: each row once, newest first."""
    _fill(any_storage, list(samples.numbered(2026, 23)))
    queries, read = DjangoQueries(), _LISTS[name]
    whole = list(read(queries, reader, None, 200).rows)  # type: ignore[attr-defined]
    assert len(whole) == 23
    for limit in (1, 2, 3, 7, 22, 23, 24):
        joined: list[object] = []
        cursor: str | None = None
        while True:
            page = read(queries, reader, cursor, limit)
            joined += page.rows  # type: ignore[attr-defined]
            cursor = page.next_cursor  # type: ignore[attr-defined]
            if cursor is None:
                break
        assert joined == whole


def test_newest_first(any_storage: DjangoStorage) -> None:
    """Lists begin with the newest; among equals the identifier decides."""
    _fill(any_storage, list(samples.numbered(2026, 9)))
    cases = DjangoQueries().cases(_READERS[0], state=None, cursor=None, limit=9).rows
    order = [(row.opened_at, str(row.id)) for row in cases]
    assert order == sorted(order, reverse=True)
    findings = DjangoQueries().findings(_READERS[0], case=cases[0].id, cursor=None, limit=9).rows
    assert [(row.case_number, row.organisation) for row in findings] == [(cases[0].number, "Ours")]


def test_new_rows_do_not_shift_a_page(any_storage: DjangoStorage) -> None:
    """What arrives while a person turns pages neither hides nor repeats a row."""
    _fill(any_storage, list(samples.numbered(2026, 6)))
    queries, reader = DjangoQueries(), _READERS[0]
    first = queries.cases(reader, state=None, cursor=None, limit=3)
    with any_storage.begin() as work:
        work.cases.add(samples.case("FL-2026-9999", opened_at=samples.later(99)))
    second = queries.cases(reader, state=None, cursor=first.next_cursor, limit=3)
    numbers = [row.number for row in [*first.rows, *second.rows]]
    assert sorted(numbers) == list(samples.numbered(2026, 6))


@pytest.mark.parametrize("name", _LISTS)
def test_statements_do_not_grow_with_rows(any_storage: DjangoStorage, name: str) -> None:
    """A page takes one statement, however long it is."""
    _fill(any_storage, list(samples.numbered(2026, 40)))
    queries = DjangoQueries()
    for reader in _READERS:
        for limit in (2, 40):
            with CaptureQueriesContext(connection) as captured:
                page = _LISTS[name](queries, reader, None, limit)
            assert len(page.rows) == limit  # type: ignore[attr-defined]
            assert len(captured) == 1, [each["sql"] for each in captured.captured_queries]


def test_case_page_takes_a_fixed_number_of_statements(any_storage: DjangoStorage) -> None:
    """A whole case, read door by door, costs the same with few and with many rows."""
    _fill(any_storage, list(samples.numbered(2026, 3)))
    queries, reader = DjangoQueries(), _READERS[0]
    row = queries.cases(reader, state=None, cursor=None, limit=1).rows[0]
    with CaptureQueriesContext(connection) as captured:
        queries.case(reader, row.id)
        queries.parties(reader, row.id)
        queries.findings(reader, case=row.id, cursor=None, limit=50)
        queries.evidence(reader, row.id)
        queries.patches(reader, row.id)
        queries.advisory_of(reader, row.id)
    assert len(captured) == 6


@given(at=st.datetimes(timezones=st.just(UTC)), name=st.text("abc_0", max_size=30))
def test_cursor_comes_back(at: datetime, name: str) -> None:
    """A cursor leads to exactly the place that it was made of."""
    place = Place(at, name)
    assert cursors.read_place(cursors.write(place)) == place


@given(st.integers(0, (1 << 62) - 1))
def test_ledger_cursor_comes_back(index: int) -> None:
    """Likewise for the ledger."""
    assert cursors.read_index(cursors.write(Index(index))) == index


_BROKEN = [
    pytest.param("", id="empty"),
    pytest.param("!", id="no base 64"),
    pytest.param("a" * 5000, id="too long"),
    pytest.param("\N{GRINNING FACE}", id="no ASCII"),
    pytest.param(base64.urlsafe_b64encode(b"\xc1").decode(), id="no msgpack"),
    *(
        pytest.param(base64.urlsafe_b64encode(msgspec.msgpack.encode(wrong)).decode(), id=name)
        for name, wrong in {
            "a map": {"at": 1},
            "too few": [datetime(2026, 1, 1, tzinfo=UTC)],
            "too many": [datetime(2026, 1, 1, tzinfo=UTC), "a", "b"],
            "another type": [1, "a"],
            "no zone": [datetime(2026, 1, 1), "a"],  # noqa: DTZ001  # what is wrong with it
            "NUL": [datetime(2026, 1, 1, tzinfo=UTC), "a\x00"],
            "negative": [-1],
            "huge": [1 << 63],
        }.items()
    ),
]


@pytest.mark.parametrize("cursor", _BROKEN)
def test_broken_cursor_is_refused(cursor: str) -> None:
    """What was not made here is Invalid at every list, before the database is asked."""
    with pytest.raises(BadCursor):
        cursors.read_place(cursor)
    with pytest.raises(BadCursor):
        cursors.read_index(cursor)


@given(st.text(max_size=220))
def test_no_text_breaks_a_cursor(text: str) -> None:
    """Whatever is handed in is a place or Invalid, nothing else."""
    for read in (cursors.read_place, cursors.read_index):
        try:
            read(text)
        except Invalid:
            continue
