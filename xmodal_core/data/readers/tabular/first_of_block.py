"""Columns with a value in the first row of each block only, as merged cells have it, or who writes for the eye."""

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError


def n_blocks(column: Counted) -> int:
    """Number of blocks of rows of which only the first has a value, another than the block before; 0 where none are."""
    missing = column.column.missing
    if 2 * column.n_missing < len(missing) or missing.all() or missing[0]:
        return 0
    starts = np.flatnonzero(~missing)
    values = column.column.words[starts]
    lengths = np.diff([*starts, len(missing)])
    return len(starts) if len(starts) > 1 and lengths.min() > 1 and bool((values[1:] != values[:-1]).all()) else 0


def tell_blocks(draft: Draft, column: Counted, is_label: bool = False) -> None:
    """Warn of such a column, and say how to read it.

    Raises:
        DataError: the labels are so, and a class has a single row if the others have no label.
    """
    if (
        draft.reading.missing is not None
        or column.name in (draft.reading.category or ())
        or not (n := n_blocks(column))
    ):
        return
    found = f"{column.shown} has a value in the first row of each of {n:,} blocks of rows and none below it, as"
    reading = Reading(fill=(column.name,))
    if is_label and column.distinct[1].min() < 2:
        raise DataError(
            f"{draft.name}: the label column {found} in merged cells, expected a label in every row; if the rows of a "
            f"block have that of its first one, use --read {reading.on_command_line()}."
        )
    draft.warn(
        "missing-labels" if is_label else "missing-values",
        f"{found} in merged cells; the rows below "
        + ("were taken to have no label" if is_label else "were taken to lack it"),
        "give them the value above",
        reading,
    )
