"""The plane in which the target's classes part best, found with their labels: for looking at, no reading uses it.

Reference: Fisher, Annals of Eugenics 1936; Rao, JRSS B 1948, for more than two classes.

Differs: the covariance within classes is shrunk towards a sphere, as features are often more than rows, and the two
directions are made orthonormal, so that lengths in the plane are lengths among the features. The plane is found on half
of the target's rows and only the other half is drawn: with labels and enough features some plane parts any rows.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.data.dataset import stratified_rows
from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.pair import feature_pair

_SHRINKAGE = 0.1  # of the covariance within classes towards a sphere of the same trace


@dataclass(frozen=True, eq=False)
class ClassPlane:
    """Two orthonormal directions in feature space, and who was not asked when they were chosen.

    Attributes:
        origin: (d,) mean of the target rows that chose the plane.
        axes: (2, d) orthonormal rows; a row of zeros where no second direction exists.
        held_out: row numbers of the target that did not choose the plane.
        source, target: places of the source (n, 2) and of the held-out target rows (h, 2).
    """

    origin: np.ndarray
    axes: np.ndarray
    held_out: np.ndarray
    source: np.ndarray
    target: np.ndarray


def class_plane(source: Embedding, target: Embedding, seed: int = 0) -> ClassPlane:
    """The plane of the target's classes, with both sides (n, d) and (m, d) in it.

    Raises:
        DataError: fewer than two classes with two rows each, widths that differ, or features that are not finite.
    """
    x, y = feature_pair(source, target)
    chosen = stratified_rows(target.labels, len(y) // 2, seed)
    labels = target.labels[chosen]
    if len(np.unique(labels)) < 2 or len(chosen) < 4:
        raise DataError(
            f"{target.provenance} has {len(np.unique(labels))} classes among half of {len(y)} rows, expected at least "
            "2; measure more rows."
        )
    fitted = y[chosen]
    origin = fitted.mean(axis=0)
    axes = _directions(fitted - origin, labels)
    held_out = np.setdiff1d(np.arange(len(y)), chosen)
    return ClassPlane(origin, axes, held_out, (x - origin) @ axes.T, (y[held_out] - origin) @ axes.T)


def _directions(centred: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Two orthonormal discriminant directions (2, d) of centred rows (n, d), the first parting best."""
    n, d = centred.shape
    classes, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    means = np.stack([centred[inverse == k].mean(axis=0) for k in range(len(classes))])  # (K, d)
    residual = centred - means[inverse]
    within = residual.T @ residual / n
    sphere = float(np.trace(within)) / d or 1.0
    within = (1 - _SHRINKAGE) * within + _SHRINKAGE * sphere * np.eye(d)
    values, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(values)  # (d, d)
    weighted = np.sqrt(counts / n)[:, None] * means @ whiten  # (K, d)
    _, strength, right = np.linalg.svd(weighted, full_matrices=False)
    found = (whiten @ right[: min(2, len(classes) - 1)].T).T  # (k, d)
    if (
        len(found) < 2 or strength[1] < 1e-9 * strength[0]
    ):  # two classes part along one line: the rows' widest beside it
        first = found[0] / np.linalg.norm(found[0])
        rest = residual - np.outer(residual @ first, first)
        found = np.stack([first, np.linalg.svd(rest, full_matrices=False)[2][0] if rest.any() else 0 * first])
    first = found[0] / np.linalg.norm(found[0])
    second = found[1] - found[1] @ first * first
    length = float(np.linalg.norm(second))
    return np.stack([first, second / length if length > 0 else second])
