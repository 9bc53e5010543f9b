"""What a sheet of a workbook says beside its cells: what is hidden, and which cells are merged.

openpyxl does not tell it of sheets that it reads row by row, so it is looked for in the sheet's XML.
"""

import re
from dataclasses import dataclass, field
from typing import BinaryIO

_PIECE = 2**22
_LONGEST_TAG = 2**12  # bytes
_TAG = re.compile(rb"<(?:\w+:)?(row|col|mergeCell)\s([^>]*)>")
_VALUE = re.compile(rb'(\w+)\s*=\s*"([^"]*)"')
_RANGE = re.compile(rb"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")
_MOST = 100_000  # columns, or merged ranges, that are believed


@dataclass
class SheetLayout:
    """Rows and columns of a sheet by their numbers from 1.

    Attributes:
        hidden_rows, hidden_columns: those that a person does not see, by a filter or by hand.
        merged: column, first row and last row of cells that are merged over several rows.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int]] = field(default_factory=list)


def sheet_layout(xml: BinaryIO) -> SheetLayout:
    """Look through the XML of a sheet, a piece at a time."""
    found, rest = SheetLayout(), b""
    while piece := xml.read(_PIECE):
        rest += piece
        if b"hidden" in rest or b"mergeCell" in rest:
            for tag, said in _TAG.findall(rest):
                _note(found, tag, dict(_VALUE.findall(said)))
        cut = rest.rfind(b"<")
        rest = rest[cut:] if cut >= 0 and len(rest) - cut < _LONGEST_TAG else b""
    return found


def _note(found: SheetLayout, tag: bytes, values: dict[bytes, bytes]) -> None:
    if tag == b"mergeCell":
        cells = _RANGE.fullmatch(values.get(b"ref", b""))
        if cells and int(cells[2]) < int(cells[4]) and len(found.merged) < _MOST:
            found.merged.append((_column(cells[1]), int(cells[2]), int(cells[4])))
        return
    if values.get(b"hidden") not in (b"1", b"true"):
        return
    if tag == b"row" and values.get(b"r", b"").isdigit():
        found.hidden_rows.add(int(values[b"r"]))
    elif tag == b"col" and values.get(b"min", b"").isdigit() and values.get(b"max", b"").isdigit():
        first, last = int(values[b"min"]), min(int(values[b"max"]), _MOST)
        found.hidden_columns |= set(range(first, last + 1))


def _column(letters: bytes) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
