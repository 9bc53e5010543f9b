import numpy as np
import pytest

from tests.data.readers.tabular.tabled import codes, dataset
from xmodal_core.data.targets import Task

A = np.random.default_rng(0).normal(size=120)


def read(labels, **said):
    return dataset({"a": A[: len(labels)], "label": labels}, **said)


@pytest.mark.parametrize(
    ("labels", "task", "told"),
    [
        ([i % 10 for i in range(120)], Task.CLASSIFICATION, []),
        ([i % 12 for i in range(120)], Task.CLASSIFICATION, []),  # ten rows of each number from 0
        ([3 * (i % 12) for i in range(120)], Task.CLASSIFICATION, ["task-guessed"]),
        ([i % 30 for i in range(120)], Task.REGRESSION, ["task-guessed"]),
        ([i * 7 % 1009 for i in range(120)], Task.REGRESSION, []),  # no number twice
        ([i / 4 for i in range(120)], Task.REGRESSION, []),
    ],
)
def test_whole_numbers_are_classes_while_there_are_rows_for_each(labels, task, told):
    data = read(labels)
    assert (data.task, codes(data)) == (task, told)


@pytest.mark.parametrize(
    ("spelled", "names", "told"),
    [
        (("01", "1", "2"), ("01", "1", "2"), ["labels-merge"]),
        (("1E2", "2E1", "100"), ("100", "1E2", "2E1"), ["labels-merge"]),
        (("1", "1.0", "2"), ("1", "2"), ["labels-merge"]),
        (("01", "02", "03"), ("01", "02", "03"), []),
        (("1.0", "2.0", "3.0"), ("1", "2", "3"), []),
    ],
)
def test_spellings_of_a_number_are_kept_apart_where_they_are_names(spelled, names, told):
    from tests.data.corpus.roles import _table
    from xmodal_core.data.readers import read as read_file

    content = _table({"a": A.tolist(), "label": [spelled[i % 3] for i in range(120)]})()
    data = read_file(content, "t.csv")
    assert (data.class_names, codes(data)) == (names, told)


def test_cells_of_several_labels_become_one_column_each():
    data = read([("u", "v", "u|v", "w| u")[i % 4] for i in range(120)])
    assert (data.task, data.class_names) == (Task.MULTILABEL, ("u", "v", "w"))
    assert data.targets[:4].tolist() == [[1, 0, 0], [0, 1, 0], [1, 1, 0], [1, 0, 1]]
    assert data.understanding.task_reason == "cells hold several labels with | between them"


def test_names_with_a_comma_are_not_several_labels():
    data = read([("Doe, Jane", "Poe, Ann", "Roe, Kim")[i % 3] for i in range(120)])
    assert (data.task, data.n_classes, codes(data)) == (Task.CLASSIFICATION, 3, [])


def test_blanks_and_forms_of_accents_do_not_make_classes_and_case_is_told():
    data = read([("p\u00ea  che", "pe\u0302 che ")[i % 2] for i in range(60)] + ["fig"] * 60)
    assert (data.class_names, codes(data)) == (("fig", "p\u00ea che"), [])
    assert codes(read([("Fig", "fig", "nut")[i % 3] for i in range(120)])) == ["names-differ"]


def test_a_class_may_be_called_none_and_a_missing_one_is_none():
    data = read([("none", "minor", "")[i % 3] for i in range(120)])
    assert (data.class_names, len(data), codes(data)) == (("minor", "none"), 80, ["missing-labels"])


def test_words_are_no_numbers_to_predict(refusal):
    refusal(lambda: read([("none", "minor")[i % 2] for i in range(120)], task="regression"), "numbers for regression")


def test_columns_with_one_1_in_each_row_are_one_label():
    kinds = np.random.default_rng(1).integers(0, 3, 120)
    columns = {"a": A, **{f"is_{name}": (kinds == i).astype(int) for i, name in enumerate("uvw")}}
    data = dataset(columns)
    assert (data.class_names, codes(data)) == (("u", "v", "w"), ["one-hot-label"])
    assert data.targets.tolist() == kinds.tolist()
    assert not codes(dataset(columns, label="is_u+is_v+is_w"))


def test_several_columns_of_numbers_are_several_outputs():
    data = dataset({"a": A, "u": A**2, "v": A + 1}, label="u+v")
    assert (data.task, data.targets.shape) == (Task.REGRESSION, (120, 2))


def test_a_row_that_lacks_one_of_several_outputs_is_left_out():
    data = dataset({"a": A, "u": np.where(A.max() - 1e-9 < A, np.nan, A**2), "v": A + 1}, label="u+v")
    assert (len(data), codes(data)) == (119, ["missing-labels"])
