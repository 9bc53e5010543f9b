"""How sure a reading is: 95 % intervals from subsamples, with as much freedom as there are subsamples.

An interval is about other rows of the same origin. Where these come with shares of their classes that vary as rows do
("sampled"), a subsample is drawn over all rows; where shares are set by whoever collected the rows ("fixed"), it keeps
them. The first is the wider, and the safe one where nobody knows: a classless reading such as a centroid moves with
the shares, too.

Reference: Politis, Romano and Wolf, Subsampling, 1999.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from xmodal_core.data.dataset import stratified_rows
from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap.base import Metric, Pausing, Statistic

MIN_ROWS_FOR_INTERVAL = 20
MAX_SUBSAMPLE = 1000  # rows per side of a subsample: half of n, but no more than this
CLASS_SHARES = ("sampled", "fixed")
_RULE_OF_THREE = 3.0
_ROUNDING = 1e-9  # of the width between bounds

Evaluate = Callable[[Embedding, Embedding], Pausing[Statistic]]


@dataclass(frozen=True)
class Scatter:
    """How much a value would move with other rows.

    Attributes:
        standard_error: of the value at its own number of rows; None where there are too few.
        n_subsamples: evaluations behind it; 0 where the statistic knows its own.
        freedom: degrees of freedom of the standard error; None for so many that they do not matter.
        class_shares: sampled | fixed, the other rows that are meant; "" without a standard error.
    """

    standard_error: float | None = None
    n_subsamples: int = 0
    freedom: int | None = None
    class_shares: str = ""

    def told(self) -> dict[str, float | int | str | None]:
        """What a reading keeps of it in its detail."""
        return {
            "standard_error": self.standard_error,
            "n_subsamples": self.n_subsamples,
            "class_shares": self.class_shares,
        }

    def interval(self, value: float, bounds: tuple[float, float], n: int) -> tuple[float, float] | None:
        """The 95 % t interval of a value from n rows, cut where no reading can be; None without a standard error.

        A value at one of two bounds that no subsample leaves is no certainty: where none of n rows shows otherwise, a
        share of 3 / n may.

        Reference: Hanley and Lippman-Hand, If nothing goes wrong, is everything all right?, JAMA 1983.
        """
        if self.standard_error is None:
            return None
        low, high = bounds
        half, width = t_quantile(0.975, self.freedom) * self.standard_error, high - low
        if half <= _ROUNDING * width < math.inf and min(value - low, high - value) <= _ROUNDING * width:
            half = _RULE_OF_THREE / n * width
        return max(value - half, min(low, value)), min(value + half, max(high, value))


def check_class_shares(said: str) -> None:
    """Refuse what is none of `CLASS_SHARES`.

    Raises:
        SettingsError: says what was found.
    """
    if said not in CLASS_SHARES:
        raise SettingsError(f"class_shares is {said!r}, expected one of {', '.join(CLASS_SHARES)}.")


def scatter(
    evaluate: Evaluate, metric: Metric, source: Embedding, target: Embedding, class_shares: str, seed: int
) -> Pausing[Scatter]:
    """Standard error of a metric's value on these rows, from subsamples of half of them (at most `MAX_SUBSAMPLE`).

    Subsamples are drawn without replacement: SE = sqrt(b / (n - b)) sd. A bootstrap draws rows twice, duplicates become
    each other's neighbours, and a kNN rate that should be 0.50 for two samples of one cloud reads 0.60: it is never
    used here. Where half of the rows with other class shares are refused, as when a small class is left without a
    row, the shares are kept after all, and that is said.

    Args:
        evaluate: the metric with its settings, with a pause before every evaluation.
        metric: which sides it looks at, and how many subsamples it can afford.
        source: (n, d).
        target: (m, d).
        class_shares: one of `CLASS_SHARES`.
        seed: of every draw.

    Raises:
        SettingsError: there are no such shares.
    """
    check_class_shares(class_shares)
    n = len(target) if metric.target_only else min(len(source), len(target))
    if n < MIN_ROWS_FOR_INTERVAL:
        return Scatter()
    b = min(n // 2, MAX_SUBSAMPLE)
    for shares in dict.fromkeys((class_shares, "fixed")):
        try:
            values = yield from _subsampled(evaluate, metric, source, target, shares, seed)
        except DataError:  # a rule on class sizes can hold for all rows and not for half of them
            continue
        error = math.sqrt(b / (n - b)) * float(np.std(values, ddof=1))
        return Scatter(error, len(values), len(values) - 1, shares)
    return Scatter()


@cache
def t_quantile(share: float, freedom: int | None) -> float:
    """Quantile of Student's t; of the normal distribution where freedom is None."""
    from scipy.special import ndtri, stdtrit  # not on the way to the first page

    return float(ndtri(share) if freedom is None else stdtrit(freedom, share))


def _subsampled(
    evaluate: Evaluate, metric: Metric, source: Embedding, target: Embedding, class_shares: str, seed: int
) -> Pausing[list[float]]:
    values = []
    for first, second in np.random.SeedSequence(seed).generate_state(2 * metric.n_subsamples).reshape(-1, 2):
        half = source if metric.target_only else _half(source, class_shares, int(first))
        statistic = yield from evaluate(half, _half(target, class_shares, int(second)))
        values.append(statistic.value)
    return values


def _half(side: Embedding, class_shares: str, seed: int) -> Embedding:
    """Half of the rows, in their order."""
    n = min(len(side) // 2, MAX_SUBSAMPLE)
    if class_shares == "fixed":
        return side.take(stratified_rows(side.labels, n, seed))
    return side.take(np.sort(np.random.default_rng(seed).permutation(len(side))[:n]))
