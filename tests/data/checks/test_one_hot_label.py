import numpy as np

from tests.data.checks.checked import warnings
from xmodal_core.data.checks.one_hot_label import check_one_hot_label
from xmodal_core.data.reading import Reading

RNG = np.random.default_rng(0)
KINDS = RNG.integers(0, 3, 90)
NOISE = RNG.normal(size=(90, 1))


def test_siblings_that_together_say_the_class_are_told():
    table = np.column_stack([NOISE, np.eye(3)[KINDS]])
    (one,) = warnings(check_one_hot_label, table, KINDS, names=["a", "is_u", "is_v", "is_w"])
    assert "100.0% of rows" in one.message
    assert one.mends == Reading(drop=("is_u", "is_v", "is_w"))


def test_siblings_that_lack_one_class_say_it_all_the_same():
    table = np.column_stack([NOISE, np.eye(3)[KINDS][:, :2]])
    assert len(warnings(check_one_hot_label, table, KINDS, names=["a", "is_u", "is_v"])) == 1


def test_siblings_of_something_else_are_features():
    other = np.eye(3)[RNG.integers(0, 3, 90)]
    table = np.column_stack([NOISE, other])
    assert not warnings(check_one_hot_label, table, KINDS, names=["a", "sex_u", "sex_v", "sex_w"])
