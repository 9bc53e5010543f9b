import io

import numpy as np
import pytest

from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading

RNG = np.random.default_rng(0)
ROWS = np.arange(20)
LABELS = ROWS % 2
TABLE = RNG.normal(size=(20, 3))
FIELDS = RNG.normal(size=(20, 2, 9, 12))
SERIES = RNG.normal(size=(20, 2, 70))
RESIDUES = RNG.integers(0, 20, (20, 30)).astype(np.int8)
SEVERAL = np.stack([LABELS, ROWS % 3 == 0, np.ones(20)], axis=1)


def load(modality=None, chosen=None, ignore=None, **arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return read(stream.getvalue(), "my data.npz", Reading(modality=modality, task=chosen, ignore=ignore))


@pytest.mark.parametrize(
    ("inputs", "targets", "task", "modality", "shape"),
    [
        (TABLE, ROWS / 4, Task.REGRESSION, Modality.TABULAR, (20, 1)),
        (TABLE, LABELS + 0.5, Task.REGRESSION, Modality.TABULAR, (20, 1)),
        (TABLE, ROWS[:, None] / 4, Task.REGRESSION, Modality.TABULAR, (20, 1)),
        (TABLE, TABLE[:, :2], Task.REGRESSION, Modality.TABULAR, (20, 2)),
        (FIELDS, ROWS / 4, Task.REGRESSION, Modality.IMAGE, (20, 1)),
        (TABLE, SEVERAL, Task.MULTILABEL, Modality.TABULAR, (20, 3)),
        (SERIES, SEVERAL.astype(bool), Task.MULTILABEL, Modality.SERIES, (20, 3)),
        (FIELDS, FIELDS[:, 0], Task.DENSE, Modality.FIELD, (20, 1, 9, 12)),
        (FIELDS, FIELDS[:, [0, 1, 1]], Task.DENSE, Modality.FIELD, (20, 3, 9, 12)),
        (FIELDS[:, 0], FIELDS[:, 1], Task.DENSE, Modality.FIELD, (20, 1, 9, 12)),
        (np.moveaxis(RNG.normal(size=(20, 3, 20, 21)), 1, 3), np.ones((20, 20, 21, 2)), None, None, None),
        ((FIELDS * 9).astype(np.uint8), FIELDS[:, 0], Task.DENSE, Modality.IMAGE, (20, 1, 9, 12)),
        (SERIES, SERIES[:, 0], Task.DENSE, Modality.SERIES, (20, 1, 70)),
        (SERIES[:, 0], SERIES[:, 1], Task.DENSE, Modality.SERIES, (20, 1, 70)),
        (SERIES, SERIES * 2, Task.DENSE, Modality.SERIES, (20, 2, 70)),
        (SERIES, SERIES[:, 0] > 0, Task.SEGMENTATION, Modality.SERIES, (20, 70)),
        (SERIES, (SERIES[:, :1] > 0) * 2.0 - (SERIES[:, 1:] > 0), Task.SEGMENTATION, Modality.SERIES, (20, 70)),
        (SERIES, (SERIES[:, 0] > 0) * 2.0, Task.DENSE, Modality.SERIES, (20, 1, 70)),  # 0 and 2, not in steps of one
        (SERIES, np.round(SERIES[:, 0] * 100), Task.DENSE, Modality.SERIES, (20, 1, 70)),  # whole, but many
        (SERIES, np.round(SERIES[:, 0] * 100).astype(int), Task.DENSE, Modality.SERIES, (20, 1, 70)),
        (SERIES, (SERIES > 0).astype(int), Task.DENSE, Modality.SERIES, (20, 2, 70)),  # two numbers per cell
        (FIELDS, (FIELDS[:, 0] > 0).astype(np.int64), Task.SEGMENTATION, Modality.IMAGE, (20, 9, 12)),
        (FIELDS, (FIELDS[:, :1] > 0).astype(np.uint8) * 255, Task.SEGMENTATION, Modality.IMAGE, (20, 9, 12)),
        (RESIDUES, RESIDUES % 3, Task.SEGMENTATION, Modality.SEQUENCE, (20, 30)),
        (RESIDUES, np.array(["H", "E", "C"])[RESIDUES % 3], Task.SEGMENTATION, Modality.SEQUENCE, (20, 30)),
        (RESIDUES, RESIDUES / 3, Task.DENSE, Modality.SEQUENCE, (20, 1, 30)),
        (TABLE, LABELS, Task.CLASSIFICATION, Modality.TABULAR, (20,)),
        (TABLE, LABELS * 2.0, Task.CLASSIFICATION, Modality.TABULAR, (20,)),
        (TABLE, LABELS.astype(bool), Task.CLASSIFICATION, Modality.TABULAR, (20,)),
        (TABLE, LABELS.astype(str), Task.CLASSIFICATION, Modality.TABULAR, (20,)),
    ],
)
def test_the_task_is_guessed_from_the_labels_and_said(inputs, targets, task, modality, shape):
    if task is None:  # channels last, on both sides
        targets = targets * ROWS[:, None, None, None]
        task, modality, shape = Task.DENSE, Modality.FIELD, (20, 2, 20, 21)
    data = load(X=inputs, y=targets)
    assert (data.task, data.modality, data.targets.shape) == (task, modality, shape)
    assert ("y read as" in data.origin) == (task is not Task.CLASSIFICATION)


def test_values_keep_their_place_and_their_units():
    rgb = np.moveaxis(np.random.default_rng(1).normal(size=(20, 3, 20, 21)), 1, 3)
    assert np.array_equal(load(X=FIELDS, y=FIELDS[:, 0]).targets[:, 0], FIELDS[:, 0].astype(np.float32))
    cells = load(X=rgb, y=rgb[..., :2]).targets
    np.testing.assert_array_equal(cells, np.moveaxis(rgb[..., :2], 3, 1).astype(np.float32))


def test_a_field_keeps_its_units_where_an_image_of_bytes_does_not():
    counts = np.arange(20 * 81).reshape(20, 9, 9).astype(np.uint8)
    as_image, as_field = load(X=counts, y=LABELS), load(Modality.FIELD, X=counts, y=LABELS)
    assert as_field.inputs.shape == as_image.inputs.shape
    np.testing.assert_allclose(as_image.inputs * 255, as_field.inputs, rtol=1e-6)


def test_label_names_come_with_several_labels_or_are_numbers():
    assert load(X=TABLE, y=SEVERAL, class_names=np.array(["a", "b", "c"])).class_names == ("a", "b", "c")
    assert load(X=TABLE, y=SEVERAL).class_names == ("0", "1", "2")


def test_names_tell_labels_from_a_mask_over_the_steps_of_a_series():
    mask = (np.random.default_rng(1).random((20, 70)) < 0.5).astype(np.int64)
    names = np.array([f"label {i}" for i in range(70)])
    assert load(X=SERIES, y=mask).task is Task.SEGMENTATION
    assert load(X=SERIES, y=mask, class_names=names).task is Task.MULTILABEL


@pytest.mark.parametrize(
    ("values", "names", "classes", "out"),
    [
        ([0, 1, 2], (), ("0", "1", "2"), None),
        ([-1, 0, 1], (), ("0", "1"), -1),
        ([-1, 3, 90], (), ("3", "90"), -1),
        ([0, 1, 255], (), ("0", "1"), 255),
        ([0, 3, 255], "abcdef", tuple("abcdef"), 255),
        ([0, 255], (), ("0", "255"), None),  # a mask of black and white
        ([0, 128, 255], (), ("0", "128", "255"), None),  # greys
        ([-1, 1], (), ("-1", "1"), None),  # two classes have to be left
        ([-1, 0, 1], ("down", "flat", "up"), ("down", "flat", "up"), None),  # a name for each
        ([-1, 0, 1], ("no", "yes"), ("no", "yes"), -1),
        ([-2, -1, 0], (), ("-2", "-1", "0"), None),
        (["", "C", "H"], (), ("C", "H"), ""),
        ([False, True], ("no", "yes"), ("no", "yes"), None),
    ],
)
def test_what_says_that_a_cell_has_no_class_is_left_out_and_said(values, names, classes, out):
    codes = np.random.default_rng(1).integers(0, len(values), (20, 70))
    named = {"class_names": np.array(list(names))} if names else {}
    data = load(X=SERIES, y=np.array(values)[codes], **named)
    assert (data.task, data.class_names) == (Task.SEGMENTATION, classes)
    real = [value for value in values if value != out]
    indices = [values.index(v) if len(names) == len(values) else real.index(v) for v in real]
    if len(names) > len(values):  # names by number, of which some do not occur
        indices = real
    for value, index in zip(real, indices, strict=True):
        assert (data.targets[codes == values.index(value)] == index).all()
    left_out = codes == values.index(out) if out is not None else np.zeros_like(codes, bool)
    assert np.array_equal(data.targets == -1, left_out)
    by_name = list(classes) == list(names) and out is None and values[0] in (-1, "")
    assert ("because class_names has a name for each value" in data.origin) == by_name
    shown = repr(out) if isinstance(out, str) else f"{out}"
    assert (f"{shown} as no class, in {left_out.mean():.1%} of the cells" in data.origin) == (out is not None)


def test_a_class_per_cell_can_be_overruled_and_chosen():
    counts = RNG.integers(0, 9, (20, 70))
    guessed = load(X=SERIES, y=counts)
    assert guessed.task is Task.SEGMENTATION
    assert "because y has 9 different values on the cells of X; choose dense if they are amounts" in guessed.origin
    numbers = load(X=SERIES, y=counts, task="dense")
    assert (numbers.task, numbers.targets.shape, numbers.n_classes) == (Task.DENSE, (20, 1, 70), 0)
    many = RNG.integers(0, 200, (20, 70))
    assert load(X=SERIES, y=many).task is Task.DENSE
    chosen = load(None, Task.SEGMENTATION, X=SERIES, y=many * 1.0)
    assert (chosen.task, chosen.n_classes) == (Task.SEGMENTATION, len(np.unique(many)))
    assert "as chosen" in chosen.origin


def test_channels_last_have_classes_on_their_cells_too():
    rgb = RNG.normal(size=(20, 20, 21, 3))
    mask = (rgb[..., :1] > 0).astype(np.int64)
    data = load(X=rgb, y=mask)
    assert (data.task, data.modality, data.inputs.shape) == (Task.SEGMENTATION, Modality.IMAGE, (20, 3, 20, 21))
    assert np.array_equal(data.targets, mask[..., 0])
    assert load(Modality.FIELD, X=rgb, y=mask).modality is Modality.FIELD


@pytest.mark.parametrize(("beyond", "words"), [(0, "also found elsewhere"), (3, "not found elsewhere")])
def test_a_class_of_the_padding_is_told_and_never_left_out_silently(beyond, words):
    """Code 0 ends the rows and is found nowhere else; what lies there is class 0 like others, or a class of its own."""
    codes = RNG.integers(1, 20, (20, 30)).astype(np.int8)
    padded = np.arange(30) >= RNG.integers(10, 30, (20, 1))
    labels = np.where(padded, beyond, codes % 3)
    ended = np.where(padded, 0, codes).astype(np.int8)
    data = load(X=ended, y=labels)
    assert (data.targets >= 0).all()
    (warning,) = data.understanding.warnings
    assert warning.code == "padding-class"
    assert f"class {beyond} is that of every cell where X ends in code 0 and {words}" in warning.message
    assert warning.mends == Reading(ignore="3" if beyond else "padding")
    mended = load(X=ended, y=labels, ignore=warning.mends.ignore)
    assert not mended.understanding.warnings
    assert np.array_equal(mended.targets == -1, padded)
    marked = load(X=ended, y=np.where(padded, -1, labels))
    assert not marked.understanding.warnings
    assert np.array_equal(marked.targets == -1, padded)


def test_a_code_to_ignore_has_to_be_there_and_leave_two_classes(refusal):
    masks = RNG.integers(0, 3, (20, 70))
    refusal(lambda: load(ignore="9", X=SERIES, y=masks), "expected 9 and two classes")
    refusal(lambda: load(ignore="1", X=SERIES, y=masks % 2), "expected 1 and two classes")
    refusal(lambda: load(ignore="padding", X=SERIES, y=masks), "no code that rows of X end in")
    assert load(ignore="2", X=SERIES, y=masks).class_names == ("0", "1")


def test_two_rows_of_codes_a_sample_are_refused_before_their_padding_is_looked_for(refusal):
    pairs = np.stack([RESIDUES] * 2, axis=1)
    refusal(lambda: load(Modality.SEQUENCE, X=pairs, y=RESIDUES % 3), "sequence", "not one row of codes per sample")


def test_a_label_of_a_sample_of_one_cell_is_its_class():
    one = load(Modality.SERIES, X=TABLE[:, :1, None], y=LABELS[:, None])
    assert one.task is Task.CLASSIFICATION


def test_rows_that_end_alike_by_chance_are_no_padding():
    for last in (RESIDUES, np.where(np.arange(30) > 27, 0, RESIDUES % 19 + 1)):  # any code; one end for all
        assert not load(X=last.astype(np.int8), y=RESIDUES % 2).understanding.warnings


@pytest.mark.parametrize("how", ["array", "argument", "bytes"])
def test_the_task_can_be_chosen(how):
    chosen = {"array": np.array("Regression "), "bytes": np.array([b"regression"])}
    arrays = {"task": chosen[how]} if how in chosen else {}
    data = load(None, Task.REGRESSION if how == "argument" else None, X=TABLE, y=LABELS, **arrays)
    assert (data.task, data.n_classes) == (Task.REGRESSION, 0)
    assert "as chosen" in data.origin


def test_a_person_goes_before_the_file():
    assert load(None, Task.CLASSIFICATION, X=TABLE, y=LABELS, task="regression").task is Task.CLASSIFICATION


def test_one_hot_rows_are_several_labels_only_where_that_is_chosen():
    one_hot = np.eye(2)[LABELS]
    assert load(X=TABLE, y=one_hot).task is Task.CLASSIFICATION
    assert load(X=TABLE, y=one_hot, task="multilabel").class_names == ("0", "1")


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"y": ROWS[:19] / 4}, ("20 samples", "19 labels")),
        ({"y": np.full(20, np.nan)}, ("20 of 20 labels are missing",)),
        ({"y": np.where(TABLE > 1, np.inf, TABLE)}, ("NaN or infinite",)),
        ({"y": LABELS, "task": "ranking"}, ("'ranking'", "classification, multilabel, regression, dense")),
        ({"y": LABELS, "task": np.array(["dense", "dense"])}, ("shape (2,)", "expected one of")),
        ({"y": LABELS, "task": np.array(3)}, ("shape ()", "expected one of")),
        ({"y": LABELS, "task": "dense"}, ("shape (20,)", "every cell of X")),
        ({"y": LABELS, "task": "segmentation"}, ("shape (20,)", "one class for every cell of X")),
        ({"X": SERIES, "y": SERIES, "task": "segmentation"}, ("one class for every cell",)),
        ({"X": SERIES, "y": SERIES[:, 0], "task": "segmentation"}, ("fractions", "choose dense")),
        ({"X": SERIES, "y": np.ones((20, 70), int), "task": "segmentation"}, ("1 class(es) in the cells",)),
        (
            {"X": SERIES, "y": RNG.integers(0, 4, (20, 70)), "class_names": list("abc")},
            ("4 different", "3 class names"),
        ),
        ({"y": TABLE, "task": "multilabel"}, ("other than 0 and 1",)),
        ({"y": LABELS, "task": "multilabel"}, ("(20,)", "multilabel")),
        ({"y": LABELS.astype(str), "task": "regression"}, ("numbers for regression",)),
        ({"y": np.zeros(0), "task": "regression"}, ("shape (0,)", "one per sample")),
        ({"y": SEVERAL, "class_names": np.array(["a", "b"])}, ("(20, 3)", "(n, 2)")),
        ({"y": np.ones(20) * 0.5}, ("every target is the same",)),
        ({"y": RNG.normal(size=(20, 4, 5))}, ("y has shape (20, 4, 5)",)),
    ],
)
def test_labels_that_cannot_be_used_are_refused_in_one_sentence(arrays, words, refusal):
    refusal(lambda: load(**{"X": TABLE, **arrays}), *words)
