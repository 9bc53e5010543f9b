import numpy as np
import pytest

from xmodal_core.data.readers.arrays.cubes import open_scene
from xmodal_core.data.readers.arrays.held import Entry, Held
from xmodal_core.data.reading import Reading

CUBE = np.arange(9 * 8 * 5).reshape(9, 8, 5)
MAP = np.arange(72).reshape(9, 8) % 3


def held(**arrays):
    return Held("t", [Entry(name, array.shape, array.dtype, lambda a=array: a) for name, array in arrays.items()])


@pytest.mark.parametrize("bands", [0, 2])
def test_a_pixel_keeps_its_spectrum_and_its_class(bands):
    found = held(scene=np.moveaxis(CUBE, 2, bands), scene_gt=MAP)
    assert open_scene("t", found, Reading()) is not None
    pixels, classes = (found.get(name).load() for name in ("scene", "scene_gt"))
    assert pixels[8 + 3].tolist() == CUBE[1, 3].tolist()
    assert np.isnan(classes).sum() == 24
    assert classes[8 + 3] == MAP[1, 3] == 2


@pytest.mark.parametrize(
    "arrays",
    [
        {"X": CUBE, "y": MAP},  # series with a class a step
        {"X": CUBE, "y": MAP[:, 0]},
        {"scene": CUBE, "other": CUBE, "scene_gt": MAP},  # which of two
        {"scene": CUBE, "scene_gt": MAP / 7},
        {"scene": CUBE, "scene_gt": np.arange(72).reshape(9, 8)},  # too many classes
        {"scene": CUBE[:3], "scene_gt": MAP[:3]},  # too small for one
    ],
)
def test_other_arrays_stay_as_they_are(arrays):
    found = held(**arrays)
    before = list(found.entries)
    assert open_scene("t", found, Reading()) is None
    assert found.entries == before


def test_axes_that_do_not_fit_the_map_are_refused(refusal):
    refusal(
        lambda: open_scene("t", held(scene=CUBE, scene_gt=MAP), Reading(axes="channels+height+width")),
        "(9, 8)",
        "correct the axes",
    )
