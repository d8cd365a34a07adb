"""Fixtures that every part uses: fresh databases, and the storage over them.

`any_database` and `any_storage` run a test twice, on SQLite and on PostgreSQL. Within a test the
alias `default` means the test's own database. A test module that imports tables at its top
needs Django before it is collected: its folder's conftest calls `tests.databases.ready()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests import databases, postgres
from tests.databases import Database
from tests.postgres import Server

if TYPE_CHECKING:
    from firstlight.adapters.storage.unit import DjangoStorage


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    databases.ready()
    return databases.make_sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A private PostgreSQL server."""
    with postgres.running_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Server) -> str:
    """The name of a migrated database on it."""
    databases.ready()
    return databases.make_postgres_template(postgres_server)


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite file; `default` means it."""
    with databases.fresh_sqlite(sqlite_template, tmp_path) as database:
        yield database


@pytest.fixture
def postgres_database(postgres_server: Server, postgres_template: str) -> Iterator[Database]:
    """A fresh PostgreSQL database; `default` means it."""
    with databases.fresh_postgres(postgres_server, postgres_template) as database:
        yield database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_database(request: pytest.FixtureRequest) -> Database:
    """Each in turn."""
    database: Database = request.getfixturevalue(f"{request.param}_database")
    return database


@pytest.fixture
def sqlite_storage(sqlite_database: Database) -> DjangoStorage:
    """The storage over a fresh SQLite file."""
    return _storage(sqlite_database)


@pytest.fixture
def postgres_storage(postgres_database: Database) -> DjangoStorage:
    """The storage over a fresh PostgreSQL database."""
    return _storage(postgres_database)


@pytest.fixture
def any_storage(any_database: Database) -> DjangoStorage:
    """The storage over each in turn."""
    return _storage(any_database)


def _storage(database: Database) -> DjangoStorage:
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415  # needs Django

    assert database.url  # `default` means it
    return DjangoStorage()
