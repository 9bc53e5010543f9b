"""A candidate of an experiment in the shape that scikit-learn's searches take."""

from collections.abc import Callable, Mapping
from typing import Self

from sklearn.base import BaseEstimator

Score = Callable[[int, int], float]  # candidate, steps on labels -> validation score


class Candidate(BaseEstimator):  # type: ignore[misc]
    """Fitting it trains a run to its end, and scoring it reads the run's validation score.

    Args:
        score_of: what trains and reads.
        steps: on labels, by the units of a rung.
        candidate: its number.
        units: of the rung.
    """

    def __init__(
        self,
        score_of: Score | None = None,
        steps: Mapping[int, int] | None = None,
        candidate: int = 0,
        units: int = 1,
    ) -> None:
        """Keep what is asked; a search makes copies by these names."""
        self.score_of = score_of
        self.steps = steps
        self.candidate = candidate
        self.units = units

    def fit(self, X: object, y: object = None) -> Self:  # noqa: ARG002, N803 - a search calls them so
        """Train as far as this rung goes."""
        assert self.score_of is not None
        assert self.steps is not None
        self.score_ = self.score_of(self.candidate, self.steps[self.units])
        return self

    def score(self, X: object, y: object = None) -> float:  # noqa: ARG002, N803
        """Validation score, higher is better."""
        return self.score_
