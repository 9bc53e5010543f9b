import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.errors import DataError
from xmodal_core.reuse.diagnostics.mutual_knn import calibrated_mutual_knn, mutual_knn


def features(n, d, seed):
    return np.random.default_rng(seed).normal(size=(n, d))


def test_unrelated_encoders_share_neighbours_as_often_as_chance_says():
    values = [mutual_knn(features(1024, 20, seed), features(1024, 30, seed + 100), k=10) for seed in range(3)]
    assert np.mean(values) == pytest.approx(10 / 1023, rel=0.15)


def test_points_on_a_line_share_neighbours_as_counted_by_hand():
    x = np.array([[0.0], [1.0], [3.0], [7.0]])
    y = np.array([[0.0], [10.0], [1.0], [10.5]])
    # nearest in x: 1, 0, 1, 2; in y: 2, 3, 0, 1 -> none in common
    assert mutual_knn(x, y, k=1, cosine=False) == 0.0
    # two nearest in x: {1,2} {0,2} {1,0} {2,1}; in y: {2,1} {3,2} {0,1} {1,2} -> 2 + 1 + 2 + 2 of 8
    assert mutual_knn(x, y, k=2, cosine=False) == pytest.approx(7 / 8)


@given(seed=st.integers(0, 10**6), cosine=st.booleans())
@settings(deadline=None, max_examples=20)
def test_identical_up_to_rotation_and_scale_reads_one_and_row_order_is_common(seed, cosine):
    x, y = features(40, 6, seed), features(40, 3, seed + 1)
    rotation = np.linalg.qr(features(6, 6, seed + 2))[0]
    assert mutual_knn(x, 3 * x @ rotation, 5, cosine) == pytest.approx(1.0)
    order = np.random.default_rng(seed).permutation(40)
    assert mutual_knn(x[order], y[order], 5, cosine) == pytest.approx(mutual_knn(x, y, 5, cosine))
    assert mutual_knn(y, x, 5, cosine) == pytest.approx(mutual_knn(x, y, 5, cosine))


def test_repeated_rows_share_the_last_places():
    x = np.repeat(features(5, 3, 0), 4, axis=0)
    assert mutual_knn(x, x, k=2) == pytest.approx(1.0)
    order = np.random.default_rng(0).permutation(20)
    y = features(20, 3, 1).round()
    assert mutual_knn(x[order], y[order], k=2) == pytest.approx(mutual_knn(x, y, k=2))


def test_calibration_puts_chance_at_zero_and_identity_at_one():
    x = features(200, 8, 0)
    same = calibrated_mutual_knn(x, x)
    assert (same.value, same.calibrated, same.p) == (1.0, 1.0, 1 / 200)
    assert (same.k, same.n, same.chance) == (10, 200, 10 / 199)
    unrelated = [calibrated_mutual_knn(x, features(200, 8, seed), n_permutations=99).p for seed in range(1, 21)]
    assert sum(p <= 0.1 for p in unrelated) <= 6  # binomial(20, 0.1): 7 or more has probability 0.002
    assert max(unrelated) > 0.3


def test_the_permuted_values_centre_on_chance_and_a_related_encoder_stands_above():
    x = features(150, 6, 0)
    related = calibrated_mutual_knn(x, x + 0.5 * features(150, 6, 1))
    assert related.chance < related.threshold < 2 * related.chance
    assert 0.2 < related.calibrated < related.value < 1
    assert related == calibrated_mutual_knn(x, x + 0.5 * features(150, 6, 1))


def test_everybody_being_a_neighbour_says_nothing():
    x, y = features(11, 3, 0), features(11, 3, 1)
    reading = calibrated_mutual_knn(x, y, k=10)
    assert (reading.value, reading.calibrated, reading.p) == (1.0, 0.0, 1.0)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DataError, match=r"\(5, 2\) and \(6, 2\)"):
        mutual_knn(features(5, 2, 0), features(6, 2, 0))
    with pytest.raises(DataError, match="expected at least k = 10"):
        mutual_knn(features(10, 2, 0), features(10, 2, 0))
    with pytest.raises(DataError, match="expected finite numbers"):
        mutual_knn(np.full((20, 2), np.nan), features(20, 2, 0))
