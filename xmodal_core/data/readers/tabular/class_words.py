"""A column of labels as classes, several labels or numbers to predict; what merges or differs by little is told."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.labels import is_fractional
from xmodal_core.data.readers.tabular import names
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.readers.tabular.first_of_block import tell_blocks
from xmodal_core.data.readers.tabular.several_in_cell import (
    doubt_blanks,
    mark_between,
    one_column_each,
    say_several,
)
from xmodal_core.data.readers.tabular.spoiled import tell_spoiled
from xmodal_core.data.readers.tabular.target_column import TargetColumns, one_of
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import Task
from xmodal_core.errors import DataError

_FEW_CLASSES = 10  # whole numbers; so many are classes without a doubt
_ROWS_PER_CLASS = 10
_CLEARLY_NUMBERS = 100  # different whole numbers, a fifth of all rows or more, are no classes
_CODE = re.compile(r"[+-]?0\d+|[+-]?\d+[eE]\d+")  # a number that is more likely a name: 01, 1E2
_NAMED = 4
_NO_LABEL = {
    *(".", "unknown", "unk", "unlabeled", "unlabelled", "unbekannt", "inconnu", "desconocido", "sconosciuto"),
    "not known",
    *("undefined", "not specified", "unspecified", "no label", "nolabel", "to be determined", "tbd", "n.d.", "nd", "*"),
}
_NINES = re.compile(r"-?999+")
_FEWEST_CODES = 3  # -1, 0 and 1 are answers


def set_labels(draft: Draft, targets: TargetColumns) -> None:
    """Give the draft its labels, their names, and the task where it is not plain.

    Raises:
        DataError: several columns that are neither classes nor numbers, or a task that a table cannot have.
    """
    columns = targets.columns
    draft.label = ", ".join(column.name for column in columns)
    draft.label_reason = targets.reason
    if draft.reading.task in (Task.DENSE, Task.SEGMENTATION):
        raise DataError(
            f"{draft.name}: a table has no value per cell, expected classification, multilabel or regression; "
            "choose one of them, or save arrays with np.savez."
        )
    if len(columns) > 1:
        _several(draft, targets)
        return
    (column,) = columns
    mark = _mark_between(draft, column)
    if mark:
        _many_per_cell(draft, column, mark)
    elif draft.reading.task == Task.MULTILABEL:
        raise DataError(
            f"{draft.name}: one label column {column.shown} holds one label in each cell, expected several with | "
            "between them, or several columns joined by + (label=A+B), for multilabel; choose another task."
        )
    elif column.is_words or _keeps_words(draft, column):
        _set_words(draft, column)
        tell_spoiled(draft, column, is_label=True)
        _tell_names(draft, column)
    else:
        assert column.numbers is not None
        draft.labels = column.numbers
        _tell_missing(draft, column)
        _find_task(draft, column)


def _set_words(draft: Draft, column: Counted) -> None:
    """Labels as numbers of their names, NaN where the format found none: a class may be called "none"."""
    _tell_missing(draft, column)
    if draft.reading.task == Task.REGRESSION:
        raise DataError(
            f"{draft.name}: the label column {column.shown} holds words such as "
            f"{printable(str(column.distinct[0][0]), 30)!r}, expected numbers for regression; choose another column "
            "or task."
        )
    words, codes = np.unique(_normal(column.column.words[~column.column.missing]), return_inverse=True)
    labels = np.full(len(column.column.missing), np.nan)
    labels[~column.column.missing] = codes.reshape(-1)
    draft.labels, draft.class_names = labels, words.tolist()


def _tell_missing(draft: Draft, column: Counted) -> None:
    """Warn of a class that may say that there is no label, and of labels in the first row of each block only."""
    tell_blocks(draft, column, is_label=True)
    if column.name in (draft.reading.category or ()) or column.n_distinct <= 2:
        return
    values = column.distinct[0].tolist()
    if column.is_words:
        found = [word for word in values if word.lower() in _NO_LABEL or _NINES.fullmatch(word)]
    else:
        found = [-1] if values == [-1, *range(len(values) - 1)] and len(values) > _FEWEST_CODES else []
    n = int(np.isin(column.present, found).sum()) if found else 0
    if n:
        draft.warn(
            "missing-labels",
            f"the class {printable(str(found[0]), 30)!r} of {n:,} rows may say that they have no label",
            "empty these cells if so, or say that it is a class (category)",
            Reading(category=(column.name,)),
        )


def _several(draft: Draft, targets: TargetColumns) -> None:
    columns = targets.columns
    words = [column for column in columns if column.is_words]
    if words:
        raise DataError(
            f"{draft.name}: the label column {words[0].shown} holds words, expected only columns of numbers where "
            "several are labels; choose one of them."
        )
    table = np.stack([np.asarray(column.numbers, np.float64) for column in columns], axis=1)  # (n, k)
    shown = [printable(column.name) for column in columns]
    stripped = [_without_first_word(one) for one in shown]
    shown = stripped if len(set(stripped)) == len(stripped) and all(stripped) else shown
    if one_of(columns) and draft.reading.task in (None, Task.CLASSIFICATION):
        draft.labels, draft.class_names = table.argmax(axis=1), shown
        draft.changed.append(f"{len(columns)} columns of one 1 each became one label of {len(columns)} classes")
        if targets.is_guess:
            draft.warn(
                "one-hot-label",
                f"{len(columns)} columns ({_few(columns)}) have a single 1 in every row and were read as one label of "
                f"{len(columns)} classes",
                "say so, or choose another label",
                Reading(label="+".join(column.name for column in columns)),
            )
        return
    draft.labels = table
    if all(column.is_binary for column in columns) and draft.reading.task != Task.REGRESSION:
        draft.class_names, draft.task = shown, Task.MULTILABEL
        draft.task_reason = f"{len(columns)} columns of 0 and 1 are one label each"
    else:
        draft.task = Task.REGRESSION
        draft.task_reason = f"{len(columns)} columns of numbers to predict"


def _without_first_word(name: str) -> str:
    return re.sub(r"^[^\W_]+[\W_]+", "", name)


def _few(columns: Sequence[Counted]) -> str:
    shown = ", ".join(column.shown for column in columns[:_NAMED])
    return shown + (" ..." if len(columns) > _NAMED else "")


def _mark_between(draft: Draft, column: Counted) -> str | None:
    """What separates several labels of a cell; None where a cell is one label."""
    if not column.is_words or draft.reading.task not in (None, Task.MULTILABEL):
        return None
    often = {str(word): int(n) for word, n in zip(*column.distinct, strict=True)}
    mark = mark_between(often, draft.reading.task == Task.MULTILABEL, column.name)
    if mark is None:
        doubt_blanks(draft, [*often], column.name)
    return mark


def _many_per_cell(draft: Draft, column: Counted, mark: str) -> None:
    words = _normal(column.column.words)
    labels, known = one_column_each(words, mark)
    labels[column.column.missing] = np.nan
    draft.labels, draft.class_names = labels, [printable(name) for name in known]
    say_several(draft, f"cells of {column.shown}", words, mark, len(known))


def _normal(words: np.ndarray) -> np.ndarray:
    """Words with one spelling of each accent, without blanks around them or doubled inside."""
    distinct, codes = np.unique(words, return_inverse=True)
    plain = [" ".join(unicodedata.normalize("NFC", str(word)).split()) for word in distinct]
    return np.array(plain, np.str_)[codes.reshape(-1)] if plain else words


def _keeps_words(draft: Draft, column: Counted) -> bool:
    """Whether numbers are names: said to be, or written so that reading them as numbers would merge or change them."""
    reading = draft.reading
    if column.name in (reading.category or ()):
        return True
    if column.name in (reading.number or ()) or reading.task == Task.REGRESSION:
        return False
    if column.loses_digits:
        return True
    if not column.is_whole:
        return _are_versions(draft, column)
    if column.n_distinct > max(_FEW_CLASSES, len(column.present) // _ROWS_PER_CLASS):
        return False
    words = _words_present(column)
    codes = [word for word in words if _CODE.fullmatch(word)]
    merges = len(words) > column.n_distinct
    if merges:
        kept = bool(codes)
        draft.warn(
            "labels-merge",
            f"{len(words):,} spellings in {column.shown} ({printable(', '.join(words[:_NAMED]), 60)}) are "
            f"{column.n_distinct:,} different numbers, and were {'kept apart as names' if kept else 'read as numbers'}",
            "say that they are names (category) or numbers (number)",
            Reading(category=(column.name,)) if kept else Reading(number=(column.name,)),
        )
        return kept
    return len(codes) > 0


def _are_versions(draft: Draft, column: Counted) -> bool:
    """Whether few fractions are spelled in more ways than they are numbers, as 1.1 and 1.10: names, with a doubt."""
    if column.n_distinct > _FEW_CLASSES or 4 * column.n_distinct > len(column.present):
        return False
    words = _words_present(column)
    if len(words) <= column.n_distinct:
        return False
    draft.warn(
        "labels-merge",
        f"{len(words):,} spellings in {column.shown} ({printable(', '.join(words[:_NAMED]), 60)}) are "
        f"{column.n_distinct:,} different numbers, and were kept apart as names",
        "say that they are names (category) or numbers (number)",
        Reading(category=(column.name,)),
    )
    return True


def _words_present(column: Counted) -> list[str]:
    words = column.column.words
    return [str(word) for word in np.unique(words[~column.column.missing] if column.n_missing else words)]


def _tell_names(draft: Draft, column: Counted) -> None:
    """Warn of names that differ only by case, accents, blanks or marks."""
    words = [str(word) for word in np.unique(_normal(column.present.astype(np.str_)))]
    by_key: dict[str, list[str]] = {}
    for word in words:
        by_key.setdefault(names.alike(word), []).append(word)
    near = [spellings for spellings in by_key.values() if len(spellings) > 1]
    if near and column.n_distinct <= len(column.present) // 2:
        shown = " and ".join(repr(printable(word, 30)) for word in near[0][:3])
        draft.warn(
            "names-differ",
            f"{len(words):,} names of classes are {len(by_key):,} if case, accents and blanks do not count (such as "
            f"{shown})",
            "spell them alike in the file if they are one class",
        )


def _find_task(draft: Draft, column: Counted) -> None:
    """Classes or numbers, where whole numbers could be both."""
    if draft.reading.task is not None or not column.is_whole or is_fractional(column.present).any():
        return
    n, k, counts = len(column.present), column.n_distinct, column.distinct[1]
    if k <= _FEW_CLASSES:
        if counts.min() < 2 and n > 2 * k:
            lonely = int((counts < 2).sum())
            raise DataError(
                f"{draft.name}: {lonely:,} of {k:,} different numbers in the label column {column.shown} occur once "
                f"(such as {column.distinct[0][counts < 2][0]:g}), expected at least 2 rows of a class; if they are "
                "numbers to predict use --read task=regression, else merge or remove these classes."
            )
        return
    values = column.distinct[0]
    close = float(values[-1] - values[0]) == k - 1
    if close and values[0] in (0, 1) and counts.min() >= _ROWS_PER_CLASS and 3 * counts.min() >= counts.max():
        return  # as many rows of each: classes by number
    as_numbers = bool(counts.min() < 2) or n < _ROWS_PER_CLASS * k
    task = Task.REGRESSION if as_numbers else Task.CLASSIFICATION
    lonely = int((counts < 2).sum())
    alone = f", {lonely:,} of them in a single row" if lonely else ""
    if as_numbers:
        draft.task, draft.task_reason = task, f"{k:,} different whole numbers{alone}"
        if k > _CLEARLY_NUMBERS and 5 * k >= n:
            return
    draft.warn(
        "task-guessed",
        f"{column.shown} holds {k:,} different whole numbers{alone}, and was read as "
        + ("numbers to predict" if as_numbers else "classes"),
        f"say that it is, or choose {Task.CLASSIFICATION if as_numbers else Task.REGRESSION}",
        Reading(task=str(task)),
    )
