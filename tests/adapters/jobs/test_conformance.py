from __future__ import annotations

import pytest
from tests.databases import Database

from firstlight.adapters.jobs.conformance import CHECKS, QUICK, Subject
from firstlight.adapters.jobs.lease import LeaseQueue
from firstlight.adapters.jobs.procrastinate_queue import ProcrastinateQueue
from firstlight.adapters.jobs.queues import job_queue
from firstlight.adapters.storage.unit import DjangoStorage


@pytest.mark.parametrize("check", range(len(CHECKS)), ids=[each.__name__ for each in CHECKS])
def test_queue_of_the_database(any_storage: DjangoStorage, check: int) -> None:
    """The queue that serves each database keeps every promise."""
    CHECKS[check](Subject(storage=any_storage, queue=job_queue(patience=QUICK)))


@pytest.mark.postgres
@pytest.mark.parametrize("check", range(len(CHECKS)), ids=[each.__name__ for each in CHECKS])
def test_leases_on_postgresql(postgres_storage: DjangoStorage, check: int) -> None:
    """The table of leases keeps every promise on PostgreSQL too."""
    CHECKS[check](Subject(storage=postgres_storage, queue=LeaseQueue(patience=QUICK)))


def test_choice(any_database: Database) -> None:
    """SQLite is served by leases, PostgreSQL by Procrastinate."""
    expected = {"sqlite": LeaseQueue, "postgresql": ProcrastinateQueue}
    assert type(job_queue()) is expected[any_database.vendor]
