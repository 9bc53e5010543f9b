"""What stands in the strips of a wall, and which pixels its pictures have."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from tests.tiny import tiny_dataset, tiny_task
from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.figures.base import CLASS_COLOURS
from xmodal_core.figures.wall import (
    SPECTROGRAMS,
    letter_of,
    letters,
    packed,
    said,
    spectrograms,
    strips,
    target_pictures,
)


def test_every_class_has_a_strip_with_samples_from_its_beginning_to_its_end():
    labels = np.array([0, 1] * 50)
    data = make_dataset("d", Modality.TABULAR, np.zeros((100, 1)), labels, ["a", "b"])
    first, second = strips(data, most=6)
    assert (first.name, first.n, first.rows.tolist()) == ("a", 50, [0, 48, 98])  # members 0, 24 and 49 of the even rows
    assert second.rows.tolist() == [1, 49, 99]
    assert said(data, [first, second]) == "showing 6 of 100, by class"


def test_many_samples_and_classes_are_not_shipped_whole():
    labels = np.arange(20_000) % 200
    data = make_dataset("d", Modality.TABULAR, np.zeros((20_000, 1)), labels, [f"c{i}" for i in range(200)])
    found = strips(data)
    assert [strip.name for strip in found] == [f"c{i}" for i in range(10)]
    assert said(data, found) == "showing 60 of 20,000, 10 of 200 classes"
    assert sum(len(strip["items"]) for strip in packed(data)["strips"]) == 60


def test_numbers_stand_by_parts_of_their_range_and_labels_by_label():
    values = np.arange(50.0)[::-1]
    numbers = make_dataset("d", Modality.TABULAR, np.zeros((50, 1)), values, [], task=Task.REGRESSION)
    found = strips(numbers)
    assert [strip.name for strip in found] == ["0 to 9", "10 to 19", "20 to 29", "30 to 39", "40 to 49"]
    assert found[0].rows[0] == 49
    several = tiny_task(Task.MULTILABEL)
    for place, strip in enumerate(strips(several)):
        assert several.targets[strip.rows, place].all()
        assert strip.n == several.targets[:, place].sum()


TINY = [*map(tiny_dataset, Modality), *map(tiny_task, Task), tiny_task(Task.SEGMENTATION, Modality.SERIES)]


@pytest.mark.parametrize("data", TINY, ids=lambda data: f"{data.modality}-{data.task}")
def test_every_kind_of_data_has_a_wall_whose_pictures_fit_their_sheet(data):
    told = packed(data)
    items = [item for strip in told["strips"] for item in strip["items"]]
    assert items
    assert all(item["uid"] == data.uid[item["row"]] for item in items)
    if data.modality is Modality.TEXT:
        assert all(item["text"] for item in items)
        return
    image = Image.open(io.BytesIO(base64.b64decode(told["sheet"].partition(",")[2])))
    assert image.width == told["columns"] * told["width"]
    assert image.height == -(-len(items) // told["columns"]) * told["height"]


def test_a_class_per_cell_has_its_colour_and_no_class_is_white():
    targets = np.zeros((5, 2, 2), int)
    targets[0] = [[0, 1], [-1, 1]]
    targets[1:, 0, 0] = 1
    inputs = np.random.default_rng(0).normal(size=(5, 1, 2, 2))
    data = make_dataset("d", Modality.IMAGE, inputs, targets, ["a", "b"], task=Task.SEGMENTATION)
    (drawn,) = target_pictures(data, np.array([0]), side=4)
    names = {"#" + bytes(drawn[y, x]).hex().upper() for y, x in ((0, 0), (0, 3))}
    assert names == set(CLASS_COLOURS[:2])
    assert (drawn[3, 0] == 255).all()
    below = packed(data)
    assert below["height"] == 2 * below["width"] + 2  # the target stands below its image


def test_a_tone_is_a_line_at_its_height_in_a_spectrogram():
    time = np.arange(256)
    tones = np.stack([np.sin(2 * np.pi * f * time) for f in (0.4, 0.1)] * 3)[:, None]
    data = make_dataset("d", Modality.SERIES, tones, np.arange(6) % 2, ["high", "low"])
    high, low = spectrograms(data, np.array([0, 1]), side=40, wide=2).astype(int)
    brightest = [image.sum(axis=2).mean(axis=1).argmax() for image in (high, low)]
    assert brightest[0] == pytest.approx(40 * (1 - 0.4 / 0.5), abs=4)  # of half the rate, from the top
    assert brightest[1] == pytest.approx(40 * (1 - 0.1 / 0.5), abs=4)
    assert packed(data, SPECTROGRAMS)["sheet"] != packed(data)["sheet"]


def test_codes_are_told_by_their_letters_where_the_file_had_some():
    codes = np.array([[1, 2, 0], [2, 2, 1]] * 3)
    data = make_dataset("d", Modality.SEQUENCE, codes, np.arange(6) % 2, ["a", "b"])
    assert [letter for letter, _ in letters(data)] == ["0", "1", "2"]
    assert len({colour for _, colour in letters(data)}) == 3
    assert [letter_of(("A", "C"), code) for code in (0, 1, 2, 7)] == ["end", "A", "C", "7"]
    assert letters(tiny_dataset(Modality.TABULAR)) == []
