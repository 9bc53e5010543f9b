import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.errors import DataError
from xmodal_core.reuse.diagnostics.retention import (
    drift,
    knn_credit,
    no_advantage,
    paired_difference_interval,
    retention,
)


def test_queries_on_a_line_are_judged_as_counted_by_hand():
    bank, bank_labels = np.array([[0.0], [1.0], [10.0], [11.0], [12.0]]), np.array([0, 0, 1, 1, 1])
    query, query_labels = np.array([[0.4], [5.0], [10.4], [11.4]]), np.array([0, 1, 1, 1])
    # k = 3 in distance: 0.4 -> {0, 1, 10} votes 0; 5 -> {1, 0 or 10 tie} ; 10.4, 11.4 -> all 1.
    assert knn_credit(bank, bank_labels, query[[0, 2, 3]], query_labels[[0, 2, 3]], 3, cosine=False).tolist() == [1] * 3
    wrong = knn_credit(bank, bank_labels, np.array([[4.0]]), np.array([1]), 3, cosine=False)
    assert wrong.tolist() == [0.0]


def test_cosine_compares_directions():
    bank, labels = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1])
    query = np.array([[0.01, 0.001], [50.0, 60.0]])
    assert knn_credit(bank, labels, query, np.array([0, 1]), k=1).tolist() == [1.0, 1.0]
    assert knn_credit(bank, labels, query[1:], np.array([1]), k=1, cosine=True).tolist() == [1.0]


def test_more_voters_than_bank_rows_means_the_whole_bank_votes():
    bank, labels = np.eye(3), np.array([0, 0, 1])
    assert knn_credit(bank, labels, np.eye(3), np.array([0, 0, 0]), k=20).tolist() == [1.0] * 3


def test_bank_and_query_of_different_widths_are_refused():
    with pytest.raises(DataError, match=r"\(3, 3\) and \(2, 4\)"):
        knn_credit(np.eye(3), np.arange(3), np.ones((2, 4)), np.zeros(2))


def test_retention_is_one_when_nothing_changed_and_zero_at_random_weights():
    assert retention(0.9, 0.9, 0.5, 1000) == pytest.approx(1.0)
    assert retention(0.9, 0.5, 0.5, 1000) == pytest.approx(0.0)
    assert retention(0.9, 0.7, 0.5, 1000) == pytest.approx(0.5)
    assert retention(0.8, 0.9, 0.3, 1000) == pytest.approx(1.2)


def test_retention_is_undefined_where_pretraining_gave_no_advantage_beyond_noise():
    # Standard error of a difference of two rates near 1/2 from 100 queries: sqrt(0.5 / 100) = 0.0707; twice is 0.141.
    assert retention(0.56, 0.5, 0.44, 100) is None
    assert retention(0.58, 0.5, 0.42, 100) == pytest.approx(0.5)
    assert retention(0.56, 0.5, 0.44, 1000) == pytest.approx(0.5)
    assert retention(1.0, 0.5, 1.0, 100) is None
    assert retention(1.0, 1.0, 1.0, 100) is None


def test_a_body_worse_than_random_weights_has_nothing_to_retain_however_far_behind_it_is():
    """(0.7 - 0.9) / (0.5 - 0.9) would be 0.5: half of a knowledge that was never there."""
    assert retention(0.5, 0.7, 0.9, 1000) is None


def test_an_undefined_retention_is_said_with_both_accuracies_and_the_lead_that_was_missed():
    assert no_advantage(0.9, 0.5, 1000) is None
    said = no_advantage(0.5, 0.9, 1000)
    assert said is not None
    # 2 sqrt((0.25 + 0.09) / 1000) = 0.0369
    assert "at 0.500 through the pretrained body and at 0.900 through random weights (n = 1000)" in said
    assert "expected a lead of 0.037 or more" in said


def test_the_paired_interval_has_the_width_of_a_paired_comparison():
    rng = np.random.default_rng(0)
    before = (rng.random(1000) < 0.8).astype(float)
    flips = rng.random(1000) < 0.1
    after = np.where(flips, 1 - before, before)
    low, high = paired_difference_interval(before, after, seed=0)
    difference = after - before
    error = difference.std() / np.sqrt(1000)
    assert (low + high) / 2 == pytest.approx(difference.mean(), abs=0.2 * error)
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.08)
    assert paired_difference_interval(before, after, seed=0) == (low, high)
    assert paired_difference_interval(before, before, seed=1) == (0.0, 0.0)


def test_the_balanced_interval_centres_on_the_mean_over_classes():
    labels = np.array([0] * 900 + [1] * 100)
    before, after = np.ones(1000), np.ones(1000)
    after[900:950] = 0.0  # half of the small class is lost: -0.25 balanced, -0.05 plain
    low, high = paired_difference_interval(before, after, 0, labels)
    assert (low + high) / 2 == pytest.approx(-0.25, abs=0.01)
    low, high = paired_difference_interval(before, after, 0)
    assert (low + high) / 2 == pytest.approx(-0.05, abs=0.005)


def test_answers_to_different_queries_are_refused():
    with pytest.raises(DataError, match=r"\(3,\) before and \(4,\) after"):
        paired_difference_interval(np.ones(3), np.ones(4), 0)


@given(seed=st.integers(0, 10**6), shift=st.floats(-5, 5))
@settings(deadline=None, max_examples=20)
def test_drift_counts_movement_in_units_of_the_former_scatter(seed, shift):
    h0 = np.random.default_rng(seed).normal(size=(20, 3))
    scatter = h0.var(axis=0).sum()
    still, moved, collapsed = drift([h0, h0, h0], [h0, h0 + shift, np.tile(h0.mean(axis=0), (20, 1))])
    assert still == 0.0
    assert moved == pytest.approx(3 * shift**2 / scatter, rel=1e-6, abs=1e-12)
    assert collapsed == pytest.approx(1.0)


def test_drift_of_a_hand_made_layer():
    assert drift([np.array([[0.0], [2.0]])], [np.array([[1.0], [2.0]])]) == [0.5]


def test_drift_needs_the_same_network_and_some_scatter():
    with pytest.raises(DataError, match="expected the same network"):
        drift([np.ones((3, 2))], [np.ones((3, 3))])
    with pytest.raises(DataError, match="same features for every sample"):
        drift([np.ones((3, 2))], [np.ones((3, 2))])
