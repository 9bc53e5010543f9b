"""Decimal and thousands marks: what the cells of a column say about them, and what a whole table makes of that.

"1,5" can only have a decimal comma and "1,234,567" only commas between thousands; "1,234" may be either. So every
column is asked, what is certain anywhere decides for what is open, and what stays open is said.
"""

import re
from dataclasses import dataclass
from typing import Any

from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution

NUMBER = r"(?i)^[-+]?((\d+\.?\d*|\.\d+)(e[-+]?\d+)?|inf(inity)?)$"
_EXPONENT = r"[eE][-+]?\d+"
_NUMERIC = 0.8  # share of cells from which a column has a say
_THREE = 3  # cells such as 1.234 beside 999 from where on the point is taken for a thousands mark
_CHARACTERS = {"point": ".", "comma": ","}


def forms(mark: str) -> tuple[str, str, str]:
    """Patterns of a cell where this mark must be decimal, must stand between thousands, or may do either."""
    m, o = (r"\.", ",") if mark == "point" else (",", r"\.")
    grouped = rf"[1-9]\d{{0,2}}({o}\d{{3}})+{m}\d*"
    decimal = rf"(\d*{m}(\d{{1,2}}|\d{{4,}})|(0\d*|\d{{4,}})?{m}\d{{3}}|{grouped})({_EXPONENT})?"
    scientific = rf"[1-9]\d{{0,2}}{m}\d{{3}}{_EXPONENT}"
    indian = rf"|\d{{1,2}}(,\d\d)+,\d{{3}}({o}\d*)?" if m == "," else ""  # 12,34,567
    thousands = rf"([1-9]\d{{0,2}}(({m}\d{{3}}){{2,}}|({m}\d{{3}})+{o}\d*){indian})"
    either = rf"[1-9]\d{{0,2}}{m}\d{{3}}"
    return (
        rf"^[-+]?({decimal}|{scientific})$",
        rf"^[-+]?({thousands})$",
        rf"^[-+]?{either}$",
    )


_FORMS = {mark: forms(mark) for mark in _CHARACTERS}


@dataclass(frozen=True)
class Evidence:
    """How many of n cells of a column say what about a mark; `short` have none and up to three digits, `long` more."""

    decimal: dict[str, int]
    thousands: dict[str, int]
    either: dict[str, int]
    short: int
    long: int
    n: int

    @property
    def speaks(self) -> bool:
        """Whether these are numbers at all: lists of codes such as 1,2 and 1,2,3 say nothing about marks."""
        counts = (*self.decimal.values(), *self.thousands.values(), *self.either.values(), self.short, self.long)
        return sum(counts) >= _NUMERIC * self.n


@dataclass(frozen=True)
class Marks:
    """How the numbers of one column are written: `point` or `comma`, or neither between thousands; `both` decimal."""

    decimal: str = "point"
    thousands: str = ""
    both: bool = False


def gather(cells: Any) -> Evidence:
    """Count what the cells of a column say, an arrow array of strings."""
    import pyarrow.compute as pc

    n = len(cells)

    def count(pattern: str) -> int:
        return int(pc.sum(pc.match_substring_regex(cells, pattern)).as_py() or 0)

    found: dict[str, list[int]] = {}
    for mark, sign in _CHARACTERS.items():
        counts = [0, 0, 0]
        if pc.any(pc.match_substring(cells, sign)).as_py():
            for at, form in enumerate(_FORMS[mark]):
                counts[at] = count(form) if sum(counts) < n else 0
        found[mark] = counts
    decimal, thousands, either = ({mark: found[mark][at] for mark in _CHARACTERS} for at in range(3))
    if sum(map(sum, found.values())) >= n:
        return Evidence(decimal, thousands, either, 0, 0, n)
    return Evidence(decimal, thousands, either, count(r"^[-+]?\d{1,3}$"), count(r"^[-+]?\d{4,}$"), n)


def may_group(cells: list[str]) -> bool:
    """Whether, in these few cells, a point may stand between thousands: all are like 999 or 1.234, some of each."""
    either = sum(bool(re.match(_FORMS["point"][2], cell)) for cell in cells)
    short = sum(bool(re.match(r"[-+]?\d{1,3}$", cell)) for cell in cells)
    return either > 0 and either + short == len(cells)


def settle(
    columns: dict[str, Evidence], points: bool, separator: str, said: Reading
) -> tuple[dict[str, Marks], list[Caution]]:
    """The marks of every column.

    Args:
        columns: what each says, only those that hold numbers and are not plain already.
        points: some plain column has decimal points for certain.
        separator: what separates fields; "comma" makes a decimal comma unlikely.
        said: what the person says; wins.
    """
    if said.decimal is not None:
        group = said.thousands if said.thousands in (*_CHARACTERS, "none") else None
        group = group or ("comma" if said.decimal == "point" else "point")
        thousands = "" if group in ("none", said.decimal) else group
        return dict.fromkeys(columns, Marks(said.decimal, thousands)), []
    if said.thousands in _CHARACTERS:
        decimal = "point" if said.thousands == "comma" else "comma"
        return dict.fromkeys(columns, Marks(decimal, said.thousands)), []
    commas = [name for name, one in columns.items() if one.decimal["comma"] and one.speaks]
    pointed = [name for name, one in columns.items() if one.decimal["point"] and one.speaks]
    warnings = []
    if commas and (pointed or points):
        warnings.append(_both(commas, pointed))
    file = "comma" if commas and (len(commas) > len(pointed) or not points) else "point" if pointed or points else ""
    marks: dict[str, Marks] = {}
    cautions: dict[Reading | None, Caution] = {}
    for name, one in columns.items():
        marks[name], caution = _of_column(name, one, file, separator, said)
        if caution:  # one of a kind: what settles one column settles all
            cautions.setdefault(caution.mends, caution)
    return marks, [*warnings, *cautions.values()]


def _of_column(name: str, one: Evidence, file: str, separator: str, said: Reading) -> tuple[Marks, Caution | None]:
    """Marks of one column, where the table says `file`: comma, point or nothing certain."""
    own = [mark for mark in _CHARACTERS if one.decimal[mark]]
    if len(own) == 2:
        return Marks("point", "", both=True), None
    no_groups = said.thousands is not None
    if own:
        other = "comma" if own == ["point"] else "point"
        return Marks(own[0], "" if no_groups else other), None
    for mark, other in (("comma", "point"), ("point", "comma")):
        if one.thousands[mark]:
            return Marks(other, mark), None
    if file == "comma":
        return Marks("comma", "" if no_groups else "point"), None
    if file == "point":
        return Marks("point", "" if no_groups else "comma"), None
    if one.either["comma"] and not no_groups:
        return _open_comma(name, one, separator)
    if one.either["point"] and one.short and not one.long and not no_groups:
        return _open_point(name, one)
    if one.either["point"] and separator == "semicolon" and not one.short and not one.long and not no_groups:
        return Marks("point", ""), _every_point(name, one)
    return Marks("point", "" if no_groups else "comma"), None


def _open_comma(name: str, one: Evidence, separator: str) -> tuple[Marks, Caution | None]:
    """Every comma has three digits behind it, in the whole table."""
    if separator == "comma":  # who writes decimal commas separates by something else
        return Marks("point", "comma"), None
    if one.short or separator != "semicolon":
        return Marks("point", "comma"), Caution(
            "thousands-mark",
            f"column {name!r} has {one.either['comma']:,} numbers such as 1,234, read as thousands",
            "say thousands=comma if that is right, or that the comma is decimal",
            Reading(decimal="comma"),
        )
    return Marks("comma", ""), Caution(
        "decimal-mark",
        f"column {name!r} has {one.either['comma']:,} numbers such as 1,234, read with a decimal comma",
        "say decimal=comma if that is right, or that commas stand between thousands",
        Reading(thousands="comma"),
    )


def _open_point(name: str, one: Evidence) -> tuple[Marks, Caution]:
    """Numbers such as 999 beside numbers such as 1.234."""
    found = f"column {name!r} has {one.either['point']:,} numbers such as 1.234 beside {one.short:,} such as 999"
    if one.either["point"] >= _THREE:
        return Marks("comma", "point"), Caution(
            "thousands-mark",
            f"{found}; the point was read as a thousands mark",
            "say thousands=point if that is right, or that it is decimal",
            Reading(decimal="point", thousands="none"),
        )
    return Marks("point", "comma"), Caution(
        "thousands-mark",
        f"{found}; the point was read as decimal",
        "say decimal=point if that is right, or that it stands between thousands",
        Reading(thousands="point"),
    )


def _every_point(name: str, one: Evidence) -> Caution:
    """Nothing but numbers such as 1.234, separated as where commas are decimal."""
    return Caution(
        "thousands-mark",
        f"column {name!r} has only numbers such as 1.234 ({one.either['point']:,}); the point was read as decimal",
        "say decimal=point if that is right, or that it stands between thousands",
        Reading(thousands="point"),
    )


def _both(commas: list[str], pointed: list[str]) -> Caution:
    where = f"column {commas[0]!r} has decimal commas"
    other = f"column {pointed[0]!r}" if pointed else "another column"
    return Caution(
        "decimal-mark",
        f"{where} and {other} decimal points, each was read by its own",
        "save the table with one decimal mark, or say which it has",
        Reading(decimal="comma"),
    )
