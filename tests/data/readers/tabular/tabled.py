"""Tables of a format that is not looked at, for tests of what their columns are."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.tabular.columns import Column, Table
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.readers.tabular.dates import parse_dates
from xmodal_core.data.readers.tabular.roles import table_draft
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading


def column(name: str, values: Sequence[Any]) -> Column:
    """Numbers, NaN where missing, or words, empty where missing."""
    array = np.asarray(values)
    if array.dtype.kind == "U":
        return Column(name, None, array, array == "")
    missing = np.isnan(array) if array.dtype.kind == "f" else np.zeros(len(array), bool)
    words = np.array(["" if gone else f"{value:g}" for value, gone in zip(array, missing, strict=True)])
    return Column(name, array if array.dtype.kind == "f" else array.astype(np.int64), words, missing)


def counted(columns: Mapping[str, Sequence[Any]]) -> list[Counted]:
    """Columns as roles see them."""
    return [Counted(column(name, v), at, at == len(columns) - 1) for at, (name, v) in enumerate(columns.items())]


def day_of(column: Column, row: int = 0) -> str:
    """The day of a date as the reader of roles has it."""
    found = parse_dates(Counted(column, 0, False))
    assert found is not None
    return str(np.datetime64(round(found.days[row]), "D"))


def dataset(columns: Mapping[str, Sequence[Any]], named: bool = True, **said: Any) -> LabelledDataset:
    """What becomes of a table of these columns, and of what is said about it."""
    table = Table([column(name, values) for name, values in columns.items()], "made here", named)
    return finish(table_draft(Upload(io.BytesIO(), "t", "t.csv", Reading(**said)), table))


def codes(data: LabelledDataset) -> list[str]:
    """Codes of the warnings."""
    assert data.understanding is not None
    return [warning.code for warning in data.understanding.warnings]


def draft(**said: Any) -> Draft:
    """An empty draft of a table."""
    empty = np.empty((0, 0))
    return Draft("t", "t.csv", Reading(**said), "made here", Modality.TABULAR, "", empty, empty)
