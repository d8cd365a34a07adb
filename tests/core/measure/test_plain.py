"""What is computed without numpy."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.measure.statistics.plain import (
    effective_size,
    pass_at_k,
    pass_hat_k,
    t_below,
    t_quantile,
    wilson,
)

CLUSTERS = st.lists(
    st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=30,
)


def test_wilson_is_the_published_one() -> None:
    """Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for solved, size, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson(solved / size, size)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("level", "freedom", "value"),
    [(0.975, 1, 12.706), (0.975, 3, 3.182), (0.975, 11, 2.201), (0.95, 30, 1.697)],
)
def test_t_is_the_tables(level: float, freedom: float, value: float) -> None:
    """Quantiles of Student's t as they stand in every table; and there and back."""
    assert round(t_quantile(level, freedom), 3) == value
    assert math.isclose(t_below(t_quantile(level, freedom), freedom), level, abs_tol=1e-12)
    assert math.isclose(t_below(-1.3, freedom) + t_below(1.3, freedom), 1, abs_tol=1e-12)


@given(CLUSTERS)
def test_the_effective_size_is_between_families_and_samples(
    clusters: list[tuple[int, int]],
) -> None:
    """Clusters never add information, and no cluster counts for nothing."""
    size = effective_size(clusters)
    trials = sum(n for _, n in clusters)
    largest = sum(n * n for _, n in clusters) / trials
    assert trials / largest - 1e-9 <= size <= trials + 1e-9 or size == len(clusters)


def test_full_correlation_leaves_one_sample_a_family() -> None:
    """Families that are all or nothing are worth one sample each; independent ones, all."""
    assert effective_size([(24, 24), (0, 24), (24, 24), (0, 24)]) == pytest.approx(4)
    assert effective_size([(12, 24), (12, 24), (12, 24), (12, 24)]) == 96


@given(st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), st.data())
def test_pass_at_k_counts_subsets(tries: tuple[int, int], data: st.DataObject) -> None:
    """It is the share of subsets of k tries that hold a solved one, and all of k for pass^k."""
    trials, solved = tries
    k = data.draw(st.integers(1, trials))
    subsets = list(combinations([True] * solved + [False] * (trials - solved), k))
    assert math.isclose(pass_at_k(trials, solved, k), sum(map(any, subsets)) / len(subsets))
    assert math.isclose(pass_hat_k(trials, solved, k), sum(map(all, subsets)) / len(subsets))


def test_fewer_tries_than_k_is_no_figure() -> None:
    """It is refused, and not extrapolated."""
    with pytest.raises(ValueError, match="9 of 8"):
        pass_at_k(8, 3, 9)
