"""A review whose people are told things."""

from __future__ import annotations

import pytest
from tests.usecases.conftest import Bench
from tests.usecases.reviews.conftest import Review, make_review


@pytest.fixture
def review(bench: Bench) -> Review:
    """On SQLite and on PostgreSQL in turn."""
    return make_review(bench)
