"""How far apart are the two clouds if each is taken for a Gaussian, with the part that sampling creates taken off?

    plain = |m_s - m_t|^2 + tr(S_s + S_t - 2 (S_s^1/2 S_t S_s^1/2)^1/2)     value = plain - bias

after projection onto the leading principal axes of the source. The last trace is the sum of the singular values
mu_i of F_s F_t^T for any factors with S = F^T F. The bias is that of the second-order expansion at the measured
covariances: tr S / n per side for the means, and per side, with its rows u whitened in the basis of the singular
vectors,

    1 / (2 n) sum_ij var(u_i u_j) mu_i mu_j / (mu_i + mu_j)

for the covariances. For equal standard normal clouds in d dimensions both sides add up to (2 d + d (d + 1) / 2) / n.

Reference: Dowson and Landau, J. Multivariate Analysis 1982; Heusel et al., NeurIPS 2017, as FID; Chong and
Forsyth, CVPR 2020, for the bias in n.

Differs: the bias is subtracted from an expansion, with no extrapolation over subsamples, so the value is a
function of the rows alone; below zero it says "no more than chance" and is not clipped. Not taken off: terms
beyond 1 / n, and, where features are projected, what fitting the axes and the covariance on the same source rows
adds. The floor shares both.
"""

import math
from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import Metric, Statistic
from xmodal_core.gap.pair import feature_pair
from xmodal_core.settings import check_settings, setting

ROWS_PER_DIMENSION = 10
_RANK = 1e-12  # a variance below this share of the largest is rounding of zero
_FLAT = 1e-9  # the same for singular values of the product of two factors
_ROUNDING = 1e-12  # a squared distance below this share of the spread is rounding of the spread itself


@dataclass(frozen=True)
class FrechetSettings:
    """How many dimensions are compared."""

    dimensions: int = setting(
        64, "Principal axes of the source, at most a tenth of the rows of the smaller side", low=1, high=2048
    )

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class GaussianDistance:
    """Squared distance of two Gaussians fitted to samples: its parts as they come, and the bias of each."""

    mean: float
    covariance: float
    mean_bias: float
    covariance_bias: float


def frechet(source: Embedding, target: Embedding, settings: FrechetSettings) -> Statistic:
    """Debiased squared Frechet distance of two clouds (n, d) and (m, d), in squared feature units.

    Returns:
        The distance, negative when smaller than sampling explains. Detail: mean_part and covariance_part, which
        add up to it; plain, the distance before bias (mean_bias + covariance_bias) is taken off; dimensions
        used; rho_out, the share of the target's energy about the source mean that lies outside the source's
        axes, where nothing is compared; source_variance_kept inside them.

    Raises:
        DataError: fewer than two rows on a side, widths that differ, features that are not finite, or source
            rows without any spread.
    """
    x, y = feature_pair(source, target)
    n, m = len(x), len(y)
    if min(n, m) < 2:
        raise DataError(f"Found {n} source and {m} target rows, expected at least 2 of each; use more rows.")
    mean = x.mean(axis=0)
    x, y = x - mean, y - mean
    dimensions = max(1, min(settings.dimensions, x.shape[1], min(n, m) // ROWS_PER_DIMENSION))
    inside_x, inside_y = x, y
    if dimensions < x.shape[1]:
        axes = _principal_axes(x, dimensions)
        inside_x, inside_y = x @ axes, y @ axes  # (n, dimensions), (m, dimensions)
    parts = gaussian_distance(inside_x, inside_y)
    mean_part, covariance_part = parts.mean - parts.mean_bias, parts.covariance - parts.covariance_bias
    detail = {
        "mean_part": mean_part,
        "covariance_part": covariance_part,
        "plain": parts.mean + parts.covariance,
        "mean_bias": parts.mean_bias,
        "covariance_bias": parts.covariance_bias,
        "dimensions": inside_x.shape[1],
        "rho_out": 1 - _share(inside_y, y),
        "source_variance_kept": _share(inside_x, x),
    }
    bounds = -(parts.mean_bias + parts.covariance_bias), math.inf
    return Statistic(mean_part + covariance_part, detail, bounds=bounds)


def gaussian_distance(x: np.ndarray, y: np.ndarray) -> GaussianDistance:
    """Squared 2-Wasserstein distance of the Gaussians with the moments of x (n, d) and y (m, d) float64.

    Reference: Dowson and Landau 1982; the bias is the second derivative of tr sqrt(A^1/2 B A^1/2) in B,
    and in A, times the sampling variance of a covariance.
    """
    n, m = len(x), len(y)
    mean = float(((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum())
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    factor_s, factor_t = _factor(x), _factor(y)
    left, mu, right = np.linalg.svd(factor_s @ factor_t.T, full_matrices=False)
    trace_s, trace_t = float((factor_s**2).sum()), float((factor_t**2).sum())
    covariance = trace_s + trace_t - 2 * float(mu.sum())
    if covariance < _ROUNDING * (trace_s + trace_t):
        covariance = 0.0
    keep = mu > _FLAT * mu.max()
    left, mu, right = left[:, keep], mu[keep], right[keep]
    pull = mu[:, None] * mu / (mu[:, None] + mu)  # (r, r)
    white_s = (x @ factor_t.T) @ (right.T / mu)  # (n, r)
    white_t = (y @ factor_s.T) @ (left / mu)  # (m, r)
    covariance_bias = sum(float((pull * _product_variance(u)).sum()) / (2 * len(u)) for u in (white_s, white_t))
    return GaussianDistance(mean, covariance, trace_s / n + trace_t / m, covariance_bias)


def _factor(centred: np.ndarray) -> np.ndarray:
    """F (min(n, d), d) with F^T F the covariance of centred rows (n, d)."""
    return np.asarray(np.linalg.qr(centred / np.sqrt(len(centred) - 1), mode="r"))


def _product_variance(u: np.ndarray) -> np.ndarray:
    """Variance (r, r) of the products u_i u_j over the rows of u (n, r)."""
    squares = u**2
    return np.asarray(np.maximum(squares.T @ squares / len(u) - (u.T @ u / len(u)) ** 2, 0))


def _principal_axes(centred: np.ndarray, dimensions: int) -> np.ndarray:
    """Orthonormal leading axes (d, r <= dimensions) of centred rows (n, d), through the smaller Gram matrix."""
    from scipy.linalg import eigh

    n, d = centred.shape
    gram = centred.T @ centred if d <= n else centred @ centred.T
    last = len(gram) - 1
    variance, vectors = eigh(gram, subset_by_index=(max(0, last - dimensions + 1), last))  # ascending
    vectors = vectors[:, variance > _RANK * max(float(variance[-1]), 0.0)]
    if vectors.shape[1] == 0:
        raise DataError("Found the same features in every source row, expected some spread; use other features.")
    if d <= n:
        return np.asarray(vectors)
    return np.asarray(np.linalg.qr(centred.T @ vectors)[0])


def _share(inside: np.ndarray, whole: np.ndarray) -> float:
    """Share of the energy of `whole` (n, d) that its projection (n, r) keeps; 1 where there is none."""
    total = float((whole**2).sum())
    return min(float((inside**2).sum()) / total, 1.0) if total > 0 else 1.0


FRECHET = Metric(
    name="frechet",
    title="Fréchet distance",
    unit="squared feature units",
    settings_type=FrechetSettings,
    statistic=frechet,
    meaning="Means or covariances of the clouds differ along the leading axes of the source.",
    blind_to="Labels, shape beyond two moments, and all that lies outside the source's axes.",
    reference="Dowson and Landau, J. Multivariate Analysis 1982; Heusel et al., NeurIPS 2017",
    n_subsamples=20,
    cost=2,
    symmetric=False,
)
