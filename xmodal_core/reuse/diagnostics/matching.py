"""How much of the target's labels do the source's classes already tell, once they are matched?

Source posteriors on target samples are matched to target labels: many-to-one, each source class to the
label it goes with most, and one-to-one, each label to a source class of its own. With J the joint
distribution of source class z and label y, a matching s scores sum_z J[z, s(z)].

    kappa = (accuracy - chance) / (1 - accuracy by chance),   discrepancy = 1 - kappa
    U = 1 - H(Y | Z) / H(Y)

A matching scored on the samples that chose it is meaningless for many source classes: with 1000 of them and 200
samples it reads 0.90 on random labels. So half of the samples choose and the other half score, both ways, and
chance is the same procedure under permuted labels.

Reference: Ma et al., Learning Modality Knowledge Alignment for Cross-Modality Transfer, ICML 2024
(knowledge discrepancy); Theil's uncertainty coefficient for U.

Differs: cross-fitted and centred by a permutation null; the paper's divergence is replaced by the accuracy of
the best matching.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.errors import DataError
from xmodal_core.gap.nulls import permutation_p
from xmodal_core.reuse.diagnostics.leep import posterior_and_classes


@dataclass(frozen=True)
class Match:
    """One kind of matching on samples that did not choose it.

    Attributes:
        accuracy: share of the posterior mass that names the right label.
        chance: mean accuracy of the same procedure under permuted labels.
        kappa: accuracy above chance as a share of what is possible: 0 chance, 1 perfect.
        p: permutation p-value against "posteriors and labels are unrelated".
    """

    accuracy: float
    chance: float
    kappa: float
    p: float

    @property
    def discrepancy(self) -> float:
        """Knowledge discrepancy 1 - kappa: 0 where source classes determine the label, 1 at chance."""
        return 1 - self.kappa


@dataclass(frozen=True)
class Matching:
    """Both matchings and the information that source classes carry about the label.

    Attributes:
        many_to_one: each source class votes for one label.
        one_to_one: each label has one source class, others do not vote; None if there are fewer than labels.
        information: U, share of the label's entropy that the source class removes; below 0 where it only misleads.
        information_chance: mean U under permuted labels.
        information_p: its permutation p-value.
    """

    many_to_one: Match
    one_to_one: Match | None
    information: float
    information_chance: float
    information_p: float


def match_labels(posterior: np.ndarray, labels: np.ndarray, n_permutations: int = 199, seed: int = 0) -> Matching:
    """Cross-fitted matching of source posteriors (m, K_S), rows summing to 1, to target labels (m,).

    Args:
        posterior: source head, or source nearest neighbours, on target features.
        labels: target classes.
        n_permutations: permutations of the labels behind chance and p.
        seed: of the halves and the permutations.

    Raises:
        DataError: shapes that do not fit, rows that are no distributions, or fewer than two labels with two samples.
    """
    posterior, y = posterior_and_classes(posterior, labels)
    counts = np.bincount(y)
    if (counts >= 2).sum() < 2:
        raise DataError("Found fewer than two labels with two samples, expected at least two; use more samples.")
    rng = np.random.default_rng(seed)
    halves = class_halves(y, rng)
    scores = [_cross_fitted(posterior, y, halves)]
    for _ in range(n_permutations):
        dealt = y.copy()
        for half in halves:
            dealt[half] = rng.permutation(y[half])
        scores.append(_cross_fitted(posterior, dealt, halves))
    (many, one, conditional), null = scores[0], np.array(scores[1:])
    entropy = -float((counts / len(y) * np.log(counts / len(y))).sum())
    information = float(1 - conditional / entropy)
    chance = 1 - null[:, 2] / entropy
    return Matching(
        _against_chance(many, null[:, 0]),
        _against_chance(one, null[:, 1]) if posterior.shape[1] >= len(counts) else None,
        information,
        float(chance.mean()),
        permutation_p(chance, information),
    )


def class_halves(y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of two random halves with the same share of every class; y (n,) numbers the classes."""
    order = rng.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    return order[::2], order[1::2]


def _cross_fitted(posterior: np.ndarray, y: np.ndarray, halves: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Accuracy many-to-one, accuracy one-to-one, conditional entropy in nats: (3,), each half scored by the other."""
    indicator = np.eye(int(y.max()) + 1)[y]
    first, second = (posterior[half].T @ indicator[half] for half in halves)  # soft counts (K_S, K_T)
    return np.mean([_score(first, second), _score(second, first)], axis=0)


def _score(chosen_on: np.ndarray, counts: np.ndarray) -> list[float]:
    """The three numbers of `counts` under matching and conditional distribution learnt from `chosen_on`."""
    return [_many_to_one(chosen_on, counts), _one_to_one(chosen_on, counts), _conditional_entropy(chosen_on, counts)]


def _many_to_one(chosen_on: np.ndarray, counts: np.ndarray) -> float:
    # A source class never seen goes to the commonest label.
    label = np.argmax(chosen_on + 1e-9 * chosen_on.sum(axis=0), axis=1)
    return float(counts[np.arange(len(counts)), label].sum() / counts.sum())


def _one_to_one(chosen_on: np.ndarray, counts: np.ndarray) -> float:
    """Accuracy among the mass that falls on matched source classes; a guess where none does."""
    from scipy.optimize import linear_sum_assignment

    if len(counts) < counts.shape[1]:
        return 0.0
    z, label = linear_sum_assignment(chosen_on, maximize=True)
    mass = float(counts[z].sum())
    return float(counts[z, label].sum()) / mass if mass > 0 else 1 / counts.shape[1]


def _conditional_entropy(chosen_on: np.ndarray, counts: np.ndarray) -> float:
    """-E log P(y | z) in nats, with P smoothed by one sample per label, shared out as the labels are."""
    n_labels = chosen_on.shape[1]
    prior = (chosen_on.sum(axis=0) + 1) / (chosen_on.sum() + n_labels)
    given = (chosen_on + n_labels * prior) / (chosen_on.sum(axis=1, keepdims=True) + n_labels)
    return -float((counts * np.log(given)).sum() / counts.sum())


def _against_chance(accuracy: float, null: np.ndarray) -> Match:
    chance = float(null.mean())
    return Match(
        float(accuracy), chance, (float(accuracy) - chance) / (1 - chance), permutation_p(null, float(accuracy))
    )
