"""The chance that others find a flaw: from data where there is some, and it says which."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.pacing.rediscovery import YEAR, estimate


def test_without_data_a_published_figure_says_that_it_is_one() -> None:
    """17.5 % a year, between 5.7 and 20."""
    found = estimate(0, 10)
    assert found.assumed
    assert found.within(YEAR) == pytest.approx(0.175)
    assert "assumed" in found.explained()
    assert found.low == pytest.approx(-math.log(1 - 0.057) / YEAR)
    assert found.high == pytest.approx(-math.log(1 - 0.20) / YEAR)


@given(st.integers(0, 500), st.floats(100, 1e7))
def test_the_rate_lies_in_its_interval(again: int, days: float) -> None:
    """And more rediscoveries, or fewer days, never make it less."""
    found = estimate(again, days)
    assert 0 <= found.low < found.per_day < found.high
    assert estimate(again + 1, days).per_day > found.per_day
    assert estimate(again, days * 2).per_day < found.per_day
    assert 0 <= found.within(7) <= found.within(30) <= 1


def test_the_interval_covers_what_it_says() -> None:
    """2,000 drawn histories at each of three rates: 93 to 99 % of the intervals hold the rate."""
    draw = Random(7)  # noqa: S311  # a recipe, no secret
    for expected in (2.0, 8.0, 40.0):
        held = 0
        for _ in range(2000):
            count, left = 0, expected
            while (left := left - draw.expovariate(1.0)) > 0:
                count += 1
            found = estimate(count, 10_000.0)
            held += found.low <= expected / 10_000.0 <= found.high
        assert 0.93 <= held / 2000 <= 0.99, expected


@pytest.mark.parametrize(("again", "days"), [(-1, 5.0), (1, -5.0)])
def test_counts_are_not_negative(again: int, days: float) -> None:
    """A mistake of the caller."""
    with pytest.raises(ValueError, match="not negative"):
        estimate(again, days)
