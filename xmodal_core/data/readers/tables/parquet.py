"""Parquet: columns with types, by pyarrow."""

from typing import Any

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.archive import check_expanded
from xmodal_core.data.readers.tables.lettered import word_column
from xmodal_core.data.readers.tables.names import sum_up, unique_names
from xmodal_core.data.readers.tables.numbers import narrowed
from xmodal_core.data.readers.tables.typed import Words, typed_table
from xmodal_core.data.readers.tabular.columns import Column, Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.understanding import LeftOut
from xmodal_core.errors import DataError

_CELL_BYTES = 8
_INDEX = "__index_level_"  # what pandas calls a column that holds the names of rows


def read_parquet(upload: Upload, rows: int | None = None) -> Table:
    """Read columns of numbers, words, truth values, dates and decimals.

    Args:
        upload: the file.
        rows: only so many, from its first row group; all where None.

    Raises:
        DataError: damaged, too large, or columns that hold lists, objects or bytes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(upload.stream)
        metadata = file.metadata
        check_expanded(upload, metadata.num_rows * len(file.schema_arrow.names) * (_CELL_BYTES if rows is None else 0))
        names = _wanted(upload, file.schema_arrow)
        texts = [name for name in names if pa.types.is_string(file.schema_arrow.field(name).type)]
        file = pq.ParquetFile(upload.stream, read_dictionary=texts)  # a text that comes again is held once
        if rows is None:
            read = file.read(columns=names, use_threads=True)
        else:
            batch = next(file.iter_batches(batch_size=rows, columns=names), None)
            read = pa.Table.from_batches([] if batch is None else [batch], None if batch else file.schema_arrow)
        read.validate(full=True)  # such as words that are no text
        columns, said = _columns(upload, read)
    except (pa.ArrowException, OSError, MemoryError, ValueError, KeyError, OverflowError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"{upload.name}: the Parquet file is damaged or cut short, expected a complete one; save or upload it "
            "again."
        ) from error
    if not read.num_rows and rows is None:
        raise DataError(f"{upload.name}: found columns but no rows, expected one row per sample; add samples.")
    table = typed_table(upload, columns, "", rows is None)
    table.format, table.changed = "parquet", said + table.changed
    left_out: list[LeftOut] = []
    sum_up(left_out, "columns", [one.name for one in file.schema_arrow if _is_index(one)], "they only name the rows")
    table.left_out = left_out
    return table


def _is_index(field: Any) -> bool:
    """Whether a column is an index without a name that only names rows; dates say when they were."""
    import pyarrow as pa

    return field.name.startswith(_INDEX) and not pa.types.is_temporal(field.type)


def _wanted(upload: Upload, schema: Any) -> list[str]:
    """Names of the columns to read, without those that hold no single values."""
    import pyarrow as pa

    names = []
    dropped = upload.reading.drop or ()
    for field in schema:
        if _is_index(field) or (field.name in dropped and pa.types.is_nested(field.type)):
            continue
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise DataError(
                f"{upload.name}: column {printable(field.name, 40)!r} holds {printable(str(kind), 40)}, expected one "
                "number, word or date a cell; give it one column for every value, or leave it out (--read "
                f"drop={printable(field.name, 40)})."
            )
        names.append(field.name)
    if len(set(names)) < len(names) or not names:
        raise DataError(f"{upload.name}: found no columns, or two of one name; save the table again.")
    return names


def _columns(upload: Upload, read: Any) -> tuple[list[Words | Column], list[str]]:
    names, said = unique_names(read.column_names)
    return [_column(upload, name, read.column(at)) for at, name in enumerate(names)], said


def _column(upload: Upload, name: str, cells: Any) -> Words | Column:
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = cells.combine_chunks()
    if isinstance(cells, pa.ChunkedArray):
        cells = pa.concat_arrays(cells.chunks) if cells.num_chunks else pa.array([], cells.type)
    if pa.types.is_dictionary(cells.type):
        _check_words(upload, cells)
        cells = cells.cast(cells.type.value_type)
    kind = cells.type
    if pa.types.is_integer(kind) and not _fit(cells):
        return Words(name, pc.fill_null(pc.cast(cells, pa.string()), ""), marked=False)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _numbers(name, cells)
    if pa.types.is_null(kind):
        cells = pa.array([""] * len(cells), pa.string())
    elif pa.types.is_duration(kind):
        return _numbers(name, pc.cast(cells, pa.int64()))
    elif not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        whole = pa.types.is_timestamp(kind) and kind.tz is not None
        cells = pc.cast(pc.cast(cells, pa.timestamp(kind.unit)) if whole else cells, pa.string())
        return word_column(upload, name, pc.fill_null(cells, ""))
    # words that look like numbers are what somebody saved as words: they are read as in a text
    return Words(name, pc.fill_null(pc.cast(cells, pa.string()), ""), marked=True)


def _fit(cells: Any) -> bool:
    """Whether whole numbers keep their digits as the numbers that a column has: doubles where any is missing."""
    import pyarrow.compute as pc

    found = pc.min_max(cells)
    low, high = found["min"].as_py() or 0, found["max"].as_py() or 0
    return low > -(2**53) and high < 2**53 if cells.null_count else high < 2**63


def _check_words(upload: Upload, cells: Any) -> None:
    """Refuse words that take more room than is allowed once they are no longer held once each."""
    import pyarrow.compute as pc

    if len(cells.dictionary) and cells.dictionary.type in ("string", "large_string"):
        lengths = pc.binary_length(cells.dictionary)
        check_expanded(upload, int(pc.sum(pc.take(lengths, cells.indices)).as_py() or 0))


def _numbers(name: str, cells: Any) -> Column:
    import pyarrow as pa
    import pyarrow.compute as pc

    missing = pc.is_null(cells, nan_is_null=True).to_numpy(zero_copy_only=False)
    if pa.types.is_integer(cells.type) and not missing.any():
        numbers = pc.cast(cells, pa.int64()).to_numpy(zero_copy_only=False)
    else:
        numbers = narrowed(pc.cast(cells, pa.float64(), safe=False).to_numpy(zero_copy_only=False))

    def words() -> np.ndarray:
        written = pc.fill_null(pc.cast(cells, pa.string()), "").to_pylist()
        return np.array(written, np.str_) if written else np.array([], "U1")

    return Column(name, numbers, words, missing)
