"""How well do the features explain the labels of the target? Log maximum evidence of a Bayesian linear model.

    LogME = (1 / K) sum_c max_{alpha, beta} log N(y_c; 0, I / beta + F F' / alpha) / N

y_c is 1 on the rows of class c and 0 elsewhere. With t = alpha / beta, s_i the singular values of F, z = U'y and e
the part of y outside the span of F, the best beta for a given t is N / q with q(t) = |e|^2 + sum z_i^2 t / (t + s_i^2):

    log N = -N/2 log(2 pi) + N/2 log(N / q) - N/2 + 1/2 sum log(t / (t + s_i^2))

which leaves one dimension to search, for wide and for tall features alike.

Reference: You, Liu, Wang and Long, ICML 2021; the normal log density is the definition.

Differs: t is found on a grid and by bisection of the slope, instead of a fixed-point iteration that may stop early
and whose published form leaves out -(D - r)/2 log(alpha) where D > N. |e|^2 is at least 1e-8 |y|^2 unless F has
rank N, because an exact fit has infinite evidence.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.gap.base import Metric, Statistic
from xmodal_core.gap.labelled import labelled_rows, left_coordinates
from xmodal_core.settings import check_settings

_RCOND = 1e-13
_NOISE = 1e-8  # smallest share of |y|^2 that is noise
_MARGIN = 28.0  # of log t beyond the extreme s^2: the evidence is flat there to 1e-12
_STEP = 0.5
_HALVINGS = 30


@dataclass(frozen=True)
class LogmeSettings:
    """Nothing to set: the evidence chooses its own regularisation."""

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True, eq=False)
class Evidence:
    """Maximum evidence of each target column.

    Attributes:
        value: (K,) log density per row.
        alpha, beta: (K,) precision of the weights and of the noise at the maximum.
        rank: of the features.
        exact: (K,) the fit left no residual and the noise was held at its lower bound.
    """

    value: np.ndarray
    alpha: np.ndarray
    beta: np.ndarray
    rank: int
    exact: np.ndarray


def logme(source: Embedding, target: Embedding, settings: LogmeSettings) -> Statistic:  # noqa: ARG001
    """Mean log evidence per row of the target's classes given its features (m, d); the source is not looked at.

    Returns:
        Nats per row, unbounded, the same at any scale of the features. Depends on the number of classes even for
        pure noise, so it is read against its value under shuffled labels (the floor). Detail: classes and
        smallest class, rank of the features, how many classes gain nothing from the features, and how many
        are fitted exactly, where the bound on the noise and not the data sets the value.

    Raises:
        DataError: fewer than two classes among the rows, or features not finite.
    """
    rows = labelled_rows(target)
    evidence = maximum_evidence(rows.features, rows.one_hot())
    share = rows.counts / rows.counts.sum()
    alone = -0.5 * (np.log(2 * np.pi * share) + 1)  # the evidence without any features
    detail = {
        "n_classes": len(rows.counts),
        "smallest_class": int(rows.counts.min()),
        "rank": evidence.rank,
        "unexplained_classes": int((evidence.value <= alone + 1e-9).sum()),
        "exactly_fitted_classes": int(evidence.exact.sum()),
    }
    return Statistic(float(evidence.value.mean()), detail)


def maximum_evidence(features: np.ndarray, targets: np.ndarray) -> Evidence:
    """Maximum over alpha and beta of log N(y; 0, I / beta + F F' / alpha) / n for every column y.

    Args:
        features: F (n, d), any d.
        targets: (n, K), no column of zeros.
    """
    n = len(features)
    squared, z = left_coordinates(features, targets, _RCOND)
    z2, total = z**2, (targets**2).sum(axis=0)  # (r, K), (K,)
    outside = np.maximum(total - z2.sum(axis=0), 0.0)
    exact = (outside < _NOISE * total) & (len(squared) < n)
    residual = np.zeros_like(total) if len(squared) == n else np.maximum(outside, _NOISE * total)
    logs = np.log(squared) if len(squared) else np.zeros(1)
    if not len(squared):
        z2 = np.zeros((1, len(total)))
    grid = np.arange(logs.min() - _MARGIN, np.logaddexp.reduce(logs) + _MARGIN + _STEP, _STEP)
    best = _on_grid(grid, logs, z2, residual, n).argmax(axis=0)  # (K,)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, len(grid) - 1)]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        rising = _slope(middle, logs, z2, residual, n) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    candidates = np.stack([(low + high) / 2, grid[best]])  # (2, K)
    values, q = zip(*(_evidence(u, logs, z2, residual, n) for u in candidates), strict=True)
    pick = np.argmax(values, axis=0), np.arange(len(total))
    beta = n / np.stack(q)[pick]
    return Evidence(np.stack(values)[pick] / n, beta * np.exp(candidates[pick]), beta, len(squared), exact)


def _on_grid(grid: np.ndarray, logs: np.ndarray, z2: np.ndarray, residual: np.ndarray, n: int) -> np.ndarray:
    """Log evidence (G, K) up to a constant at every log t of the grid (G,)."""
    odds = np.exp(logs - grid[:, None])  # (G, r) s^2 / t
    return -0.5 * n * np.log((1 / (1 + odds)) @ z2 + residual) - 0.5 * np.log1p(odds).sum(axis=1, keepdims=True)


def _slope(u: np.ndarray, logs: np.ndarray, z2: np.ndarray, residual: np.ndarray, n: int) -> np.ndarray:
    """Derivative (K,) of the log evidence at each column's own log t (K,)."""
    kept = 1 / (1 + np.exp(logs[:, None] - u))  # (r, K) t / (t + s^2)
    used = 1 / (1 + np.exp(u - logs[:, None]))
    q = (z2 * kept).sum(axis=0) + residual
    return np.asarray(0.5 * used.sum(axis=0) - 0.5 * n * (z2 * kept * used).sum(axis=0) / q)


def _evidence(
    u: np.ndarray, logs: np.ndarray, z2: np.ndarray, residual: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Log evidence (K,) and q (K,) at each column's own log t (K,)."""
    odds = np.exp(logs[:, None] - u)  # (r, K)
    q = (z2 / (1 + odds)).sum(axis=0) + residual
    return -0.5 * n * (np.log(2 * np.pi * q / n) + 1) - 0.5 * np.log1p(odds).sum(axis=0), q


LOGME = Metric(
    name="logme",
    title="LogME",
    unit="nats per row",
    settings_type=LogmeSettings,
    statistic=logme,
    meaning="A linear model explains the target's labels from these features beyond what shuffled labels allow.",
    blind_to="The source, and any curved boundary; the raw value moves with the number and balance of classes.",
    reference="You, Liu, Wang and Long, ICML 2021",
    n_subsamples=20,
    target_only=True,
    uses_labels=True,
    max_rows=2000,
    cost=3,
)
