"""Tables of any kind: one column of labels, optionally a column `split`, features.

A label column of fractions is a number to predict; one of whole numbers or words names classes.
"""

import io
from dataclasses import dataclass
from statistics import median

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.archive import check_expanded
from xmodal_core.data.readers.columns import Table
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.layout import arrange, guess_modality
from xmodal_core.data.readers.tables import preview_columns, read_columns
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.understanding import Feature
from xmodal_core.errors import DataError

MAX_CATEGORIES = 256
_LABEL_NAMES = ("label", "class", "target", "y")
_MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}
_LONGEST_LABEL = 200


@dataclass(frozen=True)
class _Column:
    name: str
    values: list[str]


def read_table(upload: Upload) -> LabelledDataset:
    """Read a table; numeric columns become numbers, other columns category codes, one column of prose text.

    Raises:
        DataError: ragged rows, missing values, no usable feature, or labels that name no classes.
    """
    table = read_columns(upload)
    columns = [c for c in _columns(table) if c.name not in (upload.reading.drop or ())]
    label_at = _label_index(upload, [c.name for c in columns])
    labels = columns.pop(label_at)
    split_at = next((i for i, c in enumerate(columns) if c.name.lower() == "split"), None)
    split_column = columns.pop(split_at) if split_at is not None else None
    if not columns:
        raise DataError(f"{upload.name}: found no feature column beside the labels; add at least one.")
    modality, inputs, counts, reason = _features(upload, columns)
    named = modality is Modality.TABULAR
    return finish(
        Draft(
            upload.name,
            upload.filename,
            upload.reading,
            table.format,
            modality,
            reason,
            inputs,
            _labels(upload, labels),
            labels.name,
            splits=np.array(split_column.values) if split_column is not None else None,
            split_reason="from the column 'split'",
            category_counts=counts if any(counts) else (),
            features=[
                Feature(column.name, "category" if count else "number")
                for column, count in zip(columns, counts or (0,) * len(columns), strict=True)
            ]
            if named
            else (),
            left_out=table.left_out,
            changed=table.changed,
            warnings=table.warnings,
        )
    )


def _columns(table: Table) -> list[_Column]:
    """As words, numbers written with a point."""
    return [
        _Column(c.name, c.words.tolist() if c.numbers is None else _written(c.words, c.numbers)) for c in table.columns
    ]


def _written(words: np.ndarray, numbers: np.ndarray) -> list[str]:
    return [
        word if not word or _number(word) == number else str(number)
        for word, number in zip(words.tolist(), numbers.tolist(), strict=True)
    ]


def column_names(content: bytes, filename: str) -> list[str]:
    """Names of the columns, for the choice of one with labels; whether the file can be read, `read_table` says."""
    try:
        return preview_columns(Upload(io.BytesIO(content), "", filename)).names()
    except DataError:
        return []


def _label_index(upload: Upload, names: list[str]) -> int:
    if upload.reading.label is not None:
        if upload.reading.label not in names:
            raise DataError(
                f"{upload.name}: found no column {printable(upload.reading.label)!r}, expected one of "
                f"{printable(', '.join(names), 160)}; choose another label column."
            )
        return names.index(upload.reading.label)
    lowered = [name.lower() for name in names]
    named = [lowered.index(name) for name in _LABEL_NAMES if name in lowered]
    last = len(names) - 1 if lowered[-1] != "split" else len(names) - 2
    return named[0] if named else last


def _labels(upload: Upload, labels: _Column) -> np.ndarray:
    if upload.reading.task in (Task.MULTILABEL, Task.DENSE):
        raise DataError(
            f"{upload.name}: a table has one label column, expected classification or regression for it; choose one of "
            "them, or save arrays with np.savez."
        )
    values = [v.strip() for v in labels.values]
    numbers = [_number(v) for v in values]
    if None not in numbers:
        return np.array(numbers, np.float64)
    if max(map(len, values)) > _LONGEST_LABEL:
        raise DataError(
            f"{upload.name}: the label column {labels.name!r} holds long texts, expected class names; choose another "
            "label column."
        )
    return np.array(values, np.str_)


def _features(upload: Upload, columns: list[_Column]) -> tuple[Modality, np.ndarray, tuple[int, ...], str]:
    """Modality, inputs in its layout, category counts, and the reason for the modality."""
    wanted = Modality(upload.reading.modality) if upload.reading.modality else None
    prose = [c for c in columns if _is_prose(c)]
    if wanted is Modality.TEXT or (wanted is None and len(columns) == 1 and prose):
        column = _text_column(upload, columns, prose)
        ignored = "" if len(columns) == 1 else f", the {len(columns) - 1} other column(s) left out"
        return Modality.TEXT, _texts(upload, column), (), f"read as text from column {column.name!r}{ignored}"
    encoded = [_encode_feature(upload, c) for c in columns]
    counts = tuple(count for _, count in encoded)
    table = np.stack([values for values, _ in encoded], axis=1)  # (n, f)
    if not any(counts):
        modality, reason = (wanted, "read as chosen") if wanted else guess_modality(table)
        return modality, arrange(upload.name, table, modality), (), reason
    if wanted not in (None, Modality.TABULAR):
        first = columns[next(i for i, count in enumerate(counts) if count)].name
        raise DataError(
            f"{upload.name}: column {first!r} holds words, expected only numbers for {wanted}; choose tabular or "
            "remove the column."
        )
    reason = f"read as a table with {sum(map(bool, counts))} column(s) of categories"
    return Modality.TABULAR, arrange(upload.name, table, Modality.TABULAR), counts, reason


def _encode_feature(upload: Upload, column: _Column) -> tuple[np.ndarray, int]:
    """Values (n,) float64 and 0, or category codes and the number of categories."""
    values = [v.strip() for v in column.values]
    present = [v for v in values if v.lower() not in _MISSING]
    numbers = [_number(v) for v in present]
    if None not in numbers:
        _refuse_missing(upload, column.name, len(values) - len(present), len(values))
        return np.array(numbers, np.float64), 0
    _refuse_missing(upload, column.name, sum(not v for v in values), len(values))
    categories = sorted(set(values))
    mostly_different = len(values) >= 20 and len(categories) > 0.9 * len(values)
    if len(categories) > MAX_CATEGORIES or mostly_different:
        raise DataError(
            f"{upload.name}: column {column.name!r} holds {len(categories):,} different texts in {len(values):,} rows, "
            "expected numbers with a decimal point or a few categories; remove it, or keep only it and the labels to "
            "read it as text."
        )
    code = {category: float(i) for i, category in enumerate(categories)}
    return np.array([code[v] for v in values]), len(categories)


def _number(field: str) -> float | None:
    try:
        return None if "_" in field else float(field)
    except ValueError:
        return None


def _refuse_missing(upload: Upload, column: str, n_missing: int, n: int) -> None:
    if n_missing:
        raise DataError(
            f"{upload.name}: {n_missing:,} of {n:,} values are missing in column {column!r}, expected a value in every "
            "row; fill them in, or remove the rows or the column."
        )


def _is_prose(column: _Column) -> bool:
    """Mostly different, long strings with spaces."""
    values = column.values
    return (
        len(set(values)) > 0.5 * len(values)
        and median(map(len, values)) >= 15
        and sum(" " in v.strip() for v in values) > 0.5 * len(values)
        and _number(values[0]) is None
    )


def _text_column(upload: Upload, columns: list[_Column], prose: list[_Column]) -> _Column:
    candidates = prose if len(columns) > 1 else columns
    if len(candidates) != 1:
        raise DataError(
            f"{upload.name}: found {len(candidates)} columns that look like text, expected one beside the labels; "
            "remove the others."
        )
    return candidates[0]


def _texts(upload: Upload, column: _Column) -> np.ndarray:
    values = [v.strip() for v in column.values]
    _refuse_missing(upload, column.name, sum(not v for v in values), len(values))
    check_expanded(upload, 4 * len(values) * max(map(len, values)))  # every row takes the width of the longest
    return np.array(values, np.str_)
