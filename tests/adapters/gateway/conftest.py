"""One endpoint and one gateway for all tests of this folder; each test makes its own grant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from benchmarks.gateway.endpoint import Endpoint, running
from tests import databases
from tests.adapters.gateway.official import close_all
from tests.adapters.gateway.real import Site, site_over
from tests.adapters.gateway.running import Running, gateway


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Endpoint]:
    """A developer's endpoint."""
    with running() as one:
        yield one


@pytest.fixture(scope="session")
def shared(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The gateway that all tests use which do it no harm."""
    with gateway(tmp_path_factory.mktemp("gateway"), endpoint) as one:
        yield one


@pytest.fixture
def own(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway of the test's own, which it may kill."""
    with gateway(tmp_path_factory.mktemp("own"), endpoint) as one:
        yield one


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def site(
    request: pytest.FixtureRequest, endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """One gateway over the real desk for a whole module, on each database in turn."""
    folder = tmp_path_factory.mktemp("real")
    template = request.getfixturevalue(f"{request.param}_template")
    fresh = (
        databases.fresh_sqlite(template, folder)
        if request.param == "sqlite"
        else databases.fresh_postgres(request.getfixturevalue("postgres_server"), template)
    )
    with fresh as database, site_over(database, folder, endpoint) as one:
        yield one


@pytest.fixture(autouse=True)
def _closed_clients() -> Iterator[None]:
    """No client's socket is left to the collector, which would blame another test."""
    yield
    close_all()
