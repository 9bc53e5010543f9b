import numpy as np

from tests.data.checks.checked import warnings
from xmodal_core.data.checks.classes_only_in_test import check_classes_only_in_test
from xmodal_core.data.reading import Reading

KINDS = np.repeat([0, 1, 2], 10)
TABLE = np.arange(30.0)[:, None]


def test_a_class_without_a_training_row_is_told_with_its_rows():
    splits = np.array(["train"] * 18 + ["val"] * 2 + ["test"] * 10)
    (one,) = warnings(check_classes_only_in_test, TABLE, KINDS, splits=splits)
    assert "1 of 3 classes have 10 validation and test rows and no training row ('c2')" in one.message
    assert one.mends == Reading(split="none")


def test_a_class_that_only_trains_is_not():
    splits = np.array((["train"] * 8 + ["test"] * 2) * 2 + ["train"] * 10)
    assert not warnings(check_classes_only_in_test, TABLE, KINDS, splits=splits)
