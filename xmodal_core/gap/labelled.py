"""The door of every metric of the target alone: labelled features in an order of their own, or a clear refusal."""

from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.pair import finite_features


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """Features with numbered classes, in an order that depends on the rows and not on how they came.

    Attributes:
        features: (n, d) float64, divided by one power of two so that the largest magnitude is in [1/2, 1).
        classes: (n,) 0 .. K - 1, K the number of classes among these rows.
        counts: (K,) rows per class.
        names: (K,) of the classes.
    """

    features: np.ndarray
    classes: np.ndarray
    counts: np.ndarray
    names: tuple[str, ...]

    def one_hot(self) -> np.ndarray:
        """(n, K) 1 where a row is of the class, else 0."""
        return np.asarray((self.classes[:, None] == np.arange(len(self.counts))).astype(np.float64))


def labelled_rows(target: Embedding) -> LabelledRows:
    """The target's rows, checked, scaled and ordered.

    Raises:
        DataError: no rows, values that are not finite, or fewer than two classes.
    """
    features = finite_features(target)
    present, classes, counts = np.unique(target.labels, return_inverse=True, return_counts=True)
    if len(present) < 2:
        raise DataError(f"{target.provenance} has rows of one class, expected at least 2; use more rows.")
    # A power of two keeps every bit, and squares of features neither overflow nor vanish.
    features = np.ldexp(features, -int(np.frexp(np.abs(features).max())[1]))
    order = _own_order(features, classes)
    return LabelledRows(features[order], classes[order], counts, tuple(target.class_names[c] for c in present))


def centred(features: np.ndarray) -> np.ndarray:
    """Features (n, d) minus their mean; a column of equal values becomes exactly zero."""
    varies = features.max(axis=0) > features.min(axis=0)
    return np.asarray(np.where(varies, features - features.mean(axis=0), 0.0))


def gram_spectrum(features: np.ndarray, rcond: float) -> tuple[np.ndarray, np.ndarray]:
    """Squared singular values of X = U S V' and one side of its singular vectors, from the smaller Gram matrix.

    Args:
        features: (n, d).
        rcond: squared singular values up to this share of the largest count as zero.

    Returns:
        s^2 (r,) descending, and V (d, r) where d <= n, else U (n, r).
    """
    n, d = features.shape
    gram = features.T @ features if d <= n else features @ features.T
    squared, vectors = np.linalg.eigh(gram)  # scipy's is faster alone, but keeps the GIL from other lanes
    kept = np.flatnonzero(squared > rcond * max(float(squared[-1]), 0.0))[::-1]
    return squared[kept], vectors[:, kept]


def left_coordinates(features: np.ndarray, targets: np.ndarray, rcond: float) -> tuple[np.ndarray, np.ndarray]:
    """s^2 (r,) of `gram_spectrum` and the targets (n, K) seen from the left singular vectors: U'Y (r, K)."""
    squared, vectors = gram_spectrum(features, rcond)
    if features.shape[1] > len(features):
        return squared, vectors.T @ targets
    return squared, vectors.T @ (features.T @ targets) / np.sqrt(squared)[:, None]  # (r, K)


def _own_order(features: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Row numbers along one fixed direction; only equal rows of one class are left as they came."""
    direction = np.random.default_rng(0).normal(size=features.shape[1])
    key = (features * direction).sum(axis=1)  # per row, so that equal rows have equal keys to the last bit
    if len(np.unique(key)) == len(key):
        return np.argsort(key)
    return np.lexsort((classes, *features.T[::-1], key))
