"""Paired differences of two arms: by seed, and by seed and row where both have kept their test rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xmodal_core.runs.row_scores import RowScores
from xmodal_core.scores import ACCURACY, ScoreKind
from xmodal_core.verdict.crossed import Spread, over_seeds, spread_of

_TINY = 1e-12

Scores = Mapping[str, Mapping[int, float]]  # of each arm, by seed
Rows = Mapping[str, Mapping[int, RowScores]]  # the same, row by row, as far as it was kept


@dataclass(frozen=True)
class Yardstick:
    """In what differences of a score are counted.

    Attributes:
        kind: of score: differences of the score itself, or shares of the second arm's mean error.
        margin: the difference that is of no practical interest.
    """

    kind: ScoreKind
    margin: float

    @property
    def unit(self) -> str:
        """What 0.01 is called."""
        return self.kind.unit

    @property
    def extreme(self) -> float:
        """What one row can differ by at most; 0 where it has no bounds."""
        return 1.0 if self.kind.is_share else 0.0

    def differences(self, first: Sequence[float], second: Sequence[float]) -> list[float]:
        """Paired differences by seed, positive where the first is better."""
        best = self.kind.best
        size = 1.0 if best is None else max(best - sum(second) / len(second), _TINY)
        return [(a - b) / size for a, b in zip(first, second, strict=True)]

    def by_row(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """The same for every seed and row, (S, N) each, with the same mean over all of them.

        A share of an error is a ratio of two means: its rows are those of its linear part around the ratio.
        """
        if self.kind.best is None:
            return np.asarray(first - second)
        error = self.kind.best - second
        size = max(float(error.mean()), _TINY)
        share = float((first - second).mean()) / size
        return np.asarray(share + (first - second - share * error) / size)


def yardstick(kind: ScoreKind = ACCURACY, margin: float | None = None) -> Yardstick:
    """The yardstick of a kind of score, with its usual margin unless another one is given."""
    return Yardstick(kind, kind.margin if margin is None else margin)


@dataclass(frozen=True, eq=False)
class Differences:
    """Of two arms over the seeds that both have, in units of a yardstick.

    Attributes:
        by_seed: (S,).
        by_row: (S, N) in the order of `ids`; None unless every run of these seeds kept its rows, the same ones.
        ids, groups: (N,) of the rows.
        extreme: of the yardstick.
    """

    by_seed: np.ndarray
    by_row: np.ndarray | None
    ids: np.ndarray | None
    groups: np.ndarray | None
    extreme: float

    @property
    def spread(self) -> Spread:
        """Mean and interval: over seeds and rows, or over seeds alone where there are no rows."""
        return over_seeds(self.by_seed) if self.by_row is None else spread_of(self.by_row, self.groups, self.extreme)

    def continued(self, since: "Differences", share: float) -> "Differences":
        """These plus so much of the change since others of the same seeds, and rows where both have the same."""
        by_seed = self.by_seed + share * (self.by_seed - since.by_seed)
        same = self.ids is not None and since.ids is not None and np.array_equal(self.ids, since.ids)
        if self.by_row is None or since.by_row is None or not same:
            return Differences(by_seed, None, None, None, self.extreme)
        by_row = self.by_row + share * (self.by_row - since.by_row)
        return Differences(by_seed, by_row, self.ids, self.groups, self.extreme)

    def since(self, others: "Differences") -> "Differences":
        """The change since others of the same seeds, and rows where both have the same."""
        far = self.continued(others, 1.0)
        by_row = None if far.by_row is None or self.by_row is None else far.by_row - self.by_row
        return replace(far, by_seed=far.by_seed - self.by_seed, by_row=by_row)


def differences(
    first: str, second: str, scores: Scores, by: Yardstick, rows: Rows | None = None, seeds: Sequence[int] | None = None
) -> Differences | None:
    """Of two arms over the seeds that both have, or over these of them; None where there are none.

    Args:
        first: an arm's name.
        second: the arm that it is held against.
        scores: test scores.
        by: what differences are counted in.
        rows: test rows.
        seeds: some that both have.
    """
    if seeds is None:
        seeds = sorted(set(scores.get(first, {})) & set(scores.get(second, {})))
    if not seeds:
        return None
    by_seed = np.array(by.differences([scores[first][s] for s in seeds], [scores[second][s] for s in seeds]))
    kept = stacked([(rows or {}).get(arm, {}).get(seed) for arm in (first, second) for seed in seeds])
    if kept is None:
        return Differences(by_seed, None, None, None, by.extreme)
    by_row = by.by_row(kept.values[: len(seeds)], kept.values[len(seeds) :])
    return Differences(by_seed, by_row, kept.ids, kept.groups, by.extreme)


@dataclass(frozen=True, eq=False)
class Stacked:
    """Values (S, N) of several runs on the same rows, in the order of `ids` (N,), with groups (N,) where known."""

    values: np.ndarray
    ids: np.ndarray
    groups: np.ndarray | None


def stacked(kept: Sequence[RowScores | None]) -> Stacked | None:
    """Test rows of runs below one another; None unless every run has kept them, and the same ones."""
    found = [run for run in kept if run is not None]
    if not found or len(found) < len(kept):
        return None
    orders = [np.argsort(run.ids) for run in found]
    ids = [run.ids[order] for run, order in zip(found, orders, strict=True)]
    if any(not np.array_equal(ids[0], other) for other in ids):
        return None
    groups = None if found[0].groups is None else found[0].groups[orders[0]]
    return Stacked(np.stack([run.values[order] for run, order in zip(found, orders, strict=True)]), ids[0], groups)
