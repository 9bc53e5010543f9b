import numpy as np
import pytest

from xmodal_core.data.readers.samples.order import is_ordered, likeness


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape)


def test_neighbours_of_a_walk_are_ordered_and_of_noise_are_not():
    assert is_ordered(noise(50, 40).cumsum(axis=1), 1)
    assert not is_ordered(noise(50, 40), 1)


def test_columns_with_means_of_their_own_are_no_order():
    assert not is_ordered(noise(50, 40) + np.arange(40) * 10, 1)


def test_each_axis_is_looked_at_by_itself():
    series = noise(40, 8, 30).cumsum(axis=2)
    assert (is_ordered(series, 1), is_ordered(series, 2)) == (False, True)


def test_the_likeness_of_equal_neighbours_in_pairs_is_known():
    pairs = np.repeat(noise(5000, 10), 2, axis=1)  # 0 0 1 1 2 2 ...: 10 of 19 neighbours are equal
    near, far, n = likeness(pairs, 1)
    assert near == pytest.approx(10 / 19, abs=0.03)
    assert far < 0.05
    assert n == 500


@pytest.mark.parametrize("few", [noise(50, 5), noise(5, 40), np.full((50, 40), np.nan), np.full((50, 40), "a")])
def test_too_little_to_tell_is_no_order(few):
    assert not is_ordered(few, 1)
