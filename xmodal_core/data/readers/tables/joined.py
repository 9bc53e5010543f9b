"""Tables of several files, one a split, under each other."""

from collections.abc import Callable, Sequence

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tables.names import few
from xmodal_core.data.readers.tabular.columns import Column, Table
from xmodal_core.errors import DataError


def joined(name: str, tables: Sequence[Table], files: Sequence[str], splits: Sequence[str]) -> Table:
    """One table of all rows, whose splits say which file each is from.

    Args:
        name: data set, for messages.
        tables: one a file.
        files: what they are called.
        splits: train, val or test, one a file.

    Raises:
        DataError: their columns differ, in name or in what they hold.
    """
    first, *others = tables
    for table, file in zip(others, files[1:], strict=True):
        _check_alike(name, first, table, files[0], file)
    columns = [_column(name, [table[column.name] for table in tables], files) for column in first.columns]
    whole = Table(columns, f"{len(tables)} tables ({first.format})", first.named)
    for table in tables:
        whole.left_out += table.left_out
        whole.changed += [clause for clause in table.changed if clause not in whole.changed]
        whole.warnings += [doubt for doubt in table.warnings if doubt not in whole.warnings]
    whole.splits = np.repeat(np.array(splits, np.str_), [len(table) for table in tables])
    whole.split_reason = f"from the files {', '.join(files)}"
    return whole


def _check_alike(name: str, first: Table, other: Table, file: str, other_file: str) -> None:
    ours, theirs = first.names(), other.names()
    if set(ours) == set(theirs) and first.named == other.named:
        return
    lacking = [f"{other_file} has no {few(gone)}"] if (gone := [one for one in ours if one not in theirs]) else []
    lacking += [f"{file} has no {few(gone)}"] if (gone := [one for one in theirs if one not in ours]) else []
    raise DataError(
        f"{name}: {printable(' and '.join(lacking) or 'only one of two tables has names of columns', 200)}, expected "
        f"the same columns in the files of all splits; mend them, or leave one out with --read "
        f"drop={printable(other_file)}."
    )


def _column(name: str, parts: Sequence[Column], files: Sequence[str]) -> Column:
    missing = np.concatenate([part.missing for part in parts])
    filled = [part for part in parts if not part.missing.all()]
    words = [part for part in filled if part.numbers is None]
    if words and len(words) < len(filled):
        kinds = [
            f"{'words' if part.numbers is None else 'numbers'} in {file}"
            for part, file in zip(parts, files, strict=True)
        ]
        raise DataError(
            f"{name}: column {printable(parts[0].name)!r} holds {printable(' and '.join(kinds), 120)}, expected the "
            "same in all; mend the column."
        )
    return Column(parts[0].name, None if words else _numbers(parts), _words(parts), missing)


def _numbers(parts: Sequence[Column]) -> np.ndarray:
    """(n,) of all, NaN where a file has none."""
    return np.concatenate([np.full(len(p.missing), np.nan) if p.numbers is None else p.numbers for p in parts])


def _words(parts: Sequence[Column]) -> Callable[[], np.ndarray]:
    return lambda: np.concatenate([part.words for part in parts])
