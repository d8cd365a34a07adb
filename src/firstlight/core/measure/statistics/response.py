"""One-parameter item response (Rasch 1960): one ability, one difficulty for each task of a bank.

A bank is fixed before and has a version; a model's ability is then read off the same scale in
every run. Epochs of one task are no independent answers, so a task counts once, with the share of
its epochs that were solved (a quasi-likelihood: the standard error is that of tasks, not epochs).
Difficulties are estimated by marginal maximum likelihood over many models (Bock and Aitkin 1981),
with a wide prior that keeps tasks that all or none solved at a finite place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from firstlight.core.measure.figures import Interval, Unmeasured
from firstlight.core.measure.statistics.posterior import Array

METHOD = "rasch-fixed-bank/1"
FEWEST_ITEMS = 10
FEWEST_MODELS = 8
_ABILITY_SPREAD = 2.0
"""standard deviation of the prior of an ability that is read off a bank"""
_DIFFICULTY_SPREAD = 3.0
_GRID: Array = np.linspace(-8.0, 8.0, 321)
_NODES: Array = np.linspace(-5.0, 5.0, 61)
_NEWTON = 40
_ROUNDS = 500
_STILL = 1e-8


@dataclass(frozen=True, kw_only=True)
class Item:
    """A task's place on the scale."""

    difficulty: float
    error: float
    """standard error of the difficulty"""


@dataclass(frozen=True, kw_only=True)
class Bank:
    """A fixed set of calibrated tasks."""

    version: str
    items: Mapping[str, Item]
    models: int
    """how many models it was calibrated on"""


@dataclass(frozen=True, kw_only=True)
class Ability:
    """Where a model stands on a bank's scale."""

    most_likely: float
    """maximum of the posterior"""
    error: float
    """standard error there, from the curvature"""
    mean: float
    """of the posterior"""
    interval: Interval
    bank: str
    items: int


def ability(solved: Mapping[str, float], bank: Bank) -> Ability | Unmeasured:
    """A model's ability from the share of epochs that it solved of each task.

    Args:
        solved: task to share; tasks that are not in the bank are left out
        bank: the fixed difficulties
    """
    places = sorted(solved.keys() & bank.items.keys())
    if len(places) < FEWEST_ITEMS:
        return Unmeasured(
            name="ability",
            reason=f"{len(places)} tasks of bank {bank.version} were measured",
            needs=f"at least {FEWEST_ITEMS} tasks of the bank",
        )
    difficulty = np.array([bank.items[place].difficulty for place in places])
    share = np.array([solved[place] for place in places])
    likely = _most_likely(share, difficulty)
    chance = _chance(np.array([likely]), difficulty)[0]
    information = float((chance * (1 - chance)).sum()) + _ABILITY_SPREAD**-2
    shape = _log_likelihood(_GRID, difficulty, share) - _GRID**2 / (2 * _ABILITY_SPREAD**2)
    mass = np.exp(shape - shape.max())
    mass = mass / mass.sum()
    below = np.cumsum(mass) - mass / 2
    low, high = np.interp([0.025, 0.975], below, _GRID)
    return Ability(
        most_likely=likely,
        error=float(information**-0.5),
        mean=float((mass * _GRID).sum()),
        interval=Interval(low=float(low), high=float(high)),
        bank=bank.version,
        items=len(places),
    )


def _chance(abilities: Array, difficulty: Array) -> Array:
    result: Array = 1 / (1 + np.exp(difficulty[None, :] - abilities[:, None]))
    return result


def _log_likelihood(abilities: Array, difficulty: Array, share: Array) -> Array:
    distance = abilities[:, None] - difficulty[None, :]
    result: Array = (share * distance - np.logaddexp(0, distance)).sum(axis=1)
    return result


def _most_likely(share: Array, difficulty: Array) -> float:
    """Newton's steps on a concave function, from the middle."""
    place = 0.0
    for _ in range(_NEWTON):
        chance = _chance(np.array([place]), difficulty)[0]
        slope = float((share - chance).sum()) - place / _ABILITY_SPREAD**2
        curve = float((chance * (1 - chance)).sum()) + _ABILITY_SPREAD**-2
        place += max(-1.0, min(1.0, slope / curve))
    return place


def calibrate(answers: Sequence[Mapping[str, float]], version: str) -> Bank | Unmeasured:
    """Difficulties from many models' answers; the models' abilities are taken as standard normal.

    Args:
        answers: for each model, task to share of epochs solved; tasks may be missing
        version: what the bank will be called
    """
    if len(answers) < FEWEST_MODELS:
        return Unmeasured(
            name="bank",
            reason=f"{len(answers)} models answered",
            needs=f"answers of at least {FEWEST_MODELS} models",
        )
    tasks = sorted({task for each in answers for task in each})
    share = np.array([[each.get(task, 0.0) for task in tasks] for each in answers])
    there = np.array([[float(task in each) for task in tasks] for each in answers])
    difficulty = np.zeros(len(tasks))
    weight = np.exp(-(_NODES**2) / 2)
    for _ in range(_ROUNDS):
        new, error = _improved(share, there, difficulty, weight)
        moved = float(np.abs(new - difficulty).max())
        difficulty = new
        if moved < _STILL:
            break
    items = {
        task: Item(difficulty=float(place), error=float(spread))
        for task, place, spread in zip(tasks, difficulty, error, strict=True)
    }
    return Bank(version=version, items=items, models=len(answers))


def _improved(share: Array, there: Array, difficulty: Array, weight: Array) -> tuple[Array, Array]:
    """One round of expectation and maximisation, and standard errors of the difficulties."""
    chance = _chance(_NODES, difficulty)
    log_yes, log_no = np.log(chance), np.log1p(-chance)
    fit = np.einsum("mi,qi->mq", share * there, log_yes)
    fit = fit + np.einsum("mi,qi->mq", (1 - share) * there, log_no)
    mass = np.exp(fit - fit.max(axis=1, keepdims=True)) * weight
    mass = mass / mass.sum(axis=1, keepdims=True)
    wanted = (share * there).sum(axis=0)
    tried = np.einsum("mi,mq->qi", there, mass)
    place = difficulty.copy()
    curve = np.ones_like(place)
    for _ in range(_NEWTON):
        chance = _chance(_NODES, place)
        slope = (tried * chance).sum(axis=0) - wanted - place / _DIFFICULTY_SPREAD**2
        curve = (tried * chance * (1 - chance)).sum(axis=0) + _DIFFICULTY_SPREAD**-2
        place = place + np.clip(slope / curve, -1, 1)
    error: Array = curve**-0.5
    return place, error
