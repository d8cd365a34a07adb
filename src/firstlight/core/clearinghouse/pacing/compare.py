"""Several drawings of a flood under every policy, and what changes when an assumption changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from statistics import median
from types import MappingProxyType

from firstlight.core.clearinghouse.pacing.flow import Draw, Flow, draw_flood
from firstlight.core.clearinghouse.pacing.replay import Played, Policy, hours_for, play
from firstlight.core.kernel.errors import Invalid

VARIANTS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "no duplicates": {"duplicates": 0.0},
        "twice the duplicates": {"duplicates": 0.4},
        "a flood costs no strength": {"overload": 1e9},
        "a flood costs twice the strength": {"overload": 10.0},
        "claims are right": {"agreement": 1.0},
        "claims are mostly wrong": {"agreement": 0.2},
        "rediscovery 5.7 % a year": {"rediscovery": 0.057},
        "rediscovery 60 % a year": {"rediscovery": 0.6},
        "every project alike": {"skew": 0.0, "well_staffed": 0.0},
        "figures published at week 40": {"weeks_published": 40},
    }
)
"""name to what is assumed instead"""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Every policy on the same drawings."""

    flow: Flow
    hours: tuple[float, ...]
    """a week of a volunteer, for each drawing"""
    played: Mapping[Policy, tuple[Played, ...]]
    """one for each drawing"""

    def middle(self, policy: Policy, what: Callable[[Played], float]) -> float:
        """The median over the drawings."""
        return median(what(one) for one in self.played[policy])

    def ends(self, policy: Policy, what: Callable[[Played], float]) -> tuple[float, float]:
        """The least and the greatest over the drawings."""
        values = [what(one) for one in self.played[policy]]
        return min(values), max(values)

    def weeks(self, policy: Policy) -> tuple[float, ...]:
        """Exposure of each week, the mean over the drawings."""
        rows: Sequence[Sequence[float]] = [one.exposure for one in self.played[policy]]
        return tuple(sum(each) / len(rows) for each in zip(*rows, strict=True))


def compare(
    flow: Flow, draws: Sequence[Draw], *, tell: Callable[[int], None] | None = None
) -> Compared:
    """Play every policy on a drawing for each series of numbers.

    Args:
        flow: the figures
        draws: seeded series; at least one
        tell: hears how many drawings are done
    """
    hours: list[float] = []
    played: dict[Policy, list[Played]] = {policy: [] for policy in Policy}
    for at, draw in enumerate(draws, start=1):
        flood = draw_flood(flow, draw)
        scale = hours_for(flow, flood)
        hours.append(scale)
        for policy in Policy:
            played[policy].append(play(flow, flood, policy, scale=scale))
        if tell is not None:
            tell(at)
    return Compared(
        flow=flow,
        hours=tuple(hours),
        played=MappingProxyType({policy: tuple(each) for policy, each in played.items()}),
    )


def vary(flow: Flow, changed: Mapping[str, float]) -> Flow:
    """The flow with some fields changed. Raises Invalid as `Flow` does."""
    for name, value in changed.items():
        if not isfinite(value):
            raise Invalid(f"{name} is a number", field=name)
    kinds = {name: type(getattr(flow, name)) for name in changed}
    return replace(flow, **{name: kinds[name](value) for name, value in changed.items()})
