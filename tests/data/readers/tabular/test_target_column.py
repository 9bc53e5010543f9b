import numpy as np
import pytest

from tests.data.readers.tabular.tabled import counted
from xmodal_core.data.readers.tabular.target_column import find_targets, said_targets

RNG = np.random.default_rng(0)
F = RNG.normal(size=40).round(3)
KINDS = [("oak", "elm")[i % 2] for i in range(40)]
FEW = [i % 3 for i in range(40)]


def found(**columns):
    targets = find_targets("t", counted(columns))
    return [column.name for column in targets.columns], [column.name for column in targets.seconds]


@pytest.mark.parametrize(
    ("columns", "label", "seconds"),
    [
        ({"a": F, "label": KINDS, "c": F}, ["label"], []),
        ({"a": F, "b": F, "what": KINDS}, ["what"], []),
        ({"what": KINDS, "a": F, "b": F}, ["what"], ["b"]),
        ({"a": F, "b": F, "what": FEW}, ["what"], []),
        ({"a": F, "what": FEW, "b": F}, ["b"], ["what"]),
        ({"u": KINDS, "v": KINDS, "w": F}, ["w"], ["u", "v"]),
        ({"x": F, "y": F, "z": F, "w": KINDS}, ["w"], []),
        ({"x": F, "y": F}, ["y"], []),
        ({"x1": F, "x2": F, "y": F}, ["y"], []),
        ({"class": FEW, "age": F, "survived": FEW}, ["survived"], ["class"]),
        ({"class": FEW, "age": F, "fare": F}, ["class"], []),
        ({"what": FEW, **{f"v{i}": F for i in range(20)}}, ["what"], []),
        ({"a": F, "price": F, "note": [f"n{i}" for i in range(40)]}, ["price"], []),
        ({"a": F, "label_u": [0, 1] * 20, "label_v": [1, 0] * 20}, ["label_u", "label_v"], []),
        ({"a": F, "Y1": F, "Y2": F}, ["Y1", "Y2"], []),
        ({"a": F, "label_u": [0, 1] * 20, "label": KINDS}, ["label"], []),
    ],
)
def test_names_tell_then_what_alone_could_be_a_label_then_the_place(columns, label, seconds):
    assert found(**columns) == (label, seconds)


@pytest.mark.parametrize(
    "columns",
    [
        {"id": list(range(40)), "name": [f"n{i}" for i in range(40)]},
        {"day": [f"2020-01-{1 + i % 28:02}" for i in range(40)], "c": [1] * 40},
    ],
)
def test_ids_dates_and_constants_are_no_labels(columns, refusal):
    refusal(lambda: found(**columns), "no column can be the label", "--read label=NAME")


def test_a_label_that_is_the_same_in_every_row_is_one_class(refusal):
    refusal(lambda: found(a=F, label=["oak"] * 40), "1 class", "'label'", "--read label=NAME")


def test_several_columns_are_said_with_a_plus_between_them(refusal):
    columns = counted({"a+b": F, "a": F, "b": F})
    assert [c.name for c in said_targets("t", columns, "a+b").columns] == ["a+b"]
    assert [c.name for c in said_targets("t", columns, "b+a").columns] == ["b", "a"]
    refusal(lambda: said_targets("t", columns, "c"), "'c'", "a+b, a, b")
