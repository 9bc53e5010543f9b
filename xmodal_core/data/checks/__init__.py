"""CHECKS: what is looked for in a data set before anything is measured on it, one file each.

A check says what it finds with `draft.warn`, or raises a `DataError` where nothing could be measured.
"""

from collections.abc import Callable

from xmodal_core.data.checks.constant import check_constant
from xmodal_core.data.checks.determines_label import check_determines_label
from xmodal_core.data.checks.duplicates import check_duplicates
from xmodal_core.data.checks.groups import check_groups
from xmodal_core.data.checks.named_after_label import check_named_after_label
from xmodal_core.data.checks.near_constant import check_near_constant
from xmodal_core.data.checks.one_hot_label import check_one_hot_label
from xmodal_core.data.checks.possible_group import check_possible_group
from xmodal_core.data.checks.row_numbers import check_row_numbers
from xmodal_core.data.checks.tiny_classes import check_tiny_classes
from xmodal_core.data.checks.unseen import check_unseen
from xmodal_core.data.checks.zero_ends import check_zero_ends
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.draft import Draft

Check = Callable[[Draft, LabelledDataset], None]

CHECKS: dict[str, Check] = {
    "constant": check_constant,
    "duplicates": check_duplicates,
    "tiny classes": check_tiny_classes,
    "groups": check_groups,
    "possible group": check_possible_group,
    "row numbers": check_row_numbers,
    "one-hot label": check_one_hot_label,
    "determines label": check_determines_label,
    "named after label": check_named_after_label,
    "near constant": check_near_constant,
    "unseen": check_unseen,
    "zero ends": check_zero_ends,
}
