import numpy as np
import pytest

from tests.data.corpus.zips import CORPUS
from tests.data.packed import encoded, packed, pictures, pixels
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading


def colours(values, **how):
    """One flat picture of each colour, in two classes in turn."""
    return {
        f"{'ab'[i % 2]}/{i}.png": encoded(np.full((8, 8, len(v)), v, np.uint8), **how) for i, v in enumerate(values)
    }


def test_colours_keep_their_values():
    data = read(packed(colours([(255, 0, 0), (0, 0, 255), (255, 51, 0), (0, 51, 255)])), "t.zip")
    assert data.inputs.shape == (4, 3, 64, 64)
    np.testing.assert_allclose(data.inputs[2].mean(axis=(1, 2)), (1, 0.2, 0), rtol=1e-6)


def test_pictures_that_are_all_grey_keep_one_channel_and_their_value():
    data = read(packed(colours([(51,) * 3, (102,) * 3, (153,) * 3, (204,) * 3])), "t.zip")
    assert data.inputs.shape == (4, 1, 64, 64)
    np.testing.assert_allclose(data.inputs.mean(axis=(1, 2, 3)), (0.2, 0.4, 0.6, 0.8), rtol=1e-6)


def test_deep_pictures_are_scaled_by_the_range_of_all_of_them():
    files = {
        f"{'ab'[i % 2]}/{i}.png": encoded(np.full((8, 8), level, np.uint16))
        for i, level in enumerate((100, 200, 300, 500))
    }
    data = read(packed(files), "t.zip")
    np.testing.assert_allclose(data.inputs[:, 0, 0, 0], (0, 0.25, 0.5, 1), rtol=1e-6)
    assert "4 pictures of more than 8 bits scaled from 100..500 to 0..1" in data.understanding.changed


@pytest.mark.parametrize(("ink", "ground"), [(0, "white"), (255, "black")])
def test_a_ground_is_chosen_that_shows_what_is_on_it(ink, ground):
    name = {0: "black icons", 255: "white icons"}[ink]
    data = read(CORPUS[name].make(), "t.zip")
    assert data.inputs.std() > 0.2
    assert data.inputs[0, 0, -1, -1] == (ground == "white")
    assert ground in data.understanding.warnings[0].message


def test_a_said_ground_shines_through_by_as_much_as_a_picture_is_transparent():
    files = colours([(255, 255, 255, 0), (0, 0, 0, 255), (255, 255, 255, 255), (0, 0, 0, 128)])
    grey = read(packed(files), "t.zip", Reading(ground="grey")).inputs[:, 0, 0, 0]
    np.testing.assert_allclose(grey, (128 / 255, 0, 1, 128 * 127 / 255**2), atol=1e-6)


def test_bars_are_as_opaque_as_the_picture():
    files = {
        f"{c}/{i}.png": encoded(pixels(i + 10 * (c == "a"), 128, (24, 8), 4) | np.uint8([0, 0, 0, 255]))
        for c in "ab"
        for i in range(4)
    }
    found = read(packed(files), "t.zip", Reading(fit="pad"))
    assert (found.inputs[:, :, :16] == 0).all()
    assert not found.understanding.warnings


def test_sizes_turns_and_frames_are_said():
    files = {f"{'ab'[i % 2]}/{i}.png": encoded(pixels(i, 60 + 9 * i, (20 + i, 18))) for i in range(6)}
    assert (
        read(packed(files), "t.zip").understanding.changed[0]
        == "cropped to squares and resized to 64 x 64 (from 20 x 18 to 25 x 18)"
    )
    changed = read(CORPUS["first frames"].make(), "t.zip").understanding.changed
    assert "the first frame or page taken of 12 pictures that have several" in changed


def test_broken_pictures_are_left_out_row_by_row():
    files = pictures("train/a", "train/b", "test/a", "test/b", n=10)
    files["train/b/3.png"] = b"broken"
    data = read(packed(files), "t.zip")
    whole = read(packed({name: one for name, one in files.items() if name != "train/b/3.png"}), "t.zip")
    assert data.content_hash == whole.content_hash
