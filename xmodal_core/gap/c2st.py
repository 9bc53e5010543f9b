"""Can a linear classifier tell source from target on rows it has not seen?

    value = P(score of a target row > score of a source row), both held out: the area under the ROC curve

Ridge logistic regression on the leading source components, five folds. Rows with equal features share a fold;
a row that sits on one side in training and on the other in the test would otherwise pull the area below 1/2.

Reference: Lopez-Paz and Oquab, Revisiting Classifier Two-Sample Tests, ICLR 2017; Ben-David et al., Analysis of
Representations for Domain Adaptation, NIPS 2006 (proxy A-distance); DeLong, DeLong and Clarke-Pearson,
Biometrics 1988 (standard error).

Differs: rows are compared within their fold only, since scores of different fits share no scale. Both sides weigh
the same however many rows they have, so accuracy is balanced and the Jensen-Shannon bound holds. Components are
those of the training rows: fitted on all source rows they carry the held-out ones' own scatter, and two samples of one
cloud with d > n read 0.3. DeLong's error takes the classifiers as given; where there is little gap every pair
of folds counts twice, once with either as the training half, which doubles the variance. So the error is sqrt(2)
DeLong's: right near 0.5, up to sqrt(2) too wide near 1. A target beyond the source components is not seen:
`target_energy_outside`, well above `source_energy_outside`, gives it away.
"""

import math
from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import SHARE, Metric, Statistic
from xmodal_core.gap.pair import feature_pair
from xmodal_core.settings import check_settings, setting

N_FOLDS = 5
SATURATED = 0.999
_SATURATION_NOTE = "The sides are separable, so this says that a gap exists and nothing on how far it reaches."
_MAX_STEPS = 50
_RANK = 1e-10  # source components with less variance than this, relative to the first, are rounding


@dataclass(frozen=True)
class C2stSettings:
    """What the classifier sees, and how freely it may fit."""

    components: int = setting(64, "Leading source components the classifier sees", low=1, high=1024)
    ridge: float = setting(10.0, "Penalty on the squared weights, against a sum over rows", low=1e-6, high=1e6)

    def __post_init__(self) -> None:
        check_settings(self)


def c2st(source: Embedding, target: Embedding, settings: C2stSettings) -> Statistic:
    """Held-out area under the ROC curve of a domain classifier on two clouds (n, d), (m, d).

    Returns:
        The area: 0.5 without a gap that a linear classifier sees, 1 when separable; with its standard error.
        Detail: one-sided p against 0.5; delong_error, as published; balanced accuracy; proxy_a_distance
        2 (1 - 2 error); js_lower_bound in nats, log 2 - held-out cross-entropy, at least 0; saturated, with
        a note; n_components; for both sides energy_outside, the share of held-out rows' squared distance from the
        source mean that lies outside the components.

    Raises:
        DataError: fewer than two distinct rows on a side, widths that differ, or values that are not finite.
    """
    features, in_target, fold, first = _canonical(*feature_pair(source, target))
    scores, energy = np.empty(len(features)), np.empty((len(features), 2))
    n_components = features.shape[1]
    for held in range(fold.max() + 1):
        test = fold == held
        centred = features - features[~test & ~in_target].mean(axis=0)
        seen = centred @ leading_components(centred[~test & ~in_target], settings.components)  # (n + m, q)
        weights = logistic(seen[~test], in_target[~test], settings.ridge)
        scores[test] = seen[test] @ weights[1:] + weights[0]
        energy[test] = np.column_stack([(centred[test] ** 2).sum(axis=1), (seen[test] ** 2).sum(axis=1)])
        n_components = min(n_components, seen.shape[1])
    scores = scores[first]  # a matrix product may round equal rows apart, and a tie is half a pair
    area, delong = area_within_folds(scores, in_target, fold)
    error = math.sqrt(2) * delong
    accuracy, bound = _accuracy_and_bound(scores, in_target)
    detail = {
        "p": _p_value(area, error, in_target),
        "delong_error": delong,
        "accuracy": accuracy,
        "proxy_a_distance": 2 * (2 * accuracy - 1),
        "js_lower_bound": bound,
        "saturated": area > SATURATED,
        "note": _SATURATION_NOTE if area > SATURATED else "",
        "n_components": n_components,
        "source_energy_outside": _outside(energy[~in_target]),
        "target_energy_outside": _outside(energy[in_target]),
    }
    freedom = max(min(int(in_target.sum()), int((~in_target).sum())) - int(fold.max()) - 1, 1)
    return Statistic(area, detail, error, freedom, SHARE)


def logistic(features: np.ndarray, in_target: np.ndarray, ridge: float) -> np.ndarray:
    """Intercept and weights (1 + q,) of a ridge logistic regression in which both sides weigh the same.

    Newton's method on sum_i c_i log(1 + exp(-+ score_i)) + ridge/2 |w|^2, the step halved until the loss falls; the
    weights c_i of a side add up to half the rows and the intercept is free.
    """
    design = np.column_stack([np.ones(len(features)), features])  # (n, 1 + q)
    mass = np.where(in_target, 0.5 / in_target.mean(), 0.5 / (~in_target).mean())
    sign = np.where(in_target, 1.0, -1.0)
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0

    def loss(weights: np.ndarray) -> float:
        return float(mass @ np.logaddexp(0, -sign * (design @ weights)) + penalty @ weights**2 / 2)

    weights = np.zeros(design.shape[1])
    current = loss(weights)
    for _ in range(_MAX_STEPS):
        chance = _sigmoid(design @ weights)
        gradient = design.T @ (mass * (chance - in_target)) + penalty * weights
        curvature = (design * (mass * chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        curvature[0, 0] += 1e-9 * len(design)  # the intercept alone may be flat where the sides are far apart
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        while (trial := loss(weights - size * step)) > current and size > 1e-6:
            size /= 2
        if trial > current:
            break
        weights, improved, current = weights - size * step, current - trial, trial
        if improved <= 1e-10 * len(design):
            break
    return weights


def area_within_folds(scores: np.ndarray, in_target: np.ndarray, fold: np.ndarray) -> tuple[float, float]:
    """Area under the ROC curve over the pairs inside a fold, and DeLong's standard error of it.

    Args:
        scores: (n,) larger for the target.
        in_target: (n,) bool.
        fold: (n,) numbers; every fold has rows of both sides.
    """
    placement = np.empty(len(scores))  # share of the other side, in the same fold, that a row is on the right side of
    pairs, areas, inverse_s, inverse_t = [], [], [], []
    squares = np.zeros(2)
    for held in np.unique(fold):
        one, other = (np.flatnonzero((fold == held) & side) for side in (~in_target, in_target))
        placement[other] = _share_below(scores[other], scores[one])
        placement[one] = 1 - _share_below(scores[one], scores[other])
        pairs.append(len(one) * len(other))
        areas.append(float(placement[other].mean()))
        squares += [((placement[rows] - areas[-1]) ** 2).sum() for rows in (one, other)]
        inverse_s.append(1 / len(one))
        inverse_t.append(1 / len(other))
    share = np.array(pairs) / sum(pairs)
    freedom = np.array([(~in_target).sum(), in_target.sum()]) - len(pairs)
    spread_s, spread_t = squares / np.maximum(freedom, 1)
    variance = share**2 @ (spread_s * np.array(inverse_s) + spread_t * np.array(inverse_t))
    return float(share @ areas), math.sqrt(float(variance))


def _canonical(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scaled pooled rows in an order set by their values only, their sides, folds, and the first equal row of each.

    Folds keep equal rows together. Groups of equal rows are numbered source only, on both sides, target only, and
    dealt out in turn: each side's groups are neighbours in that line, so they spread evenly over the folds.
    """
    pooled = np.concatenate([x, y]) + 0.0  # minus zero becomes zero
    as_bytes = np.ascontiguousarray(pooled).view(np.dtype((np.void, pooled.itemsize * pooled.shape[1])))[:, 0]
    _, group = np.unique(as_bytes, return_inverse=True)
    in_target = np.arange(len(pooled)) >= len(x)
    n_groups = int(group.max()) + 1
    has_source, has_target = (np.bincount(group[side], minlength=n_groups) > 0 for side in (~in_target, in_target))
    distinct = int(has_source.sum()), int(has_target.sum())
    if min(distinct) < 2:
        raise DataError(
            f"Found {distinct[0]} distinct source and {distinct[1]} distinct target rows, expected at least 2 of each; "
            "use more rows."
        )
    fold = np.empty(n_groups, np.int64)
    line = np.argsort(has_target.astype(int) - has_source.astype(int), kind="stable")
    fold[line] = np.arange(n_groups) % min(N_FOLDS, *distinct)
    order = np.lexsort((in_target, group))
    pooled = pooled[order] - pooled[order].mean(axis=0)
    pooled /= math.sqrt(float((pooled**2).mean()))  # one scalar: only the ridge sees it, and it stays well posed
    group = group[order]
    return pooled, in_target[order], fold[group], np.searchsorted(group, group)


def leading_components(centred: np.ndarray, n: int) -> np.ndarray:
    """Orthonormal columns (d, q) of the up to n directions in which the rows (r, d) vary most; all d where d <= n."""
    if centred.shape[1] <= n:
        return np.eye(centred.shape[1])
    wide = centred.shape[1] > len(centred)
    variances, vectors = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    kept = np.arange(len(variances))[::-1][:n]
    kept = kept[variances[kept] > _RANK * variances[-1]]
    return centred.T @ (vectors[:, kept] / np.sqrt(variances[kept])) if wide else vectors[:, kept]


def _outside(energy: np.ndarray) -> float:
    whole, inside = energy.sum(axis=0)
    return max(1 - float(inside) / float(whole), 0.0) if whole > 0 else 0.0


def _share_below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    ascending = np.sort(others)
    return (np.searchsorted(ascending, values) + np.searchsorted(ascending, values, "right")) / (2 * len(others))


def _accuracy_and_bound(scores: np.ndarray, in_target: np.ndarray) -> tuple[float, float]:
    margin = np.where(in_target, scores, -scores)
    right = (margin > 0) + 0.5 * (margin == 0)
    loss = np.logaddexp(0, -margin)
    accuracy, entropy = ((v[in_target].mean() + v[~in_target].mean()) / 2 for v in (right, loss))
    return float(accuracy), max(math.log(2) - float(entropy), 0.0)


def _p_value(area: float, error: float, in_target: np.ndarray) -> float:
    # A separable sample has no scatter left: the exact error without a gap stands in where it is the larger one.
    n, m = int((~in_target).sum()), int(in_target.sum())
    error = max(error, math.sqrt(2 * (n + m + 1) / (12 * n * m)))
    return 0.5 * math.erfc((area - 0.5) / error / math.sqrt(2))


def _sigmoid(score: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(score / 2))


C2ST = Metric(
    name="c2st",
    title="Classifier two-sample test",
    unit="held-out AUC (0.5 none, 1 separable)",
    settings_type=C2stSettings,
    statistic=c2st,
    meaning="A linear classifier that has not seen a row can tell which side it comes from.",
    blind_to="How far apart separable sides are, curved differences, and target directions the source hardly uses.",
    reference="Lopez-Paz and Oquab, Revisiting Classifier Two-Sample Tests, ICLR 2017",
    max_rows=20000,
    cost=2,
    symmetric=False,
    identical=0.5,
)
