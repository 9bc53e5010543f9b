import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap.lisi import LisiSettings, lisi, null_mean


def test_five_points_on_a_line_are_judged_as_counted_by_hand():
    mixing = lisi(embedding([[0.0], [1.0]]), embedding([[2.1], [10.0], [11.5]]), LisiSettings(k=2))
    # 0 -> 1, 2.1 one each; 1 -> 0, 2.1 one each; 2.1 -> 1, 0 both source; 10 -> 11.5, 2.1 and back: both target.
    assert mixing.source == pytest.approx([2.0, 2.0])
    assert mixing.target == pytest.approx([1.0, 1.0, 1.0])
    source, target = mixing.scaled()
    assert source == pytest.approx([1.0, 1.0])
    assert target == pytest.approx([0.0, 0.0, 0.0])


def test_three_source_neighbours_of_four_are_an_index_of_one_point_six():
    source = embedding([[0.1], [0.2], [0.3]])
    target = embedding([[0.0], [0.4], [90.0], [90.1], [90.2], [90.3], [90.4]])
    mixing = lisi(source, target, LisiSettings(k=4))
    assert mixing.target[0] == pytest.approx(1 / (0.75**2 + 0.25**2))


@pytest.mark.parametrize(("k", "expected"), [(15, 1.887), (30, 1.939), (90, 1.978)])
def test_the_null_of_balanced_halves_is_the_published_number(k, expected):
    assert null_mean(1000, 1000, k) == pytest.approx(expected, abs=0.0025)


def test_two_samples_of_one_cloud_read_the_null():
    mixing = lisi(gaussian(600, 4, 0), gaussian(600, 4, 1), LisiSettings())
    values = np.concatenate([mixing.source, mixing.target])
    assert values.mean() == pytest.approx(1.939, abs=0.012)
    assert values.mean() == pytest.approx(mixing.null_mean, abs=0.012)


@given(n=st.integers(2, 4), m=st.integers(2, 4), k=st.integers(1, 3))
@settings(deadline=None, max_examples=12)
def test_the_null_mean_is_the_mean_over_every_assignment_of_sides(n, m, k):
    total = n + m
    values = []
    for side in itertools.combinations(range(total), n):
        for point in range(total):
            near = [(point + step) % total for step in range(1, k + 1)]  # any graph will do
            share = np.isin(near, side).mean()
            values.append(1 / (share**2 + (1 - share) ** 2))
    assert null_mean(n, m, k) == pytest.approx(np.mean(values))


def test_disjoint_clouds_are_not_mixed_anywhere():
    mixing = lisi(gaussian(100, 3, 0), gaussian(100, 3, 1, shift=50.0), LisiSettings())
    assert np.all(mixing.source == 1)
    assert np.all(mixing.target == 1)


def test_every_value_is_between_one_and_two_and_in_the_order_of_its_rows():
    source, target = gaussian(80, 3, 0), gaussian(50, 3, 1, shift=1.0)
    mixing = lisi(source, target, LisiSettings())
    order = np.random.default_rng(0).permutation(50)
    assert lisi(source, target.take(order), LisiSettings()).target == pytest.approx(mixing.target[order])
    assert len(mixing.source) == 80
    values = np.concatenate([mixing.source, mixing.target])
    assert values.min() >= 1
    assert values.max() <= 2


def test_too_few_rows_for_k_are_refused():
    with pytest.raises(DataError, match="expected at least k = 30"):
        lisi(gaussian(10, 3, 0), gaussian(10, 3, 1), LisiSettings())
    with pytest.raises(SettingsError, match="k is 0"):
        LisiSettings(k=0)
