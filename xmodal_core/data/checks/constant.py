"""Samples that are all the same: whatever is measured on them is about nothing."""

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.draft import Draft
from xmodal_core.errors import DataError


def check_constant(draft: Draft, data: LabelledDataset) -> None:
    """Refuse a data set whose samples are all equal.

    Raises:
        DataError: they are.
    """
    first = data.inputs[:1]
    if all((data.inputs[start : start + 1000] == first).all() for start in range(0, len(data), 1000)):
        raise DataError(
            f"{draft.name}: all {len(data):,} samples are the same after reading, expected samples that differ; check "
            "that the right part of the file was read, and in the right scale."
        )
