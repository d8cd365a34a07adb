"""How likely it is that somebody else finds an unpublished flaw, from the clearinghouse's own data.

A flaw that is kept for d days was found again by independent finders k times; the rate over all
flaws is taken as constant (a Poisson process), with Jeffreys' prior, so that its posterior is a
gamma distribution with shape k + 1/2 and as many days as were watched. Where nothing was watched, a
published figure stands in and says so: about 5.7 % of unknown flaws a year were found by others
(Ablon and Bogart, "Zero Days, Thousands of Nights", RAND 2017); 15 to 20 % in later work (Herr,
Schneier and Morris, "Taking Stock", Harvard Belfer Center 2017). The greater one is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

YEAR = 365.25
"""days"""
_ASSUMED = -log(1 - 0.175) / YEAR
_ASSUMED_LOW = -log(1 - 0.057) / YEAR
_ASSUMED_HIGH = -log(1 - 0.20) / YEAR
_Z = 1.959964
"""of a 95 % interval"""
ENOUGH_DAYS = 90.0
"""watched flaw-days below which the published figure is used: three months of one flaw"""


@dataclass(frozen=True, kw_only=True)
class Rediscovery:
    """Chance that a flaw is found again, a day."""

    per_day: float
    low: float
    """of the 95 % interval, a day"""
    high: float
    again: int
    """independent rediscoveries that were seen"""
    days: float
    """flaw-days that were watched"""
    assumed: bool
    """whether a published figure stands in for data"""

    def within(self, days: float) -> float:
        """The chance that it happens within some days, from 0 to 1."""
        return 1 - exp(-self.per_day * max(days, 0.0))

    def explained(self) -> str:
        """In a sentence."""
        year = f"{self.within(YEAR):.0%} a year"
        if self.assumed:
            return f"{year}, assumed from published work: {self.days:.0f} flaw-days were watched"
        low, high = 1 - exp(-self.low * YEAR), 1 - exp(-self.high * YEAR)
        return (
            f"{year} (95 % interval {low:.0%} to {high:.0%}): found again {self.again} times in "
            f"{self.days:,.0f} flaw-days"
        )


def estimate(again: int, days: float) -> Rediscovery:
    """The rate from what was watched.

    Args:
        again: reports by another finder, of a flaw that was known here and not yet public
        days: sum over those flaws of the days from the first report to publication, or to now

    Raises:
        ValueError: a count or a time is negative.
    """
    if again < 0 or days < 0:
        raise ValueError("counts and times are not negative")
    if days < ENOUGH_DAYS:
        return Rediscovery(
            per_day=_ASSUMED,
            low=_ASSUMED_LOW,
            high=_ASSUMED_HIGH,
            again=again,
            days=days,
            assumed=True,
        )
    shape = again + 0.5
    return Rediscovery(
        per_day=shape / days,
        low=_gamma(shape, -_Z) / days,
        high=_gamma(shape, _Z) / days,
        again=again,
        days=days,
        assumed=False,
    )


def _gamma(shape: float, z: float) -> float:
    """A quantile of the gamma distribution with scale 1 (Wilson and Hilferty 1931).

    Within 3 % of the exact one from shape 2 on; below, its lower end is rounded to nothing.
    """
    root = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape))
    return shape * max(root, 0.0) ** 3
