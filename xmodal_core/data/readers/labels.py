"""Labels of any kind to 0..K-1."""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.targets import IGNORED
from xmodal_core.errors import DataError

_LARGEST_WHOLE = 2.0**53  # above it a float no longer tells neighbouring whole numbers apart


def encode_labels(name: str, labels: np.ndarray, class_names: Sequence[str] = ()) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class index per row and the names of the classes.

    Args:
        name: data set, for messages.
        labels: (n,) or (n, 1) whole numbers, strings or bytes.
        class_names: names by index where the labels are indices, by sorted order where there is one name
            per distinct label; empty takes the labels themselves as names.

    Returns:
        (n,) int64 in [0, K), and K names; classes are in sorted order of the labels.

    Raises:
        DataError: fractional labels, several labels per row, or names that do not fit.
    """
    labels = _whole_or_text(name, labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise DataError(
            f"{name}: y has shape {labels.shape}, expected one class label per sample, shape (n,); save one column "
            "such as y[:, 0], y.argmax(axis=1) for one-hot labels, or use --read task=regression for amounts."
        )
    values, codes = np.unique(labels, return_inverse=True)
    names = tuple(printable(str(c)) for c in class_names)
    own_names = tuple(printable(str(v)) for v in values)
    if not names:
        return codes.astype(np.int64), own_names
    if values.dtype.kind == "U":
        return _by_name(name, own_names, codes, names)
    if len(values) and values[0] >= 0 and values[-1] < len(names):
        return labels.astype(np.int64), names
    if len(values) == len(names):
        return codes.astype(np.int64), names
    raise DataError(
        f"{name}: found {len(values)} different labels from {values[0]} to {values[-1]} but {len(names)} class names, "
        "expected one name per class; correct class_names or leave it out."
    )


def encode_cells(
    name: str, labels: np.ndarray, values: np.ndarray, ignored: np.ndarray, class_names: Sequence[str] = ()
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class index per cell, `IGNORED` where there is no class, and the names of the classes.

    Args:
        name: data set, for messages.
        labels: (n, ...) whole numbers, truth values or strings.
        values: what occurs in them, ascending.
        ignored: which of these values say that a cell has no class, bool of the same length.
        class_names: as for `encode_labels`.

    Returns:
        (n, ...) int64 in [0, K) or `IGNORED`, and K names.

    Raises:
        DataError: fractional labels, or names that do not fit.
    """
    codes = np.full(len(values), IGNORED, np.int64)
    codes[~ignored], names = encode_labels(name, values[~ignored], class_names)
    return codes[np.searchsorted(values, labels)], names


def decoded(name: str, array_name: str, texts: np.ndarray) -> np.ndarray:
    """Fixed-width UTF-8 bytes to strings; strings as they are.

    Raises:
        DataError: bytes that are not UTF-8.
    """
    if texts.dtype.kind != "S":
        return texts
    try:
        return np.char.decode(texts, "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: {array_name} holds bytes that are not UTF-8 text; encode the strings as UTF-8."
        ) from error


def is_fractional(labels: np.ndarray) -> np.ndarray:
    """Which finite numbers are no whole number that a float tells from its neighbours, bool of the same shape."""
    fractional: np.ndarray = (labels != np.floor(labels)) | (np.abs(labels) > _LARGEST_WHOLE)
    return fractional


def _whole_or_text(name: str, labels: np.ndarray) -> np.ndarray:
    if labels.dtype.kind in "SU":
        return decoded(name, "y", labels)
    if labels.dtype.kind in "iub":
        return labels
    if labels.dtype.kind != "f":
        raise DataError(f"{name}: y has type {labels.dtype}, expected whole numbers or strings; convert the labels.")
    if not np.isfinite(labels).all():
        raise DataError(
            f"{name}: {int((~np.isfinite(labels)).sum())} labels are NaN or infinite, expected a class for every "
            "sample; fill in or remove these rows."
        )
    fractional = is_fractional(labels)
    if fractional.any():
        raise DataError(
            f"{name}: the labels are measurements (such as {float(labels[fractional][0]):g}), expected class labels; "
            "read them as regression, or bin the values into classes."
        )
    return labels.astype(np.int64)


def _by_name(
    name: str, found: tuple[str, ...], codes: np.ndarray, names: tuple[str, ...]
) -> tuple[np.ndarray, tuple[str, ...]]:
    missing = [label for label in found if label not in names]
    if missing:
        raise DataError(
            f"{name}: label {missing[0]!r} is not among the {len(names)} class names; correct class_names or leave "
            "it out."
        )
    return np.array([names.index(label) for label in found], np.int64)[codes], names
