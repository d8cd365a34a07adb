from __future__ import annotations

import sqlite3
from contextlib import closing
from threading import Barrier, Thread

import pytest
from django.db import connection, connections
from tests.databases import Database, pointing, ready

from firstlight.adapters.storage import samples
from firstlight.adapters.storage.queries import DjangoQueries
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.core.kernel.errors import Conflict, FirstlightError, Unavailable
from firstlight.core.kernel.parties import SYSTEM

ready()
_NOBODY_LISTENS = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.mark.parametrize(
    ("vendor", "url"),
    [("postgresql", _NOBODY_LISTENS), ("sqlite", "sqlite:////nowhere/at/all.sqlite3")],
)
def test_absent_database_is_unavailable(vendor: str, url: str) -> None:
    """A database that cannot be reached is Unavailable, for writers and for readers."""
    with pointing(vendor, url):
        with pytest.raises(Unavailable), DjangoStorage().begin():
            pytest.fail("the unit of work began")
        with pytest.raises(Unavailable):
            DjangoQueries().cases(SYSTEM, state=None, cursor=None, limit=1)


def test_locked_database_is_unavailable(sqlite_database: Database) -> None:
    """SQLite that somebody else keeps locked is Unavailable after the timeout."""
    connections["default"].close()
    connections["default"].settings_dict["OPTIONS"]["timeout"] = 0.1
    path = sqlite_database.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable), DjangoStorage().begin():
            pytest.fail("the unit of work began")
    with DjangoStorage().begin() as work:
        assert work.ledger.size() == 0


@pytest.mark.postgres
def test_deadlock_is_a_conflict(postgres_storage: DjangoStorage) -> None:
    """Two units of work that wait for each other: one goes on, the other is a Conflict."""
    cases = [samples.case(number) for number in samples.numbered(2026, 2)]
    with postgres_storage.begin() as work:
        for case in cases:
            work.cases.add(case)
    both_hold_one = Barrier(2)
    ended: list[FirstlightError | None] = []

    def lock(first: int, second: int) -> None:
        try:
            with postgres_storage.begin() as work:
                work.cases.lock(cases[first].id)
                both_hold_one.wait(10)
                work.cases.lock(cases[second].id)
            ended.append(None)
        except FirstlightError as error:
            ended.append(error)
        finally:
            connection.close()

    threads = [Thread(target=lock, args=order) for order in ((0, 1), (1, 0))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(error) is Conflict for error in ended) == [False, True]


def test_units_of_work_do_not_nest(any_storage: DjangoStorage) -> None:
    """A unit of work inside another would not commit with its own block; it is a mistake."""
    with pytest.raises(RuntimeError), any_storage.begin(), any_storage.begin():
        pytest.fail("the inner unit of work began")


def test_a_case_that_is_not_there_is_a_conflict(any_storage: DjangoStorage) -> None:
    """What refers to a missing row is refused at the latest at the commit, on both databases."""
    with pytest.raises(Conflict), any_storage.begin() as work:
        work.patches.add(samples.patch(samples.case("FL-2026-0001")))
