import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmodal_core.data.readers.series import lengths
from xmodal_core.data.readers.series.lengths import common_length, equally_long
from xmodal_core.errors import DataError

SHORT, LONG = np.array([[1.0, 2.0, 4.0]]), np.array([[0.0, 1.0, 2.0, 3.0, 4.0]])


def test_padding_repeats_the_last_value_and_keeps_the_longest() -> None:
    assert equally_long("t", [SHORT, LONG], "pad").tolist() == [[[1, 2, 4, 4, 4]], [[0, 1, 2, 3, 4]]]


def test_cropping_keeps_the_steps_that_all_have() -> None:
    assert equally_long("t", [SHORT, LONG], "crop").tolist() == [[[1, 2, 4]], [[0, 1, 2]]]


def test_resampling_goes_to_the_median_and_keeps_both_ends() -> None:
    found = equally_long("t", [SHORT, LONG], "resample")  # 4 steps: the median of 3 and 5
    np.testing.assert_allclose(found[0], [[1, 5 / 3, 8 / 3, 4]])  # at 0, 2/3, 4/3 and 2
    np.testing.assert_allclose(found[1], [[0, 4 / 3, 8 / 3, 4]])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.sampled_from(["pad", "crop", "resample"]))
def test_series_of_the_common_length_are_left_alone(sizes: list[int], how: str) -> None:
    series = [np.arange(2.0 * size).reshape(2, size) for size in sizes]
    steps = common_length(np.array(sizes), how)
    found = equally_long("t", series, how)
    assert found.shape == (len(sizes), 2, steps)
    for one, size, own in zip(found, sizes, series, strict=True):
        if size == steps:
            np.testing.assert_array_equal(one, own)


def test_too_many_values_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lengths, "MAX_VALUES", 9)
    with pytest.raises(DataError, match=r"3 to 5 steps.*length=crop"):
        equally_long("t", [SHORT, LONG], "pad")
    assert equally_long("t", [SHORT, LONG], "crop").size == 6
