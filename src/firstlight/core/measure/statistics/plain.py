"""What needs no numpy: Wilson's interval on an effective sample size, pass@k, Student's t.

Whoever verifies a statement recomputes these with the standard library alone.

- Wilson, "Probable inference", JASA 22 (1927), on the sample size that is left after the design
  effect of clusters (Kish 1965), with the analysis-of-variance estimate of the correlation.
- pass@k: Chen et al., arXiv 2107.03374 (unbiased). pass^k: all k of k, by the same counting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from firstlight.core.measure.figures import Interval

WILSON = "wilson-on-effective-size/1"
Z95 = 1.959963984540054
_TINY = 1e-300
_STEPS = 300
_HALVINGS = 80


def wilson(rate: float, size: float, z: float = Z95) -> Interval:
    """Wilson's interval for a rate seen in `size` independent samples.

    Raises:
        ValueError: there was no sample.
    """
    if size <= 0 or not 0 <= rate <= 1:
        raise ValueError(f"a rate of {rate} in {size}")
    square = z * z / size
    centre = (rate + square / 2) / (1 + square)
    reach = z / (1 + square) * math.sqrt(rate * (1 - rate) / size + square / (4 * size))
    return Interval(low=max(0.0, centre - reach), high=min(1.0, centre + reach))


def effective_size(clusters: Sequence[tuple[float, float]]) -> float:
    """How many independent samples (solved, trials) by family are worth.

    Where all ended alike nothing is seen of the correlation; then each family counts once.

    Raises:
        ValueError: there is no family.
    """
    trials = math.fsum(count for _, count in clusters)
    if not clusters or trials <= 0:
        raise ValueError("no family")
    families = len(clusters)
    solved = math.fsum(count for count, _ in clusters)
    if families == 1 or solved in {0, trials}:
        return float(families)
    if trials <= families:
        return trials
    rate = solved / trials
    between = math.fsum(n * (y / n - rate) ** 2 for y, n in clusters) / (families - 1)
    within = math.fsum(y * (1 - y / n) for y, n in clusters) / (trials - families)
    squares = math.fsum(n * n for _, n in clusters) / trials
    usual = (trials - squares) / (families - 1)
    bottom = between + (usual - 1) * within
    correlation = (between - within) / bottom if bottom > 0 else 0.0
    design = 1 + (squares - 1) * min(1.0, max(0.0, correlation))
    return min(trials, trials / design)


def pass_at_k(trials: int, solved: int, k: int) -> float:
    """Probability that at least one of `k` tries is solved, estimated without bias.

    Raises:
        ValueError: fewer than `k` tries.
    """
    _check(trials, solved, k)
    return 1 - math.comb(trials - solved, k) / math.comb(trials, k)


def pass_hat_k(trials: int, solved: int, k: int) -> float:
    """Probability that all of `k` tries are solved, estimated without bias.

    Raises:
        ValueError: fewer than `k` tries.
    """
    _check(trials, solved, k)
    return math.comb(solved, k) / math.comb(trials, k)


def _check(trials: int, solved: int, k: int) -> None:
    if not 1 <= k <= trials or not 0 <= solved <= trials:
        raise ValueError(f"{k} of {trials} tries, {solved} solved")


def t_below(value: float, freedom: float) -> float:
    """Probability that Student's t lies at or below `value`."""
    tail = _incomplete_beta(freedom / (freedom + value * value), freedom / 2, 0.5) / 2
    return 1 - tail if value > 0 else tail


def t_quantile(level: float, freedom: float) -> float:
    """Where Student's t passes `level`, for levels above one half."""
    low, high = 0.0, 1.0
    while t_below(high, freedom) < level:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if t_below(middle, freedom) < level else (low, middle)
    return (low + high) / 2


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for part in (even, odd):
            d = 1 / _away(1 + part * d)
            c = _away(1 + part / c)
            result *= c * d
        if abs(c * d - 1) < 1e-15:  # noqa: PLR2004  # the precision of a double
            break
    return front * result / a


def _away(value: float) -> float:
    """Not quite zero."""
    return value if abs(value) > _TINY else _TINY
