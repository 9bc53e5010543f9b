"""The 95 % t interval of a mean, everywhere the same."""

import math
from collections.abc import Sequence
from functools import cache


def half_width(sd: float, n: int) -> float:
    """Half width of the 95 % t interval of the mean of n >= 2 values with this standard deviation (ddof 1)."""
    return t_quantile(n - 1) * sd / math.sqrt(n)


def mean_and_half(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and half width of its 95 % t interval; None for the width of a single value."""
    n, mean = len(values), sum(values) / len(values)
    if n < 2:
        return mean, None
    return mean, half_width(math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1)), n)


@cache
def t_quantile(degrees: float) -> float:
    """Student's t below which 97.5 % lie."""
    from scipy import stats  # slow to import, and triage needs none of it

    return float(stats.t.ppf(0.975, degrees))
