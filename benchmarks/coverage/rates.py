"""How often the nominal 95 % interval of a success rate holds the true rate, cell by cell.

    python benchmarks/coverage/rates.py [--runs N] [--processes N] [--write] [--json]

Each cell of the grid draws many runs whose truth is known: families have rates of their own (beta,
mean `p`, the cell's correlation), tasks have rates of their own around their family's (beta,
correlation 1/2, which the model does not know of), and each task runs 8 epochs. Beside our
interval stand Wilson's on the effective sample size, and the naive one, `rate +- 1.96 standard
errors` of independent samples. The two *errors* are how often the one-sided 95 % bound is wrong:
`low`, the rate was said to be at least something that it is not; `high`, to be below.

Rates above one half are the mirror of those below, with the errors exchanged; a test shows it.
Every cell has a seed of its own, so the result depends neither on order nor on processes.
`--write` replaces the table that the designation rule consults
(`src/firstlight/core/measure/coverage_table.py`).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: processes are the parallelism

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np

from firstlight.core.measure.statistics.plain import effective_size, wilson
from firstlight.core.measure.statistics.posterior import (
    METHOD,
    Array,
    family_term,
    masses,
    quantile,
)
from firstlight.core.measure.trust import HIGHEST_COVERAGE, LOWEST_COVERAGE

FAMILIES = (4, 8, 12, 20, 40)
TASKS = (1, 3, 8)
CORRELATIONS = (0.0, 0.2, 0.4, 0.6, 0.8)
RATES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5)
EPOCHS = 8
TASK_CORRELATION = 0.5
SEED = 20260602
_CHUNK = 200
_NAIVE_Z = 1.96
TABLE = Path(__file__).parents[2] / "src/firstlight/core/measure/coverage_table.py"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One point of the grid."""

    families: int
    tasks: int
    correlation: float
    rate: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """What many runs showed; shares of runs."""

    cell: Cell
    coverage: float
    low_error: float
    """the one-sided lower bound lay above the truth"""
    high_error: float
    """the one-sided upper bound lay below it"""
    wilson: float
    """coverage of the check"""
    naive: float
    """coverage when clustering is ignored"""
    width: float
    """mean width of our interval"""


def grid() -> list[Cell]:
    """Every cell, in the order of the table."""
    return [
        Cell(families=families, tasks=tasks, correlation=correlation, rate=rate)
        for families, tasks, correlation, rate in product(FAMILIES, TASKS, CORRELATIONS, RATES)
    ]


def drawn(cell: Cell, runs: int, random: np.random.Generator) -> Array:
    """Solved samples by run and family."""
    family = _beta(np.full((runs, cell.families), cell.rate), cell.correlation, random)
    spread = np.repeat(family[..., None], cell.tasks, axis=-1)
    task = _beta(spread, TASK_CORRELATION, random)
    return random.binomial(EPOCHS, task).sum(axis=-1).astype(float)


def _beta(mean: Array, correlation: float, random: np.random.Generator) -> Array:
    if correlation == 0:
        return mean
    size = (1 - correlation) / correlation
    return random.beta(np.maximum(mean * size, 1e-9), np.maximum((1 - mean) * size, 1e-9))


def measure(cell: Cell, runs: int, seed: int = SEED) -> Result:
    """Simulate one cell."""
    key = (cell.families, cell.tasks, int(cell.correlation * 100), int(cell.rate * 100))
    random = np.random.default_rng([seed, *key])
    trials = cell.tasks * EPOCHS
    terms = np.array([family_term(float(solved), float(trials)) for solved in range(trials + 1)])
    flat = terms.reshape(trials + 1, -1)
    solved = drawn(cell, runs, random)
    seen = [_ends(part, flat, terms.shape[1:]) for part in _chunks(solved)]
    low, low_one, high_one, high = (np.concatenate(parts) for parts in zip(*seen, strict=True))
    truth = cell.rate
    return Result(
        cell=cell,
        coverage=float(np.mean((low <= truth) & (truth <= high))),
        low_error=float(np.mean(low_one > truth)),
        high_error=float(np.mean(high_one < truth)),
        wilson=float(np.mean([_wilson_holds(each, trials, truth) for each in solved])),
        naive=float(np.mean(_naive_holds(solved, trials, truth))),
        width=float(np.mean(high - low)),
    )


def _chunks(solved: Array) -> Iterator[Array]:
    for start in range(0, len(solved), _CHUNK):
        yield solved[start : start + _CHUNK]


def _ends(solved: Array, flat: Array, shape: tuple[int, ...]) -> tuple[Array, ...]:
    """Ends of the intervals: 2.5 %, 5 %, 95 %, 97.5 %."""
    counts = np.zeros((len(solved), len(flat)))
    for column in solved.T.astype(int):
        counts[np.arange(len(solved)), column] += 1
    found = masses((counts @ flat).reshape(len(solved), *shape))
    return (
        quantile(found.cautious, 0.025),
        quantile(found.cautious, 0.05),
        quantile(found.generous, 0.95),
        quantile(found.generous, 0.975),
    )


def _wilson_holds(solved: Sequence[float], trials: int, truth: float) -> bool:
    size = effective_size([(float(each), float(trials)) for each in solved])
    rate = float(sum(solved)) / (len(solved) * trials)
    return wilson(rate, size).contains(truth)


def _naive_holds(solved: Array, trials: int, truth: float) -> Array:
    count = solved.shape[1] * trials
    rate = solved.sum(axis=1) / count
    reach = _NAIVE_Z * np.sqrt(rate * (1 - rate) / count)
    held: Array = (np.abs(rate - truth) <= reach).astype(float)
    return held


def _measured(job: tuple[Cell, int]) -> Result:
    return measure(*job)


def table(results: Sequence[Result]) -> str:
    """The rows of the table in core: thousandths, `coverage low high` for each rate."""
    lines = []
    for start in range(0, len(results), len(RATES)):
        row = results[start : start + len(RATES)]
        cell = row[0].cell
        figures = [
            [round(share * 1000) for share in (each.coverage, each.low_error, each.high_error)]
            for each in row
        ]
        columns = " |".join(f"{held:4d} {low:3d} {high:3d}" for held, low, high in figures)
        lines.append(f"{cell.families:2d} {cell.tasks} {cell.correlation:.1f} |{columns}")
    return "\n".join(lines)


def summary(results: Sequence[Result]) -> list[dict[str, object]]:
    """By families: the worst and best cell of each interval."""
    rows: list[dict[str, object]] = []
    for families in FAMILIES:
        ours = [each for each in results if each.cell.families == families]
        rows.append(
            {
                "families": families,
                "cells": len(ours),
                "ours": [min(r.coverage for r in ours), max(r.coverage for r in ours)],
                "within_93_98": sum(
                    LOWEST_COVERAGE <= r.coverage <= HIGHEST_COVERAGE for r in ours
                ),
                "below_93": sum(r.coverage < LOWEST_COVERAGE for r in ours),
                "worst_low_error": max(r.low_error for r in ours),
                "worst_high_error": max(r.high_error for r in ours),
                "wilson": [min(r.wilson for r in ours), max(r.wilson for r in ours)],
                "naive": [min(r.naive for r in ours), max(r.naive for r in ours)],
            }
        )
    return rows


def write(results: Sequence[Result], runs: int) -> None:
    """Put the table between the marks of the module in core."""
    text = TABLE.read_text("utf-8")
    mark = 'ROWS = """\\\n'
    before, _, rest = text.partition(mark)
    _, _, after = f"\n{rest}".partition('\n"""\n')
    TABLE.write_text(f'{before}{mark}{table(results)}\n"""\n{after}', "utf-8")
    print(f"wrote {len(results)} cells of {runs} runs for {METHOD}")


def main() -> None:
    """Simulate the grid and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000, help="of each cell")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    began = time.perf_counter()
    with ProcessPoolExecutor(options.processes) as pool:
        results = list(pool.map(_measured, [(cell, options.runs) for cell in grid()]))
    taken = time.perf_counter() - began
    if options.write:
        write(results, options.runs)
    if options.json:
        print(json.dumps([asdict(each) for each in results], indent=1))
        return
    for row in summary(results):
        print(json.dumps(row))
    print(f"{len(results)} cells of {options.runs} runs in {taken:.0f} s")


if __name__ == "__main__":
    main()
