"""What is promised of arrays whatever is in them; single files are in the corpus."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from tests.data.corpus.arrays import CORPUS
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers import read
from xmodal_core.data.readers.unlabelled import read_new_rows
from xmodal_core.data.reading import Reading, parse_reading
from xmodal_core.errors import DataError

WARNED = {name: brought for name, brought in CORPUS.items() if brought.outcome == "warned"}
LABELS = np.arange(60) % 3


def load(reading=None, **arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return read(stream.getvalue(), "a.npz", reading)


def floats(*shape):
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize("name", WARNED)
def test_a_warning_goes_away_when_its_mend_is_said(name):
    brought = WARNED[name]
    for warning in read(brought.make(), brought.name, brought.reading).understanding.warnings:
        said = parse_reading([warning.mends.on_command_line().strip("'")])
        assert said == warning.mends
        mended = read(brought.make(), brought.name, brought.reading.with_(said)).understanding
        assert warning.code not in [one.code for one in mended.warnings]


@pytest.mark.parametrize("name", [name for name, one in WARNED.items() if one.says == ("modality-guessed",)])
def test_a_guess_of_the_modality_can_be_confirmed(name):
    brought = WARNED[name]
    guessed = read(brought.make(), brought.name)
    said = read(brought.make(), brought.name, Reading(modality=guessed.modality))
    assert not said.understanding.warnings
    np.testing.assert_array_equal(said.inputs, guessed.inputs)


def test_whole_numbers_beyond_doubles_keep_what_tells_them_apart():
    steps = np.random.default_rng(0).permutation(60) * 5
    data = load(X=2**53 + np.stack([steps, steps**2], axis=1), y=LABELS)
    assert len(np.unique(data.inputs[:, 0])) == 60
    assert "centred feature 1, feature 2" in data.origin


@pytest.mark.parametrize(("scale", "shift"), [(1e-9, 0), (1e9, 0), (1e-3, 1e6)])
def test_scale_and_shift_do_not_merge_values(scale, shift):
    plain = floats(60, 3)
    data = load(X=plain * scale + shift, y=LABELS)
    assert all(len(np.unique(data.inputs[:, index])) == 60 for index in range(3))
    back = (data.inputs.astype(float) - data.inputs.astype(float).mean(axis=0)) / scale
    np.testing.assert_allclose(back, plain - plain.mean(axis=0), atol=1e-3)


def test_a_shift_of_a_series_is_taken_off_in_its_own_type():
    data = load(X=(floats(60, 2, 80) * 1e-3 + 1e6).transpose(0, 2, 1), y=LABELS)
    assert data.inputs.shape == (60, 2, 80)
    assert "centred channel 1, channel 2" in data.origin
    assert len(np.unique(data.inputs[:, 0])) > 4000


def test_every_array_is_told_with_what_it_was_taken_for():
    arrays = {"images": floats(60, 12, 12), "label": LABELS, "names": np.array(["a", "b", "c"]), "mean": floats(12, 12)}
    parts = {part.name: (part.holds, part.role) for part in load(**arrays).understanding.parts}
    assert parts == {
        "images": ("60 x 12 x 12 float64", "samples"),
        "label": ("60 int64", "label"),
        "names": ("3 text", "names"),
        "mean": ("12 x 12 float64", "left out"),
    }


def test_groups_by_name_split_rows_and_a_dropped_one_does_not():
    subject = np.arange(60) // 6
    data = load(X=floats(60, 3), y=LABELS, subject=subject)
    assert all(len(set(data.splits[subject == one])) == 1 for one in range(10))
    assert load(Reading(drop=("subject",)), X=floats(60, 3), y=LABELS, subject=subject).groups is None


def test_names_of_features_and_the_rate_are_kept():
    data = load(X=floats(60, 3), y=LABELS, columns=np.array(["age", "height", "weight"]))
    assert data.feature_names == ("age", "height", "weight")
    assert load(X=floats(60, 2, 90), y=LABELS, fs=50).sampling_rate_hz == 50.0


def test_what_the_file_does_not_have_cannot_be_said(refusal):
    for reading in (Reading(label="kind"), Reading(samples="Z"), Reading(drop=("Z",)), Reading(split="Z")):
        refusal(lambda said=reading: load(said, X=floats(60, 3), y=LABELS), "found no array", "X (60 x 3 float64)")
    refusal(lambda: load(Reading(axes="time+colour"), X=floats(60, 3, 9), y=LABELS), "channels, time, height")
    refusal(lambda: load(Reading(axes="time"), X=floats(60, 3, 9), y=LABELS), "a name for each")


NAMES = st.sampled_from(["X", "y", "x_train", "y_train", "x_test", "y_test", "split", "train_idx", "class_names", "z"])
TYPES = st.sampled_from(["f8", "f2", "i1", "i8", "u1", "?", "U2", "S2", "c8", "M8[s]", ">i4"])


@settings(deadline=None, max_examples=150)
@given(st.data(), st.dictionaries(NAMES, TYPES, min_size=1, max_size=5), st.sampled_from([None, *Modality]))
def test_any_arrays_are_read_or_refused_in_a_sentence(data, kinds, modality):
    n = data.draw(st.integers(1, 7))
    arrays = {}
    for name, kind in kinds.items():
        shape = (n, *data.draw(of_numpy.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=5)))
        arrays[name] = data.draw(of_numpy.arrays(np.dtype(kind), data.draw(st.sampled_from([shape, shape[:1], ()]))))
    refusal = "."
    try:
        assert isinstance(load(Reading(modality=modality), **arrays), LabelledDataset)
    except DataError as error:
        refusal = str(error)
    assert refusal.endswith(".")
    assert "\n" not in refusal


def test_new_rows_come_in_the_layout_that_was_trained_on(tmp_path, refusal):
    series, path = floats(60, 90, 6), tmp_path / "new.npz"
    data = load(X=series, y=LABELS)
    np.savez(path, signals=series[:4], y=LABELS[:4])
    np.testing.assert_array_equal(read_new_rows(path, data).inputs, data.inputs[:4])
    codes = np.where(np.arange(60) > np.arange(60)[:, None], -1, np.arange(60) % 4)
    padded = load(X=codes, y=LABELS)
    np.savez(path, X=codes[40:])
    np.testing.assert_array_equal(read_new_rows(path, padded).inputs, padded.inputs[40:])
    np.savez(path, X=codes[-1:])  # no padding in it: its codes would not be those that were trained on
    refusal(lambda: read_new_rows(path, padded), "codes raised by one", "expected the same")
    np.savez(path, Z=codes)
    refusal(lambda: read_new_rows(path, padded), "Z (60 x 60 int64)", "samples=NAME")


@pytest.mark.parametrize("huge", [1e300, -1e308])
def test_a_value_beyond_single_precision_beside_ones_that_run_together_is_refused(huge, refusal):
    values = 1e6 + floats(60, 3) * 1e-3
    values[3, 1] = huge
    refusal(lambda: load(X=values, y=LABELS), "1 of 60 samples", "row 3")
