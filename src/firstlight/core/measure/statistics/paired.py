"""Two runs over the same tasks: the difference of their rates, task by task, clustered by family.

Pairing takes the difficulty of tasks out. In each family the solved samples of the first run and
the failed ones of the second are counted together. Their rate over families is one half of one
plus the difference, so the difference has the same posterior, with the same care, as any rate.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from firstlight.core.measure.figures import Interval, Measured, Unmeasured
from firstlight.core.measure.record import Sample
from firstlight.core.measure.statistics.posterior import METHOD as RATES
from firstlight.core.measure.statistics.posterior import FamilyCount, posterior

METHOD = "paired-by-family/1"
FEWEST_FAMILIES = 4


@dataclass(frozen=True, kw_only=True)
class FamilyDifference:
    """One family."""

    family: str
    tasks: int
    first: float
    """mean rate of the first run"""
    second: float

    @property
    def difference(self) -> float:
        """First less second."""
        return self.first - self.second


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """First run less second run."""

    difference: Measured | Unmeasured
    first_is_higher: float | None
    """probability that the first is higher on families like these; None when not measured"""
    families: Sequence[FamilyDifference]
    left_out: int
    """tasks that only one of the two measured"""


def compare(first: Iterable[Sample], second: Iterable[Sample], name: str) -> Comparison:
    """Compare the tasks that both measured.

    Args:
        first: samples of one run
        second: samples of the other, over the same suite
        name: what the difference is called
    """
    one, two = _rates(first), _rates(second)
    common = sorted(one.keys() & two.keys())
    by_family: dict[str, list[tuple[_Rate, _Rate]]] = defaultdict(list)
    for family, task in common:
        by_family[family].append((one[family, task], two[family, task]))
    rows = [_row(family, pairs) for family, pairs in sorted(by_family.items())]
    left_out = len(one.keys() ^ two.keys())
    if len(rows) < FEWEST_FAMILIES:
        figure = Unmeasured(
            name=name,
            reason=f"both runs measured tasks of {len(rows)} families",
            needs=f"tasks of at least {FEWEST_FAMILIES} families in both",
        )
        return Comparison(difference=figure, first_is_higher=None, families=rows, left_out=left_out)
    found = posterior([_joint(row, by_family[row.family]) for row in rows])
    half = found.interval()
    measured = Measured(
        value=2 * found.median() - 1,
        interval=Interval(low=2 * half.low - 1, high=2 * half.high - 1),
        method=f"{METHOD}+{RATES}",
        families=len(rows),
        tasks=len(common),
        samples=sum(one[place].count + two[place].count for place in common),
    )
    return Comparison(
        difference=measured,
        first_is_higher=found.probably_at_least(0.5),
        families=rows,
        left_out=left_out,
    )


def _row(family: str, pairs: Sequence[tuple[_Rate, _Rate]]) -> FamilyDifference:
    return FamilyDifference(
        family=family,
        tasks=len(pairs),
        first=math.fsum(a.rate for a, _ in pairs) / len(pairs),
        second=math.fsum(b.rate for _, b in pairs) / len(pairs),
    )


def _joint(row: FamilyDifference, pairs: Sequence[tuple[_Rate, _Rate]]) -> FamilyCount:
    """The first's successes and the second's failures, as if every task had run equally often."""
    trials = float(sum(a.count + b.count for a, b in pairs))
    return FamilyCount(solved=trials * (1 + row.difference) / 2, trials=trials)


@dataclass(frozen=True, kw_only=True)
class _Rate:
    solved: int
    count: int

    @property
    def rate(self) -> float:
        return self.solved / self.count


def _rates(samples: Iterable[Sample]) -> Mapping[tuple[str, str], _Rate]:
    """Family and task to what was counted; tasks without a counted sample are not there."""
    seen: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for each in samples:
        if each.ended.counts:
            seen[each.family, each.task].append(each.ended == "solved")
    return {key: _Rate(solved=sum(ends), count=len(ends)) for key, ends in seen.items()}
