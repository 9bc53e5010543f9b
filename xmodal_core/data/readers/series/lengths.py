"""Series of unequal lengths to one array: padded, cropped or resampled, and said."""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

MAX_VALUES = 2**28  # of all series at the common length: 2 GiB in double precision


def lengths_in_words(lengths: np.ndarray) -> str:
    """Shortest, median and longest."""
    return f"{lengths.min():,} to {lengths.max():,} steps, {int(np.median(lengths)):,} in the middle"


def common_length(lengths: np.ndarray, how: str, steps: int | None = None) -> int:
    """Steps that all series are brought to, where not said: the longest, shortest or median for pad, crop, resample."""
    return steps or int({"pad": lengths.max(), "crop": lengths.min(), "resample": np.median(lengths)}[how])


def equally_long(name: str, series: Sequence[np.ndarray], how: str = "pad", n_steps: int | None = None) -> np.ndarray:
    """Series (c, t_i) as (n, c, t) float64.

    Args:
        name: data set, for messages.
        series: at least one, all of the same number of channels; none is empty.
        how: pad repeats a series' last value behind its end, so that no step is added that was not there; crop keeps
            the first steps that all have; resample interpolates linearly to the median length.
        n_steps: the common length, where it is said: what is longer is cropped, what is shorter padded, unless all are
            resampled.

    Raises:
        DataError: more values than fit.
    """
    lengths = np.array([one.shape[-1] for one in series])
    steps = common_length(lengths, how, n_steps)
    if len(series) * len(series[0]) * steps > MAX_VALUES:
        raise DataError(
            f"{name}: {len(series):,} series of {len(series[0])} channel(s) have {lengths_in_words(lengths)}, too many "
            "values at one length; crop them with --read length=crop, or cut long ones into pieces."
        )
    arranged = np.empty((len(series), len(series[0]), steps))
    for row, one in zip(arranged, series, strict=True):
        if how == "resample" and one.shape[-1] != steps:
            places = np.linspace(0, one.shape[-1] - 1, steps)
            row[:] = [np.interp(places, np.arange(one.shape[-1]), channel) for channel in one]
        else:
            kept = min(steps, one.shape[-1])
            row[:, :kept] = one[:, :kept]
            row[:, kept:] = one[:, kept - 1 : kept]
    return arranged


def say_lengths(draft: Draft, lengths: np.ndarray) -> str:
    """How to bring these lengths to one, said in the draft; pad where the person says nothing."""
    how, steps = draft.reading.length or "pad", draft.reading.steps
    if lengths.min() == lengths.max() == common_length(lengths, how, steps):
        return how
    done = {"pad": "padded with their last value", "crop": "cropped at the end", "resample": "resampled"}[how]
    to = common_length(lengths, how, steps)
    draft.changed.append(f"{done} to {to:,} steps (they had {lengths_in_words(lengths)})")
    if how == "pad" and (n_longer := int((lengths > to).sum())):
        draft.warn(
            "unequal-lengths",
            f"{n_longer:,} series are longer than {to:,} steps and were cropped",
            "crop or resample all of them, or say more steps",
            Reading(length="crop"),
        )
    if draft.reading.length is None and steps is None:
        draft.warn(
            "unequal-lengths",
            f"the series have {lengths_in_words(lengths)}, and were padded with their last value, so that their "
            "length can be read off",
            "crop or resample them if length should not matter, or confirm it",
            Reading(length="crop"),
        )
    return how
