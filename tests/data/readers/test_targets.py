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
SEVERAL = np.stack([LABELS, ROWS % 3 == 0, np.ones(20)], axis=1)


def load(modality=None, chosen=None, **arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return read(stream.getvalue(), "my data.npz", Reading(modality=modality, task=chosen))


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
    assert load(X=SERIES, y=mask).task is Task.DENSE
    assert load(X=SERIES, y=mask, class_names=names).task is Task.MULTILABEL


@pytest.mark.parametrize("how", ["array", "argument", "bytes"])
def test_the_task_can_be_chosen(how):
    chosen = {"array": np.array("Regression "), "bytes": np.array([b"regression"])}
    arrays = {"task": chosen[how]} if how in chosen else {}
    data = load(None, Task.REGRESSION if how == "argument" else None, X=TABLE, y=LABELS, **arrays)
    assert (data.task, data.n_classes) == (Task.REGRESSION, 0)
    assert "as chosen" in data.origin


def test_a_person_goes_before_the_file():
    assert load(None, Task.CLASSIFICATION, X=TABLE, y=LABELS, task="regression").task is Task.CLASSIFICATION


def test_one_hot_rows_are_several_labels_only_where_that_is_chosen(refusal):
    one_hot = np.eye(2)[LABELS]
    refusal(lambda: load(X=TABLE, y=one_hot), "argmax")
    assert load(X=TABLE, y=one_hot, task="multilabel").class_names == ("0", "1")


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"y": ROWS[:19] / 4}, ("20 samples", "19 labels")),
        ({"y": np.where(LABELS, np.nan, 0.5)}, ("10 labels are NaN",)),
        ({"y": np.where(TABLE > 1, np.inf, TABLE)}, ("NaN or infinite",)),
        ({"y": LABELS, "task": "ranking"}, ("'ranking'", "classification, multilabel, regression, dense")),
        ({"y": LABELS, "task": np.array(["dense", "dense"])}, ("shape (2,)", "expected one of")),
        ({"y": LABELS, "task": np.array(3)}, ("shape ()", "expected one of")),
        ({"y": LABELS, "task": "dense"}, ("shape (20,)", "every cell of X")),
        ({"y": TABLE, "task": "multilabel"}, ("other than 0 and 1",)),
        ({"y": LABELS, "task": "multilabel"}, ("(20,)", "multilabel")),
        ({"y": LABELS.astype(str), "task": "regression"}, ("numbers for regression",)),
        ({"y": np.zeros(0), "task": "regression"}, ("shape (0,)", "numbers for regression")),
        ({"y": SEVERAL, "class_names": np.array(["a", "b"])}, ("(20, 3)", "(n, 2)")),
        ({"y": np.ones(20) * 0.5}, ("every target is the same",)),
        ({"y": RNG.normal(size=(20, 4, 5))}, ("y has shape (20, 4, 5)",)),
    ],
)
def test_labels_that_cannot_be_used_are_refused_in_one_sentence(arrays, words, refusal):
    refusal(lambda: load(X=TABLE, **arrays), *words)
