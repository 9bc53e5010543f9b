"""Gap against gain over several data sets: does a smaller gap go with more gain from pretraining?

One data set is one point. Whether the two go together is asked by rank (Spearman), and its p-value comes from dealing
the gains out among the data sets again, for no formula holds for a handful of points.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from xmodal_core.verdict.contrasts import Contrast

LEAST_SETS = 5  # with four, even a perfect order comes up by chance once in twelve
_ALL_ORDERS = 7  # data sets up to which every order is dealt out: 5,040
_DEALS = 9999
_SURE = 0.05


@dataclass(frozen=True)
class Gain:
    """One data set with one body.

    Attributes:
        target, body: names.
        gap: a reading, in its own unit.
        n: rows a side that it was read on.
        gain: pretrained against from scratch, in hundredths of the contrast's unit.
    """

    target: str
    body: str
    gap: float
    n: int
    gain: Contrast


@dataclass(frozen=True)
class Together:
    """Rank correlation of gap and gain.

    Attributes:
        rho: in [-1, 1]; None where all gaps or all gains are equal, or there are fewer than two points.
        p: share of orders in which it is as far from zero; None without rho.
        n: data sets.
    """

    rho: float | None
    p: float | None
    n: int


def together(gains: Sequence[Gain]) -> Together:
    """Whether gaps and gains go together.

    Reference: Spearman 1904; the permutation test with every order, or 9,999 random ones and the one seen.
    """
    n = len(gains)
    x, y = (_ranks(np.array(values)) for values in ([g.gap for g in gains], [g.gain.mean for g in gains]))
    if n < 2 or not x.any() or not y.any():
        return Together(None, None, n)
    scale = math.sqrt(float(x @ x) * float(y @ y))
    rho = float(x @ y) / scale
    if n <= _ALL_ORDERS:
        dealt = np.array([x[list(order)] @ y for order in permutations(range(n))]) / scale
        extreme, among = int((np.abs(dealt) >= abs(rho) - 1e-12).sum()), len(dealt)
    else:
        rng = np.random.default_rng(0)
        dealt = np.array([rng.permutation(x) @ y for _ in range(_DEALS)]) / scale
        extreme, among = int((np.abs(dealt) >= abs(rho) - 1e-12).sum()) + 1, _DEALS + 1
    return Together(rho, extreme / among, n)


def gains_sentence(gains: Sequence[Gain]) -> str:
    """What the points say, with rho, p and n; that nothing can be said where they are too few."""
    found = together(gains)
    if found.n < LEAST_SETS:
        sets = f"{found.n} data set{'' if found.n == 1 else 's'}"
        return (
            f"Cannot say: {sets}, and it takes {LEAST_SETS}. With four, even a perfect order comes up by chance once "
            "in twelve."
        )
    if found.rho is None or found.p is None:
        return f"Cannot say: all gaps, or all gains, of the {found.n} data sets are equal."
    numbers = f"Spearman's rho {found.rho:+.2f}, p {found.p:.3f}, n = {found.n} data sets"
    if found.p >= _SURE:
        return f"No order is shown: that gap and gain go together cannot be told from chance ({numbers})."
    way = "less" if found.rho < 0 else "more"
    return f"On these data the larger the reading, the {way} pretraining gains ({numbers}). It is no cause."


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks (n,) around their mean, equal values in the middle of theirs."""
    if not len(values):
        return values
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    ranks = middle[place]
    return np.asarray(ranks - ranks.mean())
