"""Do classes that are near in language look alike in the data? A test before any training is spent on guidance."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from xmodal_core.semantics.graph import class_similarity

MIN_CLASSES = 4
_EXACT_CLASSES = 6  # up to here every permutation of the classes is tried
_PERMUTATIONS = 999


@dataclass(frozen=True)
class Informativeness:
    """Rank correlation of text and feature similarity over pairs of classes, with a Mantel permutation p.

    Attributes:
        rho: Spearman's; NaN where either side has no variation or there are too few classes.
        p: one-sided: share of class permutations that correlate at least as well, the identity included.
        n_classes: classes with rows.
        n_permutations: how many were tried.
    """

    rho: float
    p: float
    n_classes: int
    n_permutations: int

    @property
    def sentence(self) -> str:
        """What the page says."""
        if self.n_classes < MIN_CLASSES:
            return f"{self.n_classes} classes with validation rows are too few to test whether the names fit the data."
        if math.isnan(self.rho):
            return "All pairs of classes are equally similar, in the text or in the data: there is nothing to test."
        found = f"Spearman {self.rho:+.2f} over {self.n_classes} classes, permutation p = {self.p:.3g}"
        return f"{'Names and data agree' if self.p <= 0.05 else 'No sign that names and data agree'}: {found}."


def informativeness(text_means: np.ndarray, features: np.ndarray, labels: np.ndarray, seed: int = 0) -> Informativeness:
    """Compare the geometry of the class names with that of the classes' mean features.

    Args:
        text_means: (K, d) class vectors.
        features: (n, D) features of held-out rows.
        labels: (n,) int64 in [0, K).
        seed: of the permutations, where there are more than 6 classes.
    """
    present = np.unique(labels)
    n_classes = len(present)
    if n_classes < MIN_CLASSES:
        return Informativeness(math.nan, math.nan, n_classes, 0)
    means = np.stack([features[labels == c].mean(axis=0, dtype=np.float64) for c in present])
    text, data = class_similarity(text_means[present].astype(np.float64)), class_similarity(means)
    orders = _orders(n_classes, seed)  # (q, K), the identity first
    upper = np.triu_indices(n_classes, 1)
    text_ranks, data_ranks = _ranks(text[upper]), _ranks(data[upper])
    if text_ranks.std() == 0 or data_ranks.std() == 0:
        return Informativeness(math.nan, math.nan, n_classes, 0)
    square = np.zeros((n_classes, n_classes))
    square[upper] = text_ranks
    square += square.T
    moved = square[orders[:, upper[0]], orders[:, upper[1]]]  # (q, pairs): ranks move with their pairs
    correlation = ((moved - moved.mean(axis=1, keepdims=True)) @ (data_ranks - data_ranks.mean())) / (
        len(data_ranks) * text_ranks.std() * data_ranks.std()
    )
    at_least = float((correlation >= correlation[0] - 1e-12).mean())
    return Informativeness(float(correlation[0]), at_least, n_classes, len(orders))


def _orders(n: int, seed: int) -> np.ndarray:
    if n <= _EXACT_CLASSES:
        return np.array(list(itertools.permutations(range(n))))
    rng = np.random.default_rng(seed)
    return np.stack([np.arange(n), *(rng.permutation(n) for _ in range(_PERMUTATIONS))])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Mean ranks, ties sharing theirs; values that differ by rounding alone count as tied."""
    _, inverse, counts = np.unique(values.round(9), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]
