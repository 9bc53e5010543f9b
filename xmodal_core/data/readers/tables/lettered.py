"""Columns of words, made when they are asked for."""

from collections.abc import Callable
from typing import Any

import numpy as np

from xmodal_core.data.readers.archive import check_expanded
from xmodal_core.data.readers.tables.numbers import missing_in
from xmodal_core.data.readers.tabular.columns import Column
from xmodal_core.data.readers.upload import Upload


def word_column(upload: Upload, name: str, words: Any, declared: bool = False) -> Column:
    """A column of words.

    Args:
        upload: for messages.
        name: of the column.
        words: arrow array of strings, stripped.
        declared: only an empty word is missing; else every usual word for it is.
    """
    import pyarrow.compute as pc

    missing = pc.equal(words, "").to_numpy(zero_copy_only=False) if declared else missing_in(words, numeric=False)
    if missing.any() and pc.any(pc.equal(words, "+")).as_py():  # a minus beside a plus is an answer
        missing = missing & pc.not_equal(words, "-").to_numpy(zero_copy_only=False)
    return Column(name, None, materialised(upload, words, missing), missing)


def materialised(upload: Upload, words: Any, missing: np.ndarray) -> Callable[[], np.ndarray]:
    """Makes the words of a column when they are asked for: NumPy's take the width of the longest each."""

    def make() -> np.ndarray:
        import pyarrow as pa
        import pyarrow.compute as pc

        kept = pc.if_else(pa.array(missing), "", words) if missing.any() else words
        longest = pc.max(pc.utf8_length(kept)).as_py() or 1
        check_expanded(upload, 4 * len(kept) * longest)
        return np.array(kept.to_pylist(), f"U{longest}")

    return make
