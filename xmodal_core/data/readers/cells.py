"""A class for every cell of the inputs, or a number: which of the two labels on cells are, and the classes.

Few different whole numbers, truth values or strings are classes, also as one-hot; a person who means amounts says so.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xmodal_core.data.dataset import Modality
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.labels import decoded, encode_cells, is_fractional
from xmodal_core.data.readers.padding import find_padding, steps_of
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import IGNORED, MAX_CLASSES
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError

PADDING_CELLS = "padding"  # said of what to ignore: cells behind the end of a sequence
_ON_CELLS = {Modality.IMAGE: 2, Modality.FIELD: 2, Modality.SERIES: 1, Modality.SEQUENCE: 1}  # axes of places
_FEW = 64  # more different values on cells are amounts, as a rule
_MANY = 240  # more whole numbers without a gap are grey values
_CHUNK = 2**20  # cells looked at together
_NO_CLASS = (IGNORED, -100)  # the second as in PyTorch
_UNLABELLED = 255  # of eight-bit masks, beside classes that are numbered from 0


class CellClasses(NamedTuple):
    """A class for every cell, as `Targets` has it.

    Attributes:
        codes: (n, ...) int64, `IGNORED` where a cell has none.
        names: of the classes.
        note: why, and what was left out.
        doubts: warnings about them.
    """

    codes: np.ndarray
    names: tuple[str, ...]
    note: str
    doubts: tuple[Caution, ...]


def segmented(
    name: str,
    labels: np.ndarray,
    class_names: Sequence[str],
    inputs: np.ndarray,
    modality: Modality,
    chosen: bool,
    ignore: str | None,
) -> CellClasses:
    """Labels as a class per cell; arguments as for `understand`.

    Raises:
        DataError: they do not lie on the cells, are too many, or lack what is said to be ignored.
    """
    one_hot = one_hot_cells(inputs, labels, modality)
    cells = cell_values(inputs, labels, modality) if one_hot is None else one_hot
    if cells is None or cells.shape[1] != 1:
        raise off_cells(name, labels, inputs, modality, "one class")
    cells = decoded(name, "y", cells[:, 0])  # (n, ...)
    values = _distinct(cells, MAX_CLASSES)
    if values is None or not len(values):
        raise DataError(
            f"{name}: y holds nothing, fractions or more than {MAX_CLASSES} different values, expected a class for "
            "every cell; choose dense, or other labels."
        )
    ignored, usual = _ignored(values, class_names), _ignored(values, ())
    if ignore not in (None, PADDING_CELLS):
        ignored = usual = values.astype(np.str_) == ignore
        if not ignored.any() or len(values) < 3:
            raise DataError(
                f"{name}: y holds {printable(', '.join(map(str, values.tolist())), 60)}, expected {ignore} and two "
                "classes beside it; correct ignore or leave it out."
            )
    codes, names = encode_cells(name, cells, values, ignored, class_names)
    channels = 0 if one_hot is None else labels.size // cells.size
    note = f"y read as one of {len(names)} classes per cell {_reason(values, chosen, channels)}"
    note += _about_ignored(values, usual, ignored, codes, names)
    doubts = _doubt_direction(values, codes) if ignore is None and ignored.any() else ()
    found = CellClasses(codes, names, note, doubts)
    if ignore == PADDING_CELLS:
        return _without_padding(name, found, inputs, modality)
    return found if ignore is not None else _doubt_padding(found, values[~ignored], inputs, modality)


def _reason(values: np.ndarray, chosen: bool, channels: int) -> str:
    if channels:
        return (
            "as chosen, as one-hot"
            if chosen
            else f"because y has a single one of {channels} channels at 1 in each cell"
        )
    if chosen:
        return "as chosen"
    amounts = "; choose dense if they are amounts" if values.dtype.kind in "iu" else ""
    return f"because y has {len(values)} different values on the cells of X{amounts}"


def _about_ignored(
    values: np.ndarray, usual: np.ndarray, ignored: np.ndarray, codes: np.ndarray, names: Sequence[str]
) -> str:
    """A clause about the value that usually says that a cell has no class, where it occurs."""
    if not usual.any():
        return ""
    what = repr(str(values[usual][0])) if values.dtype.kind == "U" else f"{values[usual][0]:g}"
    if ignored.any():
        return f", {what} as no class, in {(codes == IGNORED).mean():.1%} of the cells, which are left out"
    shown = printable(names[int(np.argmax(usual))], 40)
    return f", {what} as class {shown} because class_names has a name for each value"


def _without_padding(name: str, found: CellClasses, inputs: np.ndarray, modality: Modality) -> CellClasses:
    padded = find_padding(inputs, found.codes, modality)
    if padded is None:
        raise DataError(
            f"{name}: found no code that rows of X end in, with cells of one class in y, expected such padding; leave "
            "ignore out."
        )
    behind = np.asarray(steps_of(inputs, modality)) == padded[0]
    codes = np.where(behind, IGNORED, found.codes)
    clause = f", {behind.mean():.1%} of the cells left out behind the end of a sequence (code {padded[0]})"
    return CellClasses(codes, found.names, found.note + clause, ())


def _doubt_padding(found: CellClasses, classes: np.ndarray, inputs: np.ndarray, modality: Modality) -> CellClasses:
    """A warning where cells of padding have a class; `classes` are the values behind the codes."""
    padded = find_padding(inputs, found.codes, modality)
    if padded is None:
        return found
    code, padding_class, elsewhere = padded
    where = "ends" if (np.asarray(steps_of(inputs, modality))[:, -1] == code).any() else "starts"
    doubt = Caution(
        "padding-class",
        f"class {printable(found.names[padding_class], 40)} is that of every cell where X {where} in code {code} and "
        f"{'also' if elsewhere else 'not'} found elsewhere",
        "leave these cells out if that is padding",
        Reading(ignore=PADDING_CELLS if elsewhere else str(classes[padding_class])),
    )
    return found._replace(doubts=(doubt, *found.doubts))


def are_classes(inputs: np.ndarray, labels: np.ndarray, modality: Modality) -> bool:
    """Whether labels are one of few classes for every cell, rather than numbers."""
    if labels.ndim < 2 or labels.dtype.kind not in "iufbSU" or labels.size == len(labels):
        return False  # one label per sample is the sample's
    cells = cell_values(inputs, labels, modality)
    if cells is None or cells.shape[1] != 1:
        return False
    values = _distinct(cells, _FEW)
    if values is None or len(values) < 2:
        return False
    if labels.dtype.kind != "f":
        return True
    real = values[~_ignored(values, ())]
    return bool(real[-1] - real[0] == len(real) - 1)  # whole numbers with gaps may be rounded amounts


def one_hot_cells(inputs: np.ndarray, labels: np.ndarray, modality: Modality) -> np.ndarray | None:
    """Classes (n, 1, ...) where y has one of several channels at 1 in every cell, or `IGNORED` where it has none."""
    if labels.dtype.kind not in "iufb" or labels.ndim < 3:
        return None
    cells = cell_values(inputs, labels, modality)  # (n, K, ...)
    if cells is None or cells.shape[1] < 2:
        return None
    n_cells = cells[0, 0].size
    codes = np.empty((len(cells), 1, *cells.shape[2:]), np.int64)
    for start in range(0, len(cells), rows := max(1, _CHUNK // (cells.shape[1] * n_cells))):
        part = cells[start : start + rows]
        ones = (part == 1).sum(axis=1)
        if (ones > 1).any() or (ones.sum() + (part == 0).sum()) != part.size:
            return None
        codes[start : start + rows, 0] = np.where(ones == 1, part.argmax(axis=1), IGNORED)
    lacking = codes == IGNORED
    if lacking.mean() > 0.5 or len(np.unique(codes[~lacking])) < 2 or _are_holes(lacking[:, 0]):
        return None  # channels of their own, of which few are on
    return codes


def _doubt_direction(values: np.ndarray, codes: np.ndarray) -> tuple[Caution, ...]:
    """-1 beside 0 and 1 is no class as a rule, and down, level and up where it lies anywhere."""
    if values.dtype.kind != "i" or values.tolist() != [-1, 0, 1] or not _are_holes(codes == IGNORED):
        return ()
    return (
        Caution(
            "missing-labels",
            f"y is -1, 0 or 1 on the cells of X; -1 was read as no class, in {(codes == IGNORED).mean():.1%} of them",
            "confirm with ignore=-1, or save y + 1 if it is a class of its own, such as down, level and up",
            Reading(ignore="-1"),
        ),
    )


def _are_holes(lacking: np.ndarray) -> bool:
    """Whether cells without a class (n, ...) lie anywhere but behind or before a sequence."""
    if not lacking.any():
        return False
    if lacking.ndim != 2:
        return True
    behind = np.logical_and.accumulate(lacking[:, ::-1], axis=1)[:, ::-1]
    return not np.array_equal(behind | np.logical_and.accumulate(lacking, axis=1), lacking)


def doubt_values(cells: np.ndarray, is_whole: bool) -> tuple[Caution, ...]:
    """Few whole numbers on cells may be codes of classes; several channels of 0 and 1 may be labels."""
    values = _distinct(cells, _MANY if is_whole and cells.shape[1] == 1 else _FEW)
    if values is None or len(values) < 2:
        return ()
    if len(values) > _FEW and not (values[0] in (0, 1) and values[-1] - values[0] == len(values) - 1):
        return ()
    shown = ", ".join(f"{value:g}" for value in values[:5].tolist()) + (" ..." if len(values) > 5 else "")
    if cells.shape[1] == 1:
        return (
            Caution(
                "task-guessed",
                f"y has {len(values)} different whole numbers on the cells of X ({shown}), read as amounts",
                "read them as a class per cell if they are codes, or confirm with task=dense",
                Reading(task="segmentation"),
            ),
        )
    if len(values) > 2:
        return ()
    return (
        Caution(
            "task-guessed",
            f"y has only {shown} in {cells.shape[1]} channels on the cells of X, several of which may be on; read as "
            "amounts",
            "confirm with task=dense, or save one channel, whose cells are read as classes",
            Reading(task="dense"),
        ),
    )


def _distinct(labels: np.ndarray, most: int) -> np.ndarray | None:
    """What occurs, ascending; None where these are fractions or more than `most`."""
    found = np.empty(0, labels.dtype)
    flat = labels.reshape(-1)
    for start in range(0, len(flat), _CHUNK):
        part = flat[start : start + _CHUNK]
        if part.dtype.kind == "f" and (is_fractional(part).any() or not np.isfinite(part).all()):
            return None
        found = np.union1d(found, _values_of(part))
        if len(found) > most:
            return None
    return found.astype(np.int64) if found.dtype.kind == "f" else found


def _values_of(part: np.ndarray) -> np.ndarray:
    """What occurs, in the same type; whole numbers of a small range are counted, which is faster than to sort them."""
    if part.dtype.kind in "iu":
        low, high = int(part.min()), int(part.max())
        if high - low < len(part) and high < 2**62:
            counts = np.bincount(part.astype(np.int64) - low)
            return (np.flatnonzero(counts) + low).astype(part.dtype)
    return np.unique(part)


def _ignored(values: np.ndarray, class_names: Sequence[str]) -> np.ndarray:
    """Which values say that a cell has no class: -1 or -100, or 255 beside small numbers, or no text; bool.

    Not where they are wanted: two classes have to be left, and a name for each value leaves none out.
    """
    if values.dtype.kind in "SU":
        ignored = np.char.str_len(values) == 0
    elif values.dtype.kind == "b":
        return np.zeros(len(values), bool)
    elif values[0] in _NO_CLASS:
        ignored = values == values[0]
    else:
        ignored = (values == _UNLABELLED) & (((values >= 0) & (values < _FEW)).sum() == len(values) - 1)
    real = values[~ignored]
    if len(real) < 2:
        return np.zeros(len(values), bool)
    by_order = len(class_names) == len(values) and (real.dtype.kind in "SU" or real[-1] + 1 < len(class_names))
    return np.zeros(len(values), bool) if by_order else ignored


def off_cells(name: str, labels: np.ndarray, inputs: np.ndarray, modality: Modality, wanted: str) -> DataError:
    """The refusal of labels that do not lie on the cells of the inputs."""
    amounts = ", with --read task=regression if they are numbers of the sample as a whole" * (
        labels.dtype.kind in "iuf"
    )
    return DataError(
        f"{name}: y has shape {labels.shape} for X of shape {inputs.shape} read as {modality}, expected {wanted} for "
        f"every cell of X; reshape y, or choose another modality or task{amounts}."
    )


def cell_values(inputs: np.ndarray, labels: np.ndarray, modality: Modality) -> np.ndarray | None:
    """Labels as (n, c, ...) on the cells of the inputs; None where they do not lie on these cells."""
    n_axes = _ON_CELLS.get(modality, 0)
    if not n_axes or inputs.ndim <= n_axes or len(labels) != len(inputs):
        return None
    places = inputs.shape[inputs.ndim - n_axes :]
    if labels.shape[1:] == places:
        return labels[:, None]  # (n, 1, ...)
    if labels.ndim != n_axes + 2:
        return None
    if labels.shape[2:] == places:
        return labels  # (n, c, ...)
    return np.moveaxis(labels, -1, 1) if labels.shape[1:-1] == places else None  # (n, c, ...)
