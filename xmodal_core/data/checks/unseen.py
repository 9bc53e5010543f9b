"""Classes that no training row has: nothing can be learnt about them."""

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import Task

_SHOWN = 3


def check_unseen(draft: Draft, data: LabelledDataset) -> None:
    """Warn of classes that are only in validation or test rows."""
    if data.task is not Task.CLASSIFICATION:
        return
    trained = np.unique(data.targets[data.splits == "train"])
    unseen = [data.class_names[label] for label in np.setdiff1d(data.targets, trained)]
    if unseen and draft.reading.split is None:
        draft.warn(
            "classes-only-in-test",
            f"{len(unseen):,} of {data.n_classes:,} classes have no training row "
            f"({', '.join(printable(one, 40) for one in unseen[:_SHOWN])})",
            "split anew, or take these classes out",
            Reading(split="none"),
        )
