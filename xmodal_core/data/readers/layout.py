"""From the shape of an array to what it holds, and from what it holds to the stored layout."""

import math

import numpy as np

from xmodal_core.data.dataset import Modality
from xmodal_core.errors import DataError

MAX_CHANNELS = 16  # more planes than this are not one image
MAX_CODES = 65_536  # an embedding table grows with the largest code
_SERIES_FROM = 64  # a table this wide is rare, a series this long is common
_SEQUENCE_FROM = 16
_ALPHABET = 64
_ROWS_LOOKED_AT = 2000


def guess_modality(inputs: np.ndarray) -> tuple[Modality, str]:
    """What samples of this shape and type most likely are.

    Args:
        inputs: (n, ...) numbers, strings or bytes.

    Returns:
        The guess, and one line for the person who can overrule it.

    Raises:
        DataError: a scalar, or more than four axes.
    """
    if inputs.dtype.kind in "SU":
        return Modality.TEXT, "read as text because X holds strings"
    if inputs.ndim == 4:
        channels, height, width = _image_axes(inputs.shape)[0]
        return Modality.IMAGE, f"read as {height} x {width} images with {channels} channel(s) because X has four axes"
    if inputs.ndim == 3:
        return _guess_three_axes(inputs)
    if inputs.ndim == 2:
        return _guess_two_axes(inputs)
    if inputs.ndim == 1:
        return Modality.TABULAR, "read as a table with one feature because X has a single axis"
    raise DataError(
        f"X has shape {inputs.shape}, expected (n, ...) with one to four axes; put the samples first and merge axes."
    )


def arrange(name: str, inputs: np.ndarray, modality: Modality) -> np.ndarray:
    """Bring samples to the layout that `LabelledDataset` stores for the modality.

    Images of type uint8 are divided by 255; other numbers, and fields of any type, keep their scale and their type.

    Returns:
        (n, c, h, w) IMAGE and FIELD, (n, c, t) SERIES, (n, f) TABULAR; (n, l) int64 SEQUENCE; (n,) str TEXT.

    Raises:
        DataError: this shape or type cannot be that modality without guessing.
    """
    if inputs.ndim == 0 or 0 in inputs.shape:
        raise DataError(f"{name}: X has shape {inputs.shape}, expected at least one sample; give a value per sample.")
    is_text = inputs.dtype.kind in "SU"
    if is_text != (modality is Modality.TEXT):
        found = "strings" if is_text else "numbers"
        raise _unsuitable(name, inputs, modality, f"it holds {found}")
    if is_text:
        return _texts(name, inputs)
    if modality is Modality.SEQUENCE:
        return _codes(name, inputs)
    layouts = {Modality.SERIES: _series, Modality.TABULAR: _table}
    arranged = layouts[modality](name, inputs) if modality in layouts else _planes(name, inputs, modality)
    if modality is Modality.IMAGE and inputs.dtype == np.uint8:
        return np.divide(arranged, np.float32(255), dtype=np.float32)
    return arranged


def _guess_three_axes(inputs: np.ndarray) -> tuple[Modality, str]:
    _, first, second = inputs.shape
    short, long = min(first, second), max(first, second)
    if inputs.dtype == np.uint8 and short >= 4:
        return Modality.IMAGE, f"read as {first} x {second} images with one channel because X holds bytes (uint8)"
    if short >= 8 and long <= 1.5 * short:
        return Modality.IMAGE, f"read as {first} x {second} images with one channel because both sides are similar"
    return Modality.SERIES, (
        f"read as time series with {first} channel(s) of {second} steps; if time comes first, swap the last two axes"
    )


def _guess_two_axes(inputs: np.ndarray) -> tuple[Modality, str]:
    width = inputs.shape[1]
    seen = inputs[:_ROWS_LOOKED_AT]
    if inputs.dtype in (np.int8, np.int16, np.uint8) and width >= _SEQUENCE_FROM and seen.min(initial=0) >= 0:
        n_codes = len(np.unique(seen))
        if n_codes <= _ALPHABET:
            return Modality.SEQUENCE, (
                f"read as sequences of {width} codes because X holds small integers of {n_codes} kinds"
            )
    if width >= _SERIES_FROM:
        return Modality.SERIES, (
            f"read as time series of {width} steps because so many columns are more often a series than a table; "
            "choose tabular if they are separate features"
        )
    return Modality.TABULAR, f"read as a table because X has {width} columns"


def _image_axes(shape: tuple[int, ...]) -> tuple[tuple[int, int, int], bool]:
    """(channels, height, width) of (n, a, b, c), and whether channels come last: the squarer reading wins."""
    _, a, b, c = shape
    first, last = (a, b, c), (c, a, b)
    if c not in (1, 3, 4):
        return first, False
    if a > MAX_CHANNELS:
        return last, True
    return (last, True) if _elongation(a, b) <= _elongation(b, c) else (first, False)


def _elongation(height: int, width: int) -> float:
    return max(height, width) / max(min(height, width), 1)


def _planes(name: str, inputs: np.ndarray, modality: Modality) -> np.ndarray:
    if inputs.ndim == 4:
        (channels, _, _), is_last = _image_axes(inputs.shape)
        if channels > MAX_CHANNELS:
            raise _unsuitable(name, inputs, modality, f"it would have {channels} channels")
        return np.moveaxis(inputs, 3, 1) if is_last else inputs  # (n, c, h, w)
    if inputs.ndim == 3:
        return inputs[:, None]  # (n, 1, h, w)
    side = math.isqrt(inputs.shape[-1])
    if inputs.ndim == 2 and side * side == inputs.shape[1]:
        return inputs.reshape(-1, 1, side, side)  # (n, 1, h, w)
    raise _unsuitable(name, inputs, modality, "height and width cannot be told from it")


def _series(name: str, inputs: np.ndarray) -> np.ndarray:
    if inputs.ndim == 2:
        return inputs[:, None]  # (n, 1, t)
    if inputs.ndim == 3:
        return inputs
    if inputs.ndim == 4 and inputs.shape[1] == 1:
        return inputs[:, 0]  # (n, c, t)
    raise _unsuitable(name, inputs, Modality.SERIES, "channels and time cannot be told from it")


def _table(_name: str, inputs: np.ndarray) -> np.ndarray:
    return inputs.reshape(len(inputs), -1)  # (n, f)


def _codes(name: str, inputs: np.ndarray) -> np.ndarray:
    codes = inputs[:, 0] if inputs.ndim == 3 and inputs.shape[1] == 1 else inputs  # (n, l)
    if codes.ndim != 2:
        raise _unsuitable(name, inputs, Modality.SEQUENCE, "it is not one row of codes per sample")
    if codes.dtype.kind == "f" and not (np.isfinite(codes).all() and (codes == np.floor(codes)).all()):
        raise _unsuitable(name, inputs, Modality.SEQUENCE, "it holds fractions or NaN, not codes")
    if codes.max() >= MAX_CODES:
        raise _unsuitable(name, inputs, Modality.SEQUENCE, f"the code {codes.max():g} is above {MAX_CODES - 1}")
    if codes.min() < 0:
        raise _unsuitable(name, inputs, Modality.SEQUENCE, f"the code {codes.min():g} is negative")
    return codes.astype(np.int64)


def _texts(name: str, inputs: np.ndarray) -> np.ndarray:
    texts = inputs[:, 0] if inputs.ndim == 2 and inputs.shape[1] == 1 else inputs  # (n,)
    if texts.ndim != 1:
        raise _unsuitable(name, inputs, Modality.TEXT, "it is not one string per sample")
    return texts.astype(np.str_)


def _unsuitable(name: str, inputs: np.ndarray, modality: Modality, reason: str) -> DataError:
    return DataError(
        f"{name}: X of shape {inputs.shape} and type {inputs.dtype} cannot be read as {modality} because {reason}; "
        "choose another modality or reshape X."
    )
