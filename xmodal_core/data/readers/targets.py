"""From the array of labels to a task: classes where they can be, numbers, several labels, or something per cell.

Whole numbers, strings and truth values of one axis are classes, as they always were, and so are few different ones on
the cells of the inputs: a class per cell. A person who means another task says so; what is guessed comes with a note.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.labels import decoded, encode_cells, encode_labels, is_fractional
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


@dataclass(frozen=True, eq=False)
class Targets:
    """What a reader understood.

    Attributes:
        task: of the data set.
        values: (n,) or (n, ...) classes, (n, K), (n, k) or (n, c, ...) as `LabelledDataset.targets`.
        class_names: of classes or labels.
        note: one clause for `origin`; empty for classes, which need no explanation.
        doubts: warnings about them.
    """

    task: Task
    values: np.ndarray
    class_names: tuple[str, ...] = ()
    note: str = ""
    doubts: tuple[Caution, ...] = ()


def parse_task(name: str, task: np.ndarray) -> Task:
    """The task that an array `task` names.

    Raises:
        DataError: it holds anything but the name of one.
    """
    words = decoded(name, "task", task).reshape(-1).tolist() if task.dtype.kind in "SU" else []
    word = str(words[0]).strip().lower() if len(words) == 1 else ""
    if word not in tuple(Task):
        found = repr(printable(word, 40)) if word else f"an array of shape {task.shape} and type {task.dtype}"
        raise DataError(f"{name}: task is {found}, expected one of {', '.join(Task)}; correct it or leave it out.")
    return Task(word)


def on_cells(inputs: np.ndarray, labels: np.ndarray, modality: Modality) -> bool:
    """Whether there is a number, not a class, for every cell of the inputs in the layout of the modality."""
    if labels.dtype.kind not in "iufb" or _are_classes(inputs, labels, modality):
        return False
    return _cell_values(inputs, labels, modality) is not None


def understand(
    name: str,
    labels: np.ndarray,
    class_names: Sequence[str],
    inputs: np.ndarray,
    modality: Modality,
    task: Task | None = None,
    ignore: str | None = None,
) -> Targets:
    """What the labels ask for.

    Args:
        name: data set, for messages.
        labels: as they came.
        class_names: as they came, may be empty.
        inputs: in the layout of `LabelledDataset`.
        modality: what the inputs are.
        task: chosen by the person; guessed when None.
        ignore: the code of cells without a class, or `PADDING_CELLS`, said by the person; found out when None.

    Raises:
        DataError: labels that do not fit the task, or any.
    """
    chosen = task is not None
    task = task or _guess_task(labels, class_names, inputs, modality)
    if task is Task.CLASSIFICATION:
        return Targets(task, *encode_labels(name, labels, class_names))
    if task is Task.SEGMENTATION:
        return _segmented(name, labels, class_names, inputs, modality, chosen, ignore)
    numbers = _numbers(name, labels, task)
    how = "as chosen" if chosen else "because "
    if task is Task.MULTILABEL:
        names = tuple(printable(str(c)) for c in class_names) or tuple(map(str, range(numbers.shape[-1])))
        why = "" if chosen else "its rows hold any number of ones"
        return Targets(task, numbers, names, f"y read as {numbers.shape[-1]} labels per sample {how}{why}")
    if task is Task.REGRESSION:
        table = numbers.reshape(len(numbers), -1)  # (n, k)
        fractions = labels.dtype.kind == "f" and np.isfinite(labels).all() and is_fractional(labels).any()
        why = "" if chosen else "it holds fractions, not classes" if fractions else "it has several numbers a sample"
        return Targets(task, table, (), f"y read as {table.shape[1]} number(s) to predict {how}{why}")
    cells = _cell_values(inputs, numbers, modality)
    if cells is None:
        raise _off_cells(name, labels, inputs, modality, "a value")
    why = "" if chosen else "it has the cells of X"
    note = f"y read as {cells.shape[1]} value(s) to predict per cell {how}{why}"
    return Targets(task, cells, (), note, () if chosen else _doubt_values(cells, labels.dtype.kind in "iu"))


def _guess_task(labels: np.ndarray, class_names: Sequence[str], inputs: np.ndarray, modality: Modality) -> Task:
    named = labels.ndim == 2 and 1 < len(class_names) == labels.shape[1]
    if not named and (_are_classes(inputs, labels, modality) or _one_hot_cells(inputs, labels, modality) is not None):
        return Task.SEGMENTATION
    if labels.dtype.kind not in "iufb" or labels.ndim == 0:
        return Task.CLASSIFICATION  # whose encoder says what is wrong
    if not np.isfinite(labels).all() and labels.ndim == 1:
        return Task.CLASSIFICATION
    many = labels.ndim == 2 and labels.shape[1] > 1
    on_places = _cell_values(inputs, labels, modality) is not None
    if labels.ndim > 2 or (many and not named and on_places):
        return Task.DENSE
    if many and np.isin(labels, (0, 1)).all():
        one_hot = (labels.sum(axis=1) == 1).all()
        return Task.CLASSIFICATION if one_hot else Task.MULTILABEL
    if labels.ndim <= 2 and labels.dtype.kind == "f" and (many or is_fractional(labels).any()):
        return Task.REGRESSION
    return Task.CLASSIFICATION


def _numbers(name: str, labels: np.ndarray, task: Task) -> np.ndarray:
    if labels.dtype.kind not in "iufb" or not labels.ndim or not labels.size:
        raise DataError(
            f"{name}: y has type {labels.dtype} and shape {labels.shape}, expected numbers for {task}; convert the "
            "labels or choose classification."
        )
    return labels


def _segmented(
    name: str,
    labels: np.ndarray,
    class_names: Sequence[str],
    inputs: np.ndarray,
    modality: Modality,
    chosen: bool,
    ignore: str | None,
) -> Targets:
    cells = _one_hot_cells(inputs, labels, modality)
    is_one_hot = cells is not None
    if cells is None:
        cells = _cell_values(inputs, labels, modality)
    if cells is None or cells.shape[1] != 1:
        raise _off_cells(name, labels, inputs, modality, "one class")
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
    how = "as chosen" if chosen else f"because y has {len(values)} different values on the cells of X"
    if is_one_hot:
        how += ", as one-hot" if chosen else ""
        n_channels = labels.size // cells.size
        how = how if chosen else f"because y has a single one of {n_channels} channels at 1 in each cell"
    elif not chosen and values.dtype.kind in "iu":
        how += "; choose dense if they are amounts"
    note = f"y read as one of {len(names)} classes per cell {how}"
    if usual.any():
        what = repr(str(values[usual][0])) if values.dtype.kind == "U" else f"{values[usual][0]:g}"
        note += f", {what} as "
    if ignored.any():
        note += f"no class, in {(codes == IGNORED).mean():.1%} of the cells, which are left out"
    elif usual.any():
        note += f"class {printable(names[np.argmax(usual)], 40)} because class_names has a name for each value"
    doubts = _doubt_direction(values, codes) if ignore is None and ignored.any() else ()
    padded = find_padding(inputs, codes, modality) if ignore in (None, PADDING_CELLS) else None
    if ignore == PADDING_CELLS:
        if padded is None:
            raise DataError(
                f"{name}: found no code that rows of X end in, with cells of one class in y, expected such "
                "padding; leave ignore out."
            )
        behind = np.asarray(steps_of(inputs, modality)) == padded[0]
        codes[behind] = IGNORED
        note += f", {behind.mean():.1%} of the cells left out behind the end of a sequence (code {padded[0]})"
        return Targets(Task.SEGMENTATION, codes, names, note)
    if padded is None:
        return Targets(Task.SEGMENTATION, codes, names, note, doubts)
    code, padding_class, elsewhere = padded
    mend = PADDING_CELLS if elsewhere else str(values[~ignored][padding_class])
    where = "ends" if (np.asarray(steps_of(inputs, modality))[:, -1] == code).any() else "starts"
    doubt = Caution(
        "padding-class",
        f"class {printable(names[padding_class], 40)} is that of every cell where X {where} in code {code} and "
        f"{'also' if elsewhere else 'not'} found elsewhere",
        "leave these cells out if that is padding",
        Reading(ignore=mend),
    )
    return Targets(Task.SEGMENTATION, codes, names, note, (doubt, *doubts))


def _are_classes(inputs: np.ndarray, labels: np.ndarray, modality: Modality) -> bool:
    """Whether labels are one of few classes for every cell, rather than numbers."""
    if labels.ndim < 2 or labels.dtype.kind not in "iufbSU" or labels.size == len(labels):
        return False  # one label per sample is the sample's
    cells = _cell_values(inputs, labels, modality)
    if cells is None or cells.shape[1] != 1:
        return False
    values = _distinct(cells, _FEW)
    if values is None or len(values) < 2:
        return False
    if labels.dtype.kind != "f":
        return True
    real = values[~_ignored(values, ())]
    return bool(real[-1] - real[0] == len(real) - 1)  # whole numbers with gaps may be rounded amounts


def _one_hot_cells(inputs: np.ndarray, labels: np.ndarray, modality: Modality) -> np.ndarray | None:
    """Classes (n, 1, ...) where y has one of several channels at 1 in every cell, or `IGNORED` where it has none."""
    if labels.dtype.kind not in "iufb" or labels.ndim < 3:
        return None
    cells = _cell_values(inputs, labels, modality)  # (n, K, ...)
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


def _doubt_values(cells: np.ndarray, is_whole: bool) -> tuple[Caution, ...]:
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


def _off_cells(name: str, labels: np.ndarray, inputs: np.ndarray, modality: Modality, wanted: str) -> DataError:
    amounts = ", with --read task=regression if they are numbers of the sample as a whole" * (
        labels.dtype.kind in "iuf"
    )
    return DataError(
        f"{name}: y has shape {labels.shape} for X of shape {inputs.shape} read as {modality}, expected {wanted} for "
        f"every cell of X; reshape y, or choose another modality or task{amounts}."
    )


def _cell_values(inputs: np.ndarray, labels: np.ndarray, modality: Modality) -> np.ndarray | None:
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
