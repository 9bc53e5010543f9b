"""Missing steps of a series: interpolated where the person says so, or the series are left out."""

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError


def fill(draft: Draft, series: list[np.ndarray]) -> list[np.ndarray]:
    """Series (c, t_i) without missing values (NaN): interpolated over time per channel, at the ends the nearest value.

    By default they are interpolated and a warning is given; `missing` of the reading says otherwise. Series to leave
    out keep their place here and their NaN: `leave_out_missing` takes them away with their labels.

    Raises:
        DataError: there are missing values and the person wants none, or a channel has no value at all.
    """
    holed = [index for index, one in enumerate(series) if np.isnan(one).any()]
    if not holed or draft.reading.missing == "drop":
        return series
    n_values = sum(int(np.isnan(series[index]).sum()) for index in holed)
    found = f"{n_values:,} values in {len(holed):,} of {len(series):,} series are missing"
    if draft.reading.missing == "refuse":
        raise DataError(f"{draft.name}: {found}, expected none; fill them in or remove these series.")
    filled = list(series)
    for index in holed:
        filled[index] = np.stack([_interpolated(draft, index, channel) for channel in series[index]])
    draft.changed.append(f"{n_values:,} missing values interpolated over time in {len(holed):,} series")
    if draft.reading.missing is None:
        draft.warn(
            "missing-values",
            f"{found} and were interpolated over time",
            "leave these series out, or confirm it with missing=impute",
            Reading(missing="drop"),
        )
    return filled


def leave_out_missing(draft: Draft, series: list[np.ndarray]) -> np.ndarray:
    """Which series to keep (n,) bool where those with missing values are to be left out; says how many are."""
    holed = np.array([bool(np.isnan(one).any()) for one in series])
    if holed.any():
        draft.leave_out("rows", [f"row {row + 1}" for row in np.flatnonzero(holed)], "they have missing values")
    if holed.all():
        raise DataError(f"{draft.name}: every series has missing values, expected some without; use missing=impute.")
    return ~holed


def _interpolated(draft: Draft, index: int, channel: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(~np.isnan(channel))
    if not len(known):
        raise DataError(
            f"{draft.name}: a channel of series {index + 1:,} has no value, expected at least one; leave such series "
            "out with --read missing=drop."
        )
    return np.interp(np.arange(len(channel)), known, channel[known])
