"""Rates of groups of samples: the estimate, its check, pass@k, and what each family shows."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from firstlight.core.measure.figures import Figure, Interval, Measured, Unmeasured
from firstlight.core.measure.record import Ended, Sample
from firstlight.core.measure.statistics.plain import (
    effective_size,
    pass_at_k,
    pass_hat_k,
    wilson,
)
from firstlight.core.measure.statistics.posterior import METHOD, FamilyCount, posterior

FEWEST_EPOCHS = 8
"""that a task must have run for any figure over tries, pass@1 included"""
FEWEST_COUNTED = 4
"""of these that must have ended solved or failed"""
MOST_SHORT = 0.1
"""share of tasks that may have fewer epochs than a figure needs; they are left out of it"""


@dataclass(frozen=True, kw_only=True)
class Count:
    """How samples ended."""

    solved: int
    failed: int
    invalid: int
    indeterminate: int
    not_measured: int

    @property
    def valid(self) -> int:
        """That enter a rate."""
        return self.solved + self.failed

    @property
    def all(self) -> int:
        """Every sample that was meant to run."""
        return self.valid + self.invalid + self.indeterminate + self.not_measured

    @property
    def lost(self) -> float:
        """Share of samples that enter no rate."""
        return 1 - self.valid / self.all if self.all else 0.0


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family of targets."""

    family: str
    tasks: int
    solved: int
    valid: int
    estimate: Figure
    """the rate on tasks like these of this family, clustered by task"""


@dataclass(frozen=True, kw_only=True)
class Check:
    """Wilson's interval on the effective sample size."""

    rate: float
    size: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """A figure over k tries of one task."""

    k: int
    any_solved: Figure
    """pass@k"""
    all_solved: Figure
    """pass^k"""


def count(samples: Iterable[Sample]) -> Count:
    """How many ended how."""
    ends = [each.ended for each in samples]
    return Count(
        solved=ends.count(Ended.SOLVED),
        failed=ends.count(Ended.FAILED),
        invalid=ends.count(Ended.INVALID),
        indeterminate=ends.count(Ended.INDETERMINATE),
        not_measured=ends.count(Ended.NOT_MEASURED),
    )


def by_family(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Counted samples of each family, families in order."""
    found: dict[str, list[Sample]] = defaultdict(list)
    for each in samples:
        if each.ended.counts:
            found[each.family].append(each)
    return dict(sorted(found.items()))


def family_counts(
    samples: Iterable[Sample], solved: Callable[[Sample], bool] | None = None
) -> list[FamilyCount]:
    """What the posterior takes; `solved` may ask for more than that a sample ended so."""
    judge = solved or _is_solved
    return [
        FamilyCount(solved=float(sum(map(judge, each))), trials=float(len(each)))
        for each in by_family(samples).values()
    ]


def _is_solved(sample: Sample) -> bool:
    return sample.ended is Ended.SOLVED


def rate(
    samples: Sequence[Sample], name: str, solved: Callable[[Sample], bool] | None = None
) -> Figure:
    """The success rate on families like these."""
    counts = family_counts(samples, solved)
    if not counts:
        return Unmeasured(name=name, reason="no sample was counted", needs="samples that ran")
    found = posterior(counts)
    return Measured(
        value=found.median(),
        interval=found.interval(),
        method=METHOD,
        families=len(counts),
        tasks=len({each.task for each in samples if each.ended.counts}),
        samples=sum(each.ended.counts for each in samples),
    )


def check(samples: Iterable[Sample]) -> Check | None:
    """The check of `rate`; None when nothing was counted."""
    clusters = [(each.solved, each.trials) for each in family_counts(samples)]
    if not clusters:
        return None
    size = effective_size(clusters)
    seen = math.fsum(y for y, _ in clusters) / math.fsum(n for _, n in clusters)
    return Check(rate=seen, size=size, interval=wilson(seen, size))


def families(samples: Iterable[Sample]) -> list[Family]:
    """A row for each family."""
    return [
        Family(
            family=name,
            tasks=len({each.task for each in some}),
            solved=sum(map(_is_solved, some)),
            valid=len(some),
            estimate=_alone(some),
        )
        for name, some in by_family(samples).items()
    ]


def _alone(samples: Sequence[Sample]) -> Measured:
    """The rate on tasks like these of one family; its tasks take the part of families."""
    tasks: dict[str, list[bool]] = defaultdict(list)
    for each in samples:
        tasks[each.task].append(_is_solved(each))
    found = posterior(
        [FamilyCount(solved=float(sum(e)), trials=float(len(e))) for e in tasks.values()]
    )
    return Measured(
        value=found.median(),
        interval=found.interval(),
        method=METHOD.replace("family", "task"),
        families=1,
        tasks=len(tasks),
        samples=len(samples),
    )


def attempts(samples: Sequence[Sample], k: int) -> Attempts:
    """pass@k and pass^k over the tasks that ran often enough."""
    return Attempts(
        k=k,
        any_solved=_over_tasks(samples, f"pass@{k}", k, pass_at_k),
        all_solved=_over_tasks(samples, f"pass^{k}", k, pass_hat_k),
    )


def _over_tasks(
    samples: Sequence[Sample], name: str, k: int, one: Callable[[int, int, int], float]
) -> Figure:
    needed = max(k, FEWEST_COUNTED)
    epochs: dict[tuple[str, str], list[bool]] = defaultdict(list)
    tried: dict[tuple[str, str], int] = defaultdict(int)
    for each in samples:
        place = each.family, each.task
        tried[place] += each.ended is not Ended.NOT_MEASURED
        if each.ended.counts:
            epochs[place].append(_is_solved(each))
    enough = {
        place: ends
        for place, ends in sorted(epochs.items())
        if len(ends) >= needed and tried[place] >= FEWEST_EPOCHS
    }
    if not enough or 1 - len(enough) / len(tried) > MOST_SHORT:
        return Unmeasured(
            name=name,
            reason=f"{len(enough)} of {len(tried)} tasks ran {FEWEST_EPOCHS} epochs with "
            f"{needed} counted",
            needs=f"that of at least {1 - MOST_SHORT:.0%} of the tasks",
        )
    shares: dict[str, list[float]] = defaultdict(list)
    for (family, _), ends in enough.items():
        shares[family].append(one(len(ends), sum(ends), k))
    found = posterior(
        [
            FamilyCount(solved=min(math.fsum(each), float(len(each))), trials=float(len(each)))
            for each in shares.values()
        ]
    )
    value = math.fsum(map(math.fsum, shares.values())) / len(enough)
    interval = found.interval()
    return Measured(
        value=value,
        interval=Interval(low=min(value, interval.low), high=max(value, interval.high)),
        method=f"{name.partition('@')[0].partition('^')[0]}-unbiased+{METHOD}",
        families=len(shares),
        tasks=len(enough),
        samples=sum(len(ends) for ends in enough.values()),
    )
