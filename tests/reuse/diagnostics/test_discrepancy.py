from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from xmodal_core.reuse.diagnostics.discrepancy import knowledge_discrepancy
from xmodal_core.reuse.diagnostics.matching import class_halves
from xmodal_core.reuse.diagnostics.posterior import knn_posterior

WORKED = np.array([[0.1, 0.2, 0.6, 0.1], [0.2, 0.1, 0.5, 0.2], [0.7, 0.1, 0.1, 0.1], [0.4, 0.3, 0.2, 0.1]])
WORKED_Y = np.array([0, 0, 1, 1])
few = settings(deadline=None, max_examples=25)


def random_case(seed: int, m: int = 40, n_labels: int = 3, n_source: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(m, n_source)) * rng.uniform(0.2, 4)
    posterior = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    # a share for every class: the definitions below have no floor, which is below 1e-9 of the least entry here
    return 0.99 * posterior + 0.01 / n_source, np.arange(m) % n_labels


def cost_of(posterior: np.ndarray, y: np.ndarray) -> np.ndarray:
    """C (K_t, K_s) by its definition, for posteriors without a zero."""
    return np.array([-np.log(posterior[y == label]).mean(axis=0) for label in range(int(y.max()) + 1)])


def cheapest(posterior: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(linear_sum_assignment(cost_of(posterior, y))[1])


def divergence(posterior: np.ndarray, y: np.ndarray, sigma: np.ndarray) -> float:
    """Mean over samples of KL(onehot(y) || q) by its definition."""
    return float(np.mean([-np.log(p[sigma[label]] / p[sigma].sum()) for p, label in zip(posterior, y, strict=True)]))


def own_cost(posterior: np.ndarray, y: np.ndarray, sigma: np.ndarray) -> float:
    """What the matching costs, every sample alike."""
    return float(-np.log(posterior[np.arange(len(y)), sigma[y]]).mean())


def least_divergence(posterior: np.ndarray, y: np.ndarray) -> float:
    """The infimum, by trying every ordered subset of the source classes."""
    sigmas = permutations(range(posterior.shape[1]), int(y.max()) + 1)
    return min(divergence(posterior, y, np.array(sigma)) for sigma in sigmas)


def in_sample(posterior: np.ndarray, y: np.ndarray) -> float:
    return divergence(posterior, y, cheapest(posterior, y))


def cross_fitted(
    posterior: np.ndarray, y: np.ndarray, score: Callable[[np.ndarray, np.ndarray, np.ndarray], float]
) -> float:
    """Mean of (posterior, labels, sigma) scored on either half, sigma chosen on the other; labels appear in order."""
    halves = class_halves(y, np.random.default_rng(0))
    found = []
    for chooses, scores in (halves, halves[::-1]):
        found.append(score(posterior[scores], y[scores], cheapest(posterior[chooses], y[chooses])))
    return float(np.mean(found))


def value_of(posterior: np.ndarray, y: np.ndarray) -> float:
    return knowledge_discrepancy(posterior, y, n_permutations=1).value


def test_source_classes_under_other_names_are_matched_at_no_divergence() -> None:
    assert value_of(np.eye(4)[np.array([2, 0, 2, 0])], np.array([0, 1, 0, 1])) == pytest.approx(0, abs=1e-9)


def test_uniform_posteriors_cost_the_logarithm_of_the_number_of_labels() -> None:
    found = knowledge_discrepancy(np.full((60, 7), 1 / 7), np.arange(60) % 5, n_permutations=9)
    assert found.value == pytest.approx(np.log(5))
    assert found.normalised == pytest.approx(1)
    assert found.relative == pytest.approx(1)
    assert found.p == 1


def test_a_case_worked_by_hand() -> None:
    """Label 0 is cheapest at class 2 and label 1 at class 0, in either half: so each row is scored under (2, 0)."""
    by_hand = -np.log([0.6 / 0.7, 0.5 / 0.7, 0.7 / 0.8, 0.4 / 0.6]).mean()
    assert by_hand == pytest.approx(0.257405, abs=1e-6)
    assert value_of(WORKED, WORKED_Y) == pytest.approx(by_hand, abs=1e-9)


def test_source_classes_without_any_mass_give_a_number() -> None:
    assert np.isfinite(value_of(np.tile([1.0, 0.0, 0.0], (6, 1)), np.arange(6) % 2))


@few
@given(st.integers(0, 10_000))
def test_the_value_is_that_of_its_definition_on_the_halves(seed: int) -> None:
    posterior, y = random_case(seed)
    assert value_of(posterior, y) == pytest.approx(cross_fitted(posterior, y, divergence), abs=1e-8)


@few
@given(st.integers(0, 10_000))
def test_the_value_lies_between_the_infimum_and_the_cost_of_its_matching(seed: int) -> None:
    posterior, y = random_case(seed, m=20)
    value = value_of(posterior, y)
    assert cross_fitted(posterior, y, lambda p, labels, _: least_divergence(p, labels)) <= value + 1e-9
    assert value <= cross_fitted(posterior, y, own_cost) + 1e-9


@few
@given(st.integers(0, 10_000))
def test_names_of_labels_and_order_of_source_classes_do_not_matter(seed: int) -> None:
    posterior, y = random_case(seed)
    rng = np.random.default_rng(seed + 1)
    names, columns = rng.permutation(3) * 7, rng.permutation(6)
    found = knowledge_discrepancy(posterior, y, n_permutations=5)
    renamed = knowledge_discrepancy(posterior[:, columns], names[y], n_permutations=5)
    assert renamed.value == pytest.approx(found.value)
    assert renamed.chance == pytest.approx(found.chance)


def test_noise_reads_chance_where_scoring_on_the_same_samples_flatters() -> None:
    rng = np.random.default_rng(0)
    posterior, y = rng.dirichlet(np.full(200, 0.1), size=100), np.arange(100) % 5
    assert in_sample(posterior, y) < 0.8 * knowledge_discrepancy(posterior, y, n_permutations=3).value
    readings = []
    for seed in range(8):
        y = np.random.default_rng(seed).permutation(y)
        readings.append(knowledge_discrepancy(posterior, y, n_permutations=30, seed=seed))
    assert np.mean([r.relative for r in readings]) == pytest.approx(1, abs=0.05)
    assert np.mean([r.p for r in readings]) > 0.15
    assert all(r.percentile == pytest.approx(100 * r.p) for r in readings)


def test_a_classifier_that_knows_the_labels_reads_far_below_chance() -> None:
    y = np.arange(120) % 4
    posterior = 0.7 * np.eye(9)[np.array([5, 1, 8, 2])[y]] + 0.3 / 9
    found = knowledge_discrepancy(posterior, y, n_permutations=99)
    assert found.value == pytest.approx(-np.log((0.7 + 0.3 / 9) / (0.7 + 4 * 0.3 / 9)))  # as certain as it is right
    assert found.relative < 0.2
    assert found.p == 0.01
    assert (found.n, found.n_source, found.n_labels) == (120, 9, 4)
    assert found == knowledge_discrepancy(posterior, y, n_permutations=99)


def test_confident_errors_read_worse_than_knowing_nothing() -> None:
    rng = np.random.default_rng(1)
    y = np.arange(200) % 2
    answered = np.where(rng.random(200) < 0.5, y, 1 - y)
    assert knowledge_discrepancy(0.98 * np.eye(2)[answered] + 0.01, y, n_permutations=5).normalised > 1


def test_what_has_no_matching_is_refused(refusal) -> None:
    refusal(
        lambda: knowledge_discrepancy(np.full((6, 2), 0.5), np.arange(6) % 3),
        "3 target classes",
        "2 source classes",
        "at least as many",
    )
    refusal(lambda: knowledge_discrepancy(np.full((4, 3), 1 / 3), np.zeros(4)), "one target class")
    refusal(lambda: knowledge_discrepancy(np.full((3, 3), 1 / 3), np.arange(3)), "fewer than two labels")
    refusal(lambda: knowledge_discrepancy(np.full((4, 3), 1.0), np.arange(4) % 2), "softmax")


def test_the_stand_in_for_the_source_head_knows_the_source_and_sees_a_relabelled_target() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(5, 8)) * 4
    labels = np.arange(200) % 5
    source = centres[labels] + rng.normal(size=(200, 8))
    y = np.arange(90) % 3
    target = centres[[4, 0, 2]][y] + rng.normal(size=(90, 8))
    posterior = knn_posterior(source, labels, target)
    assert posterior.shape == (90, 5)
    assert posterior.sum(axis=1) == pytest.approx(np.ones(90))
    assert cheapest(posterior, y).tolist() == [4, 0, 2]
    assert knowledge_discrepancy(posterior, y, n_permutations=19).relative < 0.1
