"""What would settle an open question: more seeds, or more test rows.

A number of seeds is enough if the rule that decides would then decide in 80 % of the cases that are in keeping with
what was seen. Cases are drawn: the true variance over seeds and the true mean as they follow from the seeds there are,
then the seeds to come, then the interval over all of them. So the advice counts in that mean and spread are uncertain
themselves, which a formula with both put in as if they were true does not.

Reference: assurance, O'Hagan, Stevens and Campbell, Pharm. Stat. 4, 2005; here with the prior that gives Student's t.
"""

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from xmodal_core.verdict.crossed import Spread
from xmodal_core.verdict.intervals import t_quantile

CHANCE = 0.8
MOST_SEEDS = 50
_MOST_TIMES = 20  # as many rows as there are
_GROWTH = 1.25
_DRAWS = 2000

_N = TypeVar("_N", int, float)
Settles = Callable[[np.ndarray, np.ndarray], np.ndarray]  # ends of intervals (k,) -> whether the rule decides, (k,)


@dataclass(frozen=True)
class Advice:
    """What would settle it.

    Attributes:
        seeds: about how many an arm, with the rows there are; None where not even `MOST_SEEDS` would.
        rows: about how many test rows, where seeds would not do, with `at_seeds` seeds; None where it cannot be told.
    """

    seeds: int | None
    rows: int | None = None
    at_seeds: int | None = None


def advice(found: Spread, settles: Settles, least: int) -> Advice:
    """How many seeds, or else rows, would settle a question that is open.

    Args:
        found: two seeds or more.
        settles: whether the rule decides on an interval.
        least: seeds without which nothing is decided.
    """

    def would(n_seeds: int, times: float) -> bool:
        return chance(found, n_seeds, times, settles) >= CHANCE

    start = max(found.n_seeds + 1, least)
    seeds = _first(range(start, MOST_SEEDS + 1), lambda n: would(n, 1.0))
    if seeds is not None or found.of_rows is None:
        return Advice(seeds)
    times = [_GROWTH**k for k in range(1, math.ceil(math.log(_MOST_TIMES) / math.log(_GROWTH)) + 1)]
    for at_seeds in (max(found.n_seeds, least) * 2**k for k in range(4)):
        enough = _first(times, partial(would, at_seeds))
        if enough is not None:
            return Advice(None, _rounded_up(enough * found.n_rows), at_seeds)
    return Advice(None)


def _rounded_up(value: float) -> int:
    """To two digits: more are not known."""
    unit = 10 ** max(0, math.floor(math.log10(value)) - 1)
    return math.ceil(value / unit) * unit


def chance(found: Spread, n_seeds: int, times: float, settles: Settles) -> float:
    """The chance that the rule decides once there are so many seeds, and so many times the rows.

    Args:
        found: what was seen.
        n_seeds: at least as many as there are.
        times: 1 or more.
        settles: whether the rule decides on an interval.
    """
    rng = np.random.default_rng(0)
    had, new, degrees = found.n_seeds, n_seeds - found.n_seeds, found.n_seeds - 1
    kept = 1 - (1 - 1 / times) * (found.rest / found.of_seeds if found.of_seeds > 0 else 0.0)
    of_rows = found.of_rows or 0.0
    seen = found.of_seeds * kept  # variance of a seed's mean, over so many rows
    true = seen * degrees / rng.chisquare(degrees, _DRAWS)
    old = found.mean + np.sqrt(of_rows * (1 - 1 / times)) * rng.standard_normal(_DRAWS)
    mean, squares = old, np.full(_DRAWS, seen * degrees)
    if new:
        delta = old + np.sqrt(true / had) * rng.standard_normal(_DRAWS)
        drawn = delta + np.sqrt(true / new) * rng.standard_normal(_DRAWS)
        mean = (had * old + new * drawn) / n_seeds
        squares = squares + had * new / n_seeds * (drawn - old) ** 2
        squares = squares + (true * rng.chisquare(new - 1, _DRAWS) if new > 1 else 0.0)
    half = t_quantile(n_seeds - 1) ** 2 * squares / (n_seeds - 1) / n_seeds
    if found.of_rows is not None:
        half = half + t_quantile(round(found.n_rows * times) - 1) ** 2 * found.over_rows(times)
    half = np.sqrt(half)
    return float(settles(mean - half, mean + half).mean())


def _first(numbers: Sequence[_N], holds: Callable[[_N], bool]) -> _N | None:
    """The first of ascending numbers that holds, where all beyond one that holds do: the chance grows with them."""
    if not numbers or not holds(numbers[-1]):
        return None
    return numbers[bisect.bisect_left(numbers, True, hi=len(numbers) - 1, key=holds)]
