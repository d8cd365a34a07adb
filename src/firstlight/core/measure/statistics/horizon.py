"""The time horizon: how long tasks may be, for a person, so that the model solves half of them.

A logistic curve over the logarithm of human minutes, fitted by the share solved of each task. It
is computed from 30 timed tasks on, never below; the interval leaves out one family at a time
(jackknife), since tasks of one family resemble each other. A horizon outside the range of the
tasks is not extrapolated: it is not measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from firstlight.core.measure.figures import Interval, Measured, Unmeasured
from firstlight.core.measure.statistics.plain import t_quantile
from firstlight.core.measure.statistics.posterior import Array

METHOD = "logistic-horizon-jackknife/1"
NAME = "time horizon"
FEWEST_TASKS = 30
FEWEST_FAMILIES = 4
_PLACES = 161
_BEYOND = 4.0
"""doublings beyond the shortest and longest task on the grid"""
_SLOPES: Array = np.exp(np.linspace(math.log(0.15), math.log(6.0), 21))


@dataclass(frozen=True, kw_only=True)
class Timed:
    """A task with an estimate of a person's time."""

    family: str
    minutes: float
    share: float
    """of its epochs that were solved"""
    samples: int


def horizon(tasks: Sequence[Timed]) -> Measured | Unmeasured:
    """Minutes at which half is solved, with a 95 % interval."""
    families = sorted({task.family for task in tasks})
    if len(tasks) < FEWEST_TASKS or len(families) < FEWEST_FAMILIES:
        return Unmeasured(
            name=NAME,
            reason=f"{len(tasks)} timed tasks of {len(families)} families were measured",
            needs=f"at least {FEWEST_TASKS} timed tasks of {FEWEST_FAMILIES} families",
        )
    ordered = sorted(tasks, key=lambda task: (task.family, task.minutes, task.share))
    length = np.log2(np.array([task.minutes for task in ordered]))
    share = np.array([task.share for task in ordered])
    family = np.array([families.index(task.family) for task in ordered])
    places = np.linspace(length.min() - _BEYOND, length.max() + _BEYOND, _PLACES)
    whole = _fit(length, share, places)
    if not length.min() <= whole <= length.max():
        side = "longest" if whole > length.max() else "shortest"
        return Unmeasured(
            name=NAME,
            reason=f"it lies beyond the {side} task",
            needs="tasks of other lengths",
        )
    without = [
        _fit(length[family != each], share[family != each], places) for each in range(len(families))
    ]
    count = len(families)
    middle = math.fsum(without) / count
    error = math.sqrt((count - 1) / count * math.fsum((each - middle) ** 2 for each in without))
    grain = float(places[1] - places[0]) / 2
    reach = t_quantile(0.975, count - 1) * math.hypot(error, grain)
    return Measured(
        value=2**whole,
        interval=Interval(low=2 ** (whole - reach), high=2 ** (whole + reach)),
        method=METHOD,
        families=count,
        tasks=len(ordered),
        samples=sum(task.samples for task in ordered),
    )


def _fit(length: Array, share: Array, places: Array) -> float:
    """The mean place under a flat prior on the grid."""
    distance = _SLOPES[:, None, None] * (places[None, :, None] - length[None, None, :])
    fit = (share * distance - np.logaddexp(0, distance)).sum(axis=-1)
    mass = np.exp(fit - fit.max()).sum(axis=0)
    return float((mass * places).sum() / mass.sum())
