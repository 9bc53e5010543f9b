"""How mixed is the neighbourhood of each point? Local inverse Simpson index, the colour of a scatter's points.

    LISI_i = 1 / (p_i^2 + (1 - p_i)^2),   p_i = share of the k nearest neighbours that are source

Reference: Korsunsky et al., Nature Methods 2019.

Differs: the k neighbours count alike, where the reference weights 90 neighbours at perplexity 30; ties for the last
place share it. Two balanced samples of one cloud stay below 2, by an amount known in closed form.
"""

import math
from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.knn import GEOMETRIES, neighbours
from xmodal_core.gap.pair import feature_pair
from xmodal_core.settings import check_settings, setting


@dataclass(frozen=True)
class LisiSettings:
    """How many neighbours, and near in which sense."""

    k: int = setting(30, "Neighbours asked per sample", low=1, high=200)
    metric: str = setting("euclidean", "Distance that decides who is near", choices=GEOMETRIES)

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True, eq=False)
class LocalMixing:
    """Neighbourhood mixing of every point of the pooled cloud.

    Attributes:
        source: (n,) LISI of the source points in [1, 2], 1 where all neighbours are of one side.
        target: (m,) the same of the target points.
        null_mean: mean LISI of all points where sides are dealt out at random.
    """

    source: np.ndarray
    target: np.ndarray
    null_mean: float

    def scaled(self) -> tuple[np.ndarray, np.ndarray]:
        """LISI - 1 of source (n,) and target (m,): 0 where neighbours are of one side, 1 where half are of each."""
        return self.source - 1, self.target - 1


def lisi(source: Embedding, target: Embedding, settings: LisiSettings) -> LocalMixing:
    """LISI of every point of two clouds (n, d) and (m, d).

    Raises:
        DataError: the widths differ, features are not finite, fewer than 2 rows on a side or k + 1 in all.
    """
    x, y = feature_pair(source, target)
    n, m = len(x), len(y)
    if min(n, m) < 2:
        raise DataError(f"Found {n} source and {m} target rows, expected at least 2 of each; use more rows.")
    pooled = np.concatenate([x, y])  # (n + m, d)
    graph = neighbours(pooled, pooled, settings.k, settings.metric, exclude_self=True)
    of_source = np.bincount(graph.rows, graph.weight * (graph.columns < n), minlength=n + m)
    values = _inverse_simpson(np.clip(of_source / settings.k, 0.0, 1.0))
    return LocalMixing(values[:n], values[n:], null_mean(n, m, settings.k))


def null_mean(n: int, m: int, k: int) -> float:
    """Mean LISI where n + m points have k neighbours each and sides are dealt out at random (hypergeometric)."""
    share = {1: n / (n + m), 0: m / (n + m)}  # of points that are themselves source, target
    expected = 0.0
    for own, weight in share.items():
        others = n - own, m - 1 + own
        for drawn in range(max(0, k - others[1]), min(k, others[0]) + 1):
            chance = math.comb(others[0], drawn) * math.comb(others[1], k - drawn) / math.comb(n + m - 1, k)
            expected += weight * chance * float(_inverse_simpson(np.array(drawn / k)))
    return expected


def _inverse_simpson(share: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (share**2 + (1 - share) ** 2))
