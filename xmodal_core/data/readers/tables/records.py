"""Text to records of fields: by the `csv` module, record by record; or all at once by pyarrow, if quotes are regular.

Both give the same fields, which `tests/data/readers/tables/test_records.py` holds. A record with the wrong number of
fields is named, never repaired: only the first way knows its number, so the second gives up and leaves it the table.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

SPACES = " "  # any run of blanks
_AT_ONCE = 50_000  # records that are Python objects at a time
_BLOCK = 2**23
_QUOTE = ord('"')
_FOOTERS = 3  # lines below a table that are no records
_SPACED = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|(\S+)')


@dataclass
class Fields:
    """What all records of a table hold, column by column.

    Attributes:
        columns: arrow arrays of strings, one a field, equally long.
        footers: lines below the table that are no records.
    """

    columns: list[Any]
    footers: list[str] = field(default_factory=list)


def records(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Fields of every record; a line without any is an empty list.

    Raises:
        csv.Error: quotes that do not close.
    """
    if separator != SPACES:
        for one in csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True):
            yield one if len(one) > 1 or (one and one[0].strip()) else []
        return
    for line in lines:
        yield [quoted.replace('""', '"') if quoted else plain for quoted, plain in _SPACED.findall(line)]


def all_fields(upload: Upload, content: bytes, start: int, separator: str, widths: tuple[int, int]) -> Fields:
    """Every record from a place on.

    Args:
        upload: for messages.
        content: UTF-8.
        start: the byte where the first record begins.
        separator: one character, or `SPACES`.
        widths: number of fields of the first record, and of all others; where the first has fewer, it is left out.

    Raises:
        DataError: a record has another number of fields, or quotes do not close.
    """
    if separator != SPACES and widths[0] == widths[1] and _quotes_are_regular(content, start, separator):
        columns = _at_once(content, start, separator, widths[0])
        if columns is not None:
            return Fields(columns)
    return _one_by_one(upload, content, start, separator, widths)


def _quotes_are_regular(content: bytes, start: int, separator: str) -> bool:
    """Whether every quote opens a field, closes one, or is doubled: then both ways read the same."""
    if content.find(b'"', start) < 0:
        return True
    ends = np.zeros(256, bool)
    ends[list(f"{separator}\r\n".encode())] = True
    n = 0
    for first in range(start, len(content), _BLOCK):
        block = np.frombuffer(content, np.uint8, min(_BLOCK, len(content) - first), first)
        places = first + np.flatnonzero(block == _QUOTE)
        opening, closing = places[n % 2 :: 2], places[1 - n % 2 :: 2]  # or the second and first of a doubled one
        before, after = _byte(content, opening - 1), _byte(content, closing + 1)
        before[opening == start] = ord("\n")
        if not (ends[before] | (before == _QUOTE)).all() or not (ends[after] | (after == _QUOTE)).all():
            return False
        n += len(places)
    return n % 2 == 0


def _byte(content: bytes, places: np.ndarray) -> np.ndarray:
    """The bytes there; behind the end a new line."""
    whole = np.frombuffer(content, np.uint8)
    return np.where(places < len(whole), whole[np.minimum(places, len(whole) - 1)], ord("\n"))


def _at_once(content: bytes, start: int, separator: str, width: int) -> list[Any] | None:
    """Columns, or None where any record is irregular."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [str(index) for index in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(content).slice(start)),
            arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK),
            arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=content.find(b'"', start) >= 0),
            arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), check_utf8=False),
            memory_pool=_pool(),
        )
    except pa.ArrowInvalid:
        return None
    return [table.column(name) for name in names]


def _pool() -> Any:
    """Where pyarrow keeps what it cuts: the one that gives memory back soonest, if this build has it."""
    import pyarrow as pa

    return pa.jemalloc_memory_pool() if "jemalloc" in pa.supported_memory_backends() else None


def release() -> None:
    """Give back memory that pyarrow holds ready: a table takes some hundred megabytes less so."""
    import pyarrow as pa

    for pool in (pa.default_memory_pool(), _pool() or pa.default_memory_pool()):
        pool.release_unused()


def _one_by_one(upload: Upload, content: bytes, start: int, separator: str, widths: tuple[int, int]) -> Fields:
    import pyarrow as pa

    line = content.count(b"\n", 0, start)  # records are counted as a spreadsheet counts rows
    body = io.TextIOWrapper(io.BytesIO(memoryview(content)[start:]), encoding="utf-8", newline="")
    rows: list[list[str]] = []
    pieces: list[list[Any]] = [[] for _ in range(widths[1])]
    odd: list[tuple[int, list[str]]] = []
    number, followed = line, False
    try:
        for number, fields in enumerate(records(body, separator), line + 1):
            if not fields:
                continue
            if len(fields) == widths[0] < widths[1] and not rows and not pieces[0]:
                widths = (widths[1], widths[1])
                continue
            followed = bool(odd) and (len(fields) == widths[1] or len(odd) == _FOOTERS)
            if followed:
                break  # what stands between records is no footer
            if len(fields) != widths[1]:
                odd.append((number, fields))
                continue
            rows.append(fields)
            if len(rows) == _AT_ONCE:
                _store(pa, pieces, rows)
    except csv.Error as error:
        raise DataError(
            f"{upload.name}: row {number + 1:,} cannot be read as a table because {_quotes(error)}; check its quotes."
        ) from error
    _refuse_ragged(upload, odd, widths[1], below=not followed)
    _store(pa, pieces, rows)
    return Fields([pa.chunked_array(piece, pa.string()) for piece in pieces], [fields[0] for _, fields in odd])


def _quotes(error: csv.Error) -> str:
    """What is wrong with quotes, or with a field that a missing one has made too long."""
    if "field larger" in str(error):
        return f"a field has more than {csv.field_size_limit():,} characters"
    return "something stands behind a closing quote" if "expected after" in str(error) else "a quote does not close"


def _store(pa: Any, pieces: list[list[Any]], rows: list[list[str]]) -> None:
    """Move records from Python into columns."""
    for piece, values in zip(pieces, zip(*rows, strict=True), strict=False):
        piece.append(pa.array(values, pa.string()))
    rows.clear()


def _refuse_ragged(upload: Upload, odd: list[tuple[int, list[str]]], width: int, below: bool) -> None:
    """A record of another width is refused; a lone remark below all records is a footer."""
    for number, fields in odd:
        said = [one for one in fields if one.strip()]
        if not below or len(said) > 1 or re.match(r"[-+]?[\d.,]*\d[\d.,]*$", said[0].strip() if said else "0"):
            raise DataError(
                f"{upload.name}: row {number:,} has {len(fields)} field(s), the header has {width}, expected as many "
                f"in every row (it starts with {printable(fields[0], 30)!r}); correct the row, and quote values that "
                "contain the separator."
            )
