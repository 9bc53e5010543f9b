"""What is asked of a sample: the five tasks, the targets that each has, and how rows are grouped to be split fairly."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from xmodal_core.errors import DataError

MAX_CLASSES = 1000
MIN_CLASS_COUNT = 2  # below this no class has both a training and a held-out row
_OF_NUMBERS = ", or say --read task=regression if they are numbers to predict"
IGNORED = -1  # in place of a class: this cell has none, and counts neither in a loss nor in a score
_SMALLEST = 1e-30  # a spread below this is none in single precision
_QUANTILES = 10  # groups of a scalar target that every split gets its share of
_ROWS_PER_GROUP = 10  # fewer could not give a row to each split


class Task(StrEnum):
    """What a target is; it decides the predictor, the loss and the score."""

    CLASSIFICATION = "classification"
    MULTILABEL = "multilabel"
    REGRESSION = "regression"
    DENSE = "dense"  # a number per cell
    SEGMENTATION = "segmentation"  # a class per cell


@dataclass(frozen=True, eq=False)
class TargetScale:
    """Shift and scale that take a target to mean 0 and variance 1 per output, fitted on training rows only.

    Attributes:
        shift, scale: (1, outputs, 1, ...) float32, in target units.
    """

    shift: np.ndarray
    scale: np.ndarray

    @classmethod
    def fit(cls, targets: np.ndarray) -> "TargetScale":
        """Mean and standard deviation over rows, and over the cells of a dense target: one pair per output."""
        axes = (0, *range(2, targets.ndim))
        shift = targets.mean(axis=axes, keepdims=True, dtype=np.float64)
        scale = targets.std(axis=axes, keepdims=True, dtype=np.float64)
        return cls(shift.astype(np.float32), np.where(scale > _SMALLEST, scale, 1).astype(np.float32))

    def apply(self, targets: np.ndarray) -> np.ndarray:
        """Target units to standard units."""
        return (targets - self.shift) / self.scale

    def undo(self, targets: np.ndarray) -> np.ndarray:
        """Standard units to target units."""
        return targets * self.scale + self.shift


def typed_targets(task: Task, targets: np.ndarray) -> np.ndarray:
    """Targets in the stored type: int64 classes, float32 otherwise; a regression target (n,) becomes (n, 1)."""
    if task in (Task.CLASSIFICATION, Task.SEGMENTATION):
        return targets.astype(np.int64)
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, which the data set refuses
        numbers = np.ascontiguousarray(targets, dtype=np.float32)
    return numbers[:, None] if task is Task.REGRESSION and numbers.ndim == 1 else numbers


def strata(task: Task, targets: np.ndarray) -> np.ndarray:
    """Groups (n,) int64 to draw rows from in proportion.

    The classes themselves; the most frequent class of a sample's cells, or one group for all that lead few samples;
    tenths of a scalar target by rank, or larger parts of few rows; a single group for several outputs or a field.
    """
    if task is Task.CLASSIFICATION:
        return targets
    if task is Task.SEGMENTATION:
        n_classes = int(targets.max(initial=0)) + 1
        leading = class_cells(targets, n_classes).argmax(axis=1)
        return np.where(np.bincount(leading)[leading] < _ROWS_PER_GROUP, n_classes, leading)
    if task is Task.REGRESSION and targets.shape[1] == 1:
        n_groups = max(1, min(_QUANTILES, len(targets) // _ROWS_PER_GROUP))
        edges = np.quantile(targets[:, 0], np.arange(1, n_groups) / n_groups)
        return np.searchsorted(np.unique(edges), targets[:, 0], side="right").astype(np.int64)
    return np.zeros(len(targets), np.int64)


def cells_of(task: Task, targets_shape: tuple[int, ...]) -> tuple[int, ...]:
    """Size of a target along its places, (h, w) or (t,); empty for one target per sample."""
    first = {Task.DENSE: 2, Task.SEGMENTATION: 1}.get(task)
    return () if first is None else targets_shape[first:]


def class_cells(targets: np.ndarray, n_classes: int) -> np.ndarray:
    """Cells of each class in each sample, (n, K) int64, of SEGMENTATION targets (n, ...); ignored ones do not count."""
    flat = targets.reshape(len(targets), -1)  # (n, cells)
    counts = np.zeros((len(flat), n_classes), np.int64)
    for row, cells in enumerate(flat):
        counts[row] = np.bincount(cells + 1, minlength=n_classes + 1)[1:]  # one on, so that IGNORED is 0
    return counts


def check_targets(
    name: str, task: Task, targets: np.ndarray, class_names: Sequence[str], inputs_shape: tuple[int, ...]
) -> None:
    """Refuse targets that are not what the task says.

    Raises:
        DataError: a wrong shape, a value that is not finite, a label outside its classes, a lonely class, or an
            output that never changes.
    """
    if task is Task.CLASSIFICATION:
        _check_classes(name, targets, class_names)
        return
    places = ", ".join(map(str, inputs_shape[_first_cell(inputs_shape) :]))
    wanted = {
        Task.MULTILABEL: f"(n, {len(class_names)}), one column per label name",
        Task.REGRESSION: "(n, outputs)",
        Task.DENSE: f"(n, outputs, {places}) as in X",
        Task.SEGMENTATION: f"(n, {places}) as in X",
    }[task]
    if not _has_shape(task, targets, class_names, inputs_shape):
        raise DataError(
            f"{name}: found targets of shape {targets.shape}, expected {wanted} for {task}; reshape y or choose "
            "another task."
        )
    if not np.isfinite(targets).all():
        bad = ~np.isfinite(targets).reshape(len(targets), -1).all(axis=1)
        raise DataError(
            f"{name}: {int(bad.sum())} of {len(bad)} targets hold NaN or infinite values (first: row "
            f"{int(np.argmax(bad))}), expected finite numbers; fill or remove these rows."
        )
    if task is Task.MULTILABEL:
        _check_labels(name, targets)
    elif task is Task.SEGMENTATION:
        _check_cells(name, targets, class_names)
    elif (targets == targets[:1]).all():
        raise DataError(
            f"{name}: every target is the same, expected values that differ between samples; choose another target."
        )


def check_class_sizes(name: str, targets: np.ndarray, class_names: Sequence[str]) -> None:
    """Refuse fewer than two classes, more than `MAX_CLASSES`, and classes of a single sample.

    Raises:
        DataError: says which.
    """
    present, counts = np.unique(targets, return_counts=True)
    if len(present) < 2:
        raise DataError(f"{name}: found {len(present)} class, expected at least 2; add samples of another class.")
    if len(present) > MAX_CLASSES:
        raise DataError(
            f"{name}: found {len(present)} different labels, expected at most {MAX_CLASSES} classes; "
            "choose a label column that names classes, not measurements."
        )
    lonely = [str(class_names[c]) for c in present[counts < MIN_CLASS_COUNT] if c < len(class_names)]
    if lonely:
        shown = ", ".join(lonely[:5]) + (" ..." if len(lonely) > 5 else "")
        raise DataError(
            f"{name}: {len(lonely)} class(es) have a single sample ({shown}), expected at least {MIN_CLASS_COUNT}; "
            f"add samples, or merge or remove these classes{_OF_NUMBERS if all(map(_is_number, lonely)) else ''}."
        )


def _is_number(text: str) -> bool:
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False


def _check_classes(name: str, targets: np.ndarray, class_names: Sequence[str]) -> None:
    if targets.min() < 0 or targets.max() >= len(class_names):
        raise DataError(
            f"{name}: labels run from {targets.min()} to {targets.max()}, expected 0 to "
            f"{len(class_names) - 1} for {len(class_names)} class names; name every class."
        )
    check_class_sizes(name, targets, class_names)


def _check_labels(name: str, targets: np.ndarray) -> None:
    if not np.isin(targets, (0, 1)).all():
        raise DataError(f"{name}: found multi-label targets other than 0 and 1, expected only these; correct y.")
    if (targets == targets[:1]).all():
        raise DataError(
            f"{name}: every sample has the same labels, expected labels that differ; choose another target."
        )


def _check_cells(name: str, targets: np.ndarray, class_names: Sequence[str]) -> None:
    if targets.min() < IGNORED or targets.max() >= len(class_names):
        raise DataError(
            f"{name}: classes of cells run from {targets.min()} to {targets.max()}, expected 0 to "
            f"{len(class_names) - 1} for {len(class_names)} class names, and {IGNORED} where there is none; name every "
            "class."
        )
    n_present = int((class_cells(targets, len(class_names)).sum(axis=0) > 0).sum())
    if not 2 <= n_present <= MAX_CLASSES:
        raise DataError(
            f"{name}: found {n_present} class(es) in the cells, expected 2 to {MAX_CLASSES}; choose other labels, or "
            "dense if they are numbers."
        )
    if (targets == targets[:1]).all():
        raise DataError(
            f"{name}: every sample has the same classes in the same cells, expected samples that differ; choose "
            "another target."
        )


def _has_shape(task: Task, targets: np.ndarray, class_names: Sequence[str], inputs_shape: tuple[int, ...]) -> bool:
    if task is Task.MULTILABEL:
        return targets.ndim == 2 and targets.shape[1] == len(class_names) > 0
    if task is Task.REGRESSION:
        return targets.ndim == 2 and targets.shape[1] > 0
    cells = inputs_shape[_first_cell(inputs_shape) :]
    if task is Task.SEGMENTATION:
        return targets.shape[1:] == cells
    return targets.ndim == 2 + len(cells) and targets.shape[1] > 0 and targets.shape[2:] == cells


def _first_cell(inputs_shape: tuple[int, ...]) -> int:
    """The first axis that is a place: behind the channels, where there are any."""
    return 1 if len(inputs_shape) == 2 else 2
