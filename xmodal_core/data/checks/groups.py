"""Groups whose rows are on both sides of a split that the file gives."""

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading


def check_groups(draft: Draft, data: LabelledDataset) -> None:
    """Warn where a group has training rows and others that test or validate."""
    if draft.groups is None or draft.splits is None:
        return
    train = np.unique(draft.groups[data.splits == "train"])
    held = np.unique(draft.groups[data.splits != "train"])
    crossing = len(np.intersect1d(train, held))
    if crossing:
        draft.warn(
            "groups-cross-splits",
            f"{crossing:,} of {len(np.unique(draft.groups)):,} groups of {draft.group!r} have rows in training and in "
            "validation or test",
            "split anew by whole groups (split=none)",
            Reading(split="none"),
        )
