"""Columns of words to a `Table`: numbers and words told apart, and everything doubtful about it said."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tables.filled import filled_column, filled_words
from xmodal_core.data.readers.tables.lettered import materialised, word_column
from xmodal_core.data.readers.tables.marks import Evidence, Marks, gather, may_group, settle
from xmodal_core.data.readers.tables.names import few
from xmodal_core.data.readers.tables.numbers import (
    are_codes,
    converted,
    looks_numeric,
    missing_in,
    narrowed,
    plain,
    tidy,
)
from xmodal_core.data.readers.tables.records import release
from xmodal_core.data.readers.tabular.columns import Column, Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError

_SEEN = 2000  # cells, spread over a column, that a first look is at
_NUMERIC = 0.5  # share of them from which a column is looked at as numbers
_MOSTLY = 0.8  # share of numbers from which the other cells are odd ones in a column of numbers
_LARGE = 100_000  # rows from which memory is given back column by column
_FEW = 10  # whole numbers that may be codes
_NINES = re.compile(r"-?9+(\.9+)?(\.0+)?$")  # what stands for a missing number, as large powers of ten do
_SENTINELS = (-1e20, -1e30, -1e34, 1e20, 1e30, 1e34)
_FAR = 5  # times as far from zero as any other value
_NAMED = 3


@dataclass
class Words:
    """One column as it came.

    Attributes:
        name: unique.
        cells: arrow array of strings.
        marked: its numbers may have any marks; else they were numbers in the file and have decimal points.
        declared: the file says that these are numbers.
    """

    name: str
    cells: Any
    marked: bool = True
    declared: bool = False


@dataclass
class _Open:
    """A column of numbers whose marks are not settled yet."""

    words: Any
    missing: np.ndarray
    cells: Any
    evidence: Evidence
    said: list[str]
    partly: str
    column: Words


@dataclass
class _Made:
    """What becomes of a table on the way."""

    upload: Upload
    strict: bool
    columns: dict[str, Column | None] = field(default_factory=dict)
    open: dict[str, _Open] = field(default_factory=dict)
    points: bool = False
    changed: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[Caution] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def change(self, what: str, name: str) -> None:
        """Say that something was changed in a column; columns with the same become one clause."""
        self.changed.setdefault(what, []).append(name)

    def clauses(self) -> list[str]:
        """What was changed, with the first few columns of each."""
        return [f"{what} in {few(names)}" for what, names in self.changed.items()]


def typed_table(upload: Upload, columns: Iterable[Words | Column], separator: str, strict: bool = True) -> Table:
    """Tell numbers from words.

    Args:
        upload: for messages and what the person says.
        columns: those that are no `Column` yet are typed.
        separator: what separated fields, a name; empty where nothing did.
        strict: refuse a few odd cells in a column of numbers; else they make it one of words.

    Returns:
        a table whose format is for the caller to fill in.

    Raises:
        DataError: odd cells, or a column that was said to hold numbers and does not.
    """
    made = _Made(upload, strict)
    for column in columns:
        if column.name in (upload.reading.fill or ()):
            column = _filled(made, column)
        if isinstance(column, Column):
            made.columns[column.name] = column
        else:
            large = len(column.cells) > _LARGE
            _look(made, column)
            if large:
                release()
    marked = {name: one.evidence for name, one in made.open.items() if one.column.marked}
    marks, cautions = settle(marked, made.points, separator, upload.reading)
    made.warnings += [caution for caution in cautions if not _confirmed(caution, upload.reading)]
    for name in list(made.open):
        _convert(made, name, made.open.pop(name), marks.get(name, Marks()))
    if made.odd:
        raise DataError(made.odd[0])
    done = [column for column in made.columns.values() if column is not None]
    return Table(done, "", changed=made.clauses(), warnings=made.warnings)


def _filled(made: _Made, column: Words | Column) -> Words | Column:
    made.change("gave empty cells the value above", column.name)
    if isinstance(column, Column):
        return filled_column(column)
    column.cells = filled_words(column.cells)
    return column


def _look(made: _Made, column: Words) -> None:
    """Type a column that is plain; leave one open that depends on marks."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = column.cells
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    name = column.name
    made.columns[name] = None  # keeps the order
    numbers = plain(cells)
    words, missing = cells, np.zeros(len(cells), bool)
    if numbers is None:
        words = pc.utf8_trim_whitespace(cells)
        missing = missing_in(words, numeric=True)
        numbers = _plain_where(words, missing)
    elif numbers.dtype.kind == "f":
        missing = np.isnan(numbers)
    if numbers is not None and name not in (made.upload.reading.number or ()) and are_codes(numbers, words, missing):
        _put_words(made, name, words)
        return
    if numbers is not None:
        grouping = column.marked and numbers.dtype.kind == "f" and may_group(_sample(words, missing))
        if not grouping:
            made.points |= bool(
                numbers.dtype.kind == "f" and (np.isfinite(numbers) & (numbers != np.floor(numbers))).any()
            )
            made.columns[name] = _numbers(made, name, numbers, words, missing)
            return
    if name not in (made.upload.reading.category or ()) and name != made.upload.reading.text:
        present = words.filter(pa.array(~missing)) if missing.any() else words
        if column.declared or _numeric(made, name, words, missing):
            tidied = tidy(present)
            evidence = gather(tidied.cells)
            column.cells = None  # of which the stripped words are left
            made.open[name] = _Open(words, missing, tidied.cells, evidence, tidied.said, tidied.partly, column)
            return
    _put_words(made, name, words)


def _plain_where(words: Any, missing: np.ndarray) -> np.ndarray | None:
    import pyarrow as pa

    if not missing.any():
        return plain(words)
    found = plain(words.filter(pa.array(~missing)))
    if found is None or not len(found):
        return np.full(len(missing), np.nan) if missing.all() else None
    numbers = np.full(len(missing), np.nan)
    numbers[~missing] = found
    missing |= np.isnan(numbers)
    return numbers


def _sample(words: Any, missing: np.ndarray) -> list[str]:
    """Some words that are no missing ones, spread over the column."""
    rows = np.flatnonzero(~missing)
    rows = rows[:: max(1, len(rows) // _SEEN)]
    sample: list[str] = words.take(rows).to_pylist()
    return sample


def _numeric(made: _Made, name: str, words: Any, missing: np.ndarray) -> bool:
    """Whether a column is to be looked at as numbers."""
    if name in (made.upload.reading.number or ()):
        return True
    seen = _sample(words, missing)
    return bool(seen) and sum(map(looks_numeric, seen)) >= _NUMERIC * len(seen)


def _convert(made: _Made, name: str, one: _Open, marks: Marks) -> None:
    """Finish a column of numbers whose marks are settled."""
    found, odd = converted(one.cells, marks)
    n_odd, reading = int(odd.sum()), made.upload.reading
    wanted = name in (reading.number or ())
    if n_odd and not _odd_cells(made, name, one, found, odd, wanted):
        _put_words(made, name, one.words)
        return
    numbers = found
    if one.missing.any():
        numbers = np.full(len(one.missing), np.nan)
        numbers[~one.missing] = found
    missing = np.isnan(numbers) if numbers.dtype.kind == "f" else one.missing
    _say_marks(made, name, one, marks)
    if one.partly and not wanted:
        made.warnings.append(
            Caution(
                "mixed-column",
                f"only some numbers in column {name!r} have signs of their own: {one.partly}",
                "write all values alike",
                Reading(number=(name,)),
            )
        )
    written = _written(one.evidence, marks)
    made.columns[name] = _numbers(made, name, narrowed(numbers), one.words, missing, written)


def _written(used: Evidence, marks: Marks) -> str:
    """The marks that numbers really have; empty for decimal points alone, and where a column has both decimal marks."""
    comma = marks.decimal == "comma" and (used.decimal["comma"] or used.either["comma"])
    mark = (
        marks.thousands if marks.thousands and (used.thousands[marks.thousands] or used.either[marks.thousands]) else ""
    )
    said = ["decimal comma"] * bool(comma) + [f"thousands {mark}"] * bool(mark)
    return "" if marks.both else ", ".join(said)


def _say_marks(made: _Made, name: str, one: _Open, marks: Marks) -> None:
    for what in one.said:
        made.change(what, name)
    used = one.evidence
    if marks.both or (marks.decimal == "comma" and (used.decimal["comma"] or used.either["comma"])):
        made.change("read decimal commas", name)
    mark = marks.thousands
    if mark and (used.thousands[mark] or used.either[mark]):
        made.change(f"read the {mark} as a thousands mark", name)


def _odd_cells(made: _Made, name: str, one: _Open, found: np.ndarray, odd: np.ndarray, wanted: bool) -> bool:
    """Whether a column is numbers though some cells are none: refused, unless the person says which it is."""
    n, n_odd = len(odd), int(odd.sum())
    rows = np.flatnonzero(~one.missing)[odd]
    words = list(dict.fromkeys(one.words.take(rows[:50]).to_pylist()))
    shown = ", ".join(repr(printable(word, 20)) for word in words[:_NAMED]) + (" ..." if len(words) > _NAMED else "")
    what = (
        f"column {name!r} has {n - n_odd:,} numbers and {n_odd:,} cell(s) that are none ({shown}, row {rows[0] + 1:,})"
    )
    if wanted:
        if n_odd == n:
            return False  # dates, or what `roles` refuses
        made.change(f"took {shown} for missing numbers", name)
        return True
    if n_odd > (1 - _MOSTLY) * n and not one.column.declared:
        return False
    reading = made.upload.reading
    single = (reading.label, reading.id, reading.group, reading.time, reading.split)
    if name in (*single, *(reading.drop or ())) or not made.strict:
        return False
    numbers = np.unique(found[~odd])
    if len(numbers) <= _FEW and (numbers == np.floor(numbers)).all() and not one.column.declared:
        made.warnings.append(
            Caution(
                "mixed-column",
                f"{what} and was read as words",
                "say whether it holds numbers",
                Reading(category=(name,)),
            )
        )
        return False
    made.odd.append(
        f"{made.upload.name}: {what}, expected only numbers; correct them, or say that they are missing (--read "
        f"number={printable(name, 40)}) or that it holds words (--read category={printable(name, 40)})."
    )
    return False


def _numbers(made: _Made, name: str, numbers: np.ndarray, words: Any, missing: np.ndarray, written: str = "") -> Column:
    present = numbers[~missing] if missing.any() else numbers
    marks = {float(present.min()), float(present.max())} if len(present) else set()
    for mark in sorted(marks) if name not in (made.upload.reading.number or ()) else ():
        n = _n_as_if_missing(present, mark)
        if n:
            made.warnings.append(
                Caution(
                    "missing-values",
                    f"column {name!r} has {mark:g} in {n:,} of {len(present):,} rows, far from its other values, as if "
                    "these were missing",
                    "empty these cells, or say that they are numbers",
                    Reading(number=(name,)),
                )
            )
    return Column(name, numbers, materialised(made.upload, words, missing), missing, written)


def _n_as_if_missing(present: np.ndarray, mark: float) -> int:
    """How often the lowest or highest value occurs where it looks like one that says missing, such as -999; else 0."""
    if mark not in _SENTINELS and not (_NINES.match(f"{mark:g}") and (mark < 0 or mark > 9)):
        return 0
    rest = present[present != mark]
    n = len(present) - len(rest)
    if n < 2 or not len(rest):
        return 0
    far = float(np.abs(rest).max()) * _FAR < abs(mark)
    below = mark < 0 and float(rest.min()) >= 0
    return n if far or below else 0


def _put_words(made: _Made, name: str, words: Any) -> None:
    made.columns[name] = word_column(made.upload, name, words)


def _confirmed(caution: Caution, said: Reading) -> bool:
    return caution.code in ("decimal-mark", "thousands-mark") and (
        said.decimal is not None or said.thousands is not None
    )
