"""The posterior of a success rate: right, the same every time, and careful on both sides."""

from __future__ import annotations

import math
import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from firstlight.core.measure.statistics.posterior import FamilyCount, log_gamma, posterior

COUNTS = st.lists(
    st.integers(1, 60).flatmap(
        lambda trials: st.integers(0, trials).map(
            lambda solved: FamilyCount(solved=float(solved), trials=float(trials))
        )
    ),
    min_size=1,
    max_size=24,
)


@given(st.floats(1e-8, 1e6))
def test_log_gamma_is_the_library_s(value: float) -> None:
    """To twelve digits of what the standard library says."""
    ours = float(log_gamma(np.array([value]))[0])
    assert math.isclose(ours, math.lgamma(value), rel_tol=1e-12, abs_tol=1e-11)


@given(COUNTS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_families_changes_no_bit(
    counts: list[FamilyCount], shuffle: random.Random
) -> None:
    """The same families in another order give the same interval, bit for bit."""
    other = list(counts)
    shuffle.shuffle(other)
    assert posterior(counts).interval() == posterior(other).interval()


@given(COUNTS)
@settings(max_examples=40, deadline=None)
def test_failures_are_the_mirror_of_successes(counts: list[FamilyCount]) -> None:
    """Solved and failed exchanged, low and high are exchanged: neither side is favoured."""
    turned = [FamilyCount(solved=c.trials - c.solved, trials=c.trials) for c in counts]
    here, there = posterior(counts).interval(), posterior(turned).interval()
    assert math.isclose(here.low, 1 - there.high, abs_tol=1e-6)
    assert math.isclose(here.high, 1 - there.low, abs_tol=1e-6)


@given(COUNTS, st.floats(0.01, 0.99))
@settings(max_examples=40, deadline=None)
def test_caution_never_says_more_than_generosity(counts: list[FamilyCount], level: float) -> None:
    """The cautious probability is at most the generous one; both lie between 0 and 1."""
    found = posterior(counts)
    assert -1e-12 <= found.surely_at_least(level) <= found.perhaps_at_least(level) + 1e-9
    assert found.perhaps_at_least(level) <= 1 + 1e-12
    interval = found.interval()
    assert 0 <= interval.low <= found.median() <= interval.high <= 1


def test_it_is_what_plain_integration_gives() -> None:
    """A slow sum with the standard library, on another grid, gives the same probability."""
    counts = [(3, 8), (0, 8), (8, 8), (5, 8), (2, 8)]

    def weight(mu: float, rho: float) -> float:
        size = (1 - rho) / rho
        a, b = mu * size, (1 - mu) * size
        return math.exp(
            sum(
                math.lgamma(a + y) + math.lgamma(b + n - y) - math.lgamma(size + n)
                + math.lgamma(size) - math.lgamma(a) - math.lgamma(b)
                for y, n in counts
            )
        )  # fmt: skip

    steps = [(i + 0.5) / 120 for i in range(120)]
    above = below = 0.0
    for mu in steps:
        mass = sum(weight(mu, (r + 0.5) / 40) for r in range(40)) * mu**-0.5
        above, below = (above + mass, below) if mu >= 0.4 else (above, below + mass)
    found = posterior([FamilyCount(solved=float(y), trials=float(n)) for y, n in counts])
    assert math.isclose(found.surely_at_least(0.4), above / (above + below), abs_tol=0.01)


def test_nothing_solved_is_not_zero() -> None:
    """At 0 of 96 the interval reaches well above zero, and more families make it shorter."""
    few = posterior([FamilyCount(solved=0.0, trials=24.0)] * 4).interval()
    many = posterior([FamilyCount(solved=0.0, trials=24.0)] * 40).interval()
    assert few.high > 0.3
    assert many.high < 0.1


def test_epochs_do_not_replace_families() -> None:
    """A hundred times the epochs of the same four families leave the interval about as wide."""
    once = posterior([FamilyCount(solved=y, trials=8.0) for y in (1.0, 7.0, 3.0, 6.0)]).interval()
    often = posterior(
        [FamilyCount(solved=y * 100, trials=800.0) for y in (1.0, 7.0, 3.0, 6.0)]
    ).interval()
    assert often.high - often.low > 0.8 * (once.high - once.low)
