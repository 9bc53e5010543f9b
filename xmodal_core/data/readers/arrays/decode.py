"""Labels as arrays have them to labels as `finish` takes them: text of bytes, classes of one-hot rows and shares."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from xmodal_core.data.dataset import Task
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.labels import is_fractional
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError, SettingsError

_MANY = 20  # different whole numbers that may be amounts rather than classes
_ROWS_A_CLASS = 10
_SUM = 0.02  # how far from 1 shares may add up
_CODES_OF_NONE = (-1, 255, -100, -99, -999, -9999)  # beside classes that are numbered from 0 or 1
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(eq=False)
class Decoded:
    """Labels and names with what has to be said about them.

    Attributes:
        labels: (n, ...).
        names: of classes, may be empty.
        task: where it is known; None to be understood.
        changed, doubts: clauses and warnings.
    """

    labels: np.ndarray
    names: list[str]
    task: Task | None = None
    changed: list[str] = field(default_factory=list)
    doubts: list[Caution] = field(default_factory=list)


def as_text(name: str, array_name: str, texts: np.ndarray, encoding: str | None) -> tuple[np.ndarray, Caution | None]:
    """Bytes as strings, UTF-8 or what the person says; else as Windows writes them, with a doubt.

    Raises:
        DataError: the bytes are not in the encoding that the person named, or in none.
    """
    if texts.dtype.kind != "S":
        return texts, None
    try:
        return np.char.decode(texts, encoding or "utf-8"), None
    except LookupError as error:
        raise SettingsError(f"encoding is {encoding!r}, expected one such as utf-8, cp1252 or utf-16.") from error
    except UnicodeError as error:
        if encoding is not None:
            raise DataError(
                f"{name}: {array_name} holds bytes that are not {printable(encoding, 20)} text; name another encoding."
            ) from error
    for guess in ("cp1252", "latin-1"):
        try:
            words = np.char.decode(texts, guess)
        except UnicodeError:
            continue
        odd = next(word for word in words.reshape(-1).tolist() if not word.isascii())
        return words, Caution(
            "encoding-guessed",
            f"{array_name} holds bytes that are not UTF-8; read as {guess}, such as {printable(odd, 30)!r}",
            "confirm the encoding or name another one",
            Reading(encoding=guess),
        )
    raise AssertionError("latin-1 has a character for every byte")


def decode_labels(
    name: str, labels: np.ndarray, names: Sequence[str], reading: Reading, task: Task | None, cells: bool
) -> Decoded:
    """Understand how labels are written.

    Args:
        name: data set, for messages.
        labels: (n, ...) as they came, text decoded.
        names: of classes, may be empty.
        reading: what the person said.
        task: as said or as the file has it, None to be found.
        cells: there is a value for every cell of the inputs.

    Raises:
        DataError: labels of a type that says nothing about a sample.
    """
    if labels.dtype.kind not in "biufU":
        raise DataError(
            f"{name}: y has type {labels.dtype}, expected whole numbers, numbers or strings; convert the labels."
        )
    if labels.dtype == np.float16:  # which cannot be compared with large numbers
        labels = labels.astype(np.float32)
    if labels.ndim > 1 and labels.size == len(labels) and not cells:
        labels = labels.reshape(-1)  # as (n, 1), or (n, 1, 1, 1)
    found = Decoded(labels, list(names), task)
    if labels.ndim == 2 and labels.shape[1] > 1 and labels.dtype.kind in "biuf" and (not cells or _named(found)):
        _from_shares(found)
    if found.labels.ndim == 1 and found.labels.dtype.kind == "U":
        _from_written_numbers(found)
    if found.labels.ndim == 1 and found.labels.dtype.kind in "iuf":
        if reading.ignore is not None and found.task in (None, Task.CLASSIFICATION):
            _leave_out_code(name, found, reading.ignore)
        elif not found.names and found.task is None:
            _doubt_code_of_none(found)
        _from_first_code(name, found, reading)
        if found.task is None and not found.names:
            _doubt_amounts(found)
    return found


def _named(found: Decoded) -> bool:
    return len(found.names) == found.labels.shape[1]


def _from_shares(found: Decoded) -> None:
    """One-hot rows become classes; shares of classes are numbers to predict unless the person says classes."""
    rows = found.labels
    if rows.dtype.kind == "f" and not np.isfinite(rows).all():
        return
    n_columns = rows.shape[1]
    low, high = rows.min(), rows.max()
    on_off = (low, high) in ((0, 1), (-1, 1)) and bool(np.isin(rows, (low, high)).all())
    ones = (rows == high).sum(axis=1) if on_off else np.zeros(len(rows), np.int64)
    if (ones == 1).all() and found.task in (None, Task.CLASSIFICATION):
        found.labels = rows.argmax(axis=1)
        found.changed.append(f"one-hot rows of y with {n_columns} columns read as classes")
        return
    n_none = int((ones == 0).sum())
    if on_off and low == 0 and ones.max() == 1 and n_none:
        _from_rows_of_none(found, n_none)
        return
    shares = rows.dtype.kind == "f" and rows.min() >= 0 and bool((np.abs(rows.sum(axis=1) - 1) < _SUM).all())
    if shares and found.task is Task.CLASSIFICATION:
        found.labels = rows.argmax(axis=1)
        found.changed.append(f"the class with the largest of {n_columns} shares taken as the label")
    elif shares and found.task is None:
        found.doubts.append(
            Caution(
                "task-guessed",
                f"every row of y adds up to 1, as shares of {n_columns} classes do; read as {n_columns} numbers to "
                "predict",
                "take the class with the largest share as the label if so, or confirm with task=regression",
                Reading(task="classification"),
            )
        )


def _from_rows_of_none(found: Decoded, n_none: int) -> None:
    """Rows with one class at most: classes with rows that lack one if the person says so, else several labels."""
    if found.task is Task.CLASSIFICATION:
        classes = found.labels.argmax(axis=1).astype(np.float64)
        classes[~found.labels.any(axis=1)] = np.nan
        found.labels = classes
        found.changed.append("one-hot rows of y read as classes, rows of zeros as no label")
    elif found.task is None:
        found.doubts.append(
            Caution(
                "task-guessed",
                f"no row of y has more than a single one, and {n_none:,} of {len(found.labels):,} have none; read as "
                "several labels a sample",
                "leave these rows out and take the others as one-hot classes if so, or confirm with task=multilabel",
                Reading(task="classification"),
            )
        )


def _from_written_numbers(found: Decoded) -> None:
    """Fractions that were saved as text are numbers; words, and whole numbers as names of classes, stay."""
    words = found.labels
    if (
        found.task not in (None, Task.REGRESSION)
        or found.names
        or not any("." in word for word in words[:100].tolist())
    ):
        return
    try:
        numbers = words.astype(np.float64)
    except ValueError:
        return
    if np.isfinite(numbers).any() and is_fractional(numbers[np.isfinite(numbers)]).any():
        found.labels = numbers
        found.changed.append("numbers of y that were saved as text read as numbers")


def _leave_out_code(name: str, found: Decoded, ignore: str) -> None:
    """Samples whose label is this code have none, as said.

    Raises:
        DataError: no sample has it.
    """
    is_none = found.labels.astype(np.float64) == (float(ignore) if _NUMBER.fullmatch(ignore) else np.nan)
    if not is_none.any():
        raise DataError(
            f"{name}: no label is {printable(ignore, 30)}, expected the code of samples that have no class; correct "
            "ignore or leave it out."
        )
    found.labels = np.where(is_none, np.nan, found.labels)
    found.changed.append(f"{int(is_none.sum()):,} labels that are {ignore} taken as none, as chosen")


def _doubt_code_of_none(found: Decoded) -> None:
    """A code such as -1 beside classes that count from 0 or 1 may say that a sample has none."""
    known = found.labels[np.isfinite(found.labels)] if found.labels.dtype.kind == "f" else found.labels
    kinds, often = np.unique(known, return_counts=True)
    for code in _CODES_OF_NONE:
        rest = kinds[kinds != code]
        if len(rest) == len(kinds) or len(rest) < 2:
            continue
        in_a_row = rest[0] in (0, 1) and rest[-1] - rest[0] == len(rest) - 1
        if in_a_row and (code != -1 or rest[-1] > 1):  # -1, 0 and 1 are answers
            found.doubts.append(
                Caution(
                    "missing-labels",
                    f"{int(often[kinds == code][0]):,} of {len(found.labels):,} labels are {code} beside classes from "
                    f"{rest[0]:g} to {rest[-1]:g}, which may say that there is none; read as a class",
                    "leave these samples out if so, or confirm with task=classification",
                    Reading(ignore=str(code)),
                )
            )
        return


def _from_first_code(name: str, found: Decoded, reading: Reading) -> None:
    """Classes that count from 1 where the names tell it or the person says so."""
    labels, names = found.labels, found.names
    if not names or found.task not in (None, Task.CLASSIFICATION):
        return
    known = labels[np.isfinite(labels)] if labels.dtype.kind == "f" else labels
    if not len(known) or is_fractional(known.astype(np.float64)).any():
        return
    low, high, n_kinds = int(known.min()), int(known.max()), len(np.unique(known))
    if reading.first is not None:
        if low < reading.first or high - reading.first >= len(names):
            raise DataError(
                f"{name}: labels go from {low} to {high}, expected {reading.first} to {reading.first + len(names) - 1} "
                f"for {len(names)} class names that count from {reading.first}; correct first or the names."
            )
        found.labels = labels - reading.first
        return
    if low >= 1 and high == len(names) and n_kinds < len(names):
        found.labels = labels - 1
        found.changed.append(f"labels count from 1: the highest is {high} of {len(names)} class names")
    elif low >= 1 and high < len(names):
        counted = names[low - 1]
        found.doubts.append(
            Caution(
                "names-shifted",
                f"labels go from {low} to {high} for {len(names)} class names; {low} was taken to be "
                f"{printable(names[low], 30)!r}, counted from 0",
                f"say so if labels count from 1 and {low} is {printable(counted, 30)!r}, or confirm with first=0",
                Reading(first=1),
            )
        )


def _doubt_amounts(found: Decoded) -> None:
    """Many different whole numbers may be amounts: numbers to predict where classes have too few rows, else a doubt."""
    labels = found.labels[np.isfinite(found.labels)] if found.labels.dtype.kind == "f" else found.labels
    kinds, often = np.unique(labels, return_counts=True)
    if len(kinds) <= 1 or is_fractional(kinds.astype(np.float64)).any():
        return
    n_single = int((often == 1).sum())
    in_a_row = int(kinds[0]) in (0, 1) and int(kinds[-1]) - int(kinds[0]) == len(kinds) - 1
    clear = in_a_row and len(labels) >= _ROWS_A_CLASS * len(kinds)
    if len(kinds) <= _MANY or clear:
        return
    span = f"from {int(kinds[0]):,} to {int(kinds[-1]):,}"
    said = f"y has {len(kinds):,} different whole numbers {span} in {len(labels):,} rows"
    if n_single:
        found.task = Task.REGRESSION
        message = f"{said}, {n_single:,} of them once; read as a number to predict"
        fix = "confirm that y is an amount, or merge classes if it is none"
    else:
        message, fix = f"{said}; read as classes", "read it as a number to predict if it is an amount, or confirm it"
    found.doubts.append(Caution("task-guessed", message, fix, Reading(task="regression")))
