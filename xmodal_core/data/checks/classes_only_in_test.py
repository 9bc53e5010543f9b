"""Classes that are asked about and were never shown."""

import numpy as np

from xmodal_core.data.checks.few import few
from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading


def check_classes_only_in_test(draft: Draft, data: LabelledDataset) -> None:
    """Warn of classes that only validation or test rows have."""
    if data.task is not Task.CLASSIFICATION:
        return
    in_train = np.bincount(data.targets[data.rows("train")], minlength=data.n_classes)
    held = np.bincount(data.targets[data.rows("val", "test")], minlength=data.n_classes)
    missed = np.flatnonzero((in_train == 0) & (held > 0))
    if not len(missed):
        return
    is_given = draft.splits is not None
    draft.warn(
        "classes-only-in-test",
        f"{len(missed):,} of {data.n_classes:,} classes have {held[missed].sum():,} validation and test rows and no "
        f"training row ({few([data.class_names[c] for c in missed])})",
        "split anew, or remove these classes" if is_given else "add training rows of them, or remove these classes",
        Reading(split="none") if is_given else None,
    )
