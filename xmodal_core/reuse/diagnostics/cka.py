"""Centred kernel alignment: are two representations of the same samples the same up to rotation and scale?

    CKA = HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)),   K = X X^T, L = Y Y^T

The plain estimator drifts to 1 as d grows past n (0.88 for independent Gaussians, n = 100, d = 768); the
debiased one U-centres the Gram matrices, is 0 on average for independent features, and may fall below 0.

Reference: Kornblith et al., ICML 2019; Szekely and Rizzo 2014 and Song et al. 2012 for the unbiased HSIC.
"""

from collections.abc import Sequence

import numpy as np

from xmodal_core.errors import DataError

_MIN_ROWS = 4  # the unbiased estimator divides by n (n - 3)


def cka(x: np.ndarray, y: np.ndarray, debiased: bool = True) -> float:
    """Linear CKA of features (n, d) and (n, e) of the same n samples, in row order.

    Args:
        x: (n, d).
        y: (n, e).
        debiased: U-centred estimator; otherwise the plain one.

    Raises:
        DataError: row counts differ, fewer than four rows, or features that do not vary.
    """
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        raise DataError(f"Found shapes {x.shape} and {y.shape}, expected two matrices over the same rows.")
    if len(x) < _MIN_ROWS:
        raise DataError(f"Found {len(x)} rows, expected at least {_MIN_ROWS} to compare representations; use more.")
    centre = _u_centred if debiased else np.asarray
    gram_x, gram_y = (centre(_gram(features)) for features in (x, y))
    scale = np.sqrt(float((gram_x**2).sum()) * float((gram_y**2).sum()))
    return float((gram_x * gram_y).sum() / scale)


def cka_per_layer(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> list[float]:
    """Debiased CKA of each layer (n, d) with itself after training, on the same samples.

    Raises:
        DataError: different numbers of layers, or a pair that `cka` refuses.
    """
    if len(before) != len(after):
        raise DataError(f"Found {len(before)} layers before and {len(after)} after, expected the same network.")
    return [cka(x, y) for x, y in zip(before, after, strict=True)]


def _gram(features: np.ndarray) -> np.ndarray:
    """Doubly centred Gram matrix (n, n) float64 of features brought to unit size, so that squares stay in range."""
    centred = features.astype(np.float64)
    size = float(np.abs(centred).max(initial=0.0))
    centred = centred - centred.mean(axis=0)
    spread = float(np.abs(centred).max(initial=0.0))
    if not (np.isfinite(size) and spread > 1e-12 * size):
        raise DataError("Found features that do not vary or are not finite, expected a representation of each sample.")
    centred /= spread
    return np.asarray(centred @ centred.T)


def _u_centred(gram: np.ndarray) -> np.ndarray:
    """U-centred matrix: zero diagonal and zero row sums off it; its inner products are unbiased."""
    n = len(gram)
    off = gram - np.diag(np.diag(gram))
    rows = off.sum(axis=1)
    centred = off - np.add.outer(rows, rows) / (n - 2) + rows.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(centred, 0.0)
    return np.asarray(centred)
