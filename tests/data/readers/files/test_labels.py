import numpy as np
import pytest

from xmodal_core.data.readers.files.labels import find_label, group_column, split_column, split_values, typed

AB = ["a", "b", "a", "b"]


@pytest.mark.parametrize(
    ("columns", "name", "rival"),
    [
        ({"breed": AB}, "breed", ""),
        ({"anything": AB}, "anything", ""),
        ({"width": ["1", "2", "3", "4"], "Class": AB}, "Class", ""),
        ({"label": ["0", "1", "0", "1"], "class_name": AB}, "class_name", ""),
        ({"label": AB, "type": ["x", "x", "y", "y"]}, "label", "type"),
        ({"sex": AB, "site": ["x", "x", "y", "y"]}, "sex", "site"),
        ({"split": ["train", "test"] * 2, "kind": AB}, "kind", ""),
    ],
)
def test_the_label_column_is_found_with_its_rival(columns, name, rival):
    found = find_label(columns, None)
    assert (found.name, found.rival) == (name, rival)


def test_no_column_is_a_label_where_each_row_has_its_own():
    assert find_label({"caption": list("abcd"), "url": list("efgh")}, None) is None
    assert find_label({"a": AB}, "b") is None


def test_columns_of_one_and_zero_are_classes_or_labels():
    one = find_label({"MEL": ["1.0", "0.0", "0.0"], "NV": ["0.0", "1.0", "1.0"]}, None)
    assert one.values.tolist() == ["MEL", "NV", "NV"]
    many = find_label({"sun": ["1", "1", "0"], "rain": ["0", "1", "0"]}, None)
    assert (many.class_names, many.values.tolist()) == (("sun", "rain"), [[1, 0], [1, 1], [0, 0]])


def test_cells_become_numbers_only_where_nothing_is_lost():
    assert typed(["1", "-2"]).tolist() == [1, -2]
    assert typed(["01", "1"]).tolist() == ["01", "1"]
    np.testing.assert_array_equal(typed(["1.5", ""]), [1.5, np.nan])
    assert typed(["1", "a"]).tolist() == ["1", "a"]


def test_splits_and_groups_are_told_by_their_names_and_words():
    assert split_column(["a", "Subset"]) == "Subset"
    assert split_values("is_train", ["1", "0", "True"]).tolist() == ["train", "test", "train"]
    assert split_values("set", ["x", "y"]) is None
    assert group_column({"patient_id": ["1", "1", "2"], "x": AB[:3]}) == "patient_id"
    assert group_column({"who": ["subject 1", "subject 1", "subject 2"]}) == "who"
    assert group_column({"patient_id": ["1", "2", "3"]}) is None
