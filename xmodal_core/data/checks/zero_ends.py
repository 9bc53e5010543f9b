"""Series that end in zeros, each after another number of steps: they may be shorter ones that were filled up."""

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.draft import Draft

_SHORTEST = 3  # zeros at an end that are no chance
_SHARE = 0.2  # of the series that end so
_LOOKED_AT = 2000


def check_zero_ends(draft: Draft, data: LabelledDataset) -> None:
    """Warn where many series end in runs of zeros of different lengths, for their lengths can be read off."""
    if data.modality is not Modality.SERIES or draft.reading.length is not None:
        return
    zero = (data.inputs[:_LOOKED_AT] == 0).all(axis=1)  # (n, t)
    trailing = np.logical_and.accumulate(zero[:, ::-1], axis=1).sum(axis=1)
    ended = (trailing >= _SHORTEST) & (trailing < zero.shape[1])
    if ended.mean() < _SHARE or len(np.unique(trailing[ended])) < 2:
        return
    ends = zero.shape[1] - trailing[ended]
    draft.warn(
        "unequal-lengths",
        f"{int(ended.sum()):,} of {len(zero):,} series end in zeros, after {ends.min():,} to {ends.max():,} steps, and "
        "may be shorter ones that were filled up, whose length can be read off",
        "put NaN there if so, and say how they become equally long (length)",
    )
