"""What the browser is sent: every place within quantisation, names in their order, pictures once."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.tiny import tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.figures.base import SOURCE, TARGET
from xmodal_core.figures.pictures import pictures
from xmodal_core.figures.playback import (
    STEPS,
    Chart,
    Cloud,
    Line,
    Scene,
    Warned,
    pack,
    quantised,
    sheet_of,
    sheets,
    unpack,
)


def cloud(mark=TARGET, points=((0.0, 0.0), (1.0, 2.0)), **more):
    points = np.array(points, np.float32)
    n = points.shape[-2]
    return Cloud(
        mark, points, [f"row/{7 - i}" for i in range(n)], ["cat", "dog"] * (n // 2) + ["cat"] * (n % 2), **more
    )


def read(told, numbers, scene):
    """Places (f, n, 2) as the browser computes them."""
    q = numbers[told["points"] : told["points"] + 2 * told["n"] * told["frames"]].reshape(told["frames"], told["n"], 2)
    low, high = np.array(scene["low"]), np.array(scene["high"])
    return low + q / STEPS * (high - low)


def test_corners_of_the_box_are_the_ends_of_the_numbers_and_its_middle_the_middle():
    assert quantised(np.array([-1.0, 0.0, 3.0]), -1.0, 3.0).tolist() == [0, 16384, 65535]
    assert quantised(np.array([-9.0, 9.0]), -1.0, 3.0).tolist() == [0, 65535]


def test_a_still_comes_back_with_its_places_names_and_classes():
    scene = Scene([cloud(SOURCE, [[-1, 5], [3, 5], [1, 9]]), cloud()], axes=("a", "b"))
    header, numbers = unpack(pack([scene], name="k", height=300))
    (told,) = header["scenes"]
    assert (told["low"], told["high"], told["axes"]) == ([-1.0, 0.0], [3.0, 9.0], ["a", "b"])
    first, second = told["clouds"]
    assert (first["name"], first["symbol"], second["glyph"]) == ("source", "circle", "◆")
    assert first["uid"] == ["row/7", "row/6", "row/5"]
    assert first["classes"] == ["cat", "dog"]
    assert numbers[first["labels"] : first["labels"] + 3].tolist() == [0, 1, 0]
    assert read(first, numbers, told) == pytest.approx(np.array([[[-1, 5], [3, 5], [1, 9]]]), abs=9 / STEPS)
    assert header["view"] == {"name": "k", "height": 300}


def test_every_place_of_every_frame_is_within_half_a_step_of_the_box():
    rng = np.random.default_rng(0)
    frames = rng.normal(size=(5, 40, 2)) * [1, 100]
    scene = Scene([cloud(points=frames)], steps=[1, 2, 3, 5, 8])
    header, numbers = unpack(pack([scene]))
    told = header["scenes"][0]
    off = np.abs(read(told["clouds"][0], numbers, told) - frames.astype(np.float32))
    box = frames.reshape(-1, 2).max(axis=0) - frames.reshape(-1, 2).min(axis=0)
    assert (off <= 0.5001 * box / STEPS + 1e-6 * box).all()
    assert told["steps"] == [1, 2, 3, 5, 8]


def test_a_cloud_that_does_not_move_is_sent_once():
    still = np.tile(np.array([[0.0, 1.0], [2.0, 3.0]]), (50, 1, 1))
    moving = still + np.arange(50)[:, None, None]
    header, numbers = unpack(pack([Scene([cloud(SOURCE, still), cloud(points=moving)], steps=range(50))]))
    assert [told["frames"] for told in header["scenes"][0]["clouds"]] == [1, 50]
    assert len(numbers) == (1 + 50) * 4 + 2 * 2


def test_points_that_are_one_have_a_box_around_them():
    header, numbers = unpack(pack([Scene([cloud(points=[[2.0, 3.0], [2.0, 3.0]])])]))
    told = header["scenes"][0]
    assert read(told["clouds"][0], numbers, told).tolist() == [[[2.0, 3.0], [2.0, 3.0]]]


def test_a_scene_without_points_is_a_scene():
    header, _ = unpack(pack([Scene([cloud(points=np.zeros((0, 2)))])]))
    assert header["scenes"][0]["clouds"][0]["n"] == 0


def test_values_links_and_curves_come_back():
    scene = Scene(
        [cloud(SOURCE, values={"mixing": np.array([0.0, 1.0])}), cloud()],
        charts=[Chart("t", [Line("l", [1, 2], [0.5, float("nan")])], (0.0, 1.0))],
        warned=Warned(4, "falls"),
        links=np.array([[1, 0], [0, 1]]),
        weights=np.array([0.25, 1.0]),
    )
    header, numbers = unpack(pack([scene]))
    told = header["scenes"][0]
    at = told["clouds"][0]["values"]["mixing"]
    assert numbers[at : at + 2].tolist() == [0, 65535]
    links = told["links"]
    assert numbers[links["pairs"] : links["pairs"] + 4].tolist() == [1, 0, 0, 1]
    assert numbers[links["weights"] : links["weights"] + 2].tolist() == [16384, 65535]
    line = {"label": "l", "steps": [1, 2], "values": [0.5, None]}
    assert told["charts"] == [{"title": "t", "lines": [line], "limits": [0.0, 1.0]}]
    assert told["warned"] == {"step": 4, "text": "falls"}


def test_numbers_begin_where_two_byte_numbers_may():
    for name in ("", "a", "ab", "é", "long name"):
        packed = pack([Scene([cloud()])], name=name)
        header, numbers = unpack(packed)
        assert (len(packed) - 2 * len(numbers)) % 4 == 0
        assert header["view"]["name"] == name


def test_a_sheet_holds_the_pictures_of_rows_in_their_order():
    data = tiny_dataset(Modality.IMAGE)
    rows = np.array([3, 0, 2])
    made = sheet_of(data, rows, side=24)
    whole = np.asarray(Image.open(io.BytesIO(made.file)))
    for place, row in enumerate(rows):
        assert np.array_equal(whole[:24, 24 * place : 24 * place + 24], pictures(data, np.array([row]), 24)[0])
    assert made.packed() == made.key.encode() + made.file
    assert len(made.key.encode()) == 16


def test_many_pictures_are_smaller():
    data = tiny_dataset(Modality.TABULAR)
    assert [sheet_of(data, np.zeros(n, int)).side for n in (250, 251, 2000, 2001)] == [96, 64, 32, 24]


def test_scenes_that_show_the_same_rows_share_their_sheet():
    data = tiny_dataset(Modality.IMAGE)
    one, other = sheet_of(data, np.array([0, 1])), sheet_of(data, np.array([0, 2]))
    shared = [Scene([cloud(sheet=one)]), Scene([cloud(sheet=one), cloud(SOURCE, sheet=other)])]
    assert [s.key for s in sheets(shared)] == [one.key, other.key]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: cloud(points=np.zeros((2, 3))), "expected"),
        (lambda: cloud(values={"mixing": np.zeros(3)}), "mixing"),
        (lambda: Scene([cloud(points=np.zeros((3, 2, 2)))], steps=[1, 2]), "3 frames for 2 step"),
        (lambda: Scene([cloud()], steps=[2, 1]), "ascend"),
        (lambda: Cloud(TARGET, np.zeros((2, 2)), ["a"], ["b", "c"]), "uid"),
    ],
)
def test_lengths_that_do_not_fit_are_refused(wrong, told):
    with pytest.raises(ValueError, match=told):
        wrong()
