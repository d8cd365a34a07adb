"""How often the nominal 95 % interval of a paired difference holds the true difference.

    python benchmarks/coverage/differences.py [--runs N]

Two runs over the same tasks: families have rates of their own in each run (beta, the cell's
correlation; the two runs' families independent, which is the harder case), tasks vary within
families, 8 epochs each. Beside our interval stands Student's t over the families' differences.
Every cell has a seed of its own.
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np
from rates import EPOCHS, Cell, drawn

from firstlight.core.measure.statistics.plain import t_quantile
from firstlight.core.measure.statistics.posterior import FamilyCount, posterior

FAMILIES = (4, 8, 20)
CORRELATIONS = (0.0, 0.2, 0.8)
PAIRS = ((0.02, 0.02), (0.1, 0.02), (0.5, 0.5), (0.5, 0.2), (0.9, 0.3), (0.98, 0.02))
TASKS = 3
SEED = 20260605


def measure(families: int, correlation: float, pair: tuple[float, float], runs: int) -> list[float]:
    """Coverage of ours and of Student's, and the mean width of ours."""
    key = [int(100 * each) for each in (correlation, *pair)]
    random = np.random.default_rng([SEED, families, *key])
    first, second = (
        drawn(
            Cell(families=families, tasks=TASKS, correlation=correlation, rate=rate), runs, random
        )
        for rate in pair
    )
    trials, truth = TASKS * EPOCHS, pair[0] - pair[1]
    held, students, width = 0, 0, 0.0
    quantile = t_quantile(0.975, families - 1)
    for one, two in zip(first, second, strict=True):
        counts = [
            FamilyCount(solved=float(a + trials - b), trials=2.0 * trials)
            for a, b in zip(one, two, strict=True)
        ]
        found = posterior(counts).interval()
        low, high = 2 * found.low - 1, 2 * found.high - 1
        held += low <= truth <= high
        width += high - low
        seen = (one - two) / trials
        reach = quantile * float(seen.std(ddof=1)) / families**0.5
        students += abs(float(seen.mean()) - truth) <= reach
    return [held / runs, students / runs, width / runs]


def main() -> None:
    """Simulate and print, worst cells first within each number of families."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="of each cell")
    options = parser.parse_args()
    for families in FAMILIES:
        found = [
            (measure(families, correlation, pair, options.runs), correlation, pair)
            for correlation, pair in product(CORRELATIONS, PAIRS)
        ]
        ours, students = ([row[0][place] for row in found] for place in (0, 1))
        print(
            f"{families} families, {len(found)} cells: ours {min(ours):.1%} to {max(ours):.1%}; "
            f"Student's t {min(students):.1%} to {max(students):.1%}"
        )
        for (held, student, width), correlation, pair in sorted(found)[:3]:
            print(
                f"  correlation {correlation}, rates {pair}: {held:.1%} ({student:.1%}), "
                f"width {width:.2f}"
            )


if __name__ == "__main__":
    main()
