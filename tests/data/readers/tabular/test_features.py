import numpy as np
import pytest

from tests.data.readers.tabular.tabled import codes, dataset
from xmodal_core.data.understanding import Feature

N = 60
RNG = np.random.default_rng(0)
A = RNG.normal(size=N)
KINDS = [("oak", "elm")[i] for i in RNG.integers(0, 2, N)]


def read(said=None, **columns):
    return dataset({"a": A, **columns, "label": KINDS}, **(said or {}))


def test_words_are_codes_by_sorted_word_and_missing_ones_the_last():
    data = read({"missing": "impute"}, c=["red", "", "blue"] * 20)
    assert data.inputs[:3, 1].tolist() == [1, 2, 0]
    assert data.category_counts == (0, 3)
    assert data.understanding.features[1] == Feature("c", "category", 20 / 60, ("blue", "red", "(missing)"))


def test_numbers_can_be_said_to_be_categories_and_words_to_be_numbers(refusal):
    data = read({"category": ("c",)}, c=[10, 2, 30] * 20)
    assert data.understanding.features[1].categories == ("10", "2", "30")
    data = read({"number": ("c",), "missing": "drop"}, c=["<1", "2", "3"] * 20)
    assert (len(data), data.category_counts) == (40, ())
    assert "20 values of 'c' that are no numbers count as missing" in data.understanding.changed
    refusal(lambda: read({"number": ("c",)}, c=["x", "y", "z"] * 20), "'c'", "holds none")


def test_the_rarest_of_too_many_categories_share_one():
    words = [f"w{i % 300:03}" for i in range(620)]
    labels = [("oak", "elm")[i] for i in np.random.default_rng(1).integers(0, 2, 620)]
    data = dataset({"a": np.random.default_rng(2).normal(size=620), "c": words, "label": labels})
    assert data.category_counts == (0, 255)
    assert data.understanding.features[1].categories[-1] == "(other)"
    assert "the 46 rarest of 300 categories of 'c' share one" in data.understanding.changed


def test_dates_are_days_and_say_so():
    days = [f"2020-01-{1 + i:02}" for i in RNG.integers(0, 28, N)]
    data = read(born=days)
    assert data.inputs[0, 1] == int(days[0][-2:]) - 1 + 18262
    assert data.understanding.features[1].kind == "date"
    assert "read 'born' (year-month-day) as days" in data.understanding.changed


@pytest.mark.parametrize("name", ["note", "city"])
def test_a_text_of_its_own_in_every_row_is_left_out_and_told(name):
    data = read(**{name: [f"w{i}" for i in range(N)]})
    assert (data.feature_names, codes(data)) == (("a",), ["part-unused"])


def test_a_column_without_a_value_is_left_out():
    data = read(c=[""] * N)
    assert data.feature_names == ("a",)
    assert data.understanding.left_out[0].why == "no row has a value"
