import numpy as np
import pytest

from xmodal_core.data.readers.tables.joined import joined
from xmodal_core.data.readers.tabular.columns import Column, Table


def column(name, words):
    missing = np.array([word == "" for word in words])
    try:
        numbers = np.array([float(word) if word else np.nan for word in words])
    except ValueError:
        numbers = None
    return Column(name, None if missing.all() else numbers, np.array(words), missing)


def table(named=True, **columns):
    return Table([column(name, words) for name, words in columns.items()], "csv", named)


def both(first, second):
    return joined("t", [first, second], ["train.csv", "test.csv"], ["train", "test"])


def test_rows_stand_under_each_other_by_the_names_of_columns():
    whole = both(table(a=["1", ""], b=["x", "y"]), table(b=["z"], a=["2.5"]))
    assert whole.names() == ["a", "b"]
    np.testing.assert_array_equal(whole["a"].numbers, [1, np.nan, 2.5])
    assert whole["a"].missing.tolist() == [False, True, False]
    assert whole["b"].words.tolist() == ["x", "y", "z"]
    assert whole.splits.tolist() == ["train", "train", "test"]


def test_a_column_that_a_file_has_no_value_for_is_missing_there():
    whole = both(table(a=["1", "2"], b=["", ""]), table(a=["3"], b=["x"]))
    assert whole["b"].words.tolist() == ["", "", "x"]
    numbers = both(table(a=["", ""]), table(a=["3"]))["a"].numbers
    np.testing.assert_array_equal(numbers, [np.nan, np.nan, 3])


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (table(a=["1"], b=["1"]), table(a=["1"]), ("test.csv has no 'b'",)),
        (table(a=["1"]), table(a=["1"], c=["1"]), ("train.csv has no 'c'",)),
        (table(a=["1"]), table(False, a=["1"]), ("names of columns",)),
        (table(a=["1"]), table(a=["x"]), ("numbers in train.csv and words in test.csv",)),
    ],
)
def test_columns_that_differ_are_refused(first, second, words, refusal):
    refusal(lambda: both(first, second), *words)
