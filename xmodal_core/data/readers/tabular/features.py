"""Columns as the features of a table: numbers, codes of categories, days of dates; missing ones are marked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.missing import MISSING_CATEGORY
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.readers.tabular.dates import Dates, are_dates, parse_dates
from xmodal_core.data.readers.tabular.first_of_block import tell_blocks
from xmodal_core.data.readers.tabular.side_columns import looks_like_time
from xmodal_core.data.readers.tabular.spoiled import tell_spoiled
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.data.understanding import OTHER, Feature
from xmodal_core.errors import DataError

MAX_CATEGORIES = 256


@dataclass(frozen=True, eq=False)
class Encoded:
    """A column as a feature.

    Attributes:
        values: (n,) numbers with NaN where missing, or codes.
        feature: its name and kind.
    """

    values: np.ndarray
    feature: Feature

    @property
    def n_categories(self) -> int:
        """0 for a number."""
        return len(self.feature.categories)


def encode_features(draft: Draft, columns: Sequence[Counted]) -> list[Encoded]:
    """Every column as numbers or codes; what tells nothing is left out and told.

    Raises:
        DataError: no column is left.
    """
    columns = _without_nothing(draft, columns)
    for column in columns:
        tell_blocks(draft, column)
    encoded = [_encode(draft, column) for column in columns]
    kept = [one for one in encoded if one is not None]
    if not kept:
        raise DataError(
            f"{draft.name}: found no feature column beside the labels, expected at least one of numbers or categories; "
            "add one, or say which with --read number=NAME."
        )
    return kept


def encode_said(draft: Draft, columns: Sequence[Counted]) -> list[Encoded]:
    """Columns of rows without labels as features of the kinds that were said of them; none is left out."""
    categories = draft.reading.category or ()
    return [
        _categories(draft, column)
        if column.name in categories or (column.is_words and column.name not in (draft.reading.number or ()))
        else _as_said_numbers(draft, column)
        if column.is_words
        else _number(column, column.numbers)
        for column in columns
    ]


def _without_nothing(draft: Draft, columns: Sequence[Counted]) -> list[Counted]:
    empty = [column.name for column in columns if not column.n_distinct]
    draft.leave_out("columns", empty, "no row has a value")
    return [column for column in columns if column.n_distinct]


def _encode(draft: Draft, column: Counted) -> Encoded | None:
    reading = draft.reading
    if column.name in (reading.category or ()):
        return _categories(draft, column)
    _tell_digits(draft, column)
    if column.name in (reading.number or ()) and column.is_words:
        return _as_said_numbers(draft, column)
    if not column.is_words:
        _tell_time(draft, column)
        return _number(column, column.numbers)
    if (dates := parse_dates(column, reading.dates)) is not None:
        draft.changed.append(f"read {column.shown} ({dates.format}) as days")
        feature = _date(column, dates)
        if dates.is_ambiguous:
            draft.warn(
                "dates",
                f"day and month could be exchanged in all dates of {column.shown}, which were read as {dates.format}",
                f"say dates={feature.feature.order} if that is right, or that it is otherwise",
                Reading(dates="month-first" if feature.feature.order == "day-first" else "day-first"),
            )
        _tell_time(draft, column)
        return feature
    if column.mostly_different or column.is_prose:
        draft.leave_out("columns", [column.name], "nearly every row has its own text")
        draft.warn(
            "part-unused",
            f"{column.shown} has {column.n_distinct:,} different texts in {len(column.present):,} rows, too many for "
            "categories, and was left out",
            "leave it out for good, or read it as text (text)",
            Reading(drop=(column.name,)),
        )
        return None
    tell_spoiled(draft, column, is_label=False)
    return _categories(draft, column)


def _tell_digits(draft: Draft, column: Counted) -> None:
    """Warn of long numbers that a person wants as numbers, and that become the same."""
    if column.name not in (draft.reading.number or ()) or not column.is_long:
        return
    n, n_kept = len(np.unique(column.column.words)), len(np.unique(column.present.astype(np.float64)))
    if n_kept < n:
        draft.warn(
            "precision-lost",
            f"{column.shown} has {n:,} different values of so many digits that as numbers they are {n_kept:,}",
            "leave it out, or say that it is a category",
            Reading(category=(column.name,)),
        )


def _tell_time(draft: Draft, column: Counted) -> None:
    said = column.name in (draft.reading.number or ()) or draft.times is not None
    if not said and looks_like_time(column):
        draft.warn(
            "possible-time",
            f"{column.shown} orders the rows in time, and rows of all times are in every split",
            "let earlier rows train and later ones test, leave it out, or say that it is a number",
            Reading(time=column.name),
        )


def _number(column: Counted, values: np.ndarray | None) -> Encoded:
    assert values is not None
    written = column.column.written
    return Encoded(values, Feature(printable(column.name), "number", _share(column), written=written))


def _date(column: Counted, dates: Dates) -> Encoded:
    return Encoded(dates.days, Feature(printable(column.name), "date", _share(column), written=dates.format))


def _share(column: Counted) -> float:
    return column.n_missing / max(1, len(column.column.missing))


def _as_said_numbers(draft: Draft, column: Counted) -> Encoded:
    if (dates := parse_dates(column, draft.reading.dates)) is not None:
        draft.changed.append(f"read {column.shown} ({dates.format}) as days")
        return _date(column, dates)
    if are_dates(column) and draft.reading.dates is not None:
        raise DataError(
            f"{draft.name}: {column.shown} holds dates such as {printable(str(column.present[0]), 30)!r}, expected "
            f"all {draft.reading.dates}; write them as year-month-day, or leave dates out of what is said."
        )
    words, codes = np.unique(column.column.words, return_inverse=True)
    numbers = np.array([_parsed(str(word)) for word in words])[codes.reshape(-1)]
    lost = np.isnan(numbers) & ~column.column.missing
    if np.isnan(numbers).all() and column.n_distinct:
        raise DataError(
            f"{draft.name}: {column.shown} was said to hold numbers and holds none, such as "
            f"{printable(str(column.present[0]), 30)!r}; choose category, or correct the file."
        )
    if lost.any():
        draft.changed.append(f"{int(lost.sum()):,} values of {column.shown} that are no numbers count as missing")
    return Encoded(numbers, Feature(printable(column.name), "number", float(np.isnan(numbers).mean())))


def _parsed(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return np.nan


def _categories(draft: Draft, column: Counted) -> Encoded:
    """Codes by sorted word; the rarest of too many share one, missing ones have their own."""
    words, counts = np.unique(column.column.words[~column.column.missing], return_counts=True)
    names = [printable(str(word)) for word in words]
    room = MAX_CATEGORIES - 2 if draft.reading.label != NO_LABELS else len(words)
    if len(words) > room:
        frequent = np.sort(np.argsort(-counts, kind="stable")[:room])
        draft.changed.append(
            f"the {len(words) - room:,} rarest of {len(words):,} categories of {column.shown} share one"
        )
        names = [names[index] for index in frequent]
        codes_of = np.full(len(words), room)
        codes_of[frequent] = np.arange(room)
        names.append(OTHER)
    else:
        codes_of = np.arange(len(words))
    values = np.empty(len(column.column.missing))
    values[~column.column.missing] = codes_of[np.searchsorted(words, column.column.words[~column.column.missing])]
    if column.n_missing:
        values[column.column.missing] = len(names)
        names.append(MISSING_CATEGORY)
    return Encoded(values, Feature(printable(column.name), "category", _share(column), tuple(names)))
