import numpy as np
import pyarrow as pa

from xmodal_core.data.readers.tables.filled import filled_column, filled_words
from xmodal_core.data.readers.tabular.columns import Column


def test_empty_cells_have_the_word_above() -> None:
    cells = pa.chunked_array([["", "a", " "], ["NA", "b"]], pa.string())
    assert filled_words(cells).to_pylist() == ["", "a", "a", "a", "b"]


def test_so_do_missing_numbers() -> None:
    gone = np.array([True, False, True])
    found = filled_column(Column("a", np.array([np.nan, 2, np.nan]), np.array(["", "2", ""]), gone))
    assert found.missing.tolist() == [True, False, False]
    assert (found.numbers[1:].tolist(), found.words.tolist()) == ([2, 2], ["", "2", "2"])
