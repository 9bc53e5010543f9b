"""What would settle an open question: more seeds, or more test rows.

A number of seeds is enough if the rule that decides would then decide in 80 % of the cases that are in keeping with
what was seen. Cases are drawn: the true variance over seeds and the true mean as they follow from the seeds there are,
then the seeds to come, then the interval over all of them. So the advice counts in that mean and spread are uncertain
themselves, which a formula with both put in as if they were true does not. True differences are taken to be of the
order of five margins: without that, three seeds that happen to lie far out promise too much.

Reference: assurance, O'Hagan, Stevens and Campbell, Pharm. Stat. 4, 2005; the prior of the mean is normal, that of the
variance is flat in its logarithm.
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
_TINY = 1e-30
PRIOR_MARGINS = 5  # of which differences between arms are in general

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


def advice(found: Spread, settles: Settles, least: int, prior: float) -> Advice:
    """How many seeds, or else rows, would settle a question that is open.

    Args:
        found: two seeds or more.
        settles: whether the rule decides on an interval.
        least: seeds without which nothing is decided.
        prior: standard deviation of true differences in general, around none: what few seeds show far out is shrunk.
    """

    def would(n_seeds: int, times: float) -> bool:
        return chance(found, n_seeds, times, settles, prior) >= CHANCE

    start = max(found.n_seeds + 1, least)
    seeds = _first(range(start, MOST_SEEDS + 1), lambda n: would(n, 1.0))
    if seeds is not None or found.of_rows is None:
        return Advice(seeds)
    times = [_GROWTH**k for k in range(1, math.ceil(math.log(_MOST_TIMES) / math.log(_GROWTH)) + 1)]
    for at_seeds in (max(found.n_seeds, least) * 2**k for k in range(1, 4)):  # three seeds hide how they scatter
        enough = _first(times, partial(would, at_seeds))
        if enough is not None:
            return Advice(None, _rounded_up(enough * found.n_rows), at_seeds)
    return Advice(None)


def _rounded_up(value: float) -> int:
    """To two digits: more are not known."""
    unit = 10 ** max(0, math.floor(math.log10(value)) - 1)
    return math.ceil(value / unit) * unit


def chance(found: Spread, n_seeds: int, times: float, settles: Settles, prior: float) -> float:
    """The chance that the rule decides once there are so many seeds, and so many times the rows.

    Args:
        found: what was seen.
        n_seeds: at least as many as there are.
        times: 1 or more.
        settles: whether the rule decides on an interval.
        prior: see `advice`.
    """
    rng = np.random.default_rng(0)
    had, new, degrees = found.n_seeds, n_seeds - found.n_seeds, found.n_seeds - 1

    def normal(variance: np.ndarray | float) -> np.ndarray:
        return np.asarray(np.sqrt(variance) * rng.standard_normal(_DRAWS))

    over_rows = found.of_rows or 0.0
    # true variance of one seed's mean, which is no less than what single answers bring with them
    single = np.maximum(found.of_seeds * degrees / rng.chisquare(degrees, _DRAWS), found.rest + _TINY)
    over_seeds = single / had
    error = over_seeds + over_rows + _TINY  # variance of what was seen around the truth
    trust = 1 / (1 + error / prior**2)
    delta = trust * found.mean + normal(trust * error)
    # what was seen is off by the luck of rows and of seeds; of the latter a part goes with more rows
    luck = (found.mean - delta) / error
    rows = luck * over_rows + normal(over_rows * over_seeds / error)
    goes = found.rest / single
    seeds = found.mean - delta - rows
    going = goes * seeds + normal(goes * (1 - goes) * over_seeds)
    left, fresh = 1 / times, (1 - 1 / times) / times
    true = single * (1 - goes + goes * left)
    place = delta + left * rows + normal(over_rows * fresh)  # what a seed's mean is around, on all rows
    mean = place + seeds - going + left * going + normal(goes * over_seeds * fresh)
    # other rows scatter the seeds that there are anew: those which agree by chance need not go on so
    squares = np.full(_DRAWS, found.of_seeds * degrees) if times == 1 else true * rng.chisquare(degrees, _DRAWS)
    if new:
        drawn = place + normal(true / new)
        squares = squares + had * new / n_seeds * (drawn - mean) ** 2
        squares = squares + (true * rng.chisquare(new - 1, _DRAWS) if new > 1 else 0.0)
        mean = (had * mean + new * drawn) / n_seeds
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
