"""CHECKS: what is looked for in a data set before anything is measured on it, one file each.

A check says what it finds with `draft.warn`, or raises a `DataError` where nothing could be measured.
"""

from collections.abc import Callable

from xmodal_core.data.checks.constant import check_constant
from xmodal_core.data.checks.duplicates import check_duplicates
from xmodal_core.data.checks.unseen import check_unseen
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.draft import Draft

Check = Callable[[Draft, LabelledDataset], None]

CHECKS: dict[str, Check] = {
    "constant": check_constant,
    "duplicates": check_duplicates,
    "unseen": check_unseen,
}
