"""Do two encoders give the same samples the same neighbours?

    s = mean over samples of |NN_k^A(i) intersect NN_k^B(i)| / k

Needs the *same* inputs through two encoders or layers; it says nothing about two different sets of samples.
Unrelated encoders share k / (n - 1) of the neighbours by chance, so the value is calibrated by permuting
which row is which: 0 at the 95 % quantile of that null, 1 where all neighbours are shared.

Reference: Huh et al., The Platonic Representation Hypothesis, ICML 2024; calibration after arXiv 2602.14486.

Differs: neighbours that tie for the last place share it, so row order does not matter; features are not
clipped at a quantile.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.errors import DataError
from xmodal_core.gap.knn import Neighbours, neighbours
from xmodal_core.gap.nulls import permutation_p

_LEVEL = 0.95


@dataclass(frozen=True)
class MutualKnn:
    """Shared neighbours of two encoders.

    Attributes:
        value: share of neighbours in common, in [0, 1].
        chance: its expectation where row correspondence means nothing, k / (n - 1).
        threshold: 95 % quantile of the permuted values, the observed one among them.
        calibrated: how far the value has come from the threshold to 1; 0 below it.
        p: permutation p-value against "row correspondence means nothing".
        k, n: neighbours asked and samples.
    """

    value: float
    chance: float
    threshold: float
    calibrated: float
    p: float
    k: int
    n: int


def mutual_knn(x: np.ndarray, y: np.ndarray, k: int = 10, cosine: bool = True) -> float:
    """Share of common neighbours of features (n, d) and (n, e) of the same n samples, in row order.

    Raises:
        DataError: row counts differ, fewer than k + 1 rows, or features that are not finite.
    """
    first, second = _graphs(x, y, k, cosine)
    return _overlap(first, second.rows, second.columns, second.weight, len(x)) / (k * len(x))


def calibrated_mutual_knn(
    x: np.ndarray, y: np.ndarray, k: int = 10, cosine: bool = True, n_permutations: int = 199, seed: int = 0
) -> MutualKnn:
    """`mutual_knn` beside what it is when the rows of `y` are dealt out at random; graphs are built once.

    Args:
        x: (n, d).
        y: (n, e).
        k: neighbours per sample.
        cosine: compare directions; otherwise Euclidean distance.
        n_permutations: permutations behind threshold and p.
        seed: of the permutations.

    Raises:
        DataError: as `mutual_knn`.
    """
    first, second = _graphs(x, y, k, cosine)
    n, rng = len(x), np.random.default_rng(seed)

    def share(place: np.ndarray) -> float:
        return _overlap(first, place[second.rows], place[second.columns], second.weight, n) / (k * n)

    value = share(np.arange(n))
    null = np.array([share(rng.permutation(n)) for _ in range(n_permutations)])
    threshold = float(np.quantile(np.append(null, value), _LEVEL))
    calibrated = max(0.0, (value - threshold) / (1 - threshold)) if threshold < 1 else 0.0
    return MutualKnn(value, k / (n - 1), threshold, calibrated, permutation_p(null, value), k, n)


def _graphs(x: np.ndarray, y: np.ndarray, k: int, cosine: bool) -> tuple[Neighbours, Neighbours]:
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        raise DataError(f"Found shapes {x.shape} and {y.shape}, expected two matrices over the same rows.")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise DataError("Found NaN or infinite features, expected finite numbers; the network has diverged.")
    metric = "cosine" if cosine else "euclidean"
    one, other = (neighbours(z, z, k, metric, exclude_self=True) for z in (x.astype(np.float64), y.astype(np.float64)))
    return one, other


def _overlap(graph: Neighbours, rows: np.ndarray, columns: np.ndarray, weight: np.ndarray, n: int) -> float:
    """Weight of the links that both graphs have, the smaller of the two weights counting."""
    links, asked = graph.rows * n + graph.columns, rows * n + columns  # the graph's links are sorted
    found = np.minimum(np.searchsorted(links, asked), len(links) - 1)
    return float(np.minimum(graph.weight[found], weight)[links[found] == asked].sum())
