"""From a list of series to a data set: what every format of series ends in."""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.series.filled import fill, leave_out_missing
from xmodal_core.data.readers.series.lengths import equally_long, say_lengths
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.targets import Task
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError


def series_draft(
    upload: Upload,
    form: str,
    series: list[np.ndarray],
    labels: np.ndarray,
    reason: str,
    splits: np.ndarray | None = None,
) -> Draft:
    """A draft of series (c, t_i) float64, NaN where a value is missing, brought to one length.

    Args:
        upload: the file.
        form: what the file is.
        series: one array a sample.
        labels: (n,) as they came.
        reason: why these are series.
        splits: (n,) where they come in files of their own.

    Raises:
        DataError: no series, an empty one, different numbers of channels, or another modality was chosen.
    """
    if upload.reading.modality not in (None, Modality.SERIES):
        raise DataError(
            f"{upload.name}: {form} is read as series, not {upload.reading.modality}; choose series or another file."
        )
    if not series:
        raise DataError(f"{upload.name}: found no series, expected at least one; check the file.")
    channels = {len(one) for one in series}
    if len(channels) > 1:
        raise DataError(
            f"{upload.name}: the series have {min(channels)} to {max(channels)} channels, expected the same number in "
            "each; correct the file."
        )
    if empty := [index for index, one in enumerate(series) if not one.size]:
        raise DataError(
            f"{upload.name}: series {empty[0] + 1:,} is empty, expected at least one value; remove it from the file."
        )
    draft = Draft(
        upload.name, upload.filename, upload.reading, form, Modality.SERIES, reason, np.empty((0, 0, 0)), labels
    )
    draft.splits = splits
    if upload.reading.missing == "drop":
        kept = leave_out_missing(draft, series)
        series = [one for one, is_kept in zip(series, kept, strict=True) if is_kept]
        draft.labels = labels[kept]
        draft.splits = draft.splits[kept] if draft.splits is not None else None
    series = fill(draft, series)
    how = say_lengths(draft, np.array([one.shape[-1] for one in series]))
    draft.inputs = equally_long(upload.name, series, how, upload.reading.steps)
    return draft


def series_dataset(
    upload: Upload,
    form: str,
    series: list[np.ndarray],
    labels: np.ndarray,
    reason: str,
    label: str,
    label_reason: str,
    task: Task | None = None,
    warnings: Sequence[Caution] = (),
    splits: np.ndarray | None = None,
    split_reason: str = "",
) -> LabelledDataset:
    """The data set of a format that holds series and labels and nothing else; see `series_draft`."""
    draft = series_draft(upload, form, series, labels, reason, splits)
    draft.split_reason = split_reason
    draft.label, draft.label_reason, draft.task = label, label_reason, task
    draft.warnings.extend(warnings)
    return finish(draft)
