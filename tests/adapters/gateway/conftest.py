"""One endpoint and one gateway for all tests of this folder; each test makes its own grant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from benchmarks.gateway.endpoint import Endpoint, running
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
