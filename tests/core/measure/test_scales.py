"""Item response and time horizon: what is put into a simulation comes out again."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from firstlight.core.measure.figures import Measured, Unmeasured
from firstlight.core.measure.statistics.horizon import Timed, horizon
from firstlight.core.measure.statistics.response import Ability, Bank, Item, ability, calibrate


def _answers(draw: random.Random, strength: float, difficulty: Sequence[float]) -> dict[str, float]:
    return {
        f"t{n}": float(draw.random() < 1 / (1 + math.exp(place - strength)))
        for n, place in enumerate(difficulty)
    }


def _fixed(difficulty: Sequence[float]) -> Bank:
    items = {f"t{n}": Item(difficulty=d, error=0.0) for n, d in enumerate(difficulty)}
    return Bank(version="1", items=items, models=100)


def test_an_ability_is_found_again() -> None:
    """Over 300 simulated models the 95 % interval holds the truth in 91 to 98 %, without bias."""
    draw = random.Random(7)  # noqa: S311  # a recipe, no secret
    difficulty = [draw.gauss(0, 1.5) for _ in range(40)]
    bank, held, off, errors = _fixed(difficulty), 0, [], []
    for _ in range(300):
        truth = draw.gauss(0, 1.2)
        found = ability(_answers(draw, truth, difficulty), bank)
        assert isinstance(found, Ability)
        held += found.interval.contains(truth)
        off.append(found.most_likely - truth)
        errors.append(found.error)
    assert 0.91 <= held / 300 <= 0.98
    assert abs(sum(off) / 300) < 0.08
    spread = math.sqrt(sum(each * each for each in off) / 300)
    assert 0.85 < spread / (sum(errors) / 300) < 1.15


def test_difficulties_are_found_again() -> None:
    """Calibrated on 200 simulated models, difficulties are right within their standard errors."""
    draw = random.Random(11)  # noqa: S311  # a recipe, no secret
    difficulty = [draw.gauss(0, 1.5) for _ in range(30)]
    bank = calibrate([_answers(draw, draw.gauss(0, 1), difficulty) for _ in range(200)], "1")
    assert isinstance(bank, Bank)
    strange = [
        (bank.items[f"t{n}"].difficulty - place) / bank.items[f"t{n}"].error
        for n, place in enumerate(difficulty)
    ]
    assert abs(sum(strange) / 30) < 0.8
    assert 0.5 < math.sqrt(sum(each * each for each in strange) / 30) < 1.6


def test_all_or_nothing_stays_finite() -> None:
    """A model that solves all, a task that nobody solves: far away, with a large error."""
    bank = _fixed([0.0] * 20)
    top = ability({f"t{n}": 1.0 for n in range(20)}, bank)
    assert isinstance(top, Ability)
    assert 1 < top.most_likely < 8
    assert top.error > 0.8
    never = calibrate([{"a": 0.0, "b": 0.5} for _ in range(10)], "1")
    assert isinstance(never, Bank)
    assert 0 < never.items["a"].difficulty < 12


def test_epochs_make_no_item() -> None:
    """Half of the epochs of each task solved is one half answer, not more certainty."""
    bank = _fixed([0.0] * 20)
    half = ability({f"t{n}": 0.5 for n in range(20)}, bank)
    whole = ability({f"t{n}": float(n % 2) for n in range(20)}, bank)
    assert isinstance(half, Ability)
    assert isinstance(whole, Ability)
    assert half.error == whole.error


def test_too_few_items_or_models_are_no_scale() -> None:
    """Said with what is needed."""
    few = ability({"t0": 1.0}, _fixed([0.0] * 20))
    assert isinstance(few, Unmeasured)
    assert "10 tasks" in few.needs
    assert isinstance(calibrate([{"a": 1.0}] * 7, "1"), Unmeasured)


def _timed(draw: random.Random, half: float, families: int = 12, tasks: int = 5) -> list[Timed]:
    made = []
    for family in range(families):
        shift = draw.gauss(0, 0.5)
        for _ in range(tasks):
            minutes = 2 ** draw.uniform(0, 9)
            chance = 1 / (1 + math.exp(-(math.log2(half) + shift - math.log2(minutes))))
            share = sum(draw.random() < chance for _ in range(8)) / 8
            made.append(Timed(family=f"f{family}", minutes=minutes, share=share, samples=8))
    return made


def test_a_horizon_is_found_again() -> None:
    """Over 20 simulated runs the 95 % interval holds the true horizon in at least 18."""
    draw = random.Random(5)  # noqa: S311  # a recipe, no secret
    found = [horizon(_timed(draw, 30.0)) for _ in range(20)]
    measured = [each for each in found if isinstance(each, Measured)]
    assert len(measured) == 20
    assert sum(each.interval.contains(30.0) for each in measured) >= 18


def test_no_horizon_from_29_tasks_or_beyond_the_tasks() -> None:
    """Too few timed tasks, and a horizon outside their range, are not measured."""
    draw = random.Random(5)  # noqa: S311  # a recipe, no secret
    few = horizon(_timed(draw, 30.0)[:29])
    assert isinstance(few, Unmeasured)
    assert "30 timed tasks" in few.needs
    for share, side in ((1.0, "longest"), (0.0, "shortest")):
        tasks = [
            Timed(family=f"f{n % 6}", minutes=2.0 ** (n % 8), share=share, samples=8)
            for n in range(40)
        ]
        beyond = horizon(tasks)
        assert isinstance(beyond, Unmeasured)
        assert side in beyond.reason
