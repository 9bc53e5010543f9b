"""Cells that have types of their own, as in a workbook or in JSON, to columns of words."""

import datetime
import math
from collections.abc import Sequence

from xmodal_core.data.readers.tables.typed import Words

Cell = str | int | float | bool | datetime.datetime | datetime.date | datetime.time | datetime.timedelta | None


def words_of(name: str, values: Sequence[Cell]) -> Words:
    """The words of one column; numbers are written so that they come back digit by digit."""
    import pyarrow as pa

    typed = any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return Words(name, pa.array([written(value) for value in values], pa.string()), marked=not typed)


def written(value: Cell) -> str:
    """One cell as a word; empty where it holds nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ") if value.time() != datetime.time() else value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return repr(value.total_seconds())
    return str(value)
