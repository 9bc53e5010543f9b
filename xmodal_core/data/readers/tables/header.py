"""Which of the first rows hold names: none, one, two, or one with a row of units below it.

A name differs from what stands below it: a word above numbers, or a word that its column does not repeat.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tables.words import is_missing_word
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution

_VALUE = re.compile(  # a number under any marks, a date or a time
    r"[-+\u2212(]?\s*[$€£¥]?\s*[-+\u2212]?(\d|[.,]\d)[\d.,'\u2019 \u00a0\u202f]*([eEdD][-+]?\d+)?\s*[%$€£¥)]?$"
    r"|[-+]?inf(inity)?$|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ][\d:.+Z-]*)?$|\d{1,2}:\d\d(:\d\d)?$",
    re.IGNORECASE,
)
_USUAL = {"label", "class", "target", "y", "x", "id", "text", "name", "split", "date", "time", "species", "category"}
_USUAL |= {"seq", "sequence", "smiles", "protein", "dna"}
_RULE = re.compile(r"[-:=+ ]+$")  # drawn below names
_MOSTLY = 0.8  # share of values in a column of numbers that are numbers
_SEQUENCE = 3  # numbers in even steps are names such as wavelengths from here on


@dataclass(frozen=True)
class Header:
    """What the first rows are.

    Attributes:
        names: of the columns as they stand in the file, maybe empty or twice; None where the file has none.
        rows: how many of the first rows hold no data.
        doubt: why it may be otherwise, a clause; empty where that is plain.
        below: a row under the names that is neither names nor data: units.
    """

    names: tuple[str, ...] | None
    rows: int
    doubt: str = ""
    below: tuple[str, ...] = ()


@dataclass
class _Votes:
    """What the columns say about the first row."""

    above_numbers: list[str] = field(default_factory=list)  # words above numbers
    among_numbers: list[str] = field(default_factory=list)  # numbers above numbers
    new_words: list[str] = field(default_factory=list)  # words that their column of few words does not repeat
    known_words: list[str] = field(default_factory=list)  # words that it does


def find_header(head: Sequence[Sequence[str]], said: str | None) -> Header:
    """Look at the first rows.

    Args:
        head: rows of equally many cells.
        said: "yes" or "no" where the person says whether the first row holds names.
    """
    first, *body = [[cell.strip() for cell in row] for row in head]
    if said == "no":
        return Header(None, 0)
    columns = list(zip(*body, strict=True)) if body else [()] * len(first)
    named, doubt = (True, "") if said == "yes" else _is_header(first, body, columns)
    if not named:
        return Header(None, 0, doubt)
    second = _second(body)
    if second and not all(map(_RULE.match, filter(None, second))) and ("" in first[1:] or len(set(first)) < len(first)):
        return Header(_joined(first, second), 2, doubt)
    return Header(tuple(first), 1 + bool(second), doubt, tuple(second))


def units_clause(header: Header) -> list[str]:
    """What to say of a row of units that was left out."""
    if all(map(_RULE.match, filter(None, header.below))):
        return []
    units = ", ".join(printable(cell, 10) for cell in header.below if cell)
    return [f"left out the row below the names ({printable(units, 40)}), taken for units"] if header.below else []


def header_cautions(header: Header, said: Reading) -> list[Caution]:
    """The doubt whether the first row holds names, where there is one and the person has not settled it."""
    if said.header is not None or not header.doubt:
        return []
    taken, other = ("yes", "no") if header.names else ("no", "yes")
    return [
        Caution(
            "header-guessed",
            f"the first row was taken for {'names' if header.names else 'data'}, but {header.doubt}",
            f"say header={taken} if that is right, or that it is otherwise",
            Reading(header=other),
        )
    ]


def is_value(cell: str) -> bool:
    """Whether it is a number under any marks, a date or a time."""
    return bool(_VALUE.match(cell))


def _is_header(first: list[str], body: list[list[str]], columns: Sequence[Sequence[str]]) -> tuple[bool, str]:
    """Whether the first row holds names, and why it may be otherwise."""
    if not body:
        return True, ""
    votes = _votes(first, columns)
    numbers = [cell for cell in first if is_value(cell)]
    if votes.among_numbers and _is_sequence(numbers) and sum(map(_is_sequence, body)) < 0.5 * len(body):
        counted = numbers in ([str(i) for i in range(len(numbers))], [str(i + 1) for i in range(len(numbers))])
        sure = counted or bool(votes.above_numbers or votes.new_words)
        return True, "" if sure else f"its first row holds numbers in even steps ({numbers[0]}, {numbers[1]} ...)"
    usual = {cell.lower() for cell in first} & _USUAL
    for_it = votes.above_numbers + (votes.new_words if usual else [])
    against = votes.among_numbers + votes.known_words
    if for_it and against:
        doubt = f"{for_it[0]!r} in its first row differs from what is below it, {against[0]!r} does not"
        return 2 * len(for_it) >= len(against), doubt
    if for_it or against:
        doubt = f"{votes.new_words[0]!r} in its first row does not come again" if against and votes.new_words else ""
        return bool(for_it), doubt
    if votes.new_words or usual:
        return True, ""
    return True, f"nothing tells whether its first row ({first[0][:20]!r} ...) holds names"


def _votes(first: list[str], columns: Sequence[Sequence[str]]) -> _Votes:
    votes = _Votes()
    for cell, values in zip(first, columns, strict=True):
        signs = "+" in (cell, *values)  # a minus beside a plus is an answer
        present = [value for value in values if not is_missing_word(value) or (signs and value == "-")]
        if not present or (is_missing_word(cell) and not (signs and cell == "-")):
            continue
        if sum(map(is_value, present)) >= _MOSTLY * len(present):
            (votes.among_numbers if is_value(cell) else votes.above_numbers).append(cell)
        elif len(set(present)) <= 0.5 * len(present) and len(present) > 3:
            (votes.known_words if cell in set(present) else votes.new_words).append(cell)
    return votes


def _is_sequence(cells: Sequence[str]) -> bool:
    """Numbers that go up, or down, by even steps."""
    try:
        numbers = [float(cell) for cell in cells if is_value(cell)]
    except ValueError:
        return False
    down = len(numbers) > 1 and numbers[0] > numbers[1]  # wave numbers of a spectrum
    steps = [a - b if down else b - a for a, b in pairwise(numbers)]
    return len(numbers) >= _SEQUENCE and min(steps) > 0 and max(steps) - min(steps) <= 0.05 * max(steps)


def _second(body: list[list[str]]) -> list[str]:
    """The row below the names where it holds words in columns that are numbers; empty where it is data."""
    if len(body) < 4:
        return []
    below, rest = body[0], list(zip(*body[1:], strict=True))
    words, blanks = 0, 0
    for cell, values in zip(below, rest, strict=True):
        present = [value for value in values if not is_missing_word(value)]
        if present and all(map(is_value, present)):
            if is_value(cell) or cell[:1] in ("<", ">"):
                return []
            words += not is_missing_word(cell)
            blanks += is_missing_word(cell)
        elif cell and cell in present:
            return []
    return below if words > blanks else []


def _joined(first: list[str], second: list[str]) -> tuple[str, ...]:
    """Names of two rows; a name of the first goes on to the right, as a merged cell does."""
    names, group = [], ""
    for above, below in zip(first, second, strict=True):
        group = above or group
        names.append(" ".join(filter(None, (group, below))))
    return tuple(names)
