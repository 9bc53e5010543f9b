"""Distance between two labels: the Wasserstein distance between the samples that carry them.

Gaussian labels use the Bures-Wasserstein closed form
    W2^2 = |m_s - m_t|^2 + tr S_s + tr S_t - 2 tr (S_s^1/2 S_t S_s^1/2)^1/2,
whose last trace is the nuclear norm of F_s F_t^T for any factors with S = F^T F. The factor is the centred
class itself, or the R of its QR decomposition where that is smaller, so no (d, d) matrix and no matrix
square root is formed.

Reference: Alvarez-Melis and Fusi, NeurIPS 2020, sec. 4; Bhatia, Jain and Lim 2019 for the Bures distance.
"""

from collections.abc import Callable, Sequence

import numpy as np

from xmodal_core.gap.transport import optimal_cost

_ROUNDING = 1e-12  # a squared distance below this share of the spread is rounding of the spread itself


def class_rows(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Labels present (K,) ascending, and the rows (n_c, d) of each."""
    present, inverse = np.unique(labels, return_inverse=True)
    return present, [features[inverse == c] for c in range(len(present))]


def squared_label_distances(source: Sequence[np.ndarray], target: Sequence[np.ndarray], kind: str) -> np.ndarray:
    """Squared W2 (K_s, K_t) between classes given as rows (n_c, d) float64.

    A class with one sample is a point mass: its covariance is zero.

    Args:
        source: rows of each source class.
        target: rows of each target class.
        kind: gaussian | diagonal | means | exact.

    Differs: covariances divide by n_c - 1, as in the authors' code; the paper does not say.
    """
    return _KINDS[kind](source, target)


def _means(source: Sequence[np.ndarray], target: Sequence[np.ndarray]) -> np.ndarray:
    m_s = np.stack([rows.mean(axis=0) for rows in source])
    m_t = np.stack([rows.mean(axis=0) for rows in target])
    return np.stack([((m_t - mean) ** 2).sum(axis=1) for mean in m_s])  # (K_s, K_t)


def _gaussian(source: Sequence[np.ndarray], target: Sequence[np.ndarray]) -> np.ndarray:
    factors_s, factors_t = [_factor(rows) for rows in source], [_factor(rows) for rows in target]
    spread = np.add.outer([np.sum(f**2) for f in factors_s], [np.sum(f**2) for f in factors_t])
    cross = np.array([[np.linalg.svd(f @ g.T, compute_uv=False).sum() for g in factors_t] for f in factors_s])
    bures = spread - 2 * cross
    bures[bures < _ROUNDING * spread] = 0.0
    return np.asarray(_means(source, target) + bures)


def _factor(rows: np.ndarray) -> np.ndarray:
    """F (min(n_c, d), d) with F^T F the covariance of the rows."""
    centred = (rows - rows.mean(axis=0)) / np.sqrt(max(len(rows) - 1, 1))
    return np.asarray(np.linalg.qr(centred, mode="r") if len(rows) > rows.shape[1] else centred)


def _diagonal(source: Sequence[np.ndarray], target: Sequence[np.ndarray]) -> np.ndarray:
    sd_s, sd_t = np.stack([_deviation(rows) for rows in source]), np.stack([_deviation(rows) for rows in target])
    bures = np.stack([((sd_t - sd) ** 2).sum(axis=1) for sd in sd_s])
    return np.asarray(_means(source, target) + bures)


def _deviation(rows: np.ndarray) -> np.ndarray:
    """Standard deviation (d,) of each feature."""
    return np.asarray(rows.std(axis=0, ddof=1)) if len(rows) > 1 else np.zeros(rows.shape[1])


def _exact(source: Sequence[np.ndarray], target: Sequence[np.ndarray]) -> np.ndarray:
    from scipy.spatial.distance import cdist

    return np.array([[optimal_cost(cdist(a, b, "sqeuclidean")) for b in target] for a in source])


_KINDS: dict[str, Callable[[Sequence[np.ndarray], Sequence[np.ndarray]], np.ndarray]] = {
    "gaussian": _gaussian,
    "diagonal": _diagonal,
    "means": _means,
    "exact": _exact,
}
LABEL_KINDS = tuple(_KINDS)
