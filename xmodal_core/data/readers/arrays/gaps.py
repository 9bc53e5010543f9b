"""Missing numbers (NaN) in series, pictures and fields: ends of unequal lengths, holes, or samples to leave out."""

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.series.filled import fill, leave_out_missing
from xmodal_core.data.readers.series.lengths import equally_long, say_lengths
from xmodal_core.errors import DataError


def close_gaps(draft: Draft) -> None:
    """Bring inputs with NaN to inputs without, as the person says, and say it; tables are not touched.

    Raises:
        DataError: missing numbers in pictures or fields, where nothing was said; or a series without any number.
    """
    if draft.inputs.dtype.kind != "f" or draft.modality not in (Modality.SERIES, Modality.IMAGE, Modality.FIELD):
        return
    missing = np.isnan(draft.inputs)
    if not missing.any():
        return
    if draft.modality is Modality.SERIES:
        _close_series(draft, missing)
    else:
        _leave_out(draft, missing.reshape(len(missing), -1).any(axis=1))


def _close_series(draft: Draft, missing: np.ndarray) -> None:
    """NaN in all channels at the ends is no part of a series; within it, it is a hole."""
    present = np.logical_not(np.all(missing, axis=1))  # (n, t)
    has_any = np.logical_or.reduce(present, axis=1)
    if not has_any.all():
        _leave_out(draft, ~has_any)
        present = present[has_any]
    first, last = present.argmax(axis=1), present.shape[1] - present[:, ::-1].argmax(axis=1)
    series = [row[:, start:end].astype(np.float64) for row, start, end in zip(draft.inputs, first, last, strict=True)]
    series = fill(draft, series)
    if draft.reading.missing == "drop":
        kept = leave_out_missing(draft, series)
        draft.keep(kept)
        series = [one for one, is_kept in zip(series, kept, strict=True) if is_kept]
    how = say_lengths(draft, np.array([one.shape[-1] for one in series]))
    draft.inputs = equally_long(draft.name, series, how, draft.reading.steps)


def _leave_out(draft: Draft, holed: np.ndarray) -> None:
    n = int(holed.sum())
    if draft.reading.missing != "drop" or n == len(holed):
        raise DataError(
            f"{draft.name}: {n:,} of {len(holed):,} samples hold NaN (first: row {int(holed.argmax())}), expected "
            f"numbers in all of a sample; {'leave them out with --read missing=drop, or ' if n < len(holed) else ''}"
            "fill them in."
        )
    draft.keep(~holed)
    draft.leave_out("rows", [f"row {row + 1}" for row in np.flatnonzero(holed)], "they have missing values")
