"""Columns that are no features: splits, groups, times, and what only names the rows."""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.counting import FEWEST
from xmodal_core.data.draft import Draft
from xmodal_core.data.name_words import words_of
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tabular import names
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.readers.tabular.dates import are_dates, is_time_stamp, parse_dates
from xmodal_core.data.reading import Reading
from xmodal_core.data.splitting import split_word
from xmodal_core.errors import DataError

_MOST_FOLDS = 20
_SHOWN = 4  # values that a sentence has room for
_FEWEST_GROUPS = 5  # fewer whole groups cannot be dealt out to three splits
_CLOCKS = {"time", "timestamp", "zeit", "elapsed", "seconds", "secs", "tiempo", "temps", "tempo"}
_UNSURE = ("set", "dataset", "subset")  # names of numbers that may be something else than splits
NO_SPLIT = "none"  # said where the file's own split is not wanted


def find_split(columns: Sequence[Counted], reading: Reading) -> Counted | None:
    """The column that says train, val or test: as said, by its words, or by its name and few numbers."""
    by_name = {column.name: column for column in columns}
    if reading.split is not None and reading.split != NO_SPLIT:
        return by_name[reading.split]
    taken = {reading.label, *(reading.label or "").split("+"), *said_aside(reading), *said_features(reading)}
    spelled = [column for column in columns if column.name not in taken and _says_splits(column)]
    named = [column for column in spelled if names.names_split(column.name)]
    return next(iter([*named, *spelled]), None)


def said_aside(reading: Reading) -> set[str]:
    """Columns that a person gave one role that is none of a feature."""
    return {name for name in (reading.text, reading.id, reading.group, reading.time) if name is not None}


def said_features(reading: Reading) -> set[str]:
    """Columns that a person said are numbers or categories: features, unless they are the label."""
    return {*(reading.number or ()), *(reading.category or ())}


def _says_splits(column: Counted) -> bool:
    if not (column.is_words or column.is_whole) or not 2 <= column.n_distinct <= _MOST_FOLDS or column.n_missing:
        return False
    if names.names_one_split(column.name) and column.n_distinct == 2:
        return column.is_binary or set(_lowered(column)) in ({"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"})
    if column.is_words:
        known = {split_word(word) for word in _lowered(column)}
        return None not in known and "train" in known and len(known) > 1
    return names.names_split(column.name) and column.is_whole and column.distinct[0][0] >= 0 and _contiguous(column)


def _contiguous(column: Counted) -> bool:
    values = column.distinct[0]
    return float(values[-1] - values[0]) == len(values) - 1 and values[0] <= 1


def _lowered(column: Counted) -> list[str]:
    return [str(word).lower() for word in column.distinct[0]]


def take_split(draft: Draft, column: Counted) -> None:
    """Give the draft the splits of this column.

    Raises:
        DataError: a row has none.
    """
    if column.n_missing:
        raise _incomplete(draft, "split", column)
    asked = names.names_one_split(column.name)
    draft.split_reason = f"from the column {column.shown}"
    if asked and column.n_distinct == 2:
        yes = column.present == 1
        if column.is_words:
            yes = np.isin(np.char.lower(column.present), ("true", "yes", "t", "y"))
        held = "train" if asked == "train" else "test"  # what is held out once tests: a part of the rest validates
        draft.splits = np.where(yes, held, "test" if held == "train" else "train")
        return
    draft.splits = column.column.words if column.is_words else column.column.numbers
    if not column.is_words and draft.reading.split is None and words_of(column.name)[-1] in _UNSURE:
        draft.warn(
            "possible-split",
            f"the numbers of {column.shown} were taken for splits, the highest one to test on",
            "say that it is the split, or split anew (split=none)",
            Reading(split=column.name),
        )


def tell_possible_split(draft: Draft, columns: Sequence[Counted]) -> None:
    """Warn of features that may say which rows train and test, by their name or by some of their words."""
    taken = said_features(draft.reading) | said_aside(draft.reading)
    for column in columns if draft.splits is None and draft.reading.split is None else ():
        if column.name in taken or not 2 <= column.n_distinct <= _MOST_FOLDS or not _may_split(column):
            continue
        usable = not column.is_words and not column.n_missing
        shown = ", ".join(str(value) for value in column.distinct[0][:_SHOWN].tolist())
        draft.warn(
            "possible-split",
            f"{column.shown} ({printable(shown, 60)}{' ...' if column.n_distinct > _SHOWN else ''}) may say which rows "
            "train and which test, and was read as a feature",
            "say that it is the split, with the highest number to test on, or that it is a category"
            if usable
            else "write train, val and test into every row of it, leave it out, or say that it is a category",
            Reading(split=column.name) if usable else Reading(drop=(column.name,)),
        )


def _may_split(column: Counted) -> bool:
    if not column.is_words:
        return column.is_whole and column.n_distinct > 2 and names.hints_split(column.name)
    words = _lowered(column)
    spelled = any(word.startswith(("training", "validation")) for word in words)  # a train alone may be one of railways
    return spelled or len({split_word(word) for word in words} - {None}) > 1 or names.hints_split(column.name)


def find_group(draft: Draft, columns: Sequence[Counted]) -> Counted | None:
    """The column of what rows belong together: as said, or by the nearest name; a doubtful one is only told of."""
    reading = draft.reading
    if reading.group is not None:
        return next(column for column in columns if column.name == reading.group)
    taken = said_features(reading) | said_aside(reading)
    named = [
        (rank, column)
        for column in columns
        if column.name not in taken and (rank := names.group_rank(column.name)) is not None
    ]
    named = [(rank, c) for rank, c in named if 2 <= c.n_distinct < 0.9 * len(c.present) and (c.is_words or c.is_whole)]
    for _, column in sorted(named, key=lambda pair: pair[0]):
        if column.n_distinct >= _FEWEST_GROUPS and not column.n_missing:
            return column
    for _, column in named:
        draft.warn(
            "possible-group",
            f"{column.shown} may say which rows belong together ({column.n_distinct:,} different values), and was read "
            "as a feature",
            "keep rows of one value in one split, or say that it is a category",
            Reading(group=column.name),
        )
    return None


def take_group(draft: Draft, column: Counted) -> None:
    """Give the draft the groups of this column.

    Raises:
        DataError: a row has none.
    """
    if column.n_missing:
        raise _incomplete(draft, "group", column)
    draft.groups = np.unique(column.column.words if column.is_words else column.present, return_inverse=True)[1]
    draft.group = column.name


def _incomplete(draft: Draft, role: str, column: Counted) -> DataError:
    return DataError(
        f"{draft.name}: {column.n_missing:,} rows have no value in the {role} column {column.shown}, expected one "
        "in every row; fill them in, remove these rows, or choose another column."
    )


def take_time(draft: Draft, column: Counted) -> None:
    """Give the draft the times of this column.

    Raises:
        DataError: it holds neither dates nor numbers, or none in some row.
    """
    dates = parse_dates(column, draft.reading.dates)
    times = dates.days if dates else column.numbers
    if times is None or column.n_missing:
        found = "words that are no dates" if times is None else f"{column.n_missing:,} rows without a value"
        raise DataError(
            f"{draft.name}: the time column {column.shown} holds {found}, expected a date or a number in every row; "
            "choose another column or correct it."
        )
    draft.times, draft.time = times, column.name


def looks_like_time(column: Counted) -> bool:
    """Dates, time stamps or rising numbers that order the rows, by their name or by the order of the file."""
    if is_time_stamp(column):
        return True
    if column.numbers is not None and not column.n_missing and len(column.numbers) >= FEWEST:
        named = names.names_time(column.name) or bool(_CLOCKS & {*words_of(column.name)})
        return named and bool((column.numbers[1:] > column.numbers[:-1]).all())
    if not are_dates(column):
        return False
    if names.names_time(column.name):
        return True
    dates = parse_dates(column)
    return dates is not None and bool((np.diff(dates.days[~np.isnan(dates.days)]) >= 0).all())


def leave_out_names(draft: Draft, columns: Sequence[Counted], is_named: bool) -> list[Counted]:
    """The columns without those that only name the rows; what was left out is told.

    Row names that were saved along without a name are left out without a doubt; what is an id by its name is
    left out with one, and so is a first column without repeats in a file without any names.
    """
    reading, kept = draft.reading, []
    wanted = said_features(reading) | said_aside(reading)
    for column in columns:
        if column.name in wanted or not (why := _names_only(column, is_named)):
            kept.append(column)
            continue
        draft.leave_out("columns", [column.name or "(unnamed)"], why)
        if names.is_unnamed(column.name) and (is_named or column.counts_rows):
            continue
        repeated = column.n_distinct < 0.9 * len(column.present)
        draft.warn(
            "possible-group" if repeated else "row-numbers",
            f"{column.shown} {why} ({column.n_distinct:,} different values in {len(column.present):,} rows) and was "
            "left out",
            "keep rows of one value in one split, leave it out for good, or say that it is a number or a category"
            if repeated
            else "leave it out for good, or say that it is a number or a category",
            Reading(group=column.name) if repeated else Reading(drop=(column.name,)),
        )
    return kept


def _names_only(column: Counted, is_named: bool) -> str:
    """Why a column names rows and tells nothing of them; empty where it does not.

    Where no column has a name, that one has none says nothing: only the first one may name the rows.
    """
    if column.loses_digits and not is_time_stamp(column):
        return "holds numbers of so many digits that they can only be names"
    may_name = column.is_unique and (column.is_words or column.is_whole) and not column.is_prose
    if names.is_unnamed(column.name) and (is_named or not column.at) and (column.counts_rows or may_name):
        return "only numbers the rows"
    if names.names_rows(column.name) and (column.is_words or column.is_whole) and column.n_distinct > 2:
        if column.is_unique or column.n_distinct > 0.9 * len(column.present):
            return "only names the rows"
        if column.n_distinct > 0.1 * len(column.present) or column.n_distinct >= 30:
            return "names rows by its name, more than one each"
    if names.names_single_rows(column.name) and column.is_words and column.is_unique:
        return "only names the rows"
    if names.names_files(column.name) and column.is_words and column.n_distinct > 0.5 * len(column.present):
        return "names files"
    return ""
