"""Capability as a curve: the success rate if every sample had been stopped at a smaller budget.

A sample that was solved counts at a budget when it was solved within it. Beyond the budget that
the run really gave nothing was measured, so nothing is drawn there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from firstlight.core.measure.figures import Figure, Unmeasured
from firstlight.core.measure.record import Ended, Sample
from firstlight.core.measure.statistics.rates import rate

POINTS = 8
"""each budget is half of the next"""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One budget."""

    budget: int
    rate: Figure


def curve(
    samples: Sequence[Sample], limit: int, used: Callable[[Sample], int], name: str
) -> tuple[Point, ...]:
    """The rate at each budget up to what the run gave, smallest first.

    Args:
        samples: of the run
        limit: what a sample was given; 0 when it was not limited, and then the largest use counts
        used: what a sample used
        name: what is budgeted
    """
    most = limit or max((used(each) for each in samples if each.ended.counts), default=0)
    budgets = sorted({most >> step for step in range(POINTS)} - {0})

    def within(budget: int) -> Callable[[Sample], bool]:
        return lambda each: each.ended is Ended.SOLVED and used(each) <= budget

    return tuple(
        Point(budget=budget, rate=rate(samples, f"success within {budget} {name}", within(budget)))
        for budget in budgets
    )


def beyond(limit: int, name: str) -> Unmeasured:
    """What is said of budgets above the run's own."""
    return Unmeasured(
        name=f"success with more than {limit} {name}",
        reason="no sample was given more",
        needs="a run with a larger budget",
    )
