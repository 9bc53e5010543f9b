"""Columns that go along with a column of letters: a letter for each of its letters, or how many there are."""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.readers.tabular.counted import Counted

_LONG = 8  # letters of the middle word, from which equal lengths are no chance
_MOST_LETTERS = 30


def has_its_letters(column: Counted, sequence: Counted) -> bool:
    """Whether each word of few letters is as long as the sequence in its row."""
    if not column.is_words or column.n_missing or column.median_length < _LONG or not column.mostly_different:
        return False
    letters = set("".join(map(str, column.distinct[0][:1000])))
    return len(letters) <= _MOST_LETTERS and np.array_equal(column.lengths, sequence.lengths)


def is_length(column: Counted, columns: Sequence[Counted]) -> bool:
    """Whether numbers are those of the letters of another column."""
    if not column.is_whole or column.n_missing or column.n_distinct < 2:
        return False
    written = [one for one in columns if one.is_words and not one.n_missing and one.median_length >= _LONG]
    return any(np.array_equal(column.present, one.lengths) for one in written)
