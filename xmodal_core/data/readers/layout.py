"""From what samples are to the stored layout."""

import math

import numpy as np

from xmodal_core.data.dataset import Modality
from xmodal_core.data.readers.samples.guess import CHANNELS_FIRST
from xmodal_core.data.readers.samples.stacked import MAX_CHANNELS, channels_fit, order_of_planes, order_of_series
from xmodal_core.errors import DataError

MAX_CODES = 65_536  # an embedding table grows with the largest code
_TARGET = {
    Modality.IMAGE: CHANNELS_FIRST,
    Modality.FIELD: CHANNELS_FIRST,
    Modality.SERIES: ("channels", "time"),
    Modality.SEQUENCE: ("position",),
    Modality.TABULAR: ("features",),
    Modality.TEXT: (),
}
_WORDS = {
    **{name: name for axes in _TARGET.values() for name in axes},
    **dict.fromkeys(("channel", "c", "bands", "band", "leads", "sensors", "colours", "colors"), "channels"),
    **dict.fromkeys(("steps", "step", "t", "length", "l"), "time"),
    **{"h": "height", "rows": "height", "y": "height", "w": "width", "columns": "width", "x": "width"},
    **{"feature": "features", "positions": "position", "letters": "channels", "n": "samples", "samples": "samples"},
}


def parse_axes(name: str, said: str) -> tuple[str, ...]:
    """The axes that a person names, joined by +.

    Raises:
        DataError: a word that names no axis, or one twice.
    """
    words = [word.strip().lower() for word in said.split("+")]
    axes = tuple(_WORDS.get(word, "") for word in words)
    if "" in axes or len(set(axes)) != len(axes):
        raise DataError(
            f"{name}: axes are {said!r}, expected different ones of channels, time, height, width, position, features "
            "and samples, joined by +, such as time+channels."
        )
    return axes


def modality_of_axes(axes: tuple[str, ...]) -> Modality | None:
    """What samples with these axes are; None where they do not tell."""
    for word, modality in (
        ("height", Modality.IMAGE),
        ("width", Modality.IMAGE),
        ("time", Modality.SERIES),
        ("position", Modality.SEQUENCE),
        ("features", Modality.TABULAR),
    ):
        if word in axes:
            return modality
    return None


def arrange(name: str, inputs: np.ndarray, modality: Modality, axes: tuple[str, ...] = ()) -> np.ndarray:
    """Bring samples to the layout that `LabelledDataset` stores for the modality.

    Images of type uint8 are divided by 255; other numbers, and fields of any type, keep their scale and their type.

    Args:
        name: data set, for messages.
        inputs: (n, ...) numbers or strings.
        modality: what they are.
        axes: names of the axes of one sample in the order of the file; told from the shape where empty.

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
    if axes and modality is not Modality.TABULAR:
        inputs = _named(name, inputs, modality, axes)
    if modality is Modality.TABULAR:
        return inputs.reshape(len(inputs), -1)  # (n, f)
    if modality is Modality.SERIES:
        return _series(name, inputs, axes)
    arranged = _planes(name, inputs, modality, axes)
    if modality is Modality.IMAGE and inputs.dtype == np.uint8:
        return np.divide(arranged, np.float32(255), dtype=np.float32)
    return arranged


def _named(name: str, inputs: np.ndarray, modality: Modality, axes: tuple[str, ...]) -> np.ndarray:
    """Samples with named axes in the stored order; channels that are not there become one."""
    target = _TARGET[modality]
    if inputs.ndim - 1 > len(axes):  # axes of length one need no name
        spare = [index for index in range(1, inputs.ndim) if inputs.shape[index] == 1]
        inputs = np.squeeze(inputs, tuple(spare[: inputs.ndim - 1 - len(axes)]))
    if inputs.ndim - 1 != len(axes) or not set(target) - {"channels"} <= set(axes) <= set(target):
        raise DataError(
            f"{name}: axes are {'+'.join(axes)} for samples of shape {inputs.shape[1:]} read as {modality}, expected "
            f"a name for each and among them {', '.join(target)}; name them in the order of the file."
        )
    order = [1 + axes.index(axis) for axis in target if axis in axes]
    moved = np.transpose(inputs, (0, *order))
    return moved if "channels" in axes else moved[:, None]


def _planes(name: str, inputs: np.ndarray, modality: Modality, axes: tuple[str, ...]) -> np.ndarray:
    if axes:
        return inputs
    if inputs.ndim == 4:
        order = order_of_planes(inputs.shape[1:])
        if not channels_fit(inputs.shape[1:], order):
            channels = inputs.shape[1:][order.index("channels")]
            raise DataError(
                f"{name}: X of shape {inputs.shape} would be {modality} of {channels} channels, expected at most "
                f"{MAX_CHANNELS}, and may hold volumes; keep one slice such as X[:, {channels // 2}], lay samples flat "
                "with --read modality=tabular, or name the axes with --read axes=channels+height+width."
            )
        return np.moveaxis(inputs, 3, 1) if order != CHANNELS_FIRST else inputs  # (n, c, h, w)
    if inputs.ndim == 3:
        return inputs[:, None]  # (n, 1, h, w)
    for planes in (1, 3):
        side = math.isqrt(inputs.shape[-1] // planes)
        if inputs.ndim == 2 and planes * side * side == inputs.shape[1]:
            return inputs.reshape(-1, planes, side, side)  # (n, c, h, w)
    raise _unsuitable(name, inputs, modality, "height and width cannot be told from it")


def _series(name: str, inputs: np.ndarray, axes: tuple[str, ...]) -> np.ndarray:
    if axes:
        return inputs
    if inputs.ndim == 2:
        return inputs[:, None]  # (n, 1, t)
    if inputs.ndim == 4 and 1 in inputs.shape[1:]:
        inputs = np.squeeze(inputs, 1 + inputs.shape[1:].index(1))
    if inputs.ndim == 3:
        return inputs if order_of_series(inputs.shape[1:]) == _TARGET[Modality.SERIES] else np.moveaxis(inputs, 2, 1)
    raise _unsuitable(name, inputs, Modality.SERIES, "channels and time cannot be told from it")


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
    if texts.ndim != 1 and texts.size and _all_numbers(texts):
        raise DataError(f"{name}: X of shape {texts.shape} holds numbers written as strings; save X.astype(float).")
    if texts.ndim != 1:
        raise _unsuitable(name, inputs, Modality.TEXT, "it is not one string per sample")
    return texts.astype(np.str_)


def _all_numbers(texts: np.ndarray) -> bool:
    try:
        texts.reshape(-1)[:1000].astype(np.float64)
    except ValueError:
        return False
    return True


def _unsuitable(name: str, inputs: np.ndarray, modality: Modality, reason: str) -> DataError:
    return DataError(
        f"{name}: X of shape {inputs.shape} and type {inputs.dtype} cannot be read as {modality} because {reason}; "
        "choose another modality or reshape X."
    )
