from __future__ import annotations

import pytest

from firstlight.adapters.storage.conformance import CHECKS
from firstlight.adapters.storage.unit import DjangoStorage


@pytest.mark.parametrize("check", range(len(CHECKS)), ids=[each.__name__ for each in CHECKS])
def test_storage_conforms(any_storage: DjangoStorage, check: int) -> None:
    """Each promise holds on SQLite and on PostgreSQL."""
    CHECKS[check](any_storage)
