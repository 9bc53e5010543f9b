import numpy as np

from tests.data.checks.checked import warnings
from xmodal_core.data.checks.groups import check_groups

KINDS = np.arange(12) % 2
TABLE = np.arange(12.0)[:, None]
SPLITS = np.array(["train"] * 6 + ["val"] * 2 + ["test"] * 4)


def test_groups_on_both_sides_of_a_given_split_are_counted():
    (one,) = warnings(check_groups, TABLE, KINDS, splits=SPLITS, groups=np.array([0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 0]))
    assert "2 of 5 groups of 'who'" in one.message


def test_whole_groups_are_no_news():
    assert not warnings(check_groups, TABLE, KINDS, splits=SPLITS, groups=np.array([0] * 6 + [1] * 2 + [2] * 4))
