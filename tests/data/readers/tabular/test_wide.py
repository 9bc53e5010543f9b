import numpy as np
import pytest

from tests.data.readers.tabular.tabled import draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.tabular.wide import arranged, coloured_side, wide_modality


def walks(width, n=60):
    return np.cumsum(np.random.default_rng(0).normal(size=(n, width)), axis=1)


def noise(width, n=60):
    return np.random.default_rng(0).normal(size=(n, width))


def told(names, table, is_named=True, **said):
    begun = draft(**said)
    modality, reason = wide_modality(begun, names, table, is_named)
    return modality, [warning.code for warning in begun.warnings], reason


@pytest.mark.parametrize(
    ("names", "table", "modality", "codes"),
    [
        ([f"{400 + 2 * i}" for i in range(30)], noise(30), Modality.SERIES, []),
        ([f"wl_{900 - i}" for i in range(30)], noise(30), Modality.SERIES, []),
        ([f"X{1000 + 4 * i}" for i in range(30)], noise(30), Modality.SERIES, []),
        ([f"t{i}" for i in range(30)], noise(30), Modality.SERIES, []),
        ([f"t{i}" for i in range(8)], noise(8), Modality.TABULAR, []),
        ([f"x{i}" for i in range(30)], walks(30), Modality.TABULAR, []),
        ([str(i) for i in range(80)], noise(80), Modality.TABULAR, ["modality-guessed"]),
        ([str(i) for i in range(80)], walks(80), Modality.SERIES, ["modality-guessed"]),
        ([f"emb_{i}" for i in range(80)], walks(80), Modality.TABULAR, []),
        ([f"{'abcde'[i % 5]}{i}" for i in range(80)], walks(80), Modality.TABULAR, []),
        ([f"att{i}" for i in range(24)], walks(24), Modality.SERIES, []),
        ([f"att{i}" for i in range(100)], walks(100), Modality.SERIES, []),
        ([f"att{i}" for i in range(24)], noise(24), Modality.TABULAR, []),
        ([f"att{i}" for i in range(100)], noise(100), Modality.TABULAR, ["modality-guessed"]),
        ([f"px{i}" for i in range(64)], np.abs(noise(64)), Modality.IMAGE, []),
        ([f"px{i}" for i in range(65)], noise(65), Modality.TABULAR, ["modality-guessed"]),
    ],
)
def test_names_tell_first_and_values_second(names, table, modality, codes):
    assert told(names, table)[:2] == (modality, codes)


def test_without_names_neighbours_that_are_alike_are_steps():
    names = [f"column {i}" for i in range(40)]
    assert told(names, walks(40), is_named=False)[:2] == (Modality.SERIES, [])
    assert told(names, noise(40), is_named=False)[:2] == (Modality.TABULAR, ["modality-guessed"])


def test_the_axis_of_a_spectrum_is_told():
    assert "along 400 to 458 nm" in told([f"{400 + 2 * i}nm" for i in range(30)], noise(30))[2]


def test_what_was_chosen_is_not_doubted():
    assert told([str(i) for i in range(80)], noise(80), modality="series")[:2] == (Modality.SERIES, [])


def test_pixels_of_0_to_255_become_0_to_1():
    table = np.array([[0.0, 255.0] * 8, [51.0, 102.0] * 8])
    begun = draft()
    images = arranged(begun, table, Modality.IMAGE, [f"pixel{i}" for i in range(16)])
    assert images.shape == (2, 1, 4, 4)
    np.testing.assert_allclose(images[:, 0, 0, :2], [[0, 1], [0.2, 0.4]], rtol=1e-6)
    assert "values of 0 to 255 became 0 to 1" in begun.changed


def test_pixels_in_three_colours_come_colour_by_colour_unless_it_is_said():
    table = np.arange(48.0)[None]
    assert coloured_side(48) == 4
    begun = draft()
    planes = arranged(begun, table, Modality.IMAGE, [f"pixel{i}" for i in range(48)])
    assert [w.code for w in begun.warnings] == ["axes-guessed"]
    assert planes[0, :, 0, 0].tolist() == [0, 16, 32]
    said = draft(axes="height+width+channels")
    assert arranged(said, table, Modality.IMAGE, [f"pixel{i}" for i in range(48)])[0, :, 0, 0].tolist() == [0, 1, 2]
    assert not said.warnings


def test_axes_of_a_table_are_refused(refusal):
    refusal(lambda: arranged(draft(axes="time+channels"), noise(3), Modality.TABULAR, list("abc")), "axes were said")


def test_numbers_without_room_for_their_squares_are_looked_at_alike():
    names = [f"column {i}" for i in range(40)]
    assert told(names, walks(40) * 1e300, is_named=False)[:2] == (Modality.SERIES, [])
