"""Text of the UCR archive: no header, a series a row, its class in front.

Series that are shorter than the longest end in empty or NaN cells.
"""

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.series.assemble import series_dataset
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.tabular.wide import is_smooth
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS

_SHORTEST = 8  # steps: a row with fewer is more often a table
_LONG = 16  # steps from which likeness of neighbours tells
_ROLES = ("number", "category", "text", "id", "group", "time")  # said of columns: then it is a table


def is_ucr(upload: Upload, table: Table) -> bool:
    """Whether a table without names has a whole number of few kinds in front of fractions that go on from each other.

    Where neighbours are not alike, only the person can tell a series from a table.
    """
    first, *others = table.columns
    said = upload.reading
    if table.named or said.modality not in (None, Modality.SERIES) or any(getattr(said, role) for role in _ROLES):
        return False
    if said.label == NO_LABELS:
        return said.modality is not None and all(column.numbers is not None for column in table.columns)
    if len(others) < _SHORTEST or any(column.numbers is None for column in table.columns):
        return False
    if said.label not in (None, first.name):
        return False
    classes, n = first.numbers, len(table)
    assert classes is not None
    few = not first.missing.any() and (classes == np.floor(classes)).all() and 2 <= len(np.unique(classes)) <= n / 2
    numbers = [column.numbers for column in others if column.numbers is not None]
    fractions = sum(values.dtype.kind == "f" and bool((values % 1 > 0).any()) for values in numbers)
    if not few or fractions <= len(others) / 2:
        return False
    return said.modality is not None or (len(others) >= _LONG and is_smooth(np.stack(numbers, axis=1)))


def read_ucr(upload: Upload, table: Table) -> LabelledDataset:
    """Rows as series of one channel; `is_ucr` was true. New rows have a class in front or only their steps."""
    first, *others = table.columns
    if upload.reading.label == NO_LABELS and len(table.columns) == upload.reading.steps:
        others = table.columns
    values = np.stack([c.numbers for c in others if c.numbers is not None], axis=1).astype(np.float64)  # (n, t)
    ends = values.shape[1] - np.isnan(values)[:, ::-1].argmin(axis=1)  # behind the last value
    ends = np.where(np.isnan(values).all(axis=1), 0, ends)
    return series_dataset(
        upload,
        f"{table.format}, as in the UCR archive",
        [row[None, :end] for row, end in zip(values, ends, strict=True)],  # (1, t_i)
        first.numbers if first.numbers is not None else first.words,
        "read as series because the rows have no names and a class in front, as in the UCR archive",
        "the first column",
        "it holds whole numbers of few kinds, the others fractions",
        splits=table.splits,
        split_reason=table.split_reason,
    )
