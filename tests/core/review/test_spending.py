"""Budgets: whatever happens in whatever order, nothing beyond them is begun."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.kernel.errors import Invalid
from firstlight.core.review.grants import Budget
from firstlight.core.review.spending import (
    MICRO,
    Counted,
    OverBudget,
    Prices,
    Spent,
    Usage,
)

AMOUNTS = st.none() | st.integers(0, 1000)
BUDGETS = st.builds(Budget, requests=AMOUNTS, tokens=AMOUNTS, money=AMOUNTS)
PRICES = st.builds(Prices, input=st.integers(0, 1 << 40), output=st.integers(0, 1 << 40))


@given(BUDGETS, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=30))
def test_reservations_never_go_beyond_the_budget(
    budget: Budget, asked: list[tuple[int, int]]
) -> None:
    """What is refused changes nothing; what is let in fits, every time."""
    spent = Spent()
    for tokens, money in asked:
        try:
            spent = spent.reserve(budget, tokens=tokens, money=money)
        except OverBudget:
            continue
        for name in ("requests", "tokens", "money"):
            most = getattr(budget, name)
            assert most is None or getattr(spent, name) <= most


@given(BUDGETS, st.integers(0, 3000))
def test_nothing_is_left_rather_than_less_than_nothing(budget: Budget, over: int) -> None:
    """A use may come to cost more than was held for it; then the next one is refused."""
    spent = Spent(requests=over, tokens=over, money=over)
    left = spent.left(budget)
    for name in ("requests", "tokens", "money"):
        amount, most = getattr(left, name), getattr(budget, name)
        assert (amount is None) == (most is None)
        assert amount is None or amount == max(0, most - over)
    used_up = 0 in {left.requests, left.tokens, left.money}
    if used_up:
        with pytest.raises(OverBudget):
            spent.check(budget)
    else:
        spent.check(budget)


@given(PRICES, st.integers(0, 1 << 30), st.integers(0, 1 << 30))
def test_what_was_reserved_covers_the_cost(prices: Prices, sent: int, got: int) -> None:
    """A use that stays within its tokens never costs more than was held for it."""
    usage = Usage(input_tokens=sent, output_tokens=got, counted=Counted.REPORTED)
    assert 0 <= prices.cost(usage) <= prices.most(usage.tokens)


def test_money_is_rounded_up() -> None:
    """One token at a price below a millionth for a million still costs the least amount."""
    usage = Usage(input_tokens=1, output_tokens=0, counted=Counted.REPORTED)
    assert Prices(input=1, output=0).cost(usage) == 1
    assert Prices(input=MICRO, output=0).cost(usage) == 1
    assert Prices(input=MICRO, output=0).cost(replace(usage, input_tokens=MICRO)) == MICRO


@pytest.mark.parametrize("price", [-1, (1 << 40) + 1])
def test_a_price_that_is_none(price: int) -> None:
    """Negative prices would give budget back."""
    with pytest.raises(Invalid):
        Prices(input=0, output=price)
