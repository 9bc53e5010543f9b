import numpy as np
import pytest

from tests.data.readers.tabular.tabled import codes, dataset
from xmodal_core.data.reading import Reading

N = 100
RNG = np.random.default_rng(0)
A, B = RNG.normal(size=N), RNG.normal(size=N)
KINDS = [("oak", "elm")[i] for i in RNG.integers(0, 2, N)]


def read(said=None, **columns):
    return dataset({"a": A, "b": B, **columns, "label": KINDS}, **(said or {}))


@pytest.mark.parametrize(
    ("name", "values", "n_test"),
    [
        ("part", ["Training"] * 70 + ["TEST"] * 30, 30),
        ("is_train", [1] * 70 + [0] * 30, 30),
        ("is_test", [0] * 70 + [1] * 30, 30),
        ("is_valid", ["False"] * 75 + ["True"] * 25, 25),
        ("fold", [i % 5 for i in range(N)], 20),
        ("partition", [0] * 60 + [1] * 20 + [2] * 20, 20),
    ],
)
def test_splits_have_many_names(name, values, n_test):
    data = read(**{name: values})
    assert (len(data.rows("test")), data.feature_names) == (n_test, ("a", "b"))
    assert f"from the column '{name}'" in data.understanding.split_reason


@pytest.mark.parametrize(("name", "values"), [("part", ["train", "spare"] * 50), ("train", [3, 4] * 50)])
def test_other_words_and_numbers_are_features(name, values):
    assert name in read(**{name: values}).feature_names


def test_a_split_that_is_not_wanted_is_left_out():
    data = read({"split": "none"}, split=["train"] * 70 + ["test"] * 30)
    assert data.feature_names == ("a", "b")
    assert [len(data.rows(s)) for s in ("train", "val", "test")] == [60, 20, 20]


def test_groups_by_name_are_never_in_two_splits():
    data = read(subject=[f"s{i // 5}" for i in range(N)])
    assert (data.understanding.group, data.understanding.n_groups, codes(data)) == ("subject", 20, [])
    assert data.groups.tolist() == np.unique([f"s{i // 5}" for i in range(N)], return_inverse=True)[1].tolist()
    for group in range(20):
        assert len(set(data.splits[data.groups == group])) == 1


def test_too_few_groups_are_a_feature_with_a_doubt():
    data = read(site=["x", "y"] * 50)
    assert (data.feature_names, codes(data)) == (("a", "b", "site"), ["possible-group"])
    assert data.understanding.warnings[0].mends == Reading(group="site")


def test_a_group_that_a_row_lacks_is_refused(refusal):
    refusal(lambda: read({"group": "who"}, who=["", *["x", "y", "z"] * 33]), "1 rows", "'who'")


def test_time_orders_the_splits_and_is_no_feature(refusal):
    days = [f"2020-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(N)]
    data = read({"time": "day"}, day=days)
    assert data.splits.tolist() == ["train"] * 60 + ["val"] * 20 + ["test"] * 20
    assert data.feature_names == ("a", "b")
    refusal(lambda: read({"time": "day"}, day=["mon", "tue"] * 50), "no dates", "'day'")


def test_an_unnamed_counter_is_left_out_and_a_named_id_is_doubted():
    plain = dataset({"": np.arange(N), "a": A, "label": KINDS})
    assert (plain.feature_names, codes(plain)) == (("a",), [])
    assert plain.understanding.left_out[0].names == ("(unnamed)",)
    assert codes(read(Id=np.arange(N) + 10_000)) == ["row-numbers"]
    assert codes(read({"number": ("Id",)}, Id=np.arange(N))) == []


def test_an_unnamed_column_of_values_stays():
    assert dataset({"": B, "a": A, "label": KINDS}).feature_names == ("", "a")


def test_time_that_is_said_comes_before_splits_and_groups_that_are_found(refusal):
    others = {"split": ["train", "test"] * 50, "subject": [f"s{i // 5}" for i in range(N)]}
    data = read({"time": "when"}, when=np.arange(N), **others)
    assert data.splits.tolist() == ["train"] * 60 + ["val"] * 20 + ["test"] * 20
    assert (data.feature_names, data.groups) == (("a", "b"), None)
    refusal(lambda: read({"time": "when", "group": "subject"}, when=np.arange(N), **others), "both by group", "time")


def test_a_split_that_a_row_lacks_is_refused(refusal):
    refusal(lambda: read({"split": "is_train"}, is_train=["", *["yes", "no", "yes"] * 33]), "1 rows", "split column")
