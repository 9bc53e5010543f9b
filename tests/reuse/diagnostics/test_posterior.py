import numpy as np
import pytest

from xmodal_core.reuse.diagnostics.discrepancy import knowledge_discrepancy
from xmodal_core.reuse.diagnostics.posterior import knn_posterior

# two classes of three rows on the two axes, named 4 and 9
SOURCE = np.array([[1.0, 0.0], [2, 0], [3, 0], [0, 1], [0, 2], [0, 3]])
LABELS = np.array([4, 4, 4, 9, 9, 9])


def test_votes_and_one_more_vote_for_all_classes_alike():
    found = knn_posterior(SOURCE, LABELS, np.array([[5.0, 0.1]]), k=3)
    np.testing.assert_allclose(found, [[3.5 / 4, 0.5 / 4]])
    np.testing.assert_allclose(knn_posterior(SOURCE, LABELS, SOURCE, k=20), 0.5)  # all six vote


def test_rows_are_distributions_without_a_zero():
    rng = np.random.default_rng(0)
    found = knn_posterior(rng.normal(size=(50, 4)), np.arange(50) % 5, rng.normal(size=(30, 4)), k=7)
    assert found.shape == (30, 5)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert found.min() == pytest.approx(0.2 / 8, abs=1e-9)


def test_targets_on_the_source_have_no_discrepancy_whatever_their_labels_are_called():
    rng = np.random.default_rng(0)
    classes = np.arange(120) % 3
    place = 10 * np.eye(3)[classes]
    source, target = (place + rng.normal(size=(120, 3)) for _ in range(2))
    found = knowledge_discrepancy(knn_posterior(source, classes, target), (classes + 1) % 3)
    assert found.value == pytest.approx(-np.log((20 + 1 / 3) / 21), abs=1e-6)
    assert found.relative < 0.05


def test_bad_input_is_refused(refusal):
    refusal(lambda: knn_posterior(SOURCE, LABELS, np.ones((2, 3))), "(2, 3)")
    refusal(lambda: knn_posterior(SOURCE + np.inf, LABELS, SOURCE), "diverged")
    refusal(lambda: knn_posterior(SOURCE, LABELS * 0, SOURCE), "one source class")
