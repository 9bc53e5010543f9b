import numpy as np
import pytest

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.precision import in_single_precision
from xmodal_core.data.reading import Reading

SPLITS = np.array(["train"] * 60 + ["test"] * 40)


def draft(inputs: np.ndarray, modality: Modality = Modality.TABULAR) -> Draft:
    return Draft("t", "t.npz", Reading(), "", modality, "", inputs, np.zeros(len(inputs)))


def test_numbers_that_fit_keep_their_values_and_nothing_is_said() -> None:
    said = draft(np.arange(200.0).reshape(100, 2))
    single = in_single_precision(said, SPLITS)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, said.inputs)
    assert not said.changed


@pytest.mark.parametrize("kind", [np.int64, np.uint64, np.float64])
def test_milliseconds_since_1970_lose_a_shift_and_keep_their_differences(kind: type) -> None:
    times = (1_700_000_000_000 + 7 * np.arange(100)).astype(kind)
    said = draft(np.stack([times, np.arange(100).astype(kind)], axis=1))
    single = in_single_precision(said, SPLITS)
    np.testing.assert_array_equal(np.diff(single[:, 0]), 7)
    np.testing.assert_array_equal(single[:, 1], np.arange(100))
    assert said.changed == ["centred feature 1, whose digits single precision does not have"]
    assert not said.warnings


def test_whole_numbers_beyond_doubles_are_told_apart_too() -> None:
    values = 2**60 + np.arange(100)
    single = in_single_precision(draft(values[:, None]), SPLITS)
    assert len(np.unique(single)) == 100


def test_what_runs_together_all_the_same_is_warned_of() -> None:
    values = np.concatenate([np.arange(50.0), 1e12 + np.arange(50.0)])
    said = draft(values[:, None])
    in_single_precision(said, SPLITS)
    (warning,) = said.warnings
    assert warning.code == "precision-lost"
    assert "100 different values" in warning.message


def test_pictures_and_codes_are_left_alone() -> None:
    pixels = np.full((100, 1, 2, 2), 10**12)
    assert in_single_precision(draft(pixels, Modality.IMAGE), SPLITS) is pixels
