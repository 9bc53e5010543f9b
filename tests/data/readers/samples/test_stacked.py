import numpy as np
import pytest

from xmodal_core.data.readers.samples.guess import CHANNELS_FIRST, CHANNELS_LAST
from xmodal_core.data.readers.samples.stacked import channels_fit, guess_three_axes, order_of_planes


@pytest.mark.parametrize(
    ("sides", "order"),
    [
        ((3, 32, 32), CHANNELS_FIRST),
        ((32, 32, 3), CHANNELS_LAST),
        ((28, 28, 1), CHANNELS_LAST),
        ((1, 64, 61), CHANNELS_FIRST),
        ((4, 3, 3), CHANNELS_FIRST),
        ((4, 4, 3), CHANNELS_LAST),
        ((12, 12, 8), CHANNELS_LAST),
        ((8, 12, 12), CHANNELS_FIRST),
        ((11, 11, 200), CHANNELS_LAST),
        ((16, 16, 2), CHANNELS_LAST),
    ],
)
def test_the_squarer_reading_has_the_channels(sides, order):
    assert order_of_planes(sides) == order
    assert channels_fit(sides, order)


def test_a_cube_has_no_channels():
    assert not channels_fit((20, 20, 20), CHANNELS_FIRST)


def test_labels_on_the_places_tell_the_channels():
    inputs = np.random.default_rng(0).normal(size=(20, 16, 16, 16))
    assert guess_three_axes(inputs, None).doubts
    told = guess_three_axes(inputs[:, :, :, :15], np.zeros((20, 16, 16)))
    assert (told.axes, told.doubts) == (CHANNELS_LAST, ())
