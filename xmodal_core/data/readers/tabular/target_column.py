"""Which column of a table holds the labels: as said, as its name says, or the one that could; and what else could."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xmodal_core.data.name_words import words_of
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tabular import names
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.readers.tabular.dates import are_dates, is_time_stamp
from xmodal_core.data.readers.tabular.first_of_block import n_blocks
from xmodal_core.data.readers.tabular.lengths import is_length
from xmodal_core.errors import DataError

_LONGEST_LABEL = 200  # characters
_WIDE = 16  # columns; of so many numbers the first or last one that names classes is the label
_FEWEST_GROUPS = 5  # of fewer a column called group is as likely what is asked for
_FEW_WORDS = 30  # of more in the middle of a table the last column is the likelier label
_NAMED = 4  # columns that a sentence has room for
_TIER = 100  # ranks of names that mean the same


@dataclass(frozen=True, eq=False)
class TargetColumns:
    """Where the labels are.

    Attributes:
        columns: one, or several of one number each.
        reason: why they.
        seconds: columns that could be the label as well; empty where there is no doubt.
        is_guess: nothing in the file names it.
    """

    columns: tuple[Counted, ...]
    reason: str
    seconds: tuple[Counted, ...] = ()
    is_guess: bool = False


def said_targets(name: str, columns: Sequence[Counted], label: str) -> TargetColumns:
    """The column that a person said, or several joined by +.

    Raises:
        DataError: there is no such column.
    """
    by_name = {column.name: column for column in columns}
    wanted = [label] if label in by_name else [part.strip() for part in label.split("+")]
    if unknown := [one for one in wanted if one not in by_name]:
        raise DataError(
            f"{name}: found no column {printable(unknown[0])!r}, expected one of {listed(columns)}; choose another "
            "label column."
        )
    return TargetColumns(tuple(by_name[one] for one in wanted), "as chosen")


def find_targets(name: str, columns: Sequence[Counted]) -> TargetColumns:
    """The column of labels.

    Args:
        name: data set, for messages.
        columns: those that may be it, in the order of the file, without splits.

    Raises:
        DataError: no column could be it.
    """
    possible = [column for column in columns if _may_be_label(column)]
    possible = [column for column in possible if not is_length(column, columns)] or possible
    constant = [c for c in columns if c.n_distinct == 1 and names.label_rank(c.name, c.is_last) is not None]
    if constant and not any(names.label_rank(column.name, column.is_last) is not None for column in possible):
        raise DataError(
            f"{name}: found 1 class in the label column {constant[0].shown}, expected at least 2; add samples of "
            "another class, or say that another column has the labels with --read label=NAME."
        )
    if not possible:
        raise DataError(
            f"{name}: no column can be the label: every one of {listed(columns)} is an id, a date, a long text or the "
            "same in every row, expected a column of classes or of numbers to predict; say which with --read "
            "label=NAME."
        )
    return (
        _siblings(possible, of_labels=True)
        or _beside_text(possible, columns)
        or _named(possible, columns)
        or _siblings(possible, of_labels=False)
        or _only_classes(possible)
        or _by_place(possible)
    )


def listed(columns: Sequence[Counted]) -> str:
    """Names for a sentence that refuses."""
    return printable(", ".join(column.name or "(unnamed)" for column in columns), 160)


def _may_be_label(column: Counted) -> bool:
    if column.n_distinct < 2 or column.longest > _LONGEST_LABEL or column.is_prose:
        return False
    if column.is_words and n_blocks(column):
        return True
    is_named = names.label_rank(column.name, column.is_last) is not None
    of_days = are_dates(column) and not (is_named and column.names_classes)  # names that a spreadsheet made days of
    if column.is_words and (column.is_unique or column.mostly_different or of_days):
        return False
    if names.is_unnamed(column.name) and column.is_unique and column.is_whole and not (column.at and column.is_last):
        return False
    if column.loses_digits and column.n_distinct > _FEW_WORDS and not is_named:
        return False
    aside = names.names_rows(column.name) or names.names_files(column.name) or is_time_stamp(column)
    of_group = names.group_rank(column.name) is not None and column.n_distinct >= _FEWEST_GROUPS
    return is_named or not (aside or of_group or column.counts_rows)


def _named(possible: Sequence[Counted], columns: Sequence[Counted]) -> TargetColumns | None:
    """The one with the surest name; another as sure is a doubt."""
    others = {names.joined(column.name) for column in columns}
    ranks = {
        column: rank
        for column in possible
        if (rank := names.label_rank(column.name, column.is_last)) is not None and not _is_coordinate(column, others)
    }
    if not ranks:
        return None
    first, *rest = sorted(ranks, key=lambda column: (ranks[column], column.at))
    exact = names.joined(first.name) in (names.joined(one) for one in names.LABELS)
    close = [column for column in rest if ranks[column] // _TIER == ranks[first] // _TIER and not (exact and column.at)]
    close = [column for column in close if not (first.is_last and names.is_unsure_label(column.name))]
    if not exact and any(names.joined(column.name) in names.LABELS for column in rest):
        close = list(dict.fromkeys([*close, *(c for c in rest if names.joined(c.name) in names.LABELS)]))
    if names.is_unsure_label(first.name) and not first.is_last and first.at:
        last = possible[-1]
        close += [last] if last is not first and last not in close and last.names_classes else []
    return TargetColumns((first,), "its name", tuple(close))


def _is_coordinate(column: Counted, others: set[str]) -> bool:
    """The y of x and y, where something else is there to be asked for."""
    return names.joined(column.name) == "y" and "x" in others and ("z" in others or len(others) > 2)


def _siblings(possible: Sequence[Counted], of_labels: bool) -> TargetColumns | None:
    """Columns that share a first word: label_a and label_b of 0 and 1, y1 and y2 of numbers; is_ash, is_birch, is_fir.

    Args:
        possible: columns that may be labels.
        of_labels: their first word is that of a label; else it is "is", and they come last.
    """
    labels = {names.joined(one) for one in names.LABELS}
    if of_labels and any(names.joined(column.name) in labels for column in possible):
        return None
    by_word: dict[str, list[Counted]] = {}
    for column in possible:
        words = words_of(column.name)
        if len(words) > 1 and not column.is_words and not names.is_about_label(column.name):
            by_word.setdefault(words[0], []).append(column)
    for word, columns in by_word.items():
        if not 1 < len(columns) < len(possible) or (word not in labels if of_labels else word != "is"):
            continue
        at_the_end = columns[-1].is_last and columns[-1].at - columns[0].at == len(columns) - 1
        are_binary = all(column.is_binary for column in columns)
        are_numbered = all(words_of(column.name)[1].isdigit() for column in columns)
        if (are_binary and (of_labels or at_the_end)) or (of_labels and are_numbered):
            return TargetColumns(tuple(columns), f"columns that all begin with {word!r}", is_guess=not of_labels)
    return None


def _beside_text(possible: Sequence[Counted], columns: Sequence[Counted]) -> TargetColumns | None:
    """Two or more columns of 0 and 1 that are all there is beside a text: each is a label."""
    labels = {names.joined(one) for one in names.LABELS}
    texts = [column for column in columns if column.is_prose and not are_dates(column)]
    binary = [column for column in possible if column.is_binary]
    if len(texts) != 1 or len(binary) < 2 or len(binary) < len(possible):
        return None
    if any(names.joined(column.name) in labels for column in binary):
        return None
    return TargetColumns(tuple(binary), "columns of 0 and 1 beside a text", (texts[0],), is_guess=True)


def one_of(columns: Sequence[Counted]) -> bool:
    """Whether columns of 0 and 1 have a single 1 in every row: one class, not several labels."""
    if not all(column.is_binary and not column.n_missing for column in columns):
        return False
    return bool((np.sum([column.present for column in columns], axis=0) == 1).all())


def _only_classes(possible: Sequence[Counted]) -> TargetColumns | None:
    """The one column of words among numbers, or of whole numbers among fractions."""
    words = [column for column in possible if column.is_words and column.names_classes]
    last = possible[-1]
    if len(words) == 1 and (words[0] is last or words[0].n_distinct <= _FEW_WORDS):
        (only,) = words
        is_sure = only is last or (only is possible[0] and len(possible) >= _WIDE)
        reason = "it is the one column of few different words"
        return TargetColumns((only,), reason, () if is_sure else (last,), is_guess=True)
    if words:
        return None
    classes = [column for column in possible if column.names_classes]
    if len(classes) == 1 and (classes[0] is last or classes[0] is possible[0]):
        (only,) = classes
        is_sure = only is last or len(possible) >= _WIDE
        reason = "it is the one column of few different whole numbers"
        return TargetColumns((only,), reason, () if is_sure else (last,), is_guess=True)
    if len(possible) >= _WIDE and possible[0] in classes and last not in classes:
        return TargetColumns((possible[0],), "it is the first of many and names classes", is_guess=True)
    return None


def _by_place(possible: Sequence[Counted]) -> TargetColumns:
    """The last one, as is usual; whatever else could be it is a doubt."""
    last = possible[-1]
    others = [column for column in possible[:-1] if column.names_classes] or list(possible[:1])
    return TargetColumns(
        (last,),
        "it comes last",
        tuple(column for column in others if column is not last)[:_NAMED],
        is_guess=True,
    )
