"""Tables as text, `.csv` and `.tsv`, with a header row.

The standard `csv` module is used rather than a data-frame reader because a row with the wrong number of
fields must be named, not repaired.
"""

import codecs
import csv
import io
from dataclasses import dataclass

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.columns import Column, Table
from xmodal_core.data.readers.roles import table_dataset
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS
from xmodal_core.errors import DataError

MAX_TABLE_BYTES = 200 * 2**20
_DELIMITERS = (",", ";", "\t", "|")
_MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}
_HEADER_BYTES = 65_536


@dataclass(frozen=True)
class _Column:
    name: str
    values: list[str]


def read_table(upload: Upload) -> LabelledDataset:
    """Read a table; `roles` finds out what its columns are.

    Raises:
        DataError: ragged rows, no usable feature, or labels that name no classes.
    """
    return table_dataset(upload, _table(upload))


def _table(upload: Upload) -> Table:
    columns = _columns(upload)
    names = _unique([column.name for column in columns])
    made = [_typed(name, column.values) for name, column in zip(names, columns, strict=True)]
    return Table(made, "table as text")


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    counted: dict[str, int] = {}
    unique = []
    for name in names:
        counted[name] = counted.get(name, 0) + 1
        unique.append(name if counted[name] == 1 else f"{name}.{counted[name] - 1}")
    return unique


def _typed(name: str, values: list[str]) -> Column:
    words = [value.strip() for value in values]
    missing = np.array([word.lower() in _MISSING for word in words])
    numbers = [np.nan if gone else _number(word) for word, gone in zip(words, missing, strict=True)]
    texts = np.array(["" if gone else word for word, gone in zip(words, missing, strict=True)], np.str_)
    if None in numbers or missing.all():
        return Column(name, None, texts, missing)
    array = np.array(numbers, np.float64)
    whole = not missing.any() and bool((array == np.floor(array)).all() and (np.abs(array) < 2**53).all())
    return Column(name, array.astype(np.int64) if whole else array, texts, missing)


def _number(field: str) -> float | None:
    try:
        return None if "_" in field else float(field)
    except ValueError:
        return None


def _columns(upload: Upload) -> list[_Column]:
    header, *rows = _rows(upload)
    if all(_number(field) is not None for field in header):
        raise DataError(
            f"{upload.name}: the first row holds only numbers ({printable(', '.join(header[:3]), 40)}), expected "
            "column names; add a header row."
        )
    if not rows:
        raise DataError(f"{upload.name}: found a header but no rows, expected one row per sample; add samples.")
    return [
        _Column(printable(name.strip()), list(values))
        for name, values in zip(header, zip(*rows, strict=True), strict=True)
    ]


def _rows(upload: Upload) -> list[list[str]]:
    """Header and rows without empty lines, all of one length."""
    text = _text(upload)
    delimiter = _delimiter(text, upload.filename)
    table: list[list[str]] = []
    try:
        for number, fields in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if not fields:
                continue
            if table and len(fields) != len(table[0]):
                raise DataError(
                    f"{upload.name}: row {number:,} has {len(fields)} field(s), the header has {len(table[0])}; "
                    "correct the row, and quote values that contain the separator."
                )
            table.append(fields)
    except csv.Error as error:
        raise DataError(
            f"{upload.name}: row {len(table) + 1:,} cannot be read as a table ({error}); check its quotes."
        ) from error
    if not table or len(table[0]) < (1 if upload.reading.label == NO_LABELS else 2):
        raise DataError(
            f"{upload.name}: found {len(table[0]) if table else 0} column(s), expected features and a label separated "
            "by commas, semicolons or tabs; check the separator."
        )
    return table


def _text(upload: Upload) -> str:
    size = upload.size()
    if size > MAX_TABLE_BYTES:
        raise DataError(
            f"{upload.name}: the table has {size / 2**20:,.0f} MiB, expected at most {MAX_TABLE_BYTES / 2**20:,.0f}; "
            "keep fewer rows, or save arrays with np.savez."
        )
    content = upload.stream.read()
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{upload.name}: byte {error.start:,} is not UTF-8 text, which other encodings such as Latin-1 or UTF-16 "
            "cause; save the table as UTF-8."
        ) from error
    if "\0" in text:
        raise DataError(f"{upload.name}: found binary content, expected a table as text; export it as CSV.")
    return text


def column_names(content: bytes, filename: str) -> list[str]:
    """Names in the header of a table, for the choice of a label column; whether it can be read, `read_table` says."""
    text = content[:_HEADER_BYTES].decode("utf-8-sig", "replace")
    header = csv.reader([_header(text)], delimiter=_delimiter(text, filename))
    return list(dict.fromkeys(name.strip() for name in next(header, [])))


def _header(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _delimiter(text: str, filename: str) -> str:
    return "\t" if filename.lower().endswith(".tsv") else max(_DELIMITERS, key=_header(text).count)
