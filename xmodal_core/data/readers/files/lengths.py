"""Series of unequal lengths to one length, as the person says or as loses least."""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.readers import archive as archives
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

_FAR = 2.0  # times the median: padding to a series this much longer would be mostly padding
_ALIKE = 1.1  # lengths within this ratio are no doubt


def equally_long(draft: Draft, series: Sequence[np.ndarray], filler: float) -> np.ndarray:
    """(n, c, t) of n series (c, t of its own): padded at the end, cropped around the middle, or resampled.

    Args:
        draft: told of what was changed.
        series: at least one.
        filler: what stands for nothing behind the end.

    Raises:
        DataError: more than fits into memory.
    """
    lengths = np.array([one.shape[1] for one in series])
    shortest, longest, median = int(lengths.min()), int(lengths.max()), int(np.median(lengths))
    if shortest == longest:
        return _stacked(draft, series, longest, filler)
    how = draft.reading.length or ("pad" if longest <= _FAR * median else "crop")
    steps = longest if how == "pad" else median
    draft.changed.append(
        {"pad": "padded", "crop": "cropped around the middle or padded", "resample": "resampled"}[how]
        + f" to {steps:,} steps from {shortest:,} to {longest:,}"
    )
    if draft.reading.length is None and longest > _ALIKE * shortest:
        draft.warn(
            "unequal-lengths",
            f"series have {shortest:,} to {longest:,} steps, {median:,} at the median, and were "
            f"{'padded' if how == 'pad' else 'cropped or padded'} to {steps:,}",
            "say pad, crop or resample",
            Reading(length=how),
        )
    if how == "resample":
        return _stacked(draft, [_resampled(one, steps) for one in series], steps, filler)
    return _stacked(draft, series, steps, filler)


def _stacked(draft: Draft, series: Sequence[np.ndarray], steps: int, filler: float) -> np.ndarray:
    n_bytes = 4 * len(series) * series[0].shape[0] * steps
    if n_bytes > archives.MAX_EXPANDED_BYTES:
        raise DataError(
            f"{draft.name}: {len(series):,} series of {steps:,} steps take {n_bytes / 2**30:.1f} GiB, expected at most "
            f"{archives.MAX_EXPANDED_BYTES / 2**30:.0f}; cut them shorter or keep fewer."
        )
    stacked = np.full((len(series), series[0].shape[0], steps), filler, np.float32)
    for row, one in enumerate(series):
        start = max(0, (one.shape[1] - steps) // 2)
        kept = one[:, start : start + steps]
        stacked[row, :, : kept.shape[1]] = kept
    return stacked


def _resampled(one: np.ndarray, steps: int) -> np.ndarray:
    """(c, steps) by straight lines between the steps of (c, t)."""
    places = np.linspace(0, one.shape[1] - 1, steps)
    return np.stack([np.interp(places, np.arange(one.shape[1]), channel) for channel in one])
