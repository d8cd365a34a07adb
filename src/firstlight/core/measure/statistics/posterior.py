"""The success rate over families of targets: a beta-binomial model, integrated on a fixed grid.

Model. A family has a rate of its own, drawn from a beta distribution with mean `mu` and
correlation `rho`; of `n` samples of the family, `y` are solved. Epochs and tasks of one family
resemble each other, so a run over 12 families with 400 samples tells about as much as 12 families
can. `mu` is what a statement is about: the rate on families like these.

Two priors. With few families the prior of `mu` shows. Instead of one that is right on average the
answer uses two, each careful on its own side: *cautious*, Beta(1/2, 1), for lower ends and for "at
least"; *generous*, Beta(1, 1/2), for upper ends and for "below". `rho` is uniform. What comes of
this is proved by simulation (`benchmarks/coverage`), not asserted.

Determinism. No sampling: sums over one grid, families in sorted order. The same counts give the
same bits on one machine; figures are published with six digits, beyond which processors differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from firstlight.core.measure.figures import Interval

METHOD = "beta-binomial-by-family/1"

Array: TypeAlias = npt.NDArray[np.float64]

_RATES = 256
"""cells of `mu`, narrower near 0 and 1"""
_CORRELATIONS = 40
_SHIFT = 8
"""the series of log-gamma is used from here on; its error is then below 1e-13"""
_HALF_LOG_TAU = 0.9189385332046727

_ANGLE = (np.arange(_RATES) + 0.5) * (np.pi / 2 / _RATES)
_MU: Array = np.sin(_ANGLE) ** 2
EDGES: Array = np.sin(np.arange(_RATES + 1) * (np.pi / 2 / _RATES)) ** 2
"""ends of the cells"""
_RHO: Array = (np.arange(_CORRELATIONS) + 0.5) / _CORRELATIONS
_PHI: Array = ((1 - _RHO) / _RHO)[:, None]
_ALPHA: Array = _MU * _PHI
_BETA: Array = (1 - _MU) * _PHI

# Densities times the width of a cell, which is sin(2 angle) up to a constant.
_CAUTIOUS: Array = np.cos(_ANGLE)
_GENEROUS: Array = np.sin(_ANGLE)
_CENTRAL: Array = np.sin(2 * _ANGLE)


@dataclass(frozen=True, kw_only=True, order=True)
class FamilyCount:
    """What one family shows. Fractions are allowed: a task may be solved in half of its epochs."""

    solved: float
    trials: float

    def __post_init__(self) -> None:
        """Refuse more solved than tried, and nothing tried."""
        if not 0 <= self.solved <= self.trials or self.trials <= 0:
            raise ValueError(f"{self.solved} of {self.trials}")


def log_gamma(value: Array) -> Array:
    """Logarithm of the gamma function for positive numbers (Stirling's series, shifted)."""
    product, low = np.ones_like(value), np.ones_like(value)
    for step in range(_SHIFT):
        if step < _SHIFT // 2:
            low = low * (value + step)
        else:
            product = product * (value + step)
    high = value + _SHIFT
    inverse = 1 / high
    square = inverse * inverse
    series = inverse * (
        1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))
    )
    shifted = (high - 0.5) * np.log(high) - high + _HALF_LOG_TAU + series
    result: Array = shifted - np.log(low) - np.log(product)
    return result


_LOG_GAMMAS: Array = log_gamma(np.broadcast_to(_PHI, _ALPHA.shape)) - (
    log_gamma(_ALPHA) + log_gamma(_BETA)
)


def family_term(solved: float, trials: float) -> Array:
    """Log-likelihood of one family for each correlation (rows) and rate (columns)."""
    result: Array = (
        _LOG_GAMMAS
        + log_gamma(_ALPHA + solved)
        + log_gamma(_BETA + (trials - solved))
        - log_gamma(_PHI + trials)
    )
    return result


@dataclass(frozen=True)
class Masses:
    """Probability of each cell of `mu`; leading dimensions, if any, are those of a batch."""

    cautious: Array
    generous: Array
    central: Array


def masses(log_likelihood: Array) -> Masses:
    """Integrate the correlation out and normalise, once for each prior."""
    top = log_likelihood.max(axis=(-2, -1), keepdims=True)
    summed = np.exp(log_likelihood - top).sum(axis=-2)
    return Masses(*(_normal(summed * prior) for prior in (_CAUTIOUS, _GENEROUS, _CENTRAL)))


def _normal(weights: Array) -> Array:
    result: Array = weights / weights.sum(axis=-1, keepdims=True)
    return result


def quantile(mass: Array, level: float) -> Array:
    """Where the distribution passes `level`; straight within a cell."""
    below = np.concatenate([np.zeros((*mass.shape[:-1], 1)), np.cumsum(mass, axis=-1)], axis=-1)
    cell = np.clip((below < level).sum(axis=-1) - 1, 0, _RATES - 1)[..., None]
    start = np.take_along_axis(below, cell, axis=-1)
    width = np.take_along_axis(mass, cell, axis=-1)
    place = np.clip((level - start) / np.where(width > 0, width, 1), 0, 1)
    found: Array = (EDGES[cell] + place * (EDGES[cell + 1] - EDGES[cell]))[..., 0]
    return found


def at_least(mass: Array, value: float) -> Array:
    """Probability that `mu` is at or above `value`; straight within a cell."""
    share = np.clip((EDGES[1:] - value) / (EDGES[1:] - EDGES[:-1]), 0, 1)
    found: Array = (mass * share).sum(axis=-1)
    return found


@dataclass(frozen=True)
class Posterior:
    """What is known of `mu`."""

    masses: Masses

    def interval(self) -> Interval:
        """The 95 % interval: its low end cautious, its high end generous."""
        return Interval(
            low=float(quantile(self.masses.cautious, 0.025)),
            high=float(quantile(self.masses.generous, 0.975)),
        )

    def median(self) -> float:
        """Under a flat prior."""
        return float(quantile(self.masses.central, 0.5))

    def surely_at_least(self, value: float) -> float:
        """Probability of `mu` >= `value`, by the cautious prior."""
        return float(at_least(self.masses.cautious, value))

    def probably_at_least(self, value: float) -> float:
        """Probability of `mu` >= `value`, by a flat prior."""
        return float(at_least(self.masses.central, value))

    def perhaps_at_least(self, value: float) -> float:
        """Probability of `mu` >= `value`, by the generous prior."""
        return float(at_least(self.masses.generous, value))


def log_likelihood(counts: Sequence[FamilyCount]) -> Array:
    """Of all families, for each correlation (rows) and rate (columns); they come in any order.

    Raises:
        ValueError: there is no family.
    """
    if not counts:
        raise ValueError("nothing was measured, so nothing is known")
    total = np.zeros_like(_ALPHA)
    for count, many in sorted(Counter(counts).items()):
        total = total + many * family_term(count.solved, count.trials)
    return total


def posterior(counts: Sequence[FamilyCount]) -> Posterior:
    """The posterior of `mu`. Raises ValueError as `log_likelihood`."""
    return Posterior(masses(log_likelihood(counts)))
