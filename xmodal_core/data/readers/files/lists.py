"""Lists that name files and say something about them: `labels.csv`, `metadata.csv`, `train.txt`, `metadata.jsonl`."""

import codecs
import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xmodal_core.data.readers.files.file_index import FileIndex
from xmodal_core.data.readers.files.names import guess_encoding, tidy
from xmodal_core.data.readers.files.tree import Entry
from xmodal_core.values import parse_json

_LOOKED_AT = 10_000  # bytes of a list from which its separator is told
_ROWS_WITH_NAMES = 100  # of a list of objects, which may have a name more each
_MOST_COLUMNS = 1000
_SEPARATORS = ",;\t|"
_PREAMBLE = re.compile(r"#|sep=.$", re.I)
_ENOUGH = 0.5  # share of a list's rows, or of the files, that must be found in the other
_FILE_WORDS = ("file", "image", "img", "path", "id", "name", "picture", "sound", "audio", "wav", "sample")


@dataclass(frozen=True, eq=False)
class NamedFiles:
    """A list that names files of the tree.

    Attributes:
        entry: the list.
        file_column: the column with names of files.
        columns: the others: a word per row that names a file.
        rows: (r,) which file each row names, numbers into the files.
        n_lost: rows that name no file.
        encoding: of the list, where it had to be guessed.
    """

    entry: Entry
    file_column: str
    columns: Mapping[str, list[str]]
    rows: list[int]
    n_lost: int
    encoding: str = ""

    @property
    def name(self) -> str:
        """Name of the list in the tree."""
        return str(self.entry.path)


def decode_list(content: bytes, said: str | None) -> tuple[str, str]:
    """The text of a list, and its encoding where it was guessed.

    Args:
        content: of the list; UTF-8 and a marked UTF-16 are known for sure.
        said: the encoding that the person says, for others.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace"), ""
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        guessed = said or guess_encoding([line for line in content.splitlines() if not line.isascii()])
    try:
        return content.decode(guessed, "replace"), "" if said else guessed
    except LookupError:  # no encoding is called so
        return content.decode("utf-8", "replace"), ""


def parse_columns(text: str, suffix: str) -> dict[str, list[str]]:
    """Columns of a list by name; "column 1" and so on where there are no names, which `name_files` finds out.

    Args:
        text: of a list.
        suffix: of its name, which tells lines of JSON and words between blanks.
    """
    if suffix == ".jsonl":
        return _of_objects(text)
    lines = _without_preamble(text.splitlines())
    first = lines[0] if lines else ""
    separator = max(_SEPARATORS, key=first[:_LOOKED_AT].count)
    if separator in first:
        try:
            rows = [row for row in csv.reader(lines, delimiter=separator) if any(map(str.strip, row))]
        except csv.Error:  # a field larger than any label is
            return {}
    else:
        rows = [line.split() if suffix in (".txt", ".lst") else [line] for line in lines if line.strip()]
    width = len(rows[0]) if rows else 0
    rows = [[tidy(cell.strip()) for cell in row] for row in rows if len(row) == width]
    return {f"column {at + 1}": [row[at] for row in rows] for at in range(width)}


def _without_preamble(lines: list[str]) -> list[str]:
    """Without what stands before a table: blank lines, comments, and the line in which Excel is told the separator."""
    start = next((at for at, line in enumerate(lines) if line.strip() and not _PREAMBLE.match(line)), len(lines))
    return lines[start:]


def name_files(
    entry: Entry, columns: Mapping[str, list[str]], index: FileIndex, n_files: int, encoding: str = ""
) -> NamedFiles | None:
    """The list with the files that it names, None where it names too few.

    Args:
        entry: the list.
        columns: from `parse_columns`; the first row may hold their names.
        index: of the files that may be named.
        n_files: how many these are.
        encoding: of the list, where it was guessed.
    """
    best = ""
    found: list[int | None] = []
    for name, cells in columns.items():
        rows = [index.find(cell, entry.path) for cell in cells]
        if _weight(rows, name, cells) > _weight(found, best, columns.get(best, [""])):
            best, found = name, rows
    named = [(at, row) for at, row in enumerate(found) if row is not None]
    n_rows = len(found) - (bool(found) and found[0] is None)
    if len({row for _, row in named}) < max(2, _ENOUGH * min(n_rows, n_files)):
        return None
    headed = found[0] is None and entry.path.suffix.lower() != ".jsonl"
    titles = {name: (cells[0] or name) if headed else name for name, cells in columns.items()}
    others = {titles[name]: [cells[at] for at, _ in named] for name, cells in columns.items() if name != best}
    return NamedFiles(entry, titles[best], others, [row for _, row in named], n_rows - len(named), encoding)


def _weight(rows: Sequence[int | None], name: str, cells: Sequence[str]) -> tuple[int, bool]:
    """How well a column names files: how many different ones, then whether it is called so."""
    words = f"{name} {cells[0] if cells else ''}".lower()
    return len({row for row in rows if row is not None}), any(word in words for word in _FILE_WORDS)


def _of_objects(text: str) -> dict[str, list[str]]:
    rows = list(_objects(text.splitlines()))
    names = list(dict.fromkeys(name for row in rows[:_ROWS_WITH_NAMES] for name in row))[:_MOST_COLUMNS]
    return {name: [_word(row.get(name)) for row in rows] for name in names}


def _objects(lines: Iterable[str]) -> Iterable[dict[str, object]]:
    for line in lines:
        try:
            row = parse_json(line) if line.strip() else None
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def _word(value: object) -> str:
    return "" if value is None or isinstance(value, list | dict) else tidy(str(value))
