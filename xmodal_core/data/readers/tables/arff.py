"""Weka's `.arff`: attributes with types, then rows as text.

SciPy's reader knows no strings, and aeon's only series; so the format is read here, by what its description says.
"""

import re
from dataclasses import dataclass
from typing import Any

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tables.encoding import Text, as_utf8
from xmodal_core.data.readers.tables.lettered import word_column
from xmodal_core.data.readers.tables.names import unique_names
from xmodal_core.data.readers.tables.typed import Words, typed_table
from xmodal_core.data.readers.tabular.columns import Column, Table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

_PREVIEW_BYTES = 2**20
_MAX_ATTRIBUTES = 100_000
_ATTRIBUTE = re.compile(
    r"@attribute\s+(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^\s{]+))\s*(\{.*\}|\S+.*)$", re.IGNORECASE
)
_RELATION = re.compile(rb"(\s*%[^\n]*\n|\s)*@relation\b", re.IGNORECASE)
_START = 2**14
_OUTPUTS = re.compile(r"@outputs?\s+(.+)", re.IGNORECASE)
_ASIDE = ("@relation", "@inputs", "@input", "@outputs", "@output")  # the others only in KEEL
_MISSING = ("?", "<null>")  # of Weka, and of KEEL
_NUMERIC = ("numeric", "real", "integer")
_VALUE = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^,'\"][^,]*|(?=,|$)))\s*(?:,|$)")
_NOMINAL = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^,]*))\s*(?:,|$)")


@dataclass(frozen=True)
class _Attribute:
    name: str
    kind: str
    values: tuple[str, ...] = ()


def read_arff(upload: Upload, rows: int | None = None) -> Table:
    """Read attributes and rows; `?` is missing, a nominal attribute is one of words whatever it looks like.

    Args:
        upload: the file.
        rows: only so many, from the start of the file; all where None.

    Raises:
        DataError: a relational attribute, sparse rows, values that are not declared, or ragged rows.
    """
    content = upload.stream.read() if rows is None else upload.stream.read(_PREVIEW_BYTES)
    if rows is not None and len(content) == _PREVIEW_BYTES:
        content = content[: content.rfind(b"\n") + 1]
    return arff_table(upload, as_utf8(upload, content), rows)


def is_arff(content: bytes) -> bool:
    """Whether a text starts as Weka's and KEEL's files do, whatever its suffix."""
    return _RELATION.match(content[:_START]) is not None


def arff_table(upload: Upload, text: Text, rows: int | None) -> Table:
    """Attributes and rows of a text; the last of KEEL's outputs is the label.

    Raises:
        DataError: as `read_arff`.
    """
    lines = text.content.decode("utf-8").split("\n")
    attributes, first = _attributes(upload, lines)
    records = _records(upload, lines, first, len(attributes), rows)
    if not records and rows is None:
        raise DataError(f"{upload.name}: found no row below @data, expected one row per sample; add samples.")
    names, said = unique_names([one.name for one in attributes])
    columns = [
        _column(upload, name, one, [record[at] for record in records])
        for at, (name, one) in enumerate(zip(names, attributes, strict=True))
    ]
    table = typed_table(upload, columns, "comma", rows is None)
    table.format = f"arff, {text.encoding}"
    table.changed = said + table.changed
    table.warnings = text.warnings + table.warnings
    table.label = _output(lines[:first], names)
    return table


def _output(head: list[str], names: list[str]) -> str:
    """The one attribute that KEEL says is asked for; empty where the file does not say one."""
    found = [_OUTPUTS.fullmatch(line.strip()) for line in head]
    said = [one.strip() for match in found if match for one in match[1].split(",")]
    return said[0] if len(said) == 1 and said[0] in names else ""


def _attributes(upload: Upload, lines: list[str]) -> tuple[list[_Attribute], int]:
    """The attributes, and the number of lines up to @data."""
    attributes: list[_Attribute] = []
    for number, line in enumerate(lines, 1):
        said = line.strip()
        word = said.split(maxsplit=1)[0].lower() if said else ""
        if word == "@data":
            if attributes:
                return attributes, number
            break
        if word != "@attribute":
            if said and not said.startswith("%") and word not in _ASIDE:
                raise DataError(
                    f"{upload.name}: line {number:,} is {printable(said, 30)!r}, expected @attribute or @data as in "
                    "Weka's ARFF; choose the right file or correct its suffix."
                )
            continue
        attributes.append(_attribute(upload, said, number))
        if len(attributes) > _MAX_ATTRIBUTES:
            raise DataError(f"{upload.name}: has more than {_MAX_ATTRIBUTES:,} attributes; keep fewer.")
    raise DataError(f"{upload.name}: found no @data below attributes, expected Weka's ARFF; save it again.")


def _attribute(upload: Upload, said: str, number: int) -> _Attribute:
    found = _ATTRIBUTE.match(said)
    if not found:
        raise DataError(f"{upload.name}: line {number:,} names no attribute with a type; correct it.")
    name, kind = _unescaped(found[1] or found[2] or found[3] or ""), found[4]
    if kind.startswith("{"):
        values = [_unescaped(a or b or c.strip()) for a, b, c in _NOMINAL.findall(kind.rstrip()[1:-1])]
        return _Attribute(name, "nominal", tuple(filter(None, values)))
    kind = re.split(r"[\s\[]", kind, maxsplit=1)[0].lower()  # KEEL adds a range
    if kind not in (*_NUMERIC, "string", "date"):
        raise DataError(
            f"{upload.name}: attribute {printable(name, 40)!r} is {printable(kind, 20)}, expected numeric, nominal, "
            "string or date; save one row per sample with plain attributes."
        )
    return _Attribute(name, "numeric" if kind in _NUMERIC else kind)


def _records(upload: Upload, lines: list[str], first: int, width: int, rows: int | None) -> list[list[str]]:
    records: list[list[str]] = []
    for number, line in enumerate(lines[first:], first + 1):
        said = line.strip()
        if not said or said.startswith("%"):
            continue
        if said.startswith("{"):
            raise DataError(
                f"{upload.name}: line {number:,} is a sparse row, expected a value for every attribute; save it with "
                "Weka's filter SparseToNonSparse."
            )
        fields = _fields(said)
        if fields is None:
            raise DataError(f"{upload.name}: line {number:,} cannot be read; check its quotes.")
        if len(fields) != width:
            raise DataError(
                f"{upload.name}: line {number:,} has {len(fields)} value(s) for {width} attributes; correct the row."
            )
        records.append(fields)
        if len(records) == rows:
            break
    return records


def _fields(line: str) -> list[str] | None:
    """Values of one row, quoted by either mark or not at all; None where quotes do not close."""
    if "'" not in line and '"' not in line:
        return [value.strip() for value in line.split("\t" if "," not in line and "\t" in line else ",")]
    fields, at = [], 0
    while at <= len(line):
        found = _VALUE.match(line, at)
        if found is None:
            return None
        single, double, bare = found.groups()
        fields.append(bare.strip() if bare is not None else _unescaped(single if single is not None else double))
        at = found.end()
        if at == len(line):
            return [*fields, ""] if line.endswith(",") else fields
    return fields


def _column(upload: Upload, name: str, one: _Attribute, values: list[str]) -> Words | Column:
    import pyarrow as pa

    cells: Any = pa.array(["" if value in _MISSING else value for value in values], pa.string())
    if one.kind == "numeric":
        return Words(name, cells, marked=False, declared=True)
    if one.kind == "nominal":
        known = {*one.values, *_MISSING, ""}
        other = next((value for value in values if value not in known), None)
        if other is not None:
            raise DataError(
                f"{upload.name}: attribute {name!r} has the value {printable(other, 30)!r}, which it does not declare; "
                "correct the row or the attribute."
            )
    return word_column(upload, name, cells, declared=True)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
