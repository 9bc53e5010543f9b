"""Columns whose empty cells have the value above, as a person says of what was merged or written once a block."""

from typing import Any

import numpy as np

from xmodal_core.data.readers.tables.numbers import missing_in
from xmodal_core.data.readers.tabular.columns import Column


def filled_words(cells: Any) -> Any:
    """An arrow array of strings with the word above where a cell says that it has none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    missing = missing_in(pc.utf8_trim_whitespace(cells), numeric=False)
    return pc.fill_null(pc.fill_null_forward(pc.if_else(pa.array(missing), None, cells)), "")


def filled_column(column: Column) -> Column:
    """A column that has its type already, filled likewise; what is missing in its first rows stays so."""
    rows = np.maximum.accumulate(np.where(column.missing, -1, np.arange(len(column.missing))))
    taken = np.maximum(rows, 0)
    numbers = None if column.numbers is None else column.numbers[taken]
    return Column(column.name, numbers, lambda: column.words[taken], column.missing[taken])
