"""Whether an interval may be believed in a design: what the coverage table says, and nothing else.

A run's design is looked up downwards: as many families and tasks as the table has and the run has
at least. Its correlation is unknown, so every correlation of the table counts, and the worst
decides. Two questions:

- *May it designate?* Around the level in question the interval must hold the truth in at least
  93 % of runs, and the one-sided bound that the claim rests on may be wrong in at most 7.5 %.
- *What must be said beside the interval?* That it is narrower than its name (below 93 %), or wider
  (above 98 %). A wide one errs towards *undetermined*, so it warns and does not forbid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor

from firstlight.core.measure.coverage_table import VERSION, Cell, cells
from firstlight.core.measure.figures import Interval

LOWEST_COVERAGE = 0.93
HIGHEST_COVERAGE = 0.98
LARGEST_ERROR = 0.075
_NOT_SIMULATED = "no simulated design is as small as this one"
TABLE_VERSION = VERSION


@dataclass(frozen=True, kw_only=True)
class Design:
    """What the coverage of a run depends on and is known."""

    families: int
    tasks: float
    """mean number of tasks of a family"""


def forbids(design: Design, level: float, *, claim_at_least: bool) -> str:
    """Why nothing may be claimed about `level`; empty when it may.

    Args:
        design: of the run
        level: the rate that the claim is about
        claim_at_least: the claim is "at or above", otherwise "below"
    """
    near = _around(_like(design), level, level)
    if not near:
        return f"{_NOT_SIMULATED}, or none near {level:g}"
    worst = min(near, key=lambda cell: cell.coverage)
    if worst.coverage < LOWEST_COVERAGE:
        return (
            f"with {worst.families} families of {worst.tasks} tasks the 95 % interval held a rate "
            f"of {worst.rate:g} in only {worst.coverage:.1%} of simulated runs"
        )
    error: Callable[[Cell], float] = _low_error if claim_at_least else _high_error
    wrong = max(near, key=error)
    if error(wrong) > LARGEST_ERROR:
        return (
            f"with {wrong.families} families of {wrong.tasks} tasks the 95 % bound was wrong about "
            f"a rate of {wrong.rate:g} in {error(wrong):.1%} of simulated runs"
        )
    return ""


def warnings(design: Design, interval: Interval) -> tuple[str, ...]:
    """What must stand beside an interval."""
    near = _around(_like(design), interval.low, interval.high)
    if not near:
        return (f"The interval is unproved: {_NOT_SIMULATED}.",)
    lowest, highest = min(c.coverage for c in near), max(c.coverage for c in near)
    said = []
    if lowest < LOWEST_COVERAGE:
        said.append(
            f"The interval may be too narrow: it held the truth in as few as {lowest:.1%} of "
            f"simulated runs of this size."
        )
    elif highest > HIGHEST_COVERAGE:
        said.append(
            f"The interval may be wider than its name: it held the truth in up to {highest:.1%} "
            "of simulated runs of this size."
        )
    return tuple(said)


def _low_error(cell: Cell) -> float:
    return cell.low_error


def _high_error(cell: Cell) -> float:
    return cell.high_error


def _like(design: Design) -> list[Cell]:
    """The largest design of the table that is no larger than this one."""
    families = max((c.families for c in cells() if c.families <= design.families), default=0)
    tasks = max((c.tasks for c in cells() if c.tasks <= floor(design.tasks)), default=0)
    return [c for c in cells() if (c.families, c.tasks) == (families, tasks)]


def _around(like: Sequence[Cell], low: float, high: float) -> list[Cell]:
    """Cells whose rate lies between, and the next one on each side."""
    rates = sorted({cell.rate for cell in like})
    if not rates or high < rates[0] or low > rates[-1]:
        return []
    start = max((rate for rate in rates if rate <= low), default=rates[0])
    end = min((rate for rate in rates if rate >= high), default=rates[-1])
    return [cell for cell in like if start <= cell.rate <= end]
