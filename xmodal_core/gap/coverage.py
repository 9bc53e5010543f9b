"""Does the target reach every part of the source, and the source every part of the target?

    coverage = share of source samples whose ball holds a target sample
    density = target samples in source balls, over the k m that k-balls of one cloud would hold

The ball around a source sample ends at its k-th neighbour in the source. Where both sides come from one
distribution, whatever it is, coverage is on average 1 - prod over i = 1..k of (n - i) / (n + m - i) and density is 1.

Reference: Naeem, Oh, Uh, Choi and Yoo, Reliable Fidelity and Diversity Metrics, ICML 2020, eqs. 3 and 4.

Differs: where samples tie at the rim of a ball, the value is the mean over all ways of breaking the tie, so
repeated rows neither hide from a ball of radius zero nor bend the expectation; without ties it is the paper's.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import SHARE, Metric, Statistic
from xmodal_core.gap.mmd import squared_distances
from xmodal_core.gap.pair import feature_pair
from xmodal_core.settings import check_settings, setting

_TIE = 1e-12  # squared distances closer than this, relative to the largest, are one distance


@dataclass(frozen=True)
class CoverageSettings:
    """How large a ball is."""

    k: int = setting(5, "Own neighbours that a sample's ball reaches to", low=1, high=200)

    def __post_init__(self) -> None:
        check_settings(self)


def coverage(source: Embedding, target: Embedding, settings: CoverageSettings) -> Statistic:
    """Coverage of the source (n, d) by the target (m, d): the share of source balls that hold a target sample.

    Returns:
        Coverage in [0, 1]. Detail: expected, its mean without a gap; coverage_of_target and
        expected_of_target, the same with the sides exchanged (share of target balls that hold a source sample);
        density, of target samples in source balls, and density_of_source, of source samples in target balls.

    Raises:
        DataError: k or fewer rows on a side, widths that differ, or values that are not finite.
    """
    x, y = feature_pair(source, target)
    n, m, k = len(x), len(y), settings.k
    if min(n, m) <= k:
        raise DataError(f"Found {n} source and {m} target rows, expected more than k = {k} of each; lower k.")
    inside_x, inside_y, across = squared_distances(x, y)
    tie = _TIE * float(max(inside_x.max(), inside_y.max(), across.max()))
    for inside in (inside_x, inside_y):
        np.fill_diagonal(inside, np.inf)  # nobody is a neighbour of itself
    covered, density = _reach(inside_x, across, k, tie)
    covered_target, density_source = _reach(inside_y, across.T, k, tie)
    detail = {
        "expected": expected_coverage(n, m, k),
        "coverage_of_target": covered_target,
        "expected_of_target": expected_coverage(m, n, k),
        "density": density,
        "density_of_source": density_source,
        "k": k,
    }
    return Statistic(covered, detail, bounds=SHARE)


def expected_coverage(n: int, m: int, k: int) -> float:
    """Mean coverage of n samples by m from the same distribution, any distribution."""
    i = np.arange(1, k + 1)
    return float(1 - np.prod((n - i) / (n + m - i)))


def _reach(own: np.ndarray, across: np.ndarray, k: int, tie: float) -> tuple[float, float]:
    """Coverage and density of k-balls, from squared distances inside a side (n, n) and to the visitors (n, m)."""
    radius = np.partition(own, k - 1, axis=1)[:, k - 1 : k]  # (n, 1), squared
    inner, outer = radius - tie, radius + tie
    own_inside, own_tied = _inside_and_tied(own, inner, outer)
    inside, tied = _inside_and_tied(across, inner, outer)
    missing = k - own_inside  # tied neighbours that still belong to the k, of own_tied
    covered = np.where(inside > 0, 1.0, 1 - _none_before(tied, own_tied, missing))
    held = inside + tied * missing / (own_tied + 1)
    return float(covered.mean()), float(held.sum()) / (k * across.shape[1])


def _inside_and_tied(distance: np.ndarray, inner: np.ndarray, outer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inside = np.count_nonzero(distance < inner, axis=1)
    return inside, np.count_nonzero(distance <= outer, axis=1) - inside


def _none_before(visitors: np.ndarray, own: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Chance (n,) that of visitors and own in random order the first `rank` are all own."""
    chance = np.ones(len(rank))
    for step in range(int(rank.max())):
        left = np.maximum(own - step, 1)
        chance *= np.where((step < rank) & (visitors > 0), left / (left + visitors), 1.0)
    return chance


COVERAGE = Metric(
    name="coverage",
    title="Coverage of the source",
    unit="share of source balls (about 0.97 without a gap)",
    settings_type=CoverageSettings,
    statistic=coverage,
    meaning="Little of the source is reached by the target: coverage falls, towards 0, when a gap opens.",
    blind_to="Labels, how far apart disjoint clouds are, and target samples beyond the source (the other direction).",
    reference="Naeem et al., Reliable Fidelity and Diversity Metrics, ICML 2020",
    n_subsamples=20,
    max_rows=4000,
    cost=3,
    symmetric=False,
    identical=None,
)
