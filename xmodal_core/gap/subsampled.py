"""OTDD of more rows than a coupling can hold: exact on stratified subsamples, labels compared on every row.

A coupling of n rows averages couplings of disjoint parts at best as cheaply, so the value on subsamples of m rows lies
above the one of all rows, in expectation: finite-sample bias, as in every transport distance. What is said is the
value at m rows with its standard error; a lower bound on the value of all rows comes from potentials of a subsample
extended to every row, and the transport between classes as Gaussians shows what is left as m grows.

Reference: Sommerfeld et al., JMLR 2019 (subsampled transport); Delon and Desolneux, SIAM J. Imaging 2020 (mixtures).
"""

import math

import numpy as np

from xmodal_core.data.dataset import stratified_rows
from xmodal_core.gap.base import NOT_NEGATIVE, Statistic
from xmodal_core.gap.interval import t_quantile
from xmodal_core.gap.label_distance import label_distances
from xmodal_core.gap.labelled_pair import LabelledPair
from xmodal_core.gap.transport.exact import optimal_coupling
from xmodal_core.gap.transport.ground import GroundCost
from xmodal_core.gap.transport.solve import coupling, potentials, temperature

ROWS = 2000  # per side of a subsample
REPEATS = 8
_SMOOTHING = (5.0, 25.0)  # temperatures of the extended potentials, in units of the solver's own
_TRIED_ROWS, _JUDGED_ROWS = 250, 1000
_BLOCK = 1 << 24
_ONE_SIDED = 0.95


def subsampled_statistic(pair: LabelledPair) -> Statistic:
    """Mean exact OTDD^p over subsamples as a distance, with its standard error.

    Returns:
        Detail as for every OTDD, and: n_subsample, n_repeats; class_shares, which the subsamples keep; lower, a 95 %
        lower confidence bound, and upper, a 95 % upper confidence bound, on the value of all rows; class_level, the
        distance between the mixtures of classes as Gaussians; coupling_by_class, averaged over subsamples.
    """
    ground = pair.ground
    sizes = [min(ROWS, n) for n in ground.shape]
    costs, parts, mass = [], [], np.zeros(ground.labels.shape)
    for seed in range(REPEATS):
        drawn = ground.take(*(stratified_rows(y, k, seed) for y, k in zip((ground.y, ground.y_to), sizes, strict=True)))
        plan = coupling(drawn)
        features, labels = (float(plan.mass @ part) for part in drawn.of_pairs(plan.rows, plan.columns))
        costs.append(features + labels)
        parts.append((features, labels))
        np.add.at(mass, (drawn.y[plan.rows], drawn.y_to[plan.columns]), plan.mass / REPEATS)
    cost, error = float(np.mean(costs)), float(np.std(costs, ddof=1)) / math.sqrt(REPEATS)
    features, labels = np.mean(parts, axis=0)
    distance = pair.distance(cost)
    slope = distance / (ground.p * cost) if cost > 0 else 0.0  # of the distance in the cost: the delta method
    detail = {
        **pair.values(cost, float(features), float(labels)),
        "lower": pair.distance(max(_lower_bound(ground, sizes), 0.0)),
        "upper": pair.distance(cost + t_quantile(_ONE_SIDED, REPEATS - 1) * error),
        "solver": f"exact on {REPEATS} subsamples of {sizes[0]} x {sizes[1]} rows",
        "n_subsample": min(sizes),
        "n_repeats": REPEATS,
        "class_shares": "fixed",
        "class_level": pair.distance(_class_level(pair)),
        "coupling_by_class": mass.tolist(),
        **pair.description(),
    }
    return Statistic(distance, detail, slope * error, REPEATS - 1, NOT_NEGATIVE)


def _class_level(pair: LabelledPair) -> float:
    """Transport cost between the classes as points, features compared as Gaussians."""
    ground = pair.ground
    between = ground.lambda_y * ground.labels
    if ground.p == 2:
        between = between + ground.lambda_x * label_distances(pair.source, pair.target, "gaussian")
    else:
        between = between + ground.lambda_x * label_distances(pair.source, pair.target, "means", 1)
    masses = np.bincount(ground.y, ground.a), np.bincount(ground.y_to, ground.b)
    plan = optimal_coupling(np.ascontiguousarray(between), *masses)
    return float(plan.mass @ between[plan.rows, plan.columns])


def _lower_bound(ground: GroundCost, sizes: list[int]) -> float:
    """95 % lower confidence bound on the optimal cost of all rows, by weak duality.

    A column potential for every target row is the smoothed c-transform of a subsample's row potential; the row
    potential that goes with it, min_j C_ij - g_j over all columns, is needed in the mean only, so some rows tell it.
    """
    ground, shift = ground.without_shift()
    rows = stratified_rows(ground.y, sizes[0], 0)
    some = ground.take(rows, stratified_rows(ground.y_to, sizes[1], 0))
    cost = some.dense(np.float32)
    tried, judged = _judges(ground)
    best, bound = -math.inf, 0.0
    for factor in _SMOOTHING:
        eps = factor * temperature(cost)
        g = _extended(ground, rows, some.a, potentials(some, cost, eps).f, eps)
        guess = _dual_mean(ground, tried, g)
        if guess[0] > best:
            best = guess[0]
            mean, error = _dual_mean(ground, judged, g)
            bound = mean - t_quantile(_ONE_SIDED, max(len(judged) - 1, 1)) * error
    return bound + shift


def _judges(ground: GroundCost) -> tuple[np.ndarray, np.ndarray]:
    """Source rows that choose the smoothing, and disjoint ones that measure the bound; all for both where few."""
    n = ground.shape[0]
    if n <= _TRIED_ROWS + _JUDGED_ROWS:
        return np.arange(n), np.arange(n)
    drawn = np.random.default_rng(0).permutation(n)
    return np.sort(drawn[:_TRIED_ROWS]), np.sort(drawn[_TRIED_ROWS : _TRIED_ROWS + _JUDGED_ROWS])


def _extended(ground: GroundCost, rows: np.ndarray, mass: np.ndarray, f: np.ndarray, eps: float) -> np.ndarray:
    """g_j (m,) = -eps log sum_i a_i exp((f_i - C_ij) / eps) over the subsample's rows, for every column."""
    from xmodal_core.gap.transport.kernel import exponential_sums, strips

    g = np.empty(ground.shape[1])
    f = f + eps * np.log(mass)
    step = max(1, _BLOCK // len(rows))
    for first in range(0, len(g), step):
        columns = np.arange(first, min(first + step, len(g)))
        cost = ground.take(rows, columns).dense(np.float32)  # (rows, step); any g is feasible, so rounding costs little
        level = -cost.min(axis=0).astype(np.float64)  # keeps exponents in range
        sums = exponential_sums(cost, f, -level, eps, strips(np.array([0, len(columns)])))[1]
        g[columns] = -level - eps * np.log(sums)
    return g


def _dual_mean(ground: GroundCost, rows: np.ndarray, g: np.ndarray) -> tuple[float, float]:
    """Mean dual value over some source rows, weighted by their mass, and its standard error: none over all of them."""
    every = np.arange(ground.shape[1])
    f, _ = ground.take(rows, every).nearest(g)
    weight = ground.a[rows] / ground.a.mean()
    values = weight * f
    error = 0.0 if len(rows) == ground.shape[0] else float(values.std(ddof=1)) / math.sqrt(len(rows))
    return float(values.mean() + ground.b @ g), error
