"""Workbooks, `.xlsx`: one sheet, by openpyxl; of formulas what they came to when the file was saved."""

import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.archive import open_archive
from xmodal_core.data.readers.tables.cells import Cell, words_of, written
from xmodal_core.data.readers.tables.header import Header, find_header, header_cautions, units_clause
from xmodal_core.data.readers.tables.names import few, sum_up, unique_names
from xmodal_core.data.readers.tables.sheet import Sheet, drop_hidden, fill_merged, tell_hidden
from xmodal_core.data.readers.tables.sheet_layout import SheetLayout, sheet_layout
from xmodal_core.data.readers.tables.typed import typed_table
from xmodal_core.data.readers.tables.words import n_summaries
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError

_LOOKED_AT = 300  # rows that tell how a sheet is laid out
_SUMMARIES = 8  # rows below a table
_EVEN_SMALL = 2_000_000  # cells that any workbook may have; beyond, it must have the bytes for them
_BYTES_A_CELL = 8
_DAMAGE = (  # what openpyxl is known to raise on what is no workbook
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    SyntaxError,  # of XML
    AssertionError,
    ArithmeticError,
)


def read_workbook(upload: Upload, rows: int | None = None) -> Table:
    """Read one sheet: the one that is said, or the first that holds a table.

    Args:
        upload: the file.
        rows: only so many, from the start of the sheet; all where None.

    Raises:
        DataError: damaged, no such sheet, formulas that were never computed, or no table in it.
    """
    limit = _EVEN_SMALL
    with open_archive(upload) as archive:
        limit += sum(entry.file_size for entry in archive.infolist()) // _BYTES_A_CELL
    with _opened(upload) as book:
        sheet, others = _choose(upload, book, limit, None if rows is None else rows + _LOOKED_AT)
    if upload.reading.hidden == "drop":
        drop_hidden(upload, sheet)
    header = _laid_out(upload, sheet, rows)
    data = sheet.rows[sheet.start + header.rows :][:rows]
    numbers = sheet.numbers[sheet.start + header.rows :]
    filled = fill_merged(sheet, data, numbers)
    if not data and rows is None:
        raise DataError(f"{upload.name}: found names but no rows in the sheet, expected one row per sample; add some.")
    raw = header.names or ("",) * len(sheet.rows[0])
    used = [at for at in range(len(raw)) if raw[at] or any(row[at] is not None for row in data)]
    names, said = unique_names([raw[at] for at in used])
    _refuse_uncomputed(upload, sheet, {name: at for name, at in zip(names, used, strict=True)}, data)
    columns = [words_of(name, [row[at] for row in data]) for name, at in zip(names, used, strict=True)]
    table = typed_table(upload, columns, "", rows is None)
    table.format, table.named = f"xlsx, sheet {printable(sheet.name, 40)!r}", header.names is not None
    above = [f"skipped {sheet.start} row(s) above the table"] if sheet.start else []
    merged = [name for name, at in zip(names, used, strict=True) if at in filled]
    merged = [f"gave the value of merged cells to every row of them in {few(merged)}"] if merged else []
    table.changed = above + said + units_clause(header) + merged + table.changed
    table.left_out = sheet.left_out + table.left_out
    unseen = [name for name, at in zip(names, used, strict=True) if at in sheet.hidden_columns]
    doubts = (
        _other_sheets(upload, sheet, others)
        + header_cautions(header, upload.reading)
        + tell_hidden(upload, sheet, numbers, unseen)
    )
    table.warnings = doubts + table.warnings
    return table


@contextmanager
def _opened(upload: Upload, formulas: bool = False) -> Iterator[Any]:
    """The workbook, read row by row; whatever is wrong with it is one sentence."""
    import openpyxl

    upload.stream.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validation, which no data set has
            book = openpyxl.load_workbook(upload.stream, read_only=True, data_only=not formulas, keep_links=False)
            yield book
    except DataError:
        raise
    except _DAMAGE as error:
        raise DataError(
            f"{upload.name}: the workbook is damaged, or holds what cannot be read beside its cells, such as charts on "
            "sheets of their own; save it again without these, or export the sheet as CSV."
        ) from error


def _choose(upload: Upload, book: Any, limit: int, rows: int | None) -> tuple[Sheet, list[str]]:
    """The sheet to read, and the names of others that hold a table, too."""
    said, names = upload.reading.sheet, [sheet.title for sheet in book.worksheets]
    if said is not None and said not in names:
        raise DataError(
            f"{upload.name}: found no sheet {printable(said, 40)!r}, expected one of {printable(', '.join(names), 160)}"
            "; choose another one."
        )
    chosen, others = None, []
    for sheet in sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible"):  # what is hidden comes last
        if said not in (None, sheet.title):
            continue
        cells, left = _cells(upload, sheet, limit, rows if chosen is None else _LOOKED_AT)
        if len(cells) < 2 or len(cells[0]) < 2:
            continue
        if chosen is None:
            chosen = Sheet(sheet.title, cells, list(range(1, len(cells) + 1)), left, _layout_of(sheet))
        else:
            others.append(sheet.title)
    if chosen is None:
        raise DataError(
            f"{upload.name}: found no table in {'the workbook' if said is None else 'this sheet'}, expected names and "
            "rows of at least two columns; choose another sheet or add samples."
        )
    return chosen, others


def _layout_of(sheet: Any) -> SheetLayout:
    with sheet._get_source() as xml:
        return sheet_layout(xml)


def _cells(upload: Upload, sheet: Any, limit: int, rows: int | None) -> tuple[list[list[Cell]], int]:
    """Cells of a sheet, all rows equally long, without empty columns around them; and how many were on the left."""
    sheet.reset_dimensions()  # what the file says of its size is a claim
    found: list[list[Cell]] = []
    n = 0
    for row in sheet.iter_rows(values_only=True):
        n += len(row) + 1
        if n > limit:
            raise _scattered(upload, sheet)
        found.append([None if value == "" else value for value in row])
        if len(found) == rows:
            break
    while found and not any(value is not None for value in found[-1]):
        found.pop()
    width = max((at + 1 for row in found for at, value in enumerate(row) if value is not None), default=0)
    if len(found) * width > limit:
        raise _scattered(upload, sheet)
    left = min((at for row in found for at, value in enumerate(row) if value is not None), default=0)
    return [(row + [None] * (width - len(row)))[left:width] for row in found], left


def _scattered(upload: Upload, sheet: Any) -> DataError:
    return DataError(
        f"{upload.name}: the sheet {printable(sheet.title, 40)!r} has cells far away from each other, expected one "
        "table; move them together, or export the sheet as CSV."
    )


def _laid_out(upload: Upload, sheet: Sheet, rows: int | None) -> Header:
    """Where the table starts and which rows hold names; leaves out empty rows and a last one that sums up."""
    filled = [sum(value is not None for value in row) for row in sheet.rows]
    usual = median(n for n in filled[:_LOOKED_AT] if n)
    sheet.start = next((at for at, n in enumerate(filled) if n >= max(2, usual / 2)), 0)
    rest = range(sheet.start, len(filled))
    empty = [f"row {sheet.numbers[at]}" for at in rest if not filled[at]]
    sum_up(sheet.left_out, "rows", empty, "they are empty")
    sheet.keep([*range(sheet.start), *(at for at in rest if filled[at])])
    table = sheet.rows[sheet.start :]
    said = _summaries(table[4:][-_SUMMARIES:]) if rows is None else []
    if len(said) == 1:
        sum_up(sheet.left_out, "rows", [f"the last row ({printable(said[0], 20)})"], "it sums up the others")
    elif said:
        sum_up(sheet.left_out, "rows", [printable(one, 20) for one in said], "they sum up the others")
    table = table[: len(table) - len(said)]
    sheet.keep(list(range(len(sheet.rows) - len(said))))
    head = [[written(value).strip() for value in row] for row in table[:_LOOKED_AT]]
    return find_header(head, upload.reading.header)


def _summaries(rows: list[list[Cell]]) -> list[str]:
    """What the last of these rows say that sum up the others."""
    firsts = [next((written(value) for value in row if value is not None), "") for row in rows]
    words = [first if _only_numbers(row, first) else "" for row, first in zip(rows, firsts, strict=True)]
    return words[len(words) - n_summaries(words) :]


def _only_numbers(row: Sequence[Cell], first: str) -> bool:
    rest = [value for value in row if value is not None and written(value) != first]
    return all(isinstance(value, int | float) for value in rest)


def _refuse_uncomputed(upload: Upload, sheet: Sheet, places: dict[str, int], data: list[list[Cell]]) -> None:
    """Refuse formulas without a value: other software than a spreadsheet writes them so."""
    empty = [name for name, at in places.items() if data and all(row[at] is None for row in data)]
    if not empty:
        return
    with _opened(upload, formulas=True) as book:
        found = [name for name in empty if _has_formula(book[sheet.name], name)]
    if found:
        raise DataError(
            f"{upload.name}: column {found[0]!r} holds formulas that were never computed, expected their values; open "
            "the file in a spreadsheet and save it."
        )


def _has_formula(sheet: Any, name: str) -> bool:
    """Whether below a cell of this name there is a formula."""
    place = None
    for at, row in enumerate(sheet.iter_rows(values_only=True, max_row=_LOOKED_AT)):
        if place is not None and place < len(row):
            return str(row[place]).startswith("=")
        place = next((i for i, value in enumerate(row) if str(value).strip() == name), None) if at < 50 else None
    return False


def _other_sheets(upload: Upload, sheet: Sheet, others: list[str]) -> list[Caution]:
    if not others or upload.reading.sheet is not None:
        return []
    return [
        Caution(
            "part-unused",
            f"the workbook has {len(others) + 1} sheets with a table, and the first, {sheet.name!r}, was read; there "
            f"is also {printable(', '.join(map(repr, others)), 80)}",
            "say which sheet to read",
            Reading(sheet=sheet.name),
        )
    ]
