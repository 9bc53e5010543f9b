"""Do nearest neighbours come from one's own side more often than chance would have it?

    kappa = (T - E0) / (1 - E0),   T = share of neighbour links that stay inside a side

E0 and Var0 are the mean and variance of T when side labels are dealt at random over the fixed neighbour
graph: closed forms, so no resampling is needed for the p-value.

Reference: Schilling, JASA 1986; Henze, Annals of Statistics 1988.

Differs: where several points tie for the last place among the k neighbours they share it, so the value
does not depend on the order of rows; the closed forms hold for weighted links too.
"""

import math
from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import Metric, Statistic
from xmodal_core.gap.pair import feature_pair
from xmodal_core.settings import check_settings, setting

GEOMETRIES = ("euclidean", "cosine")
_TIE = 1e-12  # distances closer than this, relative to the largest squared norm, are one distance
_CHUNK = 2048  # queries in one matrix product
_BLOCK = 1 << 17  # distances looked at a time: 1 MB stays in the cache through all the passes over it


@dataclass(frozen=True)
class KnnSettings:
    """How many neighbours, and near in which sense."""

    k: int = setting(10, "Neighbours asked per sample", low=1, high=200)
    metric: str = setting("euclidean", "Distance that decides who is near", choices=GEOMETRIES)

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Links from queries to their neighbours; the weights of one query add up to k.

    Attributes:
        rows, columns: (e,) query and bank row of each link, sorted by row, then column.
        weight: (e,) 1, or less where neighbours tie for the last place.
        closeness: (e,) in [0, 1], 1 at distance zero and 0 for the query's farthest neighbour.
    """

    rows: np.ndarray
    columns: np.ndarray
    weight: np.ndarray
    closeness: np.ndarray


def knn(source: Embedding, target: Embedding, settings: KnnSettings) -> Statistic:
    """Schilling-Henze index of two clouds (n, d) and (m, d): 0 when mixed, 1 when disjoint.

    Returns:
        kappa. Detail: same_neighbour_rate (T), null_mean, null_sd, z, one-sided p, the rates inside the
        source and inside the target apart (unequal rates mean unequal spread), and the skewness of the
        in-degree (above 3 a few hubs are everybody's neighbour: prefer cosine).

    Raises:
        DataError: the widths differ, features are not finite, or fewer than k + 1 rows in all.
    """
    n, m, graph = _pooled_graph(source, target, settings)
    in_target = graph.rows >= n
    stays = graph.weight * (in_target == (graph.columns >= n))
    rate = float(stays.sum()) / (settings.k * (n + m))
    mean, sd = permutation_null(graph, n, m)
    z = (rate - mean) / sd if sd > 0 else 0.0
    indegree = np.bincount(graph.columns, graph.weight, minlength=n + m)
    detail = {
        "same_neighbour_rate": rate,
        "null_mean": mean,
        "null_sd": sd,
        "z": z,
        "p": 0.5 * math.erfc(z / math.sqrt(2)),
        "source_to_source": float(stays[~in_target].sum()) / (settings.k * n),
        "target_to_target": float(stays[in_target].sum()) / (settings.k * m),
        "hub_skew": _skewness(indegree),
        "k": settings.k,
    }
    return Statistic((rate - mean) / (1 - mean), detail, bounds=(-mean / (1 - mean), 1.0))


def neighbours(queries: np.ndarray, bank: np.ndarray, k: int, metric: str, *, exclude_self: bool) -> Neighbours:
    """The k nearest bank rows of every query, ties at the last place shared.

    Args:
        queries: (q, d) float64.
        bank: (b, d) float64; the same rows in the same order when `exclude_self`.
        k: neighbours per query.
        metric: euclidean | cosine.
        exclude_self: row i is not its own neighbour.

    Raises:
        DataError: the bank has too few rows for k neighbours.
    """
    available = len(bank) - exclude_self
    if k > available:
        raise DataError(f"Found {available} possible neighbours, expected at least k = {k}; lower k or use more rows.")
    centre = bank.mean(axis=0) if metric == "euclidean" else np.zeros(1)
    queries, bank = _as_points(queries - centre, metric), _as_points(bank - centre, metric)
    norms = (bank**2).sum(axis=1)
    tie = _TIE * float(max(norms.max(), (queries**2).sum(axis=1).max()))
    # The factor of two in the product keeps numpy from halving the work by symmetry, after which equal rows may round
    # apart, and ties between them would hang on the order of rows.
    doubled, parts, step = -2 * bank.T, [], max(1, _BLOCK // len(bank))
    for first in range(0, len(queries), _CHUNK):
        chunk = queries[first : first + _CHUNK]
        products, own = chunk @ doubled, (chunk**2).sum(axis=1)[:, None]  # (chunk, b), (chunk, 1)
        for begin in range(0, len(chunk), step):
            distance = products[begin : begin + step]  # (step, b)
            distance += norms
            distance += own[begin : begin + step]
            if exclude_self:
                np.fill_diagonal(distance[:, first + begin :], np.inf)
            parts.append(_nearest(distance, k, tie, first + begin))
    return Neighbours(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def permutation_null(graph: Neighbours, n: int, m: int) -> tuple[float, float]:
    """Mean and standard deviation of T when n + m nodes are dealt to the sides at random, the graph held fixed."""
    total = n + m
    weight = graph.weight.sum()
    key = graph.rows * total + graph.columns
    reverse = graph.columns * total + graph.rows
    found = np.minimum(np.searchsorted(key, reverse), len(key) - 1)
    mutual = (graph.weight * graph.weight[found])[key[found] == reverse].sum()
    degree = np.bincount(graph.rows, graph.weight, total) + np.bincount(graph.columns, graph.weight, total)
    # Ordered pairs of links, by weight: on the same two nodes, on one common node, on none.
    both = float((graph.weight**2).sum() + mutual)
    one = float((degree**2).sum()) - 2 * both
    none = weight**2 - both - one
    p2, p3 = (sum(_falling(side, r) for side in (n, m)) / _falling(total, r) for r in (2, 3))
    four = _falling(n, 4) + _falling(m, 4) + 2 * _falling(n, 2) * _falling(m, 2)
    p4 = four / _falling(total, 4)
    variance = (both * p2 + one * p3 + none * p4 - (weight * p2) ** 2) / weight**2
    return p2, math.sqrt(max(float(variance), 0.0))


def dealt_sides(n: int, m: int, n_permutations: int, seed: int) -> np.ndarray:
    """Sides dealt out at random over n + m pooled rows: (n + m, n_permutations), 1 for source and 0 for target."""
    given = np.broadcast_to((np.arange(n + m) < n).astype(np.float64), (n_permutations, n + m))
    return np.random.default_rng(seed).permuted(given, axis=1).T


def knn_null(source: Embedding, target: Embedding, settings: KnnSettings, n_permutations: int, seed: int) -> np.ndarray:
    """Index (n_permutations,) with the sides dealt out at random over the fixed neighbour graph."""
    from scipy.sparse import csr_array

    n, m, graph = _pooled_graph(source, target, settings)
    total = n + m
    links = csr_array((graph.weight, (graph.rows, graph.columns)), shape=(total, total))
    sides = dealt_sides(n, m, n_permutations, seed)  # (n + m, b)
    inside_source = np.einsum("ib,ib->b", sides, links @ sides)
    crossing = settings.k * n + links.sum(axis=0) @ sides - 2 * inside_source
    rate = 1 - crossing / (settings.k * total)
    chance = permutation_null(graph, n, m)[0]
    return np.asarray((rate - chance) / (1 - chance))


def vote(graph: Neighbours, bank_labels: np.ndarray, query_labels: np.ndarray) -> np.ndarray:
    """Credit (q,) of each query: 1 if its neighbours elect its label, 1/t if t labels tie, else 0.

    Equal counts are settled by closeness first, so sharing is left to exact ties.
    """
    classes = np.union1d(bank_labels, query_labels)
    ballots = np.zeros((len(query_labels), len(classes)))
    weight = graph.weight * (1 + 1e-6 * graph.closeness)
    np.add.at(ballots, (graph.rows, np.searchsorted(classes, bank_labels)[graph.columns]), weight)
    winners = ballots >= ballots.max(axis=1, keepdims=True) - 1e-10
    right = winners[np.arange(len(query_labels)), np.searchsorted(classes, query_labels)]
    return np.asarray(right / winners.sum(axis=1))


def balanced_mean(credit: np.ndarray, labels: np.ndarray) -> float:
    """Mean over classes of the mean credit in each: balanced accuracy."""
    _, inverse = np.unique(labels, return_inverse=True)
    return float((np.bincount(inverse, credit) / np.bincount(inverse)).mean())


def _pooled_graph(source: Embedding, target: Embedding, settings: KnnSettings) -> tuple[int, int, Neighbours]:
    """Rows of either side, and the neighbours of every row among all others, source rows first."""
    x, y = feature_pair(source, target)
    if min(len(x), len(y)) < 2:
        raise DataError(f"Found {len(x)} source and {len(y)} target rows, expected at least 2 of each; use more rows.")
    pooled = np.concatenate([x, y])  # (n + m, d)
    return len(x), len(y), neighbours(pooled, pooled, settings.k, settings.metric, exclude_self=True)


def _as_points(features: np.ndarray, metric: str) -> np.ndarray:
    if metric == "euclidean":
        return features
    return unit_rows(features)


def unit_rows(features: np.ndarray) -> np.ndarray:
    """Rows (n, d) brought to unit length; a row of zeros stays zero."""
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.where(norms > 0, norms, 1.0))


def _nearest(distance: np.ndarray, k: int, tie: float, first: int) -> tuple[np.ndarray, ...]:
    last = np.partition(distance, k - 1, axis=1)[:, k - 1 : k]  # (chunk, 1)
    inside = distance < last - tie
    rows, columns = np.nonzero(distance <= last + tie)
    strict = inside[rows, columns]
    n_strict = inside.sum(axis=1)
    n_tied = np.bincount(rows, minlength=len(distance)) - n_strict
    weight = np.where(strict, 1.0, ((k - n_strict) / n_tied)[rows])
    farthest = np.maximum(last[:, 0], tie)[rows]
    closeness = np.clip(1 - distance[rows, columns] / np.where(farthest > 0, farthest, 1.0), 0, 1)
    return rows + first, columns, weight, closeness


def _falling(a: int, r: int) -> int:
    return math.prod(a - i for i in range(r))


def _skewness(values: np.ndarray) -> float:
    centred = values - values.mean()
    spread = float((centred**2).mean())
    return float((centred**3).mean()) / spread**1.5 if spread > 0 else 0.0


KNN = Metric(
    name="knn",
    title="kNN index",
    unit="index (0 mixed, 1 disjoint)",
    settings_type=KnnSettings,
    statistic=knn,
    meaning="Samples have their neighbours on their own side: source and target occupy different regions.",
    blind_to="Labels, and how far apart: it stays at 1 however distant two disjoint clouds are.",
    reference="Schilling, JASA 1986; Henze, Annals of Statistics 1988",
    n_subsamples=20,
    max_rows=5000,
    cost=2,
    null=knn_null,
)
