"""Columns of dates and times as numbers of days."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from xmodal_core.data.readers.tabular import names
from xmodal_core.data.readers.tabular.counted import Counted

_LIKE_A_DATE = re.compile(r"\d{1,4}[-/.:, ]|[A-Za-z]{3,9}\.? \d")
_LOOKED_AT = 200  # different values that tell the format
_DAY_S = 86_400.0
_ISO = re.compile(r"[12]\d{3}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%Y.%m.%d"),
)
_ALONE = ("%H:%M", "%H:%M:%S", "%Y-%m", "%m/%Y", "%b %Y", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ")
_FORMATS = (*(day + time for day in _DAYS for time in _TIMES), *_ALONE)
_SWAPPED = {"%d/%m": "%m/%d", "%d-%m": "%m-%d"}
_FIRST = {"day-first": tuple(_SWAPPED.values()), "month-first": tuple(_SWAPPED)}  # what each rules out
_UNIX = ((1e8, 4e9, 1.0), (1e11, 4e12, 1e3), (1e14, 4e15, 1e6), (1e17, 4e18, 1e9))  # from, to, per second


@dataclass(frozen=True, eq=False)
class Dates:
    """A column as days.

    Attributes:
        days: (n,) float64 since 1970, NaN where missing.
        format: how they are written, such as "day.month.year".
        is_ambiguous: day and month could be exchanged.
    """

    days: np.ndarray
    format: str
    is_ambiguous: bool = False


def are_dates(column: Counted) -> bool:
    """Whether words are dates or times, looking at some of them."""
    return column.is_words and column.n_distinct > 0 and _format_of(_some(column)) is not None


def is_time_stamp(column: Counted) -> bool:
    """Whether a column of that name holds seconds, or parts of seconds, since 1970."""
    if column.numbers is None or not names.names_time(column.name) or not column.n_distinct:
        return False
    low, high = float(column.distinct[0][0]), float(column.distinct[0][-1])
    return any(start <= low and high <= end for start, end, _ in _UNIX)


def parse_dates(column: Counted, order: str | None = None) -> Dates | None:
    """Dates as days since 1970; None where a value is none.

    Args:
        column: of words, or of numbers, which are none.
        order: day-first or month-first where that is known of dates such as 03/04/2024.
    """
    written = _format_of(_some(column), order) if column.is_words and column.n_distinct else None
    if written is None:
        return None
    words, codes = np.unique(column.column.words, return_inverse=True)
    days = np.full(len(words), np.nan)
    missing = set(np.unique(column.column.words[column.column.missing]).tolist())
    for index, word in enumerate(words.tolist()):
        if word in missing:
            continue
        moment = _moment(word, written)
        if moment is None:
            return None
        days[index] = moment
    swapped = next((written.replace(a, b) for a, b in _SWAPPED.items() if written.startswith(a)), None)
    ambiguous = order is None and swapped is not None
    ambiguous = ambiguous and all(_moment(word, swapped or "") is not None for word in words if word not in missing)
    return Dates(days[codes.reshape(-1)], _in_words(written), ambiguous)


def _some(column: Counted) -> list[str]:
    words = column.distinct[0]
    step = max(1, len(words) // _LOOKED_AT)
    return [str(word) for word in words[::step]]


def _format_of(words: list[str], order: str | None = None) -> str | None:
    """The first format that all of them have, in this order of day and month."""
    if not words or not all(4 <= len(word) <= 35 and _LIKE_A_DATE.match(word) for word in words):
        return None
    if all(_ISO.fullmatch(word) and _moment(word, "iso") is not None for word in words):
        return "iso"
    formats = [one for one in _FORMATS if not one.startswith(_FIRST.get(order or "", ("?",)))]
    return next((f for f in formats if all(_moment(word, f) is not None for word in words)), None)


def _moment(word: str, written: str) -> float | None:
    """Days since 1970, or since midnight where there is no day."""
    try:
        moment = datetime.fromisoformat(word) if written == "iso" else datetime.strptime(word, written)
    except ValueError:
        return None
    if written.startswith("%H"):
        moment = moment.replace(year=1970)
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() / _DAY_S


def _in_words(written: str) -> str:
    if written == "iso":
        return "year-month-day"
    parts = {"%Y": "year", "%y": "year", "%m": "month", "%d": "day", "%b": "month", "%B": "month"}
    return (
        "".join(parts.get(one, one) for one in re.split(r"(%[YymdbB])", written.split("%H")[0].split("%I")[0])).strip(
            " T"
        )
        or "hours:minutes"
    )
