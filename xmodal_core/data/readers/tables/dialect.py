"""How a table is laid out as text: what separates fields, and where its first record begins.

The separator is the one that cuts most lines into equally many fields, whatever the suffix and the header say.
"""

import csv
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from xmodal_core.data.readers.tables.records import SPACES, records
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS
from xmodal_core.errors import DataError

SEPARATORS = {"tab": "\t", "bar": "|", "semicolon": ";", "comma": ",", "space": SPACES}  # the likelier one first
_WRITTEN = {"tab": "tabs", "bar": "bars", "semicolon": "semicolons", "comma": "commas", "space": "spaces"}
_SEEN = 2**18  # bytes that are looked at
_RECORDS = 300
_PREAMBLE = 50  # lines that may stand above a table
_HALF = 0.5
_REGULAR = 0.9  # share of records that have as many fields as most
_BLANKS = re.compile(r"\s*[-+]?[\d.]+(\s+([-+]?[\d.]+([eE][-+]?\d+)?|\?|NA))+\s*")  # numbers with blanks between
_COMMENT = re.compile(r"\s*(#|%|//)")
_SEP_LINE = re.compile(r'"?sep=(.|\\t)"?\s*$', re.IGNORECASE)


@dataclass
class Dialect:
    """The layout of one file.

    Attributes:
        separator: a key of `SEPARATORS`.
        start: byte where the first record begins.
        head: the first records, none empty.
        widths: number of fields of the first record, and of the others.
        above: number of lines above it that are no comments.
        changed: clauses for what was skipped.
        commented: the fields of the last comment above the first record, which may be its names.
    """

    separator: str
    start: int
    head: list[list[str]]
    widths: tuple[int, int]
    above: int = 0
    changed: list[str] = field(default_factory=list)
    commented: list[str] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What separates fields."""
        return SEPARATORS.get(self.separator, self.separator)

    @property
    def written(self) -> str:
        """What separates fields, for a sentence."""
        return _WRITTEN.get(self.separator, repr(self.separator))


def find_dialect(upload: Upload, content: bytes) -> Dialect:
    """Look at the start of a table as text.

    Args:
        upload: for messages and what the person says.
        content: UTF-8.

    Raises:
        DataError: no separator makes two columns of it.
    """
    lines = _first_lines(content)
    skipped, said, comment = _skip(lines)
    found = _best([_cut(name, lines[skipped:]) for name in _candidates(upload, said)])
    if found.width < (1 if upload.reading.label == NO_LABELS else 2):
        raise DataError(
            f"{upload.name}: found {found.width} column(s), expected features and a label separated by "
            f"{', '.join(_WRITTEN[name] for name in SEPARATORS)}; check the separator, or say it (--read separator="
            "semicolon)."
        )
    first = skipped + found.above
    dialect = Dialect(
        found.name,
        min(sum(len(line.encode()) for line in lines[:first]), len(content)),
        found.head,
        (len(found.head[0]), found.width),
        found.above,
    )
    if skipped and said is None:
        dialect.changed.append(f"skipped {skipped} line(s) of comments above the table")
    if found.above:
        dialect.changed.append(f"skipped {found.above} line(s) above the table")
    if comment:
        with suppress(csv.Error):
            dialect.commented = next(records([_COMMENT.sub("", comment, count=1)], dialect.mark), [])
    return dialect


@dataclass
class _Cut:
    """The first lines, cut by one separator: records, their usual width, the share that has it, lines above them."""

    name: str
    head: list[list[str]] = field(default_factory=list)
    width: int = 0
    regular: float = 0.0
    above: int = 0

    @property
    def mark(self) -> str:
        return SEPARATORS.get(self.name, self.name)

    @property
    def is_padding(self) -> bool:
        """Tabs that only line up what something else separates, or beside blanks: a column of nothing or of numbers."""
        if self.name != "tab" or self.width < 2:
            return False
        columns = list(zip(*(row for row in self.head if len(row) == self.width), strict=True))
        return any(not any(map(str.strip, column)) for column in columns[1:-1]) or any(
            all(map(_BLANKS.fullmatch, column)) for column in columns
        )


def _first_lines(content: bytes) -> list[str]:
    """Whole lines with their ends, so that their lengths add up to a place in the file."""
    start = content[:_SEEN]
    if len(content) > _SEEN:
        start = start[: start.rfind(b"\n") + 1] or start
    return [line + "\n" for line in start.decode("utf-8", "ignore").split("\n")]


def _skip(lines: list[str]) -> tuple[int, str | None, str]:
    """Number of lines before the table, the separator that one of them says, and the last comment."""
    skipped, said, comment = 0, None, ""
    for line in lines:
        sep = _SEP_LINE.match(line)
        if skipped == 0 and sep and not sep[1].isalnum() and sep[1].isascii() and sep[1] not in "\"'\r\n":
            said = "\t" if sep[1] == "\\t" else sep[1]
        elif _COMMENT.match(line):
            comment = line
        elif line.strip():
            break
        skipped += 1
    if not comment:
        return (skipped if said else 0), said, ""
    return skipped, said, comment


def _candidates(upload: Upload, said: str | None) -> list[str]:
    if upload.reading.separator is not None:
        return [upload.reading.separator]
    if said is not None:
        return [next((name for name, mark in SEPARATORS.items() if mark == said), said)]
    return list(SEPARATORS)


def _best(cuts: list[_Cut]) -> _Cut:
    """The cut into the most regular records; blanks separate only where nothing else does."""
    padded = [cut for cut in cuts if cut.is_padding]
    marked = [cut for cut in cuts if cut.mark != SPACES and cut not in padded]
    spaced = [cut for cut in cuts if cut.mark == SPACES and cut.regular >= _REGULAR and not cut.above]
    if any(cut.regular > _HALF for cut in marked):
        cuts = marked
    elif any(cut.regular > _HALF for cut in padded):
        cuts = spaced or padded
    # a decimal comma cuts the rows of a table by semicolons regularly, too, but not their names
    return max(cuts, key=lambda cut: (cut.regular > _HALF and not cut.above, cut.regular, cut.width > 1))


def _cut(name: str, lines: list[str]) -> _Cut:
    head: list[list[str]] = []
    try:
        for fields in records(lines, SEPARATORS.get(name, name)):
            if fields:
                head.append(fields)
            if len(head) == _RECORDS:
                break
    except (csv.Error, TypeError, ValueError):
        pass  # the start may end within quotes; and what is wrong with them is said when all is read
    if not head:
        return _Cut(name)
    widths = [len(fields) for fields in head]
    width = Counter(widths[1:] or widths).most_common(1)[0][0]
    above = _above(widths, width)
    same = sum(one == width for one in widths[above:])
    regular = same / len(widths[above:]) if width > 1 else 0.0
    return _Cut(name, head[above:], width, round(min(regular, 1.0), 2), _lines_above(lines, above))


def _above(widths: list[int], width: int) -> int:
    """Number of records above the table: titles and remarks, which have another number of fields."""
    first = next((index for index, one in enumerate(widths) if one == width), 0)
    if first == 1 and widths[0] == width - 1 and width > 2:
        return 0  # names, one fewer than columns
    return first if first <= _PREAMBLE and widths[first:].count(width) >= _REGULAR * len(widths[first:]) else 0


def _lines_above(lines: list[str], above: int) -> int:
    """Lines that the records above take, blank ones included; they are not quoted over several lines."""
    if not above:
        return 0
    seen = 0
    for index, line in enumerate(lines):
        if line.strip():
            seen += 1
        if seen > above:
            return index
    return len(lines)
