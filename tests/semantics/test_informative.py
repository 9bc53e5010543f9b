"""Whether names fit the data: a rank correlation of two geometries with a permutation p."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from xmodal_core.semantics.graph import class_similarity
from xmodal_core.semantics.informative import informativeness


def geometry(n_classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    means = rng.normal(size=(n_classes, 4))
    labels = np.repeat(np.arange(n_classes), 5)
    return means, means[labels], labels


@pytest.mark.parametrize(("n_classes", "n_permutations"), [(4, 24), (6, 720), (9, 1000)])
def test_equal_geometries_correlate_fully(n_classes: int, n_permutations: int) -> None:
    means, features, labels = geometry(n_classes)
    found = informativeness(means, features, labels)
    assert found.rho == pytest.approx(1)
    assert found.n_permutations == n_permutations
    assert found.p <= 2 / min(n_permutations, 24)
    if n_classes > 4:
        assert "agree" in found.sentence


def test_the_correlation_is_spearmans() -> None:
    means, _, labels = geometry(7)
    features = np.random.default_rng(5).normal(size=(len(labels), 3)).round(1)
    upper = np.triu_indices(7, 1)
    of_class = np.stack([features[labels == c].mean(axis=0) for c in range(7)])
    expected = spearmanr(class_similarity(means)[upper], class_similarity(of_class)[upper]).statistic
    assert informativeness(means, features, labels).rho == pytest.approx(expected)


def test_p_is_roughly_uniform_where_names_and_data_have_nothing_in_common() -> None:
    rng = np.random.default_rng(0)
    values = [informativeness(rng.normal(size=(5, 8)), rng.normal(size=(5, 8)), np.arange(5)).p for _ in range(60)]
    assert 0.35 < np.mean(values) < 0.65
    assert min(values) >= 1 / 120  # the identity is one of 5! permutations


def test_too_few_classes_and_no_variation_are_said_plainly() -> None:
    means, features, labels = geometry(3)
    assert "too few to test" in informativeness(means, features, labels).sentence
    means, features, labels = geometry(5)
    flat = informativeness(means, np.ones_like(features), labels)
    assert np.isnan(flat.rho)
    assert "nothing to test" in flat.sentence


def test_classes_without_rows_are_left_out() -> None:
    means, features, labels = geometry(8)
    some = labels < 5
    assert informativeness(means, features[some], labels[some]).n_classes == 5
