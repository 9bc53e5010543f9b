"""How much do the target's classes overlap, each taken for a Gaussian? Bhattacharyya coefficients of all pairs.

    GBC = - sum_{i != j} exp(-B_ij) / (K (K - 1))
    B_ij = 1/8 sum_d (m_id - m_jd)^2 / v_d + 1/2 sum_d log(v_d / sqrt(v_id v_jd)),   v_d = (v_id + v_jd) / 2

with means m and variances v per class along the principal components of the target.

Reference: Pandy et al., CVPR 2022.

Differs: divided by the number of ordered pairs, so that it does not grow with K. The variance of a class is averaged
with the pooled within-class variance, which counts as `borrowed_rows` rows: a class of one row has no variance
and takes the pooled one, so no class is left out.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import Metric, Statistic
from xmodal_core.gap.labelled import LabelledRows, centred, gram_spectrum, labelled_rows
from xmodal_core.settings import check_settings, setting

_RCOND = 1e-12
_FLOOR = 1e-9  # smallest variance of a class along a component, relative to that of the whole target
_FEW = 20  # rows per class below which means and variances are mostly noise


@dataclass(frozen=True)
class GbcSettings:
    """Where the classes are described, and how far a class is trusted."""

    components: int = setting(64, "Principal components of the target that are used", low=1, high=512)
    borrowed_rows: float = setting(1.0, "Rows that the pooled variance counts for in each class", low=0, high=1000)

    def __post_init__(self) -> None:
        check_settings(self)


def gbc(source: Embedding, target: Embedding, settings: GbcSettings) -> Statistic:  # noqa: ARG001
    """Negative mean Bhattacharyya coefficient of the target's classes (m, d); the source is not looked at.

    Returns:
        A number in [-1, 0]: 0 where no two classes overlap, -1 where all coincide. Read it against its value
        under shuffled labels (the floor): few rows per class look like separation. Detail: the sum over ordered
        pairs, the most overlapping pair, names of classes with one row (pooled variance) and of classes below
        20 rows, components used.

    Raises:
        DataError: fewer than two classes with two rows, or features not finite.
    """
    rows = labelled_rows(target)
    enough = int((rows.counts > 1).sum())
    if enough < 2:
        raise DataError(
            f"{target.provenance} has {enough} classes with at least 2 rows, expected at least 2 such classes; "
            "use more rows per class."
        )
    scores = _principal_scores(rows.features, settings.components)
    means, variances = _class_moments(scores, rows, settings.borrowed_rows)
    overlap = _overlaps(means, variances)  # (K, K), zero diagonal
    n_classes = len(rows.counts)
    worst = np.unravel_index(overlap.argmax(), overlap.shape)
    detail = {
        "sum_over_pairs": -float(overlap.sum()),
        "worst_pair": [rows.names[int(c)] for c in worst],
        "worst_overlap": float(overlap.max()),
        "single_row_classes": [name for name, count in zip(rows.names, rows.counts, strict=True) if count == 1],
        "classes_below_20_rows": [name for name, count in zip(rows.names, rows.counts, strict=True) if count < _FEW],
        "smallest_class": int(rows.counts.min()),
        "n_classes": n_classes,
        "components": scores.shape[1],
    }
    return Statistic(-float(overlap.sum()) / (n_classes * (n_classes - 1)), detail, bounds=(-1.0, 0.0))


def _principal_scores(features: np.ndarray, n_components: int) -> np.ndarray:
    """Coordinates (n, c) along the leading principal components; directions without variance are left out."""
    x = centred(features)
    squared, vectors = gram_spectrum(x, _RCOND)
    squared, vectors = squared[:n_components], vectors[:, :n_components]
    return x @ vectors if x.shape[1] <= len(x) else vectors * np.sqrt(squared)


def _class_moments(scores: np.ndarray, rows: LabelledRows, borrowed: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance (K, c) of every class along every component."""
    hot, free = rows.one_hot(), (rows.counts - 1.0)[:, None]
    means = hot.T @ scores / rows.counts[:, None]  # (K, c)
    squares = hot.T @ (scores - means[rows.classes]) ** 2  # (K, c)
    pooled = squares.sum(axis=0) / free.sum()  # (c,)
    weight = free + borrowed
    variances = np.where(weight > 0, (squares + borrowed * pooled) / np.where(weight > 0, weight, 1.0), pooled)
    return means, np.maximum(variances, _FLOOR * scores.var(axis=0))


def _overlaps(means: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Bhattacharyya coefficients (K, K) of diagonal Gaussians, the diagonal set to zero."""
    logs = np.log(variances).sum(axis=1)  # (K,)
    distance = np.empty((len(means), len(means)))
    for i in range(len(means)):
        between = (variances[i] + variances) / 2  # (K, c)
        shift = ((means[i] - means) ** 2 / between).sum(axis=1)
        distance[i] = shift / 8 + np.log(between).sum(axis=1) / 2 - (logs[i] + logs) / 4
    overlap = np.exp(-np.maximum(distance, 0.0))
    np.fill_diagonal(overlap, 0.0)
    return overlap


GBC = Metric(
    name="gbc",
    title="Class overlap (GBC)",
    unit="negative mean overlap (0 is best)",
    settings_type=GbcSettings,
    statistic=gbc,
    meaning="Target classes, each drawn as a Gaussian blob, overlap little: every pair is easy to tell apart.",
    blind_to="The source, and any class that is not one blob along the axes; few rows per class look like separation.",
    reference="Pandy et al., CVPR 2022",
    n_subsamples=20,
    target_only=True,
    uses_labels=True,
    max_rows=2000,
    cost=3,
)
