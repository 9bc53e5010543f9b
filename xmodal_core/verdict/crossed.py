"""The interval of a mean over seeds and test rows, which are crossed: every seed answers every row.

A paired difference d[s, i] of two arms, at seed s on row i, is taken for

    d[s, i] = delta + seed[s] + row[i] + rest[s, i],     all random, of variances v, u and e,

so that the mean over S seeds and N rows has variance v / S + u / N + e / (S N). Two terms are estimated apart:

    over seeds   V1 = var(mean of each seed) / S                    estimates v / S + e / (S N), S - 1 degrees
    over rows    V2 = (S var(mean of each row) - var in a seed) / ((S - 1) N)    estimates u / N, N - 1 degrees

and the half width of the interval is their half widths squared and added: h^2 = t(S - 1)^2 V1 + t(N - 1)^2 V2. A row
that both arms find hard, at any seed, drops out of d; one that tells the arms apart counts once, however many seeds.

Few rows: a score of shares gets two rows more, one won and one lost, in V2, so that rows on which two arms never differ
do not make them equal beyond what so few rows can say. Rows that share a group are one row, which is their sum; the two
that are added have none.

Reference: crossed random effects of readers and cases, Obuchowski and Rockette, Commun. Stat. Simul. 24, 1995, whose
case part is V2; two half widths squared and added cover at least their level, Banerjee, Sankhya 22, 1960; the two rows
are those of Bonett and Price, J. Educ. Behav. Stat. 37, 2012.

Differs: Hillis, Stat. Med. 26, 2007, gives the sum one number of degrees, which is too many where few seeds happen to
agree; a bootstrap of seeds and rows has no degrees at all (`python -m benchmarks.verdict_errors` holds them together).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from xmodal_core.verdict.intervals import t_quantile


@dataclass(frozen=True)
class Spread:
    """A mean and what its interval is made of.

    Attributes:
        mean: over seeds, and rows where there are any.
        n_seeds: how many, at least one.
        of_seeds: variance of the means of single seeds, ddof 1; NaN with one.
        of_rows: V2 above; None where no rows are known.
        n_rows: rows, or groups of them; 0 where none are known.
        grouped: whether they are groups.
        rest: the part of `of_seeds` that more rows take away, e / N, from all rows; below it seeds agree by chance.
        added: the part of `of_rows` that is of the two added rows.
    """

    mean: float
    n_seeds: int
    of_seeds: float
    of_rows: float | None = None
    n_rows: int = 0
    grouped: bool = False
    rest: float = 0.0
    added: float = 0.0

    def over_rows(self, times: float) -> float:
        """What `of_rows` would be over so many times the rows."""
        if self.of_rows is None:
            return 0.0
        fewer = (self.n_rows + 2) / (times * self.n_rows + 2)
        return (self.of_rows - self.added) / times + self.added * fewer**2

    @property
    def half(self) -> float | None:
        """Half width of the 95 % interval; None with one seed."""
        return None if self.n_seeds < 2 else math.sqrt(self._squared_over_seeds + self._squared_over_rows)

    @property
    def rows_share(self) -> float | None:
        """Share of the squared half width that is of rows, which no seed makes smaller; None without an interval."""
        if self.half is None or self.of_rows is None:
            return None
        return self._squared_over_rows / self.half**2 if self.half else 0.0

    @property
    def _squared_over_seeds(self) -> float:
        return t_quantile(self.n_seeds - 1) ** 2 * self.of_seeds / self.n_seeds

    @property
    def _squared_over_rows(self) -> float:
        return 0.0 if self.of_rows is None else t_quantile(self.n_rows - 1) ** 2 * self.of_rows


def over_seeds(values: Sequence[float] | np.ndarray) -> Spread:
    """Of one value a seed (S,): the interval is Student's, and says nothing of rows."""
    found = np.asarray(values, np.float64)
    return Spread(float(found.mean()), len(found), float(found.var(ddof=1)) if len(found) > 1 else math.nan)


def spread_of(values: np.ndarray, groups: np.ndarray | None, extreme: float) -> Spread:
    """Of values (S, N) of every seed on every row; rows of one group count as one. One group says nothing of rows.

    Args:
        values: S and N at least one.
        groups: (N,), equal for rows that belong together; None where every row is for itself.
        extreme: what the two added rows are away from the mean; 0 where values have no bounds.
    """
    grouped, seeds = by_group(values, groups), over_seeds(values.mean(axis=1))
    n_seeds, n_rows = grouped.shape
    if n_seeds < 2 or n_rows < 2:
        return seeds
    within = float(grouped.var(axis=1, ddof=1).mean())  # u + e
    between = max((n_seeds * float(grouped.mean(axis=0).var(ddof=1)) - within) / (n_seeds - 1), 0.0)  # u
    added = 2 * (extreme / (values.shape[1] + 2)) ** 2
    rest = max(within - between, 0.0) / n_rows
    return replace(
        seeds, of_rows=between / n_rows + added, n_rows=n_rows, grouped=groups is not None, rest=rest, added=added
    )


def by_group(values: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    """Values (S, G) of groups from values (S, N) of rows, with the same mean of each seed.

    A group counts as what its rows add to the mean, so that large ones weigh more.
    """
    if groups is None:
        return values
    names, place = np.unique(groups, return_inverse=True)
    means = values.mean(axis=1, keepdims=True)
    sums = np.zeros((len(values), len(names)))
    np.add.at(sums.T, place, (values - means).T)
    return np.asarray(means + sums * len(names) / values.shape[1])
