"""Tables as text, such as `.csv` and `.txt`: encoding, layout, header, and then columns of words."""

from pathlib import Path
from typing import Any

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tables.arff import arff_table, is_arff
from xmodal_core.data.readers.tables.dialect import Dialect, find_dialect
from xmodal_core.data.readers.tables.encoding import as_utf8
from xmodal_core.data.readers.tables.header import Header, find_header, header_cautions, is_value, units_clause
from xmodal_core.data.readers.tables.lettered import word_column
from xmodal_core.data.readers.tables.names import sum_up, unique_names
from xmodal_core.data.readers.tables.odd_lines import refuse_sparse, without_end_marks
from xmodal_core.data.readers.tables.orange import find_orange
from xmodal_core.data.readers.tables.records import all_fields
from xmodal_core.data.readers.tables.typed import Words, typed_table
from xmodal_core.data.readers.tables.words import is_missing_word, n_summaries
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution, LeftOut
from xmodal_core.errors import DataError

_PREVIEW_BYTES = 2**20
_FEWEST = 3  # rows that can be summed up
_SUMMARIES = 8  # rows below a table


def read_text(upload: Upload, rows: int | None = None) -> Table:
    """Read a table as text.

    Args:
        upload: the file.
        rows: only so many rows, from the start of the file; all where None.

    Raises:
        DataError: no text, no separator, ragged rows, no rows, or odd cells in a column of numbers.
    """
    content = upload.stream.read() if rows is None else _start(upload)
    text = as_utf8(upload, content, whole=rows is None)
    del content
    if is_arff(text.content):
        return arff_table(upload, text, rows)
    refuse_sparse(upload, text.content)
    text.content, ended = without_end_marks(text.content)
    dialect = find_dialect(upload, text.content)
    dialect.changed += ended
    orange = find_orange(dialect.head, Path(upload.filename).suffix.lower()) if upload.reading.header is None else None
    header = _header(upload, dialect) if orange is None else orange.header
    shorter = header.names is not None and dialect.widths[0] < dialect.widths[1]  # a row of names that is in no column
    widths = dialect.widths if shorter else (dialect.widths[1],) * 2
    fields = all_fields(upload, text.content, dialect.start, dialect.mark, widths)
    text.content = b""  # columns hold it now
    columns = [column.slice(header.rows - shorter, rows) for column in fields.columns]
    left_out: list[LeftOut] = []
    columns = _without_empty_rows(columns, left_out)
    if not len(columns[0]) and rows is None:
        raise DataError(f"{upload.name}: found a header but no rows, expected one row per sample; add samples.")
    sum_up(left_out, "rows", [printable(line, 30) for line in fields.footers], "they are remarks below the table")
    del fields
    categories = set() if orange is None else orange.categories()
    table = _table(upload, dialect, header, columns, categories, strict=rows is None)
    written = [upload.filename.lower().rpartition(".")[2] or "table", text.encoding, f"separated by {dialect.written}"]
    table.format = ", ".join(written + ([] if header.names else ["without names"]))
    table.left_out = left_out + table.left_out
    if orange is not None:
        orange.apply(table, upload.reading)
    table.changed = dialect.changed + table.changed
    table.warnings = (
        text.warnings + _shifted(upload, dialect, header) + header_cautions(header, upload.reading) + table.warnings
    )
    return table


def _start(upload: Upload) -> bytes:
    content = upload.stream.read(_PREVIEW_BYTES)
    if len(content) < _PREVIEW_BYTES:
        return content
    for end in (b"\n", b"\r", b"\n\0"):  # of whole lines; the last one for UTF-16
        if content.rfind(end) > 0 and not (end == b"\n" and content.rfind(b"\n\0") > 0):
            return content[: content.rfind(end) + len(end)]
    return content


def _header(upload: Upload, dialect: Dialect) -> Header:
    """Which of the first rows hold names."""
    head = list(dialect.head)
    width = dialect.widths[1]
    if len(head[0]) == width - 1 and len(head) > 1:
        rest = [row for row in head[1:] if len(row) == width]
        empty = all(not row[-1].strip() for row in rest)
        below = find_header(rest, None)
        if not empty and below.names and not below.doubt:  # a title above the names, by chance one field short of them
            dialect.changed.append("skipped 1 line(s) above the table")
            return Header(below.names, 1 + below.rows, "", below.below)
        head[0] = [*head[0], ""] if empty else ["", *head[0]]
        return Header(tuple(cell.strip() for cell in head[0]), 1)
    head = [row for row in head if len(row) == width]
    if not head or len(dialect.head[0]) != width:
        return Header(None, 0)  # ragged, which is refused by the number of the row
    header = find_header(head, upload.reading.header)
    if header.names is None and upload.reading.header is None:
        if len(dialect.commented) == width and not any(map(is_value, dialect.commented)):
            dialect.changed.append("took the names of the columns from the comment above them")
            return Header(tuple(cell.strip() for cell in dialect.commented), 0)
        if dialect.above:
            raise DataError(
                f"{upload.name}: found {dialect.above} line(s) above rows of {width} fields that have another number "
                "of fields, expected names for every column; correct the first row, or say header=no if there are none."
            )
    return header


def _without_empty_rows(columns: list[Any], left_out: list[LeftOut]) -> list[Any]:
    """Columns without rows that hold nothing, and without a last row that sums up the others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    n = len(columns[0])
    empty = np.ones(n, bool)
    for column in columns:
        if not empty.any():
            break
        empty &= pc.equal(pc.binary_length(pc.utf8_trim_whitespace(column)), 0).to_numpy()
    if empty.any():
        sum_up(left_out, "rows", [f"row {row + 1}" for row in np.flatnonzero(empty)], "they are empty")
        columns = [column.filter(pa.array(~empty)) for column in columns]
        n = len(columns[0])
    said = _summaries(columns, min(_SUMMARIES, n - _FEWEST))
    if len(said) == 1:
        sum_up(left_out, "rows", [f"the last row ({printable(said[0], 20)})"], "it sums up the others")
    elif said:
        sum_up(left_out, "rows", [printable(one, 20) for one in said], "they sum up the others")
    return [column.slice(0, n - len(said)) for column in columns] if said else columns


def _summaries(columns: list[Any], most: int) -> list[str]:
    """What the last rows say that sum up the others, at most so many."""
    words = []
    for back in range(max(0, most), 0, -1):
        last = [column[-back].as_py().strip() for column in columns]
        word = next((cell for cell in last if n_summaries([cell, cell])), "")
        words.append(word if word and _sums_up(columns, last, word) else "")
    return words[len(words) - n_summaries(words) :]


def _sums_up(columns: list[Any], last: list[str], total: str) -> bool:
    """Whether the last row is one of totals: the word comes nowhere else, the other cells are numbers or empty."""
    import pyarrow.compute as pc

    at = last.index(total)
    gaps = sum(map(is_missing_word, last))
    if (at and not gaps) or gaps + sum(map(is_value, last)) < len(last) - 1:
        return False
    return bool(pc.sum(pc.equal(pc.utf8_trim_whitespace(columns[at]), total)).as_py() == 1)


def _table(
    upload: Upload, dialect: Dialect, header: Header, columns: list[Any], categories: set[str], strict: bool
) -> Table:
    """Name the columns, leave an empty last one out, and type them; of categories they are words."""
    import pyarrow.compute as pc

    raw = list(header.names or [""] * len(columns))
    changed: list[str] = []
    for side, at in (("end", -1), ("start", 0)):
        while len(columns) > 2 and not raw[at] and not pc.max(pc.binary_length(columns[at])).as_py():
            raw.pop(at)
            columns.pop(at)
            changed.append(f"left out the empty column at the {side} of every row")
    names, said = unique_names(raw)
    said += units_clause(header)
    words = (  # one at a time: no text is held twice
        word_column(upload, name, pc.utf8_trim_whitespace(columns.pop(0).combine_chunks()))
        if name in categories
        else Words(name, columns.pop(0))
        for name in names
    )
    table = typed_table(upload, words, dialect.separator, strict)
    table.named = header.names is not None
    table.changed = changed + said + table.changed
    return table


def _shifted(upload: Upload, dialect: Dialect, header: Header) -> list[Caution]:
    """A first row with one name too few, as R writes it."""
    if upload.reading.header is not None or not (dialect.widths[0] < dialect.widths[1] and header.names):
        return []
    if header.names[0]:
        return []  # a separator too many behind every row, and none behind the names
    return [
        Caution(
            "names-shifted",
            f"its first row has {dialect.widths[0]} names for {dialect.widths[1]} columns; the first column was taken "
            "for one without a name",
            "give every column a name, or say that this is right",
            Reading(header="yes"),
        )
    ]
