"""Tables in long format: a row a step, with the series that it belongs to, its time, its values and a label."""

from dataclasses import dataclass

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.series.assemble import series_draft
from xmodal_core.data.readers.tabular.columns import Column, Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.data.understanding import Part
from xmodal_core.errors import DataError

_IDS = {"id", "case", "case_id", "series", "series_id", "sample", "sample_id", "unit", "unit_id", "trial", "trial_id"}
_IDS |= {"recording", "recording_id", "episode", "episode_id", "sequence_id", "window_id"}
_TIMES = {"time", "t", "step", "time_step", "timestep", "timestamp", "frame", "reading_id", "cycle", "tick"}
_TIMES |= {"time_index", "time_idx", "step_id", "measurement_number", "frame_number"}
_CHANNELS = {"dim", "dim_id", "channel", "channel_id", "variable", "kind", "sensor"}
_LABELS = {"label", "class", "target", "y", "activity", "class_label"}
_GROUPS = {"subject", "subject_id", "patient", "patient_id", "participant", "user", "user_id"}
_WITHOUT_LABELS = {"case_id", "dim_id", "reading_id", "value"}  # as aeon writes them
_FEWEST_SERIES, _FEWEST_STEPS = 4, 4


@dataclass(frozen=True, eq=False)
class Long:
    """Which column is what.

    Attributes:
        series, time, label: the columns of these roles; no label of new rows to predict.
        channel: names the channel of a row where all values are in one column; else None.
        values: columns of numbers.
        split, group: of a series; None where there is none.
    """

    series: Column
    time: Column
    label: Column | None
    channel: Column | None
    values: tuple[Column, ...]
    split: Column | None = None
    group: Column | None = None


def find_long(upload: Upload, table: Table) -> Long | None:
    """The roles of a long table, or None where it is not one.

    Both the column of the series and that of time are said by the person (`id`, `time`, with modality=series), or have
    usual names and the structure: several rows for each series, in which the label does not change.
    """
    said = upload.reading
    if not table.named or said.modality not in (None, Modality.SERIES):
        return None
    lowered = {column.name.lower().replace(" ", "_"): column for column in table.columns}
    by_name = {column.name: column for column in table.columns}
    if set(lowered) == _WITHOUT_LABELS and said.modality is None and said.label is None:
        raise DataError(
            f"{upload.name}: found the columns {', '.join(sorted(lowered))} of series in long format and no label, "
            "expected one such as label, the same in every row of a series; add it, or say which column it is with "
            "--read label=NAME."
        )
    series = by_name.get(said.id) if said.id else _first(lowered, _IDS)
    time = by_name.get(said.time) if said.time else _first(lowered, _TIMES)
    if series is None or time is None or series is time or (said.group is not None and said.modality is None):
        return None
    of_series = _codes(series)
    sizes = np.bincount(of_series)
    unlabelled = said.label == NO_LABELS
    if not unlabelled and (len(sizes) < _FEWEST_SERIES or np.median(sizes) < _FEWEST_STEPS):
        return None
    label = by_name.get(said.label) if said.label else _first(lowered, _LABELS)
    if not unlabelled and (label is None or not _constant_within(label, of_series)):
        return None
    others = [c for c in table.columns if c not in (series, time, label) and c.name not in (said.drop or ())]
    split = next((c for c in others if c.name.lower() == (said.split or "split").lower()), None)
    group = next((c for c in others if c.name == said.group or c.name.lower().replace(" ", "_") in _GROUPS), None)
    channel = next((c for c in others if c.name.lower().replace(" ", "_") in _CHANNELS), None)
    values = [c for c in others if c.numbers is not None and c not in (split, group, channel)]
    if channel is not None and len(values) != 1:
        channel, values = None, [c for c in others if c.numbers is not None and c not in (split, group)]
    if unlabelled and said.number:
        values = [c for c in values if c.name in said.number]  # a label among the numbers is no channel
    if not values or any(c is not None and not _constant_within(c, of_series) for c in (split, group)):
        return None
    return Long(series, time, label, channel, tuple(values), split, group)


def read_long(upload: Upload, table: Table, found: Long) -> LabelledDataset:
    """A sample for each series: its values in the order of time.

    Raises:
        DataError: a time that occurs twice, or channels with different times.
    """
    names, of_series = np.unique(found.series.words, return_inverse=True)
    order = np.lexsort((_moments(found.time), of_series))
    starts = np.searchsorted(of_series[order], np.arange(len(names)))
    pieces = np.split(order, starts[1:])
    reason = (
        f"read as series because {found.series.name!r} names the series of a row and {found.time.name!r} its step"
        if upload.reading.modality is None
        else "read as chosen"
    )
    series = [_values(upload, found, rows, str(name)) for name, rows in zip(names, pieces, strict=True)]
    draft = series_draft(
        upload,
        f"{table.format}, in long format",
        series,
        np.full(len(names), "") if found.label is None else _label(found.label, order[starts]),
        reason,
    )
    if found.label is not None:
        draft.label, draft.label_reason = found.label.name, "it does not change within a series"
    dropped = upload.reading.missing == "drop"
    kept = np.array([not (dropped and np.isnan(one).any()) for one in series])
    if found.split is not None:
        draft.splits, draft.split_reason = found.split.words[order[starts]][kept], f"from column {found.split.name!r}"
    if found.group is not None:
        draft.groups, draft.group = found.group.words[order[starts]][kept], found.group.name
    _say(draft.parts, table, found)
    unused = [p.name for p in draft.parts if p.role == "left out"]
    draft.leave_out("columns", unused, "they are no numbers")
    if upload.reading.modality is None:
        draft.warn(
            "modality-guessed",
            f"{len(table):,} rows were read as {len(names):,} series by {found.series.name!r} and {found.time.name!r}",
            "confirm it with modality=series, or read every row as a sample",
            Reading(modality=str(Modality.TABULAR)),
        )
    return finish(draft)


def _first(columns: dict[str, Column], names: set[str]) -> Column | None:
    return next((column for name, column in columns.items() if name in names), None)


def _codes(column: Column) -> np.ndarray:
    codes: np.ndarray = np.unique(column.words, return_inverse=True)[1]
    return codes


def _constant_within(column: Column, of_series: np.ndarray) -> bool:
    pairs = np.unique(np.stack([of_series, _codes(column)]), axis=1)
    return pairs.shape[1] == of_series.max() + 1


def _moments(time: Column) -> np.ndarray:
    """What orders the rows: numbers, or dates written so that they sort as text."""
    return time.numbers if time.numbers is not None else time.words


def _values(upload: Upload, found: Long, rows: np.ndarray, name: str) -> np.ndarray:
    """Values (c, t) of one series, whose rows are in the order of time."""
    moments = _moments(found.time)[rows]
    if found.channel is None:
        if len(np.unique(moments)) < len(moments):
            raise DataError(
                f"{upload.name}: the series {name!r} has two rows of one {found.time.name!r}, expected one row a step; "
                "remove the repeated rows, or name the right columns with --read id=...,time=...,modality=series."
            )
        return np.stack([c.numbers[rows] for c in found.values if c.numbers is not None]).astype(np.float64)
    (column,) = found.values
    assert column.numbers is not None
    channels = np.unique(found.channel.words)  # of the whole table, so that every series has the same
    parts = [rows[found.channel.words[rows] == channel] for channel in channels]
    if len({tuple(_moments(found.time)[part].tolist()) for part in parts}) > 1:
        raise DataError(
            f"{upload.name}: the channels of the series {name!r} have values at different times, expected the same; "
            "bring them to common steps."
        )
    return np.stack([column.numbers[part] for part in parts]).astype(np.float64)


def _label(label: Column, firsts: np.ndarray) -> np.ndarray:
    is_fraction = label.numbers is not None and label.numbers.dtype.kind == "f" and (label.numbers % 1 > 0).any()
    return label.numbers[firsts] if is_fraction and label.numbers is not None else label.words[firsts]


def _say(parts: list[Part], table: Table, found: Long) -> None:
    roles = {found.series.name: "id", found.time.name: "time"}
    roles |= {column.name: "feature" for column in found.values}
    for column, role in (
        (found.label, "label"),
        (found.channel, "channel"),
        (found.split, "split"),
        (found.group, "group"),
    ):
        if column is not None:
            roles[column.name] = role
    for column in table.columns:
        holds = "numbers" if column.numbers is not None else f"{len(np.unique(column.words)):,} different words"
        parts.append(Part(column.name, holds, roles.get(column.name, "left out")))
