"""Words of one column to dates: year first as ISO 8601 writes them, or day and month in an order the column shows."""

from typing import Any

import numpy as np

_TIME = r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<part>\.\d+)?)?)?"
_ZONE = r"\s?(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = rf"^(?P<year>\d{{4}})[-/.](?P<first>\d{{1,2}})[-/.](?P<last>\d{{1,2}}){_TIME}{_ZONE}$"
_YEAR_LAST = rf"^(?P<first>\d{{1,2}})[-/.](?P<last>\d{{1,2}})[-/.](?P<year>\d{{4}}){_TIME}{_ZONE}$"


def dates(cells: Any) -> np.ndarray | None:
    """The dates of an arrow array of strings without missing values, datetime64[ms] (n,); None where any is none.

    As UTC where a zone is given. Where no day is above 12, the day is taken to come first.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    for pattern in (_YEAR_FIRST, _YEAR_LAST):
        if len(cells) and pc.match_substring_regex(cells[:1], pattern)[0].as_py():
            parts = pc.extract_regex(cells, pattern)
            if parts.null_count:
                return None
            number = {
                name: pc.cast(_or_zero(pc.struct_field(parts, name)), pa.int64()).to_numpy(zero_copy_only=False)
                for name in ("year", "first", "last", "hour", "minute", "second")
            }
            part = pc.cast(_or_zero(pc.struct_field(parts, "part")), pa.float64()).to_numpy(zero_copy_only=False)
            return _of_parts(number, part, pc.struct_field(parts, "zone").to_pylist(), pattern is _YEAR_FIRST)
    return None


def is_either_way(cells: Any, missing: np.ndarray) -> bool:
    """Whether dates read as well with day and month exchanged, and differently."""
    import pyarrow as pa
    import pyarrow.compute as pc

    present = cells.filter(pa.array(~missing))
    parts = pc.extract_regex(present, _YEAR_LAST)
    if not len(present) or parts.null_count:
        return False
    first, last = (pc.cast(pc.struct_field(parts, name), pa.int64()).to_numpy() for name in ("first", "last"))
    return bool(first.max() <= 12 and last.max() <= 12 and (first != last).any())


def _or_zero(texts: Any) -> Any:
    import pyarrow.compute as pc

    return pc.if_else(pc.equal(texts, ""), "0", texts)


def _of_parts(number: dict[str, np.ndarray], part: np.ndarray, zones: list[str], year_first: bool) -> np.ndarray | None:
    first, last = number["first"], number["last"]
    month_first = year_first or (last.max() > 12 and first.max() <= 12)
    month, day = (first, last) if month_first else (last, first)
    if month.min() < 1 or month.max() > 12 or day.min() < 1 or day.max() > 31 or number["year"].min() < 1:
        return None
    if number["hour"].max() > 24 or number["minute"].max() > 59 or number["second"].max() > 60:
        return None
    months = ((number["year"] - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    if (days.astype("datetime64[M]") != months).any():
        return None  # the 31st of February
    seconds = (number["hour"] * 60 + number["minute"]) * 60 + number["second"]
    east = np.array([_minutes(zone) for zone in zones]) if any(zones) else np.zeros(1, np.int64)
    time = (seconds - 60 * east) * 1000 + (part * 1000).astype(np.int64)
    return days.astype("datetime64[ms]") + time.astype("timedelta64[ms]")


def _minutes(zone: str) -> int:
    if zone in ("", "Z"):
        return 0
    return (1 if zone[0] == "+" else -1) * (60 * int(zone[1:3]) + int(zone[-2:]))
