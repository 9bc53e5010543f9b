import numpy as np
import pytest

from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.readers import read
from xmodal_core.data.readers.table import column_names
from xmodal_core.data.reading import Reading

COLOURS = ["red", "green", "blue"]
REVIEWS = [
    f"the {a} film was {b} and rather {c} to watch"
    for a in ("old", "new", "last", "first")
    for b in ("good", "bad")
    for c in ("long", "short", "odd")
]


def load(lines, filename="my table.csv", modality=None, label_column=None, task=None):
    text = lines if isinstance(lines, str) else "\n".join(lines)
    return read(text.encode(), filename, Reading(modality=modality, label=label_column, task=task))


def table(header="a,b,label", rows=None):
    return [header, *(rows or [f"{i},{i / 4},{'yes' if i % 2 else 'no'}" for i in range(10)])]


def with_row(index, row):
    lines = table()
    lines[index] = row
    return lines


def test_numeric_columns_are_numbers_and_labels_are_in_sorted_order():
    data = load(table())
    assert data.modality is Modality.TABULAR
    assert data.category_counts == ()
    np.testing.assert_array_equal(data.inputs, [[i, i / 4] for i in range(10)])
    assert data.class_names == ("no", "yes")
    assert data.targets.tolist() == [0, 1] * 5
    assert "labels from 'label'" in data.origin


def test_word_columns_become_category_codes_in_sorted_order():
    data = load(table("size,colour,label", [f"{i},{COLOURS[i % 3]},{i % 2}" for i in range(10)]))
    assert data.category_counts == (0, 3)
    assert data.inputs[:4, 1].tolist() == [2, 1, 0, 2]  # blue, green, red


def test_none_is_a_category_of_its_own_in_a_column_of_words():
    data = load(table("size,colour,label", [f"{i},{[*COLOURS, 'none'][i % 4]},{i % 2}" for i in range(12)]))
    assert data.category_counts == (0, 4)


@pytest.mark.parametrize(
    ("header", "chosen", "found"),
    [
        ("label,b,c", None, "label"),
        ("a,Class,c", None, "Class"),
        ("TARGET,b,c", None, "TARGET"),
        ("a,y,c", None, "y"),
        ("a,b,c", None, "c"),
        ("a,b,c", "a", "a"),
        ("a,label,c", "c", "c"),
    ],
)
def test_the_label_column_is_the_chosen_the_named_or_the_last_one(header, chosen, found):
    data = load(table(header, [f"{i % 2},{i // 2 % 2},{i // 4 % 2}" for i in range(16)]), label_column=chosen)
    assert f"labels from {found!r}" in data.origin
    assert data.inputs.shape == (16, 2)


def test_a_split_column_is_used_and_is_no_feature():
    rows = [f"{i},{i % 2},{s}" for i, s in enumerate(["train"] * 6 + ["val"] * 2 + ["test"] * 2)]
    data = load(table("a,kind,Split", rows))
    assert data.inputs.shape == (10, 1)
    assert data.splits.tolist() == ["train"] * 6 + ["val"] * 2 + ["test"] * 2


@pytest.mark.parametrize(("filename", "separator"), [("t.csv", ";"), ("t.csv", "\t"), ("t.csv", "|"), ("t.tsv", "\t")])
def test_other_separators_are_recognised(filename, separator):
    data = load([line.replace(",", separator) for line in table()], filename)
    assert data.inputs.shape == (10, 2)


def test_a_byte_order_mark_windows_line_ends_and_empty_lines_do_no_harm():
    data = load("\ufeff" + "\r\n".join([*table()[:4], "", *table()[4:], ""]))
    assert data.inputs.shape == (10, 2)
    assert data.inputs[:, 0].tolist() == list(range(10))


def test_quoted_values_may_hold_the_separator():
    rows = [f'"{a}","{COLOURS[i % 3]}, light",{i % 2}' for i, a in enumerate(range(10))]
    assert load(table("a,b,label", rows)).category_counts == (0, 3)


def test_one_column_of_prose_becomes_text():
    data = load(table("review,label", [f"{r},{i % 2}" for i, r in enumerate(REVIEWS)]))
    assert data.modality is Modality.TEXT
    assert data.inputs.tolist() == REVIEWS


def test_text_can_be_chosen_beside_other_columns_which_are_named_as_left_out():
    rows = [f"{i},{r},{i % 2}" for i, r in enumerate(REVIEWS)]
    data = load(table("id,review,label", rows), modality=Modality.TEXT)
    assert data.inputs.tolist() == REVIEWS
    assert "1 columns left out (only names the rows)" in data.origin


def test_many_numeric_columns_are_read_as_series_and_few_are_not():
    wide = [",".join([*(f"t{i}" for i in range(64)), "label"]), *(f"{f'{i}.5,' * 64}{i % 2}" for i in range(10))]
    assert load(wide).inputs.shape == (10, 1, 64)
    assert load(wide, modality=Modality.TABULAR).inputs.shape == (10, 64)
    assert load(wide, modality=Modality.IMAGE).inputs.shape == (10, 1, 8, 8)


@pytest.mark.parametrize(("row", "n"), [("1,2", 2), ("1,2,3,4", 4), ("1", 1)])
def test_a_ragged_row_is_refused_by_number_with_both_counts(row, n, refusal):
    refusal(lambda: load(with_row(5, row)), "row 6", f"{n} field(s)", "header has 3")


def test_row_numbers_have_thousands_separators_and_count_like_a_spreadsheet(refusal):
    lines = ["a,b,label", *(["1,2,x", "3,4,y"] * 601), "1,2,3,4"]
    refusal(lambda: load(lines), "row 1,204")


@pytest.mark.parametrize("missing", ["", "NaN", "NA", "?"])
def test_missing_numbers_and_words_are_refused_where_that_is_said(missing, refusal):
    lines = "\n".join(table(rows=[f"{i},{missing if i < 3 else i},{i % 2}" for i in range(10)]))
    refusal(lambda: read(lines.encode(), "t.csv", Reading(missing="refuse")), "3 of 10", "'b'", "missing=impute")


@pytest.mark.parametrize("bad", ["inf", "-inf", "1e999", "1e300"])
def test_infinite_values_are_refused(bad, refusal):
    refusal(lambda: load(with_row(3, f"{bad},1,no")), "1 of 10", "row 2")


PRICES = table("a,b,price", [f"{i % 7},2,{i / 4}" for i in range(20)])


def test_a_label_column_of_fractions_is_a_number_to_predict():
    data = load(PRICES)
    assert (data.task, data.class_names) == (Task.REGRESSION, ())
    assert data.targets[:, 0].tolist() == [i / 4 for i in range(20)]
    assert "labels from 'price'" in data.origin
    assert "because it holds fractions" in data.origin


def test_a_chosen_column_of_whole_numbers_is_classes_unless_regression_is_chosen():
    content = table("a,b,stars", [f"{i % 7},2,{i % 5}" for i in range(20)])
    assert load(content, label_column="stars").n_classes == 5
    data = load(content, label_column="stars", task=Task.REGRESSION)
    assert data.targets.shape == (20, 1)
    assert "as chosen" in data.origin


def test_a_table_has_no_cells_and_one_column_no_several_labels(refusal):
    refusal(lambda: load(PRICES, task=Task.DENSE), "no value per cell", "regression")
    refusal(lambda: load(PRICES, task=Task.MULTILABEL), "one label column", "label=A+B")


def test_words_are_no_numbers_to_predict(refusal):
    content = table("a,b,kind", [f"{i},2,{'xy'[i % 2]}" for i in range(20)])
    refusal(lambda: load(content, task=Task.REGRESSION), "numbers for regression")


def test_fractions_are_refused_as_chosen_classes(refusal):
    refusal(lambda: load(PRICES, task=Task.CLASSIFICATION), "measurements", "regression")


def test_one_class_and_a_class_with_one_sample_are_refused(refusal):
    refusal(lambda: load(table(rows=["1,2,no"] * 9)), "1 class")
    refusal(lambda: load(table(rows=["1,2,no"] * 9 + ["1,2,rare"])), "rare", "single sample")


@pytest.mark.parametrize(
    "lines",
    [
        ["label", "1", "2"],
        ["a,b,label"],
        ["label,split", "1,train", "2,test"],
        ["", "", ""],
        ["a,label", '"1,2', "3,4"],
        ["a,label", '1"2"3",1', '"4"5,2'],
    ],
)
def test_a_table_without_rows_features_or_closing_quotes_is_refused(lines, refusal):
    refusal(lambda: load(lines), "my table")


def test_a_chosen_label_column_that_is_not_there_is_refused_with_the_others(refusal):
    refusal(lambda: load(table(), label_column="kind"), "'kind'", "a, b, label")


def test_words_cannot_be_chosen_as_series(refusal):
    lines = table("size,colour,label", [f"{i},{COLOURS[i % 3]},{i % 2}" for i in range(10)])
    refusal(lambda: load(lines, modality=Modality.SERIES), "'colour'", "series")


def test_two_columns_of_prose_leave_the_choice_to_the_person(refusal):
    lines = table("one,two,label", [f"{r},{r}!,{i % 2}" for i, r in enumerate(REVIEWS)])
    refusal(lambda: load(lines, modality=Modality.TEXT), "2 columns")
    refusal(lambda: load(lines), "'one'", "24 different texts")


def test_long_texts_are_refused_as_labels(refusal):
    refusal(lambda: load(table("a,story", [f"{i},{'word ' * 50}{i % 2}" for i in range(10)])), "story", "long text")


def test_binary_content_is_refused(refusal):
    refusal(lambda: read(b"a,label\n\0\0\0,1\n", "t.csv"), "binary")


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (b"\xef\xbb\xbfa, b ,label\n1,2,x\n", "t.csv"),
        (b"\n\na;b;label\n1,5;2;x\n", "t.csv"),
        (b"a\tb\tlabel\n", "t.TSV"),
    ],
)
def test_column_names_are_those_of_the_header(content, filename):
    assert column_names(content, filename) == ["a", "b", "label"]


def test_a_table_without_a_line_has_no_column_names():
    assert column_names(b"\n \n", "t.csv") == []
