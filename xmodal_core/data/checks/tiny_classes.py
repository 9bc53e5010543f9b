"""Classes of too few rows to be judged."""

import numpy as np

from xmodal_core.data.checks.few import few
from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.data.draft import Draft

_TINY = 10  # rows
_SMALLER = 4  # times smaller than the largest class; that all of it is small is no news to its owner


def check_tiny_classes(draft: Draft, data: LabelledDataset) -> None:
    """Warn of classes of fewer than ten rows beside much larger ones."""
    if data.task is not Task.CLASSIFICATION:
        return
    counts = np.bincount(data.targets, minlength=data.n_classes)
    tiny = np.flatnonzero((counts > 0) & (counts < _TINY) & (_SMALLER * counts <= counts.max()))
    if len(tiny):
        draft.warn(
            "tiny-classes",
            f"{len(tiny):,} of {data.n_classes:,} classes have {counts[tiny].min()} to {counts[tiny].max()} rows "
            f"({few([data.class_names[c] for c in tiny])}), too few to be judged, and the largest {counts.max():,}",
            "add rows, or merge or remove these classes",
        )
