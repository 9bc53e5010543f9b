"""How far apart are the two means, in units of spread, with the part that sampling alone creates taken off?

    value = (|m_S - m_T|^2 - tr S_S / n - tr S_T / m) / ((tr S_S + tr S_T) / 2)

The gap of diagonal Gaussians splits exactly into a mean part, a scale part (|s_S| - |s_T|)^2 that one scalar
would remove, and a residual |s_S - s_T|^2 - (|s_S| - |s_T|)^2 >= 0, with s the standard deviations per feature.

Reference: Liang et al., "Mind the Gap", NeurIPS 2022, for the gap between means.

Differs: debiased, squared and relative; below zero it says "no more than chance" and is not clipped. The
residual sees spread per feature only: correlations would add a sampling bias larger than most gaps.
"""

import math
from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import Metric, Statistic
from xmodal_core.gap.knn import GEOMETRIES, dealt_sides, unit_rows
from xmodal_core.gap.pair import feature_pair
from xmodal_core.settings import check_settings, setting

_NO_SPREAD = 1e-9  # a smaller share of the pooled variance is rounding of zero


@dataclass(frozen=True)
class CentroidSettings:
    """Which view of the features, and how many dimensions count as few."""

    metric: str = setting("euclidean", "Features as they are, or rows brought to unit length", choices=GEOMETRIES)
    top_dimensions: int = setting(5, "Dimensions whose share of the gap is reported", low=1, high=1000)

    def __post_init__(self) -> None:
        check_settings(self)


def centroid(source: Embedding, target: Embedding, settings: CentroidSettings) -> Statistic:
    """Debiased squared distance of the means of two clouds (n, d), (m, d), relative to their average variance.

    Returns:
        The relative squared distance, negative when smaller than sampling explains. Detail, in the same unit:
        mean_part (the value), scale_part, residual_part and their sum total; top_share, the share of the raw
        squared difference in its largest dimensions; the raw distance and both average deviations per feature.

    Raises:
        DataError: fewer than two rows on a side, widths that differ, or two clouds without any spread.
    """
    x, y = _points(source, target, settings)
    n, m = len(x), len(y)
    difference = (x.mean(axis=0) - y.mean(axis=0)) ** 2  # (d,)
    variance_s, variance_t = x.var(axis=0, ddof=1), y.var(axis=0, ddof=1)
    trace_s, trace_t = float(variance_s.sum()), float(variance_t.sum())
    spread = (trace_s + trace_t) / 2
    if spread == 0:
        raise DataError("Found the same features in every row of each side, expected some spread; use other features.")
    distance = float(difference.sum())
    mean_part = (distance - trace_s / n - trace_t / m) / spread
    scale_part = (np.sqrt(trace_s) - np.sqrt(trace_t)) ** 2 / spread
    shape = float(((np.sqrt(variance_s) - np.sqrt(variance_t)) ** 2).sum()) / spread
    residual_part = max(shape - scale_part, 0.0)
    largest = np.sort(difference)[::-1][: settings.top_dimensions]
    detail = {
        "mean_part": mean_part,
        "scale_part": float(scale_part),
        "residual_part": float(residual_part),
        "total": float(mean_part + scale_part + residual_part),
        "top_share": float(largest.sum()) / distance if distance > 0 else 0.0,
        "top_dimensions": len(largest),
        "distance": float(np.sqrt(distance)),
        "source_deviation": float(np.sqrt(trace_s / x.shape[1])),
        "target_deviation": float(np.sqrt(trace_t / x.shape[1])),
    }
    return Statistic(mean_part, detail, bounds=(-(trace_s / n + trace_t / m) / spread, math.inf))


def centroid_null(
    source: Embedding, target: Embedding, settings: CentroidSettings, n_permutations: int, seed: int
) -> np.ndarray:
    """The value (n_permutations,) with the sides dealt out at random over the pooled rows: one matrix product."""
    n, m = len(source), len(target)
    pooled = np.concatenate(_points(source, target, settings))  # (n + m, d)
    pooled -= pooled.mean(axis=0)
    energy = (pooled**2).sum(axis=1)
    sides = dealt_sides(n, m, n_permutations, seed)  # (n + m, b)
    sums = pooled.T @ sides  # (d, b): of the source; those of the target are the negative
    square = (sums**2).sum(axis=0)
    energy_s = energy @ sides
    trace_s = (energy_s - square / n) / (n - 1)
    trace_t = (energy.sum() - energy_s - square / m) / (m - 1)
    # A deal may gather all duplicates on their own sides and leave no spread at all.
    spread = np.maximum((trace_s + trace_t) / 2, _NO_SPREAD * energy.mean())
    return np.asarray((square * (1 / n + 1 / m) ** 2 - trace_s / n - trace_t / m) / spread)


def _points(source: Embedding, target: Embedding, settings: CentroidSettings) -> tuple[np.ndarray, np.ndarray]:
    """Rows (n, d) and (m, d) in the chosen view."""
    x, y = feature_pair(source, target)
    if min(len(x), len(y)) < 2:
        raise DataError(f"Found {len(x)} source and {len(y)} target rows, expected at least 2 of each; use more rows.")
    return (unit_rows(x), unit_rows(y)) if settings.metric == "cosine" else (x, y)


CENTROID = Metric(
    name="centroid",
    title="Centroid distance",
    unit="squared distance of means / average variance",
    settings_type=CentroidSettings,
    statistic=centroid,
    meaning="The clouds sit in different places: their means differ by more than sampling explains.",
    blind_to="Everything but the first moment and labels: one translation of the embedder removes it.",
    reference="Liang et al., Mind the Gap, NeurIPS 2022",
    null=centroid_null,
)
