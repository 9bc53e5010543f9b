import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.knn import (
    KnnSettings,
    balanced_mean,
    dealt_sides,
    knn,
    knn_null,
    neighbours,
    permutation_null,
    vote,
)


def rate(graph, in_target):
    return graph.weight[in_target[graph.rows] == in_target[graph.columns]].sum() / graph.weight.sum()


@given(seed=st.integers(0, 10**6), n=st.integers(2, 4), k=st.integers(1, 3), discrete=st.booleans())
@settings(deadline=None, max_examples=25)
def test_null_mean_and_variance_equal_those_over_every_assignment_of_sides(seed, n, k, discrete):
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 2, (7, 2)).astype(float) if discrete else rng.normal(size=(7, 2))  # discrete: many ties
    graph = neighbours(points, points, k, "euclidean", exclude_self=True)
    rates = []
    for side in itertools.combinations(range(7), n):
        in_target = np.ones(7, bool)
        in_target[list(side)] = False
        rates.append(rate(graph, in_target))
    mean, sd = permutation_null(graph, n, 7 - n)
    assert mean == pytest.approx(np.mean(rates), abs=1e-12)
    assert sd == pytest.approx(np.std(rates), abs=1e-7)


def test_the_null_of_two_equal_samples_is_the_published_number():
    source, target = gaussian(150, 5, 0), gaussian(150, 5, 1)
    detail = knn(source, target, KnnSettings(k=5)).detail
    assert detail["null_mean"] == pytest.approx(0.498328, abs=1e-6)
    assert detail["null_sd"] == pytest.approx(0.0162, abs=0.0008)  # the graph, and so the sd, varies a little
    kappa = knn_null(source, target, KnnSettings(k=5), 5000, seed=0)
    rates = detail["null_mean"] + kappa * (1 - detail["null_mean"])
    assert np.mean(rates) == pytest.approx(detail["null_mean"], abs=0.001)
    assert np.std(rates) == pytest.approx(detail["null_sd"], rel=0.03)


@given(seed=st.integers(0, 10**6), n=st.integers(2, 9), m=st.integers(2, 9), discrete=st.booleans())
@settings(deadline=None, max_examples=15)
def test_a_permuted_value_is_the_index_of_the_rows_dealt_to_each_side(seed, n, m, discrete):
    rng = np.random.default_rng(seed)
    pooled = embedding(rng.integers(0, 2, (n + m, 2)) if discrete else rng.normal(size=(n + m, 2)))
    null = knn_null(pooled.take(np.arange(n)), pooled.take(np.arange(n, n + m)), KnnSettings(k=3), 5, seed)
    for value, side in zip(null, dealt_sides(n, m, 5, seed).T, strict=True):
        dealt = pooled.take(np.flatnonzero(side == 1)), pooled.take(np.flatnonzero(side == 0))
        assert value == pytest.approx(knn(*dealt, KnnSettings(k=3)).value, abs=1e-9)


def test_dealt_sides_keep_their_sizes_and_reach_every_row():
    sides = dealt_sides(3, 5, 400, seed=0)
    assert sides.shape == (8, 400)
    assert (sides.sum(axis=0) == 3).all()
    np.testing.assert_allclose(sides.mean(axis=1), 3 / 8, atol=0.1)  # four standard errors


def test_the_p_value_rejects_a_true_null_about_as_often_as_it_says():
    tests = [knn(gaussian(60, 3, 2 * i), gaussian(60, 3, 2 * i + 1), KnnSettings(k=5)).detail["p"] for i in range(500)]
    assert 0.03 <= np.mean(np.array(tests) < 0.05) <= 0.08


def test_disjoint_clouds_read_one_and_mixed_clouds_about_zero():
    source = gaussian(100, 4, 0)
    apart = knn(source, gaussian(100, 4, 1, shift=50.0), KnnSettings())
    assert apart.value == pytest.approx(1.0)
    assert apart.detail["p"] < 1e-12
    assert abs(knn(source, gaussian(100, 4, 1), KnnSettings()).value) < 0.1


def test_four_points_on_a_line_give_the_rates_counted_by_hand():
    source, target = embedding([[0.0], [1.0]]), embedding([[2.5], [10.0]])
    # Nearest: 0 -> 1 (same), 1 -> 0 (same), 2.5 -> 1 (other), 10 -> 2.5 (same).
    detail = knn(source, target, KnnSettings(k=1)).detail
    assert detail["same_neighbour_rate"] == 0.75
    assert (detail["source_to_source"], detail["target_to_target"]) == (1.0, 0.5)
    assert detail["null_mean"] == pytest.approx(1 / 3)
    # in-degrees 1, 2, 1, 0: symmetric about 1
    assert detail["hub_skew"] == pytest.approx(0.0)
    assert knn(source, target, KnnSettings(k=1)).value == pytest.approx((0.75 - 1 / 3) / (2 / 3))


def test_a_tighter_target_shows_as_unequal_rates_inside_the_sides():
    detail = knn(gaussian(200, 10, 0), gaussian(200, 10, 1, spread=0.3), KnnSettings()).detail
    assert detail["target_to_target"] > 0.9 > 0.5 > detail["source_to_source"]


def test_ties_for_the_last_place_are_shared():
    bank = np.array([[1.0], [-1.0], [5.0]])
    graph = neighbours(np.array([[0.0]]), bank, 1, "euclidean", exclude_self=False)
    assert graph.columns.tolist() == [0, 1]
    assert graph.weight.tolist() == [0.5, 0.5]
    all_same = neighbours(np.zeros((5, 2)), np.zeros((5, 2)), 2, "cosine", exclude_self=True)
    assert all_same.weight.tolist() == [0.5] * 20


@given(seed=st.integers(0, 10**6), k=st.integers(1, 6), metric=st.sampled_from(["euclidean", "cosine"]))
@settings(deadline=None, max_examples=20)
def test_neighbours_are_those_of_a_full_sort(seed, k, metric):
    rng = np.random.default_rng(seed)
    bank, queries = rng.normal(size=(12, 3)), rng.normal(size=(4, 3))
    graph = neighbours(queries, bank, k, metric, exclude_self=False)
    if metric == "euclidean":
        distance = ((queries[:, None] - bank) ** 2).sum(-1)
    else:
        distance = -(queries @ bank.T) / np.linalg.norm(bank, axis=1)
    expected = np.sort(np.argsort(distance, axis=1)[:, :k], axis=1)
    assert graph.columns.reshape(4, k).tolist() == expected.tolist()


def test_rows_beyond_one_block_exclude_themselves_too(monkeypatch):
    points = np.random.default_rng(0).normal(size=(50, 3))
    whole = neighbours(points, points, 4, "euclidean", exclude_self=True)
    monkeypatch.setattr("xmodal_core.gap.knn._CHUNK", 16)
    parts = neighbours(points, points, 4, "euclidean", exclude_self=True)
    assert parts.columns.tolist() == whole.columns.tolist()
    assert not (parts.rows == parts.columns).any()


def test_cosine_ignores_length():
    source, target = gaussian(60, 4, 0, shift=1.0), gaussian(60, 4, 1, shift=1.0)
    longer = embedding(target.features * 7, target.labels)
    settings = KnnSettings(metric="cosine")
    assert knn(source, longer, settings).value == pytest.approx(knn(source, target, settings).value)
    assert knn(source, longer, KnnSettings()).value > 0.3


def test_a_vote_goes_to_the_most_then_the_nearest_then_is_shared():
    bank, labels = np.array([[1.0], [-2.0], [3.0]]), np.array([4, 9, 9])
    zero = np.zeros((1, 1))
    two = neighbours(zero, bank, 2, "euclidean", exclude_self=False)
    assert vote(two, labels, np.array([4])) == [1.0]  # one vote each, 4 is nearer
    three = neighbours(zero, bank, 3, "euclidean", exclude_self=False)
    assert vote(three, labels, np.array([9])) == [1.0]
    even = neighbours(zero, np.array([[1.0], [-1.0]]), 2, "euclidean", exclude_self=False)
    assert vote(even, np.array([4, 9]), np.array([9])) == [0.5]
    assert vote(three, labels, np.array([5])) == [0.0]


def test_balanced_mean_weighs_classes_equally():
    assert balanced_mean(np.array([1.0, 1.0, 1.0, 0.0]), np.array([3, 3, 3, 8])) == 0.5


def test_more_neighbours_than_rows_is_refused_with_both_numbers():
    with pytest.raises(DataError, match="Found 7 possible neighbours, expected at least k = 10"):
        knn(gaussian(4, 2, 0), gaussian(4, 2, 1), KnnSettings())


def test_one_row_a_side_is_refused():
    with pytest.raises(DataError, match="Found 1 source and 5 target rows"):
        knn(gaussian(1, 2, 0), gaussian(5, 2, 1), KnnSettings(k=1))


def test_p_is_the_upper_normal_tail_of_z():
    detail = knn(gaussian(80, 3, 5), gaussian(80, 3, 6, shift=0.3), KnnSettings(k=4)).detail
    assert detail["z"] == pytest.approx((detail["same_neighbour_rate"] - detail["null_mean"]) / detail["null_sd"])
    assert detail["p"] == pytest.approx(1 - 0.5 * (1 + math.erf(detail["z"] / math.sqrt(2))), abs=1e-12)
