import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.h_score import HScoreSettings, h_score, ledoit_wolf

ANY = gaussian(5, 2, 0)


def read(target):
    return h_score(ANY, target, HScoreSettings())


def by_definition(features, labels, shrinkage):
    """tr(S_a^-1 (1 - a) S_B) from full covariance matrices."""
    d = features.shape[1]
    covariance = np.cov(features.T, bias=True).reshape(d, d)
    means = np.stack([features[labels == c].mean(axis=0) for c in range(labels.max() + 1)])[labels]
    between = np.cov(means.T, bias=True).reshape(d, d)
    shrunk = (1 - shrinkage) * covariance + shrinkage * np.trace(covariance) / d * np.eye(d)
    return np.trace(np.linalg.pinv(shrunk, rcond=1e-10) @ ((1 - shrinkage) * between))


def test_one_hot_features_reach_one_less_than_the_number_of_classes():
    labels = np.arange(1000) % 5
    reading = read(embedding(np.eye(5)[labels], labels))
    assert reading.detail["plain"] == pytest.approx(4.0, abs=1e-10)
    assert 0.98 < reading.value < 1.0


@given(seed=st.integers(0, 10**6), d=st.sampled_from([1, 7, 60]))
@settings(deadline=None, max_examples=12)
def test_value_and_plain_score_are_those_of_the_covariance_matrices(seed, d):
    target = gaussian(40, d, seed, n_classes=4, separation=2.0, shift=5.0)
    reading = read(target)
    features = target.features.astype(float)
    expected = by_definition(features, target.labels, reading.detail["shrinkage"])
    assert reading.detail["shrunk"] == pytest.approx(expected, rel=1e-7)
    assert reading.value == pytest.approx(expected / 3, rel=1e-7)
    assert reading.detail["plain"] == pytest.approx(by_definition(features, target.labels, 0.0), rel=1e-7)


@pytest.mark.parametrize(("n", "d"), [(50, 1), (50, 8), (30, 100)])
def test_the_shrinkage_is_that_of_the_reference_implementation(n, d):
    from sklearn.covariance import ledoit_wolf as reference

    x = np.random.default_rng(0).normal(size=(n, d)) * np.linspace(1, 3, d)
    x -= x.mean(axis=0)
    found = ledoit_wolf(x, np.linalg.svd(x, compute_uv=False) ** 2)
    assert found == pytest.approx(reference(x)[1], abs=1e-10)


def test_noise_in_many_features_reads_near_zero_where_the_plain_score_reads_half_its_maximum():
    target = gaussian(1000, 512, 0, n_classes=10)
    reading = read(target)
    assert reading.detail["plain"] == pytest.approx(512 * 9 / 999, abs=0.25)  # D (K - 1) / (N - 1)
    assert 0 <= reading.detail["shrunk"] < 0.1


def test_well_separated_classes_in_few_features_read_near_one():
    assert read(gaussian(400, 3, 0, n_classes=3, separation=30.0)).value > 0.9


def test_features_that_do_not_vary_read_zero():
    reading = read(embedding(np.full((20, 3), 0.7), np.arange(20) % 2))
    assert reading.value == 0.0
    assert reading.detail["plain"] == 0.0


def test_classes_that_share_their_mean_read_zero():
    features = np.array([[-1.0], [1.0], [-3.0], [3.0]])
    assert read(embedding(features, [0, 0, 1, 1])).value == pytest.approx(0.0, abs=1e-15)


def test_rows_of_one_class_are_refused():
    with pytest.raises(DataError, match="scans has rows of one class"):
        read(gaussian(10, 2, 0, name="scans"))
