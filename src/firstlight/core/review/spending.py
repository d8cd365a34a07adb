"""What uses of a grant cost, and what is left of its budget.

A use reserves what it may need before it begins and settles at what it took; a use that never
ended keeps its reservation, because nobody knows what it took. Money is counted in whole
millionths of a unit, always rounded up: no rounding gives anything away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.errors import Invalid, TooMany
from firstlight.core.review.grants import Budget

MICRO = 1_000_000
"""parts of one unit of money, and tokens in one million: budgets and prices count in these"""
_MOST_PRICE = 1 << 40
"""a million units of money for a million tokens; more is a slip of the pen"""


class OverBudget(TooMany):
    """The grant's budget is used up."""

    code = "gateway.over_budget"
    next_step = "Ask the developer for a larger budget."


class Counted(StrEnum):
    """Where a number of tokens comes from."""

    REPORTED = "reported"
    """the endpoint said so in its answer"""
    ESTIMATED = "estimated"
    """the endpoint did not say: a quarter of the request's bytes, and one for each event"""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens of one use."""

    input_tokens: int
    """written to and read from caches included"""
    output_tokens: int
    counted: Counted

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a million tokens cost, in millionths of a unit of money."""

    input: int
    output: int

    def __post_init__(self) -> None:
        """Refuse prices that are none."""
        for name in ("input", "output"):
            if not 0 <= getattr(self, name) <= _MOST_PRICE:
                raise Invalid("a price is no negative number, and no fortune", field=name)

    def cost(self, usage: Usage) -> int:
        """What `usage` costs, in millionths of a unit, rounded up. Caches bring no discount."""
        total = usage.input_tokens * self.input + usage.output_tokens * self.output
        return -(-total // MICRO)

    def most(self, tokens: int) -> int:
        """The most that so many tokens cost, whichever side they are on."""
        return -(-tokens * max(self.input, self.output) // MICRO)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a grant's uses took, and what open ones hold."""

    requests: int = 0
    tokens: int = 0
    money: int = 0

    def left(self, budget: Budget) -> Budget:
        """What is left; nothing rather than less than nothing."""

        def rest(name: str) -> int | None:
            amount = getattr(budget, name)
            return None if amount is None else max(0, amount - getattr(self, name))

        return Budget(requests=rest("requests"), tokens=rest("tokens"), money=rest("money"))

    def check(self, budget: Budget) -> None:
        """Raises OverBudget when one of the amounts is used up."""
        left = self.left(budget)
        for name in ("requests", "tokens", "money"):
            if getattr(left, name) == 0:
                raise OverBudget(f"The grant's budget of {name} is used up.", budget=name)

    def reserve(self, budget: Budget, *, tokens: int, money: int) -> Spent:
        """With one more use that may need so much.

        Raises:
            OverBudget: what is left does not reach for it.
        """
        self.check(budget)
        left = self.left(budget)
        if left.tokens is not None and tokens > left.tokens:
            raise OverBudget(
                f"{left.tokens} tokens are left; the request may need {tokens}.", budget="tokens"
            )
        if left.money is not None and money > left.money:
            raise OverBudget(
                "What is left of the money does not reach for this request.", budget="money"
            )
        return Spent(
            requests=self.requests + 1, tokens=self.tokens + tokens, money=self.money + money
        )
