import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.logme import LogmeSettings, logme, maximum_evidence

ANY = gaussian(5, 2, 0)


def read(target):
    return logme(ANY, target, LogmeSettings())


def log_density(features, y, alpha, beta):
    n = len(y)
    return multivariate_normal.logpdf(y, np.zeros(n), np.eye(n) / beta + features @ features.T / alpha) / n


def labelled_features(n, d, seed, signal):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, d))
    classes = np.argmax(features[:, :3] * signal + rng.normal(size=(n, 3)), axis=1)
    return features, (classes[:, None] == np.arange(3)).astype(float)


@pytest.mark.parametrize(("n", "d"), [(80, 5), (60, 59), (50, 50), (40, 300)])
@pytest.mark.parametrize("signal", [0.0, 2.0])
def test_the_evidence_is_the_normal_log_density_for_tall_and_wide_features(n, d, signal):
    features, y = labelled_features(n, d, 0, signal)
    evidence = maximum_evidence(features, y)
    for c in range(3):
        expected = log_density(features, y[:, c], evidence.alpha[c], evidence.beta[c])
        assert evidence.value[c] == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(("n", "d"), [(60, 4), (30, 90)])
def test_no_other_precisions_have_a_higher_density(n, d):
    features, y = labelled_features(n, d, 1, 2.0)
    evidence = maximum_evidence(features, y)
    for c in range(3):
        found = minimize(
            lambda logs, c=c: -log_density(features, y[:, c], *np.exp(logs)), [2.0, 2.0], method="Nelder-Mead"
        )
        assert evidence.value[c] >= -found.fun - 1e-12
        assert evidence.value[c] == pytest.approx(-found.fun, abs=1e-4)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=10)
def test_rows_seen_by_columns_of_zeros_keep_their_evidence(seed):
    features, y = labelled_features(25, 6, seed, 1.0)
    wide = np.column_stack([features, np.zeros((25, 40))])  # the same F F', through the other Gram matrix
    assert maximum_evidence(wide, y).value == pytest.approx(maximum_evidence(features, y).value, abs=1e-9)


def test_wide_noise_is_not_praised():
    rng = np.random.default_rng(0)
    labels = np.arange(100) % 2
    value = read(embedding(rng.normal(size=(100, 768)), labels)).value
    # Without features the best density of a half-full column is -(log(2 pi / 2) + 1) / 2; the fixed point says +23.
    alone = -(np.log(np.pi) + 1) / 2
    # The grid ends where the evidence is flat to 1e-12 (logme._MARGIN): the limit is reached, from either side.
    assert alone - 1e-12 <= value < alone + 0.05


def test_features_without_any_size_leave_the_closed_form_of_the_labels_alone():
    reading = read(embedding(np.zeros((40, 3)), [0] * 30 + [1] * 10))
    expected = -(np.log(2 * np.pi * np.array([0.75, 0.25])) + 1) / 2
    assert reading.value == pytest.approx(expected.mean(), abs=1e-12)
    assert reading.detail["unexplained_classes"] == 2
    assert reading.detail["rank"] == 0


def test_one_constant_feature_is_a_random_offset():
    y = np.array([1.0] * 6 + [0.0] * 14)
    evidence = maximum_evidence(np.full((20, 1), 3.0), y[:, None])
    expected = log_density(np.full((20, 1), 3.0), y, evidence.alpha[0], evidence.beta[0])
    assert evidence.value[0] == pytest.approx(expected, abs=1e-10)


def test_the_value_is_the_same_at_any_scale():
    target = gaussian(90, 8, 0, n_classes=3, separation=2.0)
    for scale in (1e-15, 0.3, 1e15):
        scaled = embedding(target.features.astype(float) * scale, target.labels)
        assert read(scaled).value == pytest.approx(read(target).value, abs=1e-9)


def test_noise_reads_higher_with_more_classes_so_it_is_held_against_shuffled_labels():
    features = np.random.default_rng(0).normal(size=(1000, 16))
    noise = [read(embedding(features, np.arange(1000) % k)).value for k in (2, 10, 50)]
    assert noise == pytest.approx([-1.07, -0.26, 0.57], abs=0.04)
    assert "chance" not in read(embedding(features, np.arange(1000) % 2)).detail


def test_informative_features_read_above_shuffled_labels():
    target = gaussian(200, 5, 0, n_classes=4, separation=4.0)
    shuffled = embedding(target.features, np.random.default_rng(0).permutation(target.labels))
    assert read(target).value > read(shuffled).value + 0.2


def test_classes_that_are_fitted_exactly_stay_finite_and_are_counted():
    reading = read(embedding(np.eye(3)[np.arange(60) % 3], np.arange(60) % 3))
    assert reading.detail["exactly_fitted_classes"] == 3
    # The bound on the noise is a share of 1e-8, so the value is below that of a noise-free column of that size.
    assert 0 < reading.value < 0.5 * np.log(1e8 * 3)
    wide = read(embedding(10 * np.eye(40), np.arange(40) % 2))
    assert np.isfinite(wide.value)
    assert wide.detail["exactly_fitted_classes"] == 0


def test_orthogonal_rows_say_nothing_about_each_other():
    # F F' = I: the density is that of white noise whatever alpha and beta.
    reading = read(embedding(np.eye(40), np.arange(40) % 2))
    assert reading.value == pytest.approx(-(np.log(np.pi) + 1) / 2, abs=1e-10)


def test_rows_of_one_class_are_refused():
    with pytest.raises(DataError, match="scans has rows of one class"):
        read(gaussian(10, 2, 0, name="scans"))
