"""Words of one column to numbers: plain ones at once, others after what surrounds them is taken off.

All work is on arrow arrays of strings, a million at a time.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xmodal_core.data.readers.tables.marks import NUMBER, Marks
from xmodal_core.data.readers.tables.words import MISSING_NUMBERS, MISSING_WORDS

_TRIED = 100
_LARGEST_WHOLE = 2.0**53  # from here on a float has no neighbour one apart
_STATES = r"^[0-3]{8,}$"  # a digit for each place, as of a mask
_GAP = r"[ \x{a0}\x{2009}\x{202f}'\x{2019}]"
_SIGNS = "$€£¥₹₽₩₺฿"
_UNITS = (
    "mm|cm|dm|m|km|µm|nm|mg|g|kg|t|ms|s|min|h|Hz|kHz|°C|°F|°|K|V|mV|A|W|kW|kWh|Pa|hPa|bar|ml|l|mmHg|in|ft|lb|lbs|oz|"
    'USD|EUR|CHF|"'
)
_LIKE = re.compile(
    rf"[-+\u2212\u2013\ufe63\uff0d(]?\s*[{_SIGNS}]?\s*[-+\u2212]?(\d|[.,]\d)[\d.,'\u2019 \u00a0\u2009\u202f]*"
    rf"([eEdD][-+]?\d+)?\s*([%{_SIGNS})]|{_UNITS})?$|[-+]?inf(inity)?$",
    re.IGNORECASE,
)


@dataclass
class Tidied:
    """Cells without what surrounds their numbers.

    Attributes:
        cells: arrow array of strings.
        said: clauses for what was taken off, such as "took off percent signs".
        partly: one about a mark that only some cells have.
    """

    cells: Any
    said: list[str] = field(default_factory=list)
    partly: str = ""


def looks_numeric(word: str) -> bool:
    """Whether a word may be a number under any marks."""
    return bool(_LIKE.match(word))


def plain(words: Any) -> np.ndarray | None:
    """Numbers of an arrow array of strings without missing values; None where any is not plainly a number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = _cast(words, pa.int64())
    if whole is not None:
        hexadecimal = pc.any(pc.match_substring(words, "x", ignore_case=True)).as_py()
        return None if hexadecimal else whole
    numbers = _cast(words, pa.float64())
    return None if numbers is None else narrowed(numbers)


def _cast(words: Any, kind: Any) -> np.ndarray | None:
    """Words as numbers of a kind, None where any is none; a few are tried first, for a million failures take long."""
    import pyarrow as pa
    import pyarrow.compute as pc

    few = np.arange(0, len(words), max(1, len(words) // _TRIED))
    try:
        pc.cast(words.take(few), kind)
        return pc.cast(words, kind).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None


def narrowed(numbers: np.ndarray) -> np.ndarray:
    """As int64 where all are whole and exact."""
    with np.errstate(invalid="ignore"):
        if len(numbers) and numbers[0] == np.floor(numbers[0]) and (np.abs(numbers) < _LARGEST_WHOLE).all():
            whole = numbers.astype(np.int64)
            return whole if (whole == numbers).all() else numbers
    return numbers


def are_codes(numbers: np.ndarray, words: Any, missing: np.ndarray) -> bool:
    """Whether whole numbers are longer than any number type has digits, or masks such as 0011100."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if missing.all():
        return False
    present = words.filter(pa.array(~missing)) if missing.any() else words
    if re.match(_STATES, present[0].as_py()) and pc.any(pc.starts_with(present, "0")).as_py():
        return bool(pc.all(pc.match_substring_regex(present, _STATES)).as_py())
    if numbers.dtype.kind != "f" or np.nanmax(np.abs(numbers)) < _LARGEST_WHOLE:
        return False
    if not pc.all(pc.match_substring_regex(present, r"^[-+]?\d+$")).as_py():
        return False
    return bool(pc.count_distinct(present).as_py() > len(np.unique(numbers[~missing])))


def missing_in(words: Any, numeric: bool) -> np.ndarray:
    """Which of the words say that there is no value, bool (n,)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    said = pa.array(sorted(MISSING_NUMBERS if numeric else MISSING_WORDS), pa.string())
    return pc.is_in(pc.utf8_lower(words), said).to_numpy(zero_copy_only=False)


def tidy(cells: Any) -> Tidied:
    """Take off currency and percent marks, a unit that every cell has, and gaps between thousands."""
    import pyarrow.compute as pc

    found = Tidied(cells)
    has = _characters(cells)

    def put(pattern: str, by: str, where: str, what: str, all_or_none: bool = False) -> None:
        hit = pc.match_substring_regex(found.cells, where)
        n = int(pc.sum(hit).as_py() or 0)
        if not n:
            return
        found.cells = pc.if_else(hit, pc.replace_substring_regex(found.cells, pattern, by), found.cells)
        found.said.append(what)
        if all_or_none and n < len(cells):
            found.partly = what

    beyond = any(ord(c) > 127 for c in has)
    if beyond:
        put("[\u2212\u2013\ufe63\uff0d]", "-", "^[\u2212\u2013\ufe63\uff0d]", "read typographic minus signs")
    if "(" in has:
        put(r"^\((.*)\)$", r"-\1", r"^\([^-+()]*\d[^()]*\)$", "read parentheses as minus signs")
    for sign in _SIGNS:
        if sign in has or (beyond and ord(sign) > 127):
            s = re.escape(sign)
            put(rf"\s*{s}\s*", "", rf"^[-+]?\s*{s}\s*[-+]?[\d.,]|\d\s*{s}$", f"took off {sign} signs", True)
    if "%" in has:
        put(r"\s*%$", "", r"\d\s*%$", "took off percent signs", True)
    unit = _unit(found.cells)
    if unit:
        put(r"\s*" + unit + "$", "", r"\d\s*" + unit + "$", f"took off the unit {unit}")
    if has & {"d", "D"}:
        put(r"(\d)[dD]([-+]?\d+)$", r"\1e\2", r"^[-+]?(\d+\.?\d*|\.\d+)[dD][-+]?\d+$", "read exponents with a D")
    if beyond or has & {" ", "'"}:
        grouped = rf"^[-+]?[1-9]\d{{0,2}}({_GAP}\d{{3}})+([.,]\d+)?$"
        put(_GAP, "", grouped, "closed gaps between thousands")
    return found


def _characters(cells: Any) -> set[str]:
    """ASCII characters that occur in any cell, and one for all others where any does."""
    text = cells.buffers()[2]
    if text is None:
        return set()
    counts = np.bincount(np.frombuffer(text, np.uint8), minlength=256)
    return {chr(code) for code in np.flatnonzero(counts[:128])} | ({"\x80"} if counts[128:].any() else set())


def _unit(cells: Any) -> str:
    """A unit that all cells end with, one of a few usual ones."""
    if not len(cells):
        return ""
    unit = re.search(rf"\d\s*({_UNITS})$", cells[0].as_py())
    if not unit:
        return ""
    import pyarrow.compute as pc

    return unit[1] if pc.all(pc.match_substring_regex(cells, rf"\d\s*{unit[1]}$")).as_py() else ""


def converted(cells: Any, marks: Marks) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (n,) of tidied cells, NaN where one is none; and where, bool (n,)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    sign = {"point": ".", "comma": ",", "": ""}
    decimal, thousands = sign[marks.decimal], sign[marks.thousands]
    if marks.both:
        cells = pc.replace_substring(cells, ",", ".")
    if thousands and pc.any(pc.match_substring(cells, thousands)).as_py():
        t, d = "\\" + thousands, "\\" + decimal
        indian = r"|\d{1,2}(,\d\d)+,\d{3}" if thousands == "," else ""  # 12,34,567
        grouped = pc.match_substring_regex(cells, rf"^[-+]?([1-9]\d{{0,2}}({t}\d{{3}})+{indian})({d}\d*)?$")
        cells = pc.if_else(grouped, pc.replace_substring(cells, thousands, ""), cells)
    if decimal == ",":  # a point that groups nothing is no number here, and two commas are none anyway
        cells = pc.replace_substring(pc.replace_substring(cells, ".", "!"), ",", ".")
    exact = plain(cells)
    if exact is not None:
        return exact, np.zeros(len(cells), bool)
    valid = pc.match_substring_regex(cells, NUMBER)
    numbers = pc.cast(pc.if_else(valid, cells, None), pa.float64())
    return numbers.to_numpy(zero_copy_only=False), ~valid.to_numpy(zero_copy_only=False)
