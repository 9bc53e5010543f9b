"""JSON lines, `.jsonl`: one object a row, its keys the columns."""

import json
from typing import Any

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tables.cells import words_of
from xmodal_core.data.readers.tables.encoding import as_utf8
from xmodal_core.data.readers.tables.names import unique_names
from xmodal_core.data.readers.tables.typed import Words, typed_table
from xmodal_core.data.readers.tabular.columns import Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError
from xmodal_core.values import parse_json

MAX_KEYS = 20_000
_AT_ONCE = 50_000  # rows that are Python objects at a time
_PREVIEW_BYTES = 2**20
_CELLS = (str, int, float, bool, type(None))


def read_jsonl(upload: Upload, rows: int | None = None) -> Table:
    """Read one object a line; a key that a row does not have is missing there.

    Args:
        upload: the file.
        rows: only so many, from the start of the file; all where None.

    Raises:
        DataError: a line that is no object, or nested values.
    """
    content = upload.stream.read() if rows is None else upload.stream.read(_PREVIEW_BYTES)
    if rows is not None and len(content) == _PREVIEW_BYTES:
        content = content[: content.rfind(b"\n") + 1]
    text = as_utf8(upload, content)
    pieces: dict[str, list[Any]] = {}
    n, waiting = 0, []
    for number, line in enumerate(text.content.split(b"\n"), 1):
        if not line.strip():
            continue
        waiting.append(_object(upload, line, number))
        n += 1
        if len(waiting) == _AT_ONCE:
            _store(upload, pieces, waiting, n)
        if n == rows:
            break
    _store(upload, pieces, waiting, n)
    if not pieces:
        raise DataError(f"{upload.name}: found no row with a key, expected one JSON object a line; add samples.")
    names, said = unique_names(list(pieces))
    columns = [_joined(name, pieces.pop(key)) for name, key in zip(names, list(pieces), strict=True)]
    table = typed_table(upload, columns, "", rows is None)
    table.format = "jsonl, one object a row"
    table.changed = said + table.changed
    table.warnings = text.warnings + table.warnings
    return table


def _object(upload: Upload, line: bytes, number: int) -> dict[str, Any]:
    try:
        row = parse_json(line)
    except ValueError as error:
        what = (
            f"from character {error.colno:,} on" if isinstance(error, json.JSONDecodeError) else "too deep, or no text"
        )
        raise DataError(
            f"{upload.name}: line {number:,} is no JSON ({what}), expected one object a line; correct it."
        ) from error
    if not isinstance(row, dict):
        raise DataError(
            f"{upload.name}: line {number:,} holds {_kind(row)}, expected one JSON object a line, such as "
            '{"length": 1.5, "label": "ash"}; save it so.'
        )
    return row


def _store(upload: Upload, pieces: dict[str, list[Any]], waiting: list[dict[str, Any]], n: int) -> None:
    """Move rows from Python into columns; a key that is new was missing in all rows before."""
    keys = dict.fromkeys(pieces)
    for row in waiting:
        keys |= dict.fromkeys(row)
    if len(keys) > MAX_KEYS:
        raise DataError(
            f"{upload.name}: found more than {MAX_KEYS:,} different keys, expected the same few in every row; save a "
            "table with one column a feature."
        )
    dropped = upload.reading.drop or ()
    for key in keys:
        if key in dropped:
            values = [None] * len(waiting)
        else:
            values = [row.get(key) for row in waiting]
            nested = next((value for value in values if not isinstance(value, _CELLS)), None)
            if nested is not None:
                raise DataError(
                    f"{upload.name}: column {printable(key, 40)!r} holds {_kind(nested)}, expected one value a cell; "
                    f"give it a key for every value, or leave it out (--read drop={printable(key, 40)})."
                )
        words = words_of(key, values)
        before = n - len(waiting)
        if key not in pieces:
            pieces[key] = [words_of(key, [None] * before)] if before else []
        pieces[key].append(words)
    waiting.clear()


def _joined(name: str, pieces: list[Words]) -> Words:
    import pyarrow as pa

    return Words(name, pa.chunked_array([piece.cells for piece in pieces], pa.string()), all(p.marked for p in pieces))


def _kind(value: object) -> str:
    kinds = {list: "a list", dict: "an object", str: "text", int: "a number", float: "a number", bool: "true or false"}
    return kinds.get(type(value), "nothing")
