"""A column whose cells are lists of numbers: the pixels of a picture, or the steps of a series, in one cell."""

import re
from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.errors import DataError

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LIST = re.compile(rf"[\[(]?\s*{_NUMBER}(?:[\s,;|]+{_NUMBER}){{7,}}\s*[\])]?")  # fewer are more often a code
_BETWEEN = str.maketrans("[](),;|", " " * 7)
_LOOKED_AT = 200


def find_number_list(draft: Draft, columns: Sequence[Counted]) -> Counted | None:
    """The only column of lists, unless the person says that it is something else; None without one, or with several."""
    reading = draft.reading
    if reading.modality in (Modality.TEXT, Modality.SEQUENCE):
        return None
    other = {reading.text, *(reading.category or ())}
    found = [column for column in columns if column.name not in other and _holds_lists(column)]
    return found[0] if len(found) == 1 else None


def numbers_of(draft: Draft, column: Counted) -> np.ndarray:
    """Lists as rows (n, k) float64; of a missing cell NaN.

    Raises:
        DataError: a cell that is no list, or lists of different lengths.
    """
    cells = column.column.words.tolist()
    rows = [_numbers(draft, column, row, cell) if cell else None for row, cell in enumerate(cells)]
    lengths = {len(one) for one in rows if one is not None}
    if len(lengths) > 1:
        raise DataError(
            f"{draft.name}: lists in column {column.shown} have {min(lengths):,} to {max(lengths):,} numbers, expected "
            "equally many; fill up the shorter ones, save series as .ts, or leave the column out with --read drop=NAME."
        )
    width = lengths.pop()
    return np.array([np.full(width, np.nan) if one is None else one for one in rows])


def _holds_lists(column: Counted) -> bool:
    if not column.is_words or not column.n_distinct:
        return False
    seen = column.distinct[0][:: max(1, column.n_distinct // _LOOKED_AT)]
    return all(_LIST.fullmatch(str(word)) for word in seen)


def _numbers(draft: Draft, column: Counted, row: int, cell: str) -> list[float]:
    try:
        return list(map(float, cell.translate(_BETWEEN).split()))
    except ValueError as error:
        raise DataError(
            f"{draft.name}: row {row + 1:,} of column {column.shown} holds {printable(cell, 40)!r}, expected a list of "
            "numbers as in the other rows; correct it."
        ) from error
