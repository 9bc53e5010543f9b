"""Small pictures of samples: each modality shows what it holds, and rows keep their order."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from tests.tiny import tiny_dataset, tiny_task
from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.figures.pictures import class_pictures, class_rows, data_uri, pictures, png, sheet

WHITE = 255


def two_by_two(modality, inputs, **more):
    """A data set of two classes with these inputs (n, ...)."""
    n = len(inputs)
    return make_dataset("x", modality, inputs, np.arange(n) % 2, ["even", "odd"], splits=splits_of(n), **more)


def splits_of(n):
    """All rows train but the last two."""
    return ["train"] * (n - 2) + ["val", "test"]


def test_an_image_is_itself_in_whole_pixels():
    images = np.zeros((6, 1, 2, 2), np.float32)
    images[:, 0] = [[0.0, 1.0], [0.5, 0.0]]
    (drawn,) = pictures(two_by_two(Modality.IMAGE, images), np.array([0]), side=4)
    expected = np.kron([[0, 255], [128, 0]], np.ones((2, 2)))
    assert np.array_equal(drawn, expected[:, :, None].repeat(3, axis=2))


def test_a_wide_image_is_not_stretched():
    images = np.zeros((6, 3, 2, 4), np.float32)
    images[0, 0, 0, 0] = 1  # one red pixel, so that the scale has two ends
    (drawn,) = pictures(two_by_two(Modality.IMAGE, images), np.array([0]), side=8)
    assert (drawn[:2] == WHITE).all()
    assert (drawn[-2:] == WHITE).all()
    assert np.array_equal(drawn[2, 0], [255, 0, 0])
    assert (drawn[2:6, 2:] == 0).all()


def test_a_high_wave_stands_above_a_low_one_on_one_scale():
    series = np.stack([np.full((1, 32), value, np.float32) for value in (0.0, 1.0) * 3])
    low, high = pictures(two_by_two(Modality.SERIES, series), np.array([0, 1]), side=32)
    heights = [np.flatnonzero((drawn != WHITE).any(axis=(1, 2))).mean() for drawn in (low, high)]
    assert heights[1] < 8 < 24 < heights[0]  # rows are counted from the top


def test_equal_codes_have_equal_colours_and_others_differ():
    codes = np.array([[0, 1, 2, 0], [3, 3, 3, 3]] * 3)
    first, second = pictures(two_by_two(Modality.SEQUENCE, codes), np.array([0, 1]), side=4)
    a, b, c, again = first[0, 0], first[0, 3], first[3, 0], first[3, 3]
    assert np.array_equal(a, again)
    assert len({tuple(colour.tolist()) for colour in (a, b, c, second[0, 0])}) == 4
    assert (second == second[0, 0]).all()


def test_bars_of_a_table_stand_on_the_side_of_their_value():
    table = np.array([[1.0, -1.0], [-1.0, 1.0]] * 4, np.float32)
    (drawn,) = pictures(two_by_two(Modality.TABULAR, table), np.array([0]), side=20)
    coloured = (drawn != WHITE).any(axis=2) & (drawn != 200).any(axis=2)
    assert coloured[:10, :9].any()
    assert not coloured[11:, :9].any()
    assert coloured[11:, 11:].any()
    assert not coloured[:10, 11:].any()


def test_a_text_shows_ink():
    texts = np.array(["some words", ""] * 3)
    some, nothing = pictures(two_by_two(Modality.TEXT, texts), np.array([0, 1]))
    assert (some < 100).any()
    assert (nothing == WHITE).all()


TINY = [*map(tiny_dataset, Modality), *map(tiny_task, Task)]


@pytest.mark.parametrize("data", TINY, ids=lambda data: f"{data.modality}-{data.task}")
def test_every_kind_of_data_has_pictures_in_the_order_of_rows(data):
    rows = np.array([2, 0, 1])
    drawn = pictures(data, rows, side=24)
    assert drawn.shape == (3, 24, 24, 3)
    assert drawn.dtype == np.uint8
    for place, row in enumerate(rows):
        assert np.array_equal(drawn[place], pictures(data, np.array([row]), side=24)[0])
    assert pictures(data, np.array([], dtype=int)).shape == (0, 48, 48, 3)


def test_a_class_is_shown_by_the_sample_nearest_to_its_mean():
    values = np.array([0.0, 10.0, 1.0, 11.0, 5.0, 30.0, 9.0, 9.0], np.float32)  # of training, even 2, odd 17
    data = two_by_two(Modality.TABULAR, values[:, None])
    assert class_rows(data).tolist() == [2, 3]
    assert list(class_pictures(data)) == ["even", "odd"]


def test_a_sheet_holds_pictures_in_reading_order():
    drawn = np.stack([np.full((2, 2, 3), value, np.uint8) for value in (10, 20, 30)])
    whole = sheet(drawn, columns=2)
    assert whole[::2, ::2, 0].tolist() == [[10, 20], [30, WHITE]]


def test_a_picture_comes_back_from_its_file_and_its_address():
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png(image)))), image)
    file = base64.b64decode(data_uri(image).partition(",")[2])
    assert file == png(image)
