"""In how many directions does a cloud spread, seen from close by? Two-nearest-neighbour estimate.

    d = (n - 1) / sum_i log(r2_i / r1_i),   r1, r2 = distances to the two nearest neighbours

Context for a gap, not a gap: a target of far fewer dimensions than the source has collapsed.

Reference: Facco, d'Errico, Rodriguez and Laio, Scientific Reports 2017; Denti et al., Scientific Reports 2022 (n - 1).

Differs: the unbiased maximum likelihood instead of a line fitted to 90 % of the ratios. Reads low above about ten
dimensions, as every local estimate does: 20 read 16.5 at 2000 rows.
"""

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.gap.labelled import centred
from xmodal_core.gap.pair import finite_features

MIN_ROWS = 10
_CHUNK = 1024
_CANDIDATES = 4


def intrinsic_dimension(embedding: Embedding) -> float | None:
    """TwoNN estimate of a cloud (n, d); exact duplicates count once.

    Returns:
        The dimension; None with fewer than 10 distinct rows, or where every row has its two nearest neighbours at
        one distance (a grid), which no dimension explains.

    Raises:
        DataError: no rows or values that are not finite.
    """
    points = centred(np.unique(finite_features(embedding), axis=0))
    if len(points) < MIN_ROWS:
        return None
    first, second = _two_nearest(points)
    usable = first > 0  # centring may merge rows that differ by rounding only
    total = float(np.log(second[usable] / first[usable]).sum())
    if usable.sum() < MIN_ROWS or total <= 1e-9 * usable.sum():
        return None
    return float(usable.sum() - 1) / total


def _two_nearest(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distances (n,), (n,) to the nearest and the second nearest other row."""
    norms = (points**2).sum(axis=1)
    parts = []
    for start in range(0, len(points), _CHUNK):
        chunk = points[start : start + _CHUNK]
        squared = norms - 2 * chunk @ points.T  # (chunk, n), up to a constant per row
        np.fill_diagonal(squared[:, start:], np.inf)
        near = np.argpartition(squared, _CANDIDATES - 1, axis=1)[:, :_CANDIDATES]  # (chunk, 4)
        # The expanded square loses digits where points are close, so the few nearest are measured again.
        exact = np.linalg.norm(points[near] - chunk[:, None], axis=2)  # (chunk, 4)
        parts.append(np.sort(exact, axis=1)[:, :2])
    nearest = np.concatenate(parts)
    return nearest[:, 0], nearest[:, 1]
