"""What a run says of single rows, as columns of a table: `predictions.parquet` of a run, and what `predict` writes.

    uid, split            which row it is; no split where the rows are new
    target, prediction    names of classes, or numbers in target units
    probability_NAME      of each class, or of each label

Several numbers or labels have a column each, `prediction_1` or `prediction_NAME`. A value or a class for every cell is
no column: such rows say how far off they are, or how many of their cells are right.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.data.targets import IGNORED
from xmodal_core.files import replace_file, replacing
from xmodal_core.spreadsheet import csv_text

Columns = dict[str, np.ndarray]  # all of one length: strings, whole numbers or floats

WRITTEN = (".csv", ".parquet")
CELLS = ".npz"  # where a value or a class per cell is written
_TINY = 1e-30


def told(dataset: LabelledDataset, rows: np.ndarray, outputs: np.ndarray) -> Columns:
    """Rows of a data set with their targets and what a network said of them.

    Args:
        dataset: what it was trained on.
        rows: row numbers (n,).
        outputs: (n, n_outputs, ...) logits, or numbers in standard units.
    """
    which = {"uid": dataset.uid[rows], "split": dataset.splits[rows]}
    said = predicted(dataset, outputs)
    return which | _TARGETS[dataset.task](dataset, rows, outputs) | said


def predicted(dataset: LabelledDataset, outputs: np.ndarray) -> Columns:
    """What a network said of rows, whether or not anybody knows their targets; nothing for cells.

    Args:
        dataset: what it was trained on.
        outputs: (n, n_outputs, ...) logits, or numbers in standard units.
    """
    return _PREDICTIONS[dataset.task](dataset, outputs)


def joined(parts: Sequence[Columns]) -> Columns:
    """Tables of the same columns below one another; at least one."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def in_target_units(dataset: LabelledDataset, outputs: np.ndarray) -> np.ndarray:
    """Numbers of a regression or dense target, float64, from standard units."""
    return dataset.target_scale.undo(outputs.astype(np.float64))


def blank(columns: Columns, rows: np.ndarray) -> Columns:
    """The same table without a prediction in some rows, bool (n,): an empty text, or NaN."""
    blanked = {}
    for name, values in columns.items():
        values = values.astype(np.float64) if values.dtype.kind in "iu" and rows.any() else values.copy()
        values[rows] = "" if values.dtype.kind == "U" else np.nan
        blanked[name] = values
    return blanked


def write_table(path: Path, columns: Columns) -> None:
    """Write a table, whole or not at all: text for `.csv`, else Parquet; an empty text and NaN are missing values.

    Raises:
        OSError: the folder cannot be written.
    """
    if path.suffix.lower() == ".csv":
        replace_file(path, text_of(columns))
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {name: pa.array(values, mask=_missing(values)) for name, values in columns.items()}
    with replacing(path) as stream:
        pq.write_table(pa.table(arrays), stream)


def read_table(path: Path) -> Columns:
    """What was written as Parquet.

    Raises:
        OSError: there is no such file.
        ValueError: it is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_string(column.type):
            columns[name] = np.array([value or "" for value in column.to_pylist()], np.str_)
        else:
            columns[name] = column.to_numpy()
    return columns


def text_of(columns: Columns) -> str:
    """The table as CSV: numbers with every digit that they have, what is missing empty; see `csv_text`."""
    return csv_text(
        {
            name: [None if gone else value for value, gone in zip(v.tolist(), _missing(v), strict=True)]
            for name, v in columns.items()
        }
    )


def _missing(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind == "f":
        return np.isnan(values)
    return values == "" if values.dtype.kind == "U" else np.zeros(len(values), bool)


def _classes(dataset: LabelledDataset, outputs: np.ndarray) -> Columns:
    names = np.array(dataset.class_names)
    logits = outputs.astype(np.float64)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return {"prediction": names[outputs.argmax(axis=1)]} | _each("probability", dataset.class_names, shares)


def _labels(dataset: LabelledDataset, outputs: np.ndarray) -> Columns:
    with np.errstate(over="ignore"):
        shares = 1 / (1 + np.exp(-outputs.astype(np.float64)))
    said = _each("prediction", dataset.class_names, (outputs > 0).astype(np.int64))
    return said | _each("probability", dataset.class_names, shares)


def _numbers(dataset: LabelledDataset, outputs: np.ndarray) -> Columns:
    return _numbered("prediction", in_target_units(dataset, outputs))


def _true_class(dataset: LabelledDataset, rows: np.ndarray, _: np.ndarray) -> Columns:
    return {"target": np.array(dataset.class_names)[dataset.targets[rows]]}


def _true_labels(dataset: LabelledDataset, rows: np.ndarray, _: np.ndarray) -> Columns:
    return _each("target", dataset.class_names, dataset.targets[rows].astype(np.int64))


def _true_numbers(dataset: LabelledDataset, rows: np.ndarray, _: np.ndarray) -> Columns:
    return _numbered("target", dataset.targets[rows].astype(np.float64))


def _errors(dataset: LabelledDataset, rows: np.ndarray, outputs: np.ndarray) -> Columns:
    """How far off a row is: the root of its mean squared error, and its size against that of the target."""
    targets = dataset.targets[rows].reshape(len(rows), -1).astype(np.float64)
    off = in_target_units(dataset, outputs).reshape(targets.shape) - targets
    size = np.linalg.norm(off, axis=1)
    against = np.linalg.norm(targets, axis=1)
    relative = np.where(against > _TINY, size / np.maximum(against, _TINY), np.nan)
    return {"rmse": size / np.sqrt(targets.shape[1]), "relative_l2": relative}


def _right_cells(dataset: LabelledDataset, rows: np.ndarray, outputs: np.ndarray) -> Columns:
    """How many cells of a row have a class, and the share of them that are named right."""
    targets = dataset.targets[rows].reshape(len(rows), -1)
    named = outputs.argmax(axis=1).reshape(targets.shape)
    real = targets != IGNORED
    n = real.sum(axis=1)
    right = ((named == targets) & real).sum(axis=1)
    return {"cells": n.astype(np.int64), "accuracy": np.where(n > 0, right / np.maximum(n, 1), np.nan)}


def _nothing(_: LabelledDataset, __: np.ndarray) -> Columns:
    return {}


def _each(what: str, names: Sequence[str], values: np.ndarray) -> Columns:
    """A column for each name; names that are alike are told apart by their numbers."""
    alike = len(set(names)) < len(names)
    return {f"{what}_{name}{f'_{i + 1}' if alike else ''}": values[:, i] for i, name in enumerate(names)}


def _numbered(what: str, values: np.ndarray) -> Columns:
    if values.shape[1] == 1:
        return {what: values[:, 0]}
    return {f"{what}_{i + 1}": values[:, i] for i in range(values.shape[1])}


_PREDICTIONS: Mapping[Task, Callable[[LabelledDataset, np.ndarray], Columns]] = {
    Task.CLASSIFICATION: _classes,
    Task.MULTILABEL: _labels,
    Task.REGRESSION: _numbers,
    Task.DENSE: _nothing,
    Task.SEGMENTATION: _nothing,
}
_TARGETS: Mapping[Task, Callable[[LabelledDataset, np.ndarray, np.ndarray], Columns]] = {
    Task.CLASSIFICATION: _true_class,
    Task.MULTILABEL: _true_labels,
    Task.REGRESSION: _true_numbers,
    Task.DENSE: _errors,
    Task.SEGMENTATION: _right_cells,
}
