"""Every kind of table file to a `Table`: one module a format, one line of `FORMATS` a suffix.

A format ends in columns; what these are for (labels, features, groups ...) is not known here.
"""

from collections.abc import Callable
from pathlib import Path

from xmodal_core.data.readers.tables.arff import read_arff
from xmodal_core.data.readers.tables.jsonl import read_jsonl
from xmodal_core.data.readers.tables.parquet import read_parquet
from xmodal_core.data.readers.tables.text import read_text
from xmodal_core.data.readers.tables.unpack import unpacked
from xmodal_core.data.readers.tables.workbook import read_workbook
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.upload import Upload

FORMATS: dict[str, Callable[[Upload, int | None], Table]] = {
    ".csv": read_text,
    ".tsv": read_text,
    ".txt": read_text,
    ".tab": read_text,
    ".data": read_text,
    ".dat": read_text,
    ".xlsx": read_workbook,
    ".parquet": read_parquet,
    ".jsonl": read_jsonl,
    ".arff": read_arff,
}
PACKED = (
    ".csv",
    ".tsv",
    ".txt",
    ".tab",
    ".data",
    ".dat",
    ".jsonl",
    ".arff",
)  # what may be inside a .gz; the others are packed already
PREVIEW_ROWS = 200


def read_columns(upload: Upload) -> Table:
    """All columns of a table file; `.gz` is unpacked first.

    Raises:
        DataError: the file cannot be read as a table; one sentence says why and what to do.
    """
    return _read(upload, None)


def preview_columns(upload: Upload, rows: int = PREVIEW_ROWS) -> Table:
    """The first rows of a table file, read from its start only: names and guessed types.

    Odd cells among numbers make a column one of words here, where `read_columns` refuses them.

    Raises:
        DataError: the file cannot be read as a table.
    """
    return _read(upload, rows)


def _read(upload: Upload, rows: int | None) -> Table:
    suffix = Path(upload.filename).suffix.lower()
    if suffix == ".gz":
        upload = unpacked(upload, PACKED, whole=rows is None)
        suffix = Path(upload.filename).suffix.lower()
    return FORMATS[suffix](upload, rows)
