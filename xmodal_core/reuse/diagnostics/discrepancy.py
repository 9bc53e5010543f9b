"""Knowledge discrepancy of MoNA: how far is P(Y | X) of the target from that of the best-matching source classes?

    D = inf over B, pi of d( P(Y^s_{pi,B} | X), P(Y^t | X) ),   B a subset of the source classes with |B| = K_t

X is the space in which the body reads both modalities, so D is a property of the embedder. The distance d and the
search are ours: with p_i the source posterior on target sample i and sigma a map of target to source classes,

    C[j, k] = mean over y_i = j of -log p_i[k],   sigma the cheapest assignment of C
    q_i[j] = p_i[sigma(j)] / sum_j' p_i[sigma(j')],   D_hat = mean_i -log q_i[y_i]   (nats)

D_hat / log K_t is near 0 where source classes name the labels, 1 for uniform posteriors, above 1 for confident
errors. A sigma scored on the samples that chose it flatters many source classes, so one half of the samples
chooses and the other scores, both ways, and chance is the same procedure under permuted labels.

Reference: Ma et al., Learning Modality Knowledge Alignment for Cross-Modality Transfer, ICML 2024, arXiv
2406.18864, for D, in the form in which others quote it.

Differs: d and the estimator are ours, cross-fitted and set against chance. The renormalised objective does not
split over classes, so the assignment is not the infimum: D <= D_hat <= mean of C[y_i, sigma(y_i)] over the same
samples.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.errors import DataError
from xmodal_core.gap.nulls import permutation_p
from xmodal_core.reuse.diagnostics.leep import posterior_and_classes
from xmodal_core.reuse.diagnostics.matching import class_halves
from xmodal_core.values import JsonValue

_FLOOR = 1e-12  # smallest probability: what a softmax rounds to zero still has a logarithm


@dataclass(frozen=True)
class Discrepancy(JsonValue):
    """D_hat on samples that did not choose the matching.

    Attributes:
        value: D_hat in nats, mean of both halves.
        normalised: value / log K_t; 1 for uniform posteriors, above 1 for confident errors.
        chance: mean D_hat under permuted labels, in nats.
        relative: value / chance; 0 where source classes determine the label, 1 at chance.
        percentile: share of the permuted values at or below the value, itself counted, in per cent.
        p: permutation p-value against "posteriors and labels are unrelated".
        n_permutations, n, n_source, n_labels: permutations, samples, K_s and K_t.
    """

    value: float
    normalised: float
    chance: float
    relative: float
    percentile: float
    p: float
    n_permutations: int
    n: int
    n_source: int
    n_labels: int


def knowledge_discrepancy(
    posterior: np.ndarray, labels: np.ndarray, n_permutations: int = 99, seed: int = 0
) -> Discrepancy:
    """Cross-fitted D_hat of source posteriors (m, K_s), rows summing to 1, for target labels (m,).

    Neither the names of the labels nor the order of the source classes matters.

    Args:
        posterior: a source classifier on target features.
        labels: target classes; pseudo-labels where the task has none.
        n_permutations: permutations of the labels behind chance and p.
        seed: of the halves and the permutations.

    Raises:
        DataError: shapes that do not fit, rows that are no distributions, more labels than source classes, or
            fewer than two labels with two samples.
    """
    posterior, y = _checked(posterior, _by_appearance(labels))
    if (np.bincount(y) >= 2).sum() < 2:
        raise DataError("Found fewer than two labels with two samples, expected at least two; use more samples.")
    rng = np.random.default_rng(seed)
    halves = class_halves(y, rng)
    value = _cross_fitted(posterior, y, halves)
    null = np.empty(n_permutations)
    for b in range(n_permutations):
        dealt = y.copy()
        for half in halves:
            dealt[half] = rng.permutation(y[half])
        null[b] = _cross_fitted(posterior, dealt, halves)
    chance, n_labels, p = float(null.mean()), int(y.max()) + 1, permutation_p(-null, -value)
    return Discrepancy(
        value,
        value / float(np.log(n_labels)),
        chance,
        value / chance if chance > 0 else 1.0,
        100 * p,
        p,
        n_permutations,
        len(y),
        posterior.shape[1],
        n_labels,
    )


def _checked(posterior: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    posterior, y = posterior_and_classes(posterior, labels)
    n_labels = int(y.max()) + 1
    if n_labels > posterior.shape[1]:
        raise DataError(
            f"Found {n_labels} target classes and {posterior.shape[1]} source classes, expected at least as many "
            "source classes for the knowledge discrepancy; take a source with more classes."
        )
    if n_labels < 2:
        raise DataError("Found one target class, expected at least two; use more samples.")
    return posterior, y


def _by_appearance(labels: np.ndarray) -> np.ndarray:
    """Labels numbered in the order in which they first occur, so that their names cannot choose the halves."""
    _, first, y = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[y]


def _cross_fitted(posterior: np.ndarray, y: np.ndarray, halves: tuple[np.ndarray, np.ndarray]) -> float:
    """Mean D_hat of two halves, each under the matching that the other chose."""
    n_labels = int(y.max()) + 1
    total = 0.0
    for chooses, scores in (halves, halves[::-1]):
        sigma = _assigned(_cost(posterior[chooses], y[chooses], n_labels))
        total += _divergence(posterior[scores], y[scores], sigma)
    return total / 2


def _cost(posterior: np.ndarray, y: np.ndarray, n_labels: int) -> np.ndarray:
    """C (K_t, K_s); a label without samples costs what an average sample does."""
    indicator = np.eye(n_labels)[y]  # (m, K_t)
    surprise = -np.log(np.maximum(posterior, _FLOOR))  # (m, K_s)
    counts = indicator.sum(axis=0)[:, None]
    mean = surprise.mean(axis=0, keepdims=True)
    return np.where(counts > 0, indicator.T @ surprise / np.maximum(counts, 1), mean)


def _assigned(cost: np.ndarray) -> np.ndarray:
    from scipy.optimize import linear_sum_assignment

    return np.asarray(linear_sum_assignment(cost)[1])


def _divergence(posterior: np.ndarray, y: np.ndarray, sigma: np.ndarray) -> float:
    matched = posterior[:, sigma] + _FLOOR  # (m, K_t)
    q = matched[np.arange(len(y)), y] / matched.sum(axis=1)
    return float(-np.log(q).mean())
