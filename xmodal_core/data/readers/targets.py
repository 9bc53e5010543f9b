"""From the array of labels to a task: classes where they can be, numbers, several labels, or something per cell.

Whole numbers, strings and truth values of one axis are classes, as they always were, and so are few different ones on
the cells of the inputs: a class per cell. A person who means another task says so; what is guessed comes with a note.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.cells import are_classes, cell_values, doubt_values, off_cells, one_hot_cells, segmented
from xmodal_core.data.readers.labels import decoded, encode_labels, is_fractional
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError


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
    if labels.dtype.kind not in "iufb" or are_classes(inputs, labels, modality):
        return False
    return cell_values(inputs, labels, modality) is not None


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
        ignore: the code of cells without a class, or `cells.PADDING_CELLS`, said by the person; found out when None.

    Raises:
        DataError: labels that do not fit the task, or any.
    """
    chosen = task is not None
    task = task or _guess_task(labels, class_names, inputs, modality)
    if task is Task.CLASSIFICATION:
        return Targets(task, *encode_labels(name, labels, class_names))
    if task is Task.SEGMENTATION:
        return Targets(task, *segmented(name, labels, class_names, inputs, modality, chosen, ignore))
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
    cells = cell_values(inputs, numbers, modality)
    if cells is None:
        raise off_cells(name, labels, inputs, modality, "a value")
    why = "" if chosen else "it has the cells of X"
    note = f"y read as {cells.shape[1]} value(s) to predict per cell {how}{why}"
    return Targets(task, cells, (), note, () if chosen else doubt_values(cells, labels.dtype.kind in "iu"))


def _guess_task(labels: np.ndarray, class_names: Sequence[str], inputs: np.ndarray, modality: Modality) -> Task:
    named = labels.ndim == 2 and 1 < len(class_names) == labels.shape[1]
    if not named and (are_classes(inputs, labels, modality) or one_hot_cells(inputs, labels, modality) is not None):
        return Task.SEGMENTATION
    if labels.dtype.kind not in "iufb" or labels.ndim == 0:
        return Task.CLASSIFICATION  # whose encoder says what is wrong
    if not np.isfinite(labels).all() and labels.ndim == 1:
        return Task.CLASSIFICATION
    many = labels.ndim == 2 and labels.shape[1] > 1
    on_places = cell_values(inputs, labels, modality) is not None
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
