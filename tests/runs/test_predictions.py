"""Tables of predictions, from outputs written down by hand."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from tests.tiny import tiny_dataset, tiny_task
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.targets import IGNORED
from xmodal_core.runs import predictions
from xmodal_core.runs.predictions import blank, predicted, read_table, text_of, told, write_table

ROWS = np.array([0, 4])


def test_classes_are_named_with_their_probabilities():
    data = tiny_dataset(Modality.TABULAR)
    found = told(data, ROWS, np.log(np.array([[0.5, 0.25, 0.25], [1.0, 1.0, 2.0]], np.float32)))
    assert list(found) == ["uid", "split", "target", "prediction", *(f"probability_class {i}" for i in range(3))]
    assert found["uid"].tolist() == ["tiny tabular/0", "tiny tabular/4"]
    assert found["target"].tolist() == ["class 0", "class 1"]
    assert found["prediction"].tolist() == ["class 0", "class 2"]
    assert found["probability_class 1"] == pytest.approx([0.25, 0.25], abs=1e-6)
    assert found["probability_class 2"] == pytest.approx([0.25, 0.5], abs=1e-6)


def test_huge_outputs_are_probabilities_too():
    found = predicted(tiny_dataset(Modality.TABULAR), np.array([[1e4, 0, -1e4]], np.float32))
    assert [found[f"probability_class {i}"][0] for i in range(3)] == [1, 0, 0]


def test_several_labels_have_three_columns_each():
    data = tiny_task(Task.MULTILABEL)
    found = told(data, ROWS, np.array([[0.0, np.log(3), -np.log(3)]] * 2, np.float32))
    assert found["probability_high"] == pytest.approx([0.5, 0.5])
    assert found["probability_top"] == pytest.approx([0.75, 0.75])
    assert found["probability_middle"] == pytest.approx([0.25, 0.25])
    assert [found[f"prediction_{name}"][0] for name in data.class_names] == [0, 1, 0]
    assert [found[f"target_{name}"][1] for name in data.class_names] == data.targets[4].tolist()


def test_numbers_are_in_the_units_of_the_target():
    data = tiny_task(Task.REGRESSION)
    found = told(data, ROWS, np.zeros((2, 2), np.float32))  # 0 in standard units is the mean of the training rows
    mean = data.targets[data.rows("train")].mean(axis=0)
    assert found["prediction_1"] == pytest.approx([mean[0]] * 2)
    assert found["target_2"].tolist() == data.targets[ROWS, 1].tolist()
    one = replace(data, targets=data.targets[:, :1])
    assert set(predicted(one, np.zeros((1, 1), np.float32))) == {"prediction"}


def test_a_value_per_cell_says_how_far_off_a_row_is():
    data = tiny_task(Task.DENSE)
    perfect = data.target_scale.apply(data.targets[ROWS])
    found = told(data, ROWS, perfect)
    assert list(found) == ["uid", "split", "rmse", "relative_l2"]
    assert found["relative_l2"] == pytest.approx([0, 0], abs=1e-5)
    off = data.target_scale.apply(data.targets[ROWS] + np.float32(0.5))
    assert told(data, ROWS, off)["rmse"] == pytest.approx([0.5, 0.5], rel=1e-4)


def test_a_class_per_cell_says_how_many_cells_of_a_row_are_right():
    data = tiny_task(Task.SEGMENTATION)
    targets = data.targets.copy()
    targets[ROWS[0]] = IGNORED
    data = replace(data, targets=targets)
    right = np.eye(data.n_classes, dtype=np.float32)[np.maximum(targets[ROWS], 0)]
    found = told(data, ROWS, np.moveaxis(right, -1, 1))
    assert list(found) == ["uid", "split", "cells", "accuracy"]
    assert found["cells"].tolist() == [0, targets[0].size]
    assert np.isnan(found["accuracy"][0])
    assert found["accuracy"][1] == 1
    assert told(data, ROWS, -np.moveaxis(right, -1, 1))["accuracy"][1] == 0


def test_every_task_has_its_columns():
    assert set(predictions._PREDICTIONS) == set(predictions._TARGETS) == set(Task)


def test_classes_of_one_name_are_told_apart():
    data = replace(tiny_dataset(Modality.TABULAR), class_names=("a", "b", "a"))
    found = predicted(data, np.zeros((1, 3), np.float32))
    assert list(found) == ["prediction", "probability_a_1", "probability_b_2", "probability_a_3"]


COLUMNS = {
    "name": np.array(['a "b", c', "", "=1+1"]),
    "number": np.array([0.1, np.nan, -2.5]),
    "count": np.array([1, 2, 3]),
}


def test_a_table_is_the_same_as_parquet_and_as_text(tmp_path):
    write_table(tmp_path / "t.parquet", COLUMNS)
    back = read_table(tmp_path / "t.parquet")
    for name, values in COLUMNS.items():
        np.testing.assert_array_equal(back[name], values)
        assert back[name].dtype.kind == values.dtype.kind
    write_table(tmp_path / "t.csv", COLUMNS)
    header, *rows = csv.reader(io.StringIO((tmp_path / "t.csv").read_text()))
    assert header == list(COLUMNS)
    assert rows == [['a "b", c', "0.1", "1"], ["", "", "2"], ["'=1+1", "-2.5", "3"]]
    assert {path.name for path in tmp_path.iterdir()} == {"t.parquet", "t.csv"}


def test_rows_without_a_prediction_are_empty():
    found = blank(COLUMNS, np.array([True, False, False]))
    assert text_of(found).splitlines()[1] == ",,"
    assert found["count"][1:].tolist() == [2, 3]


def test_an_id_that_a_spreadsheet_would_run_is_text():
    assert text_of({"id": np.array(["=1+1", "plain"])}) == "id\n'=1+1\nplain\n"
