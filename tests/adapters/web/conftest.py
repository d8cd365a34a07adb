"""A populated installation for the whole module, and clients of Django's own test kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests import databases

databases.ready()

from django.test import Client  # noqa: E402  # needs Django
from tests.browser.world import World, build  # noqa: E402

if TYPE_CHECKING:
    from tests.databases import Database


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """People, reports and cases; tests of one module share it."""
    folder = tmp_path_factory.mktemp("world")
    database: Database
    with databases.fresh_sqlite(sqlite_template, folder) as database:
        assert database.url
        yield build(folder, "http://localhost")


@pytest.fixture
def stranger(world: World) -> Client:
    """A client that nobody signed in."""
    assert world.case
    return Client(SERVER_NAME="localhost")


@pytest.fixture
def signed_in(world: World) -> Callable[[str], Client]:
    """Makes a client in which somebody came in by a one-time link."""

    def enter(name: str) -> Client:
        client = Client(SERVER_NAME="localhost")
        response = client.post(world.link_for(name).removeprefix("http://localhost"))
        assert response.status_code == 302
        return client

    return enter
