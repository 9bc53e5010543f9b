"""Samples as arrays have them to samples first, of a type that can be read, in codes where they are letters."""

import numpy as np

from xmodal_core.data.modality import Modality
from xmodal_core.data.printable import printable
from xmodal_core.data.readers import archive as archives
from xmodal_core.data.readers.arrays.decode import as_text
from xmodal_core.data.readers.arrays.held import Entry
from xmodal_core.data.readers.layout import parse_axes
from xmodal_core.data.readers.letters import alphabet, encode_letters
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError

_SHORTEST = {"DNA": 10, "RNA": 10, "protein": 20}  # letters from which a word is a sequence of these
_OF_STEPS = {2: ("time", "position"), 3: ("time", "height", "width"), 4: ("time", "height", "width", "channels")}


def readable(upload: Upload, array_name: str, inputs: np.ndarray) -> tuple[np.ndarray, list[Caution]]:
    """Samples of a type that can be read: numbers or strings, and a doubt about how strings are encoded.

    Raises:
        DataError: another type, with what to do about it.
    """
    ways = {
        "c": "save np.abs(X) for magnitudes, or np.stack([X.real, X.imag], axis=1) as two channels",
        "M": "save X.astype('int64'), or the hours since the first as floats",
        "m": "save X.astype('int64'), or X / np.timedelta64(1, 's')",
        "V": "save the fields side by side as np.stack([X[name] for name in X.dtype.names], axis=1)",
    }
    if not inputs.ndim or not inputs.size:
        raise DataError(
            f"{upload.name}: X has shape {inputs.shape}, expected at least one sample; give a value per sample."
        )
    if inputs.dtype.kind not in "biufSU":
        raise DataError(
            f"{upload.name}: X has type {printable(str(inputs.dtype), 40)} (array {printable(array_name, 40)}), "
            f"expected numbers or strings; {ways.get(inputs.dtype.kind, 'convert it')}."
        )
    if inputs.dtype.kind == "S":
        archives.check_expanded(upload, 4 * inputs.nbytes)  # a byte becomes at most one four-byte character
    if inputs.dtype == np.float16 and (n_lost := int(np.isinf(inputs.reshape(len(inputs), -1)).any(axis=1).sum())):
        raise DataError(
            f"{upload.name}: {n_lost:,} of {len(inputs):,} samples hold infinite values, X being float16, whose "
            "largest number is 65,504; save it as float32."
        )
    words, doubt = as_text(upload.name, "X", inputs, upload.reading.encoding)
    return words, [doubt] if doubt is not None else []


def samples_first(
    name: str, inputs: np.ndarray, labels: np.ndarray, reading: Reading
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Samples and labels with their rows on the first axis, and the axes of a sample where the person named them.

    Raises:
        DataError: samples lie on another axis and the person did not say so.
    """
    if labels.ndim == 2 and labels.shape[0] == 1 and labels.shape[1] in inputs.shape:
        labels = labels[0]  # a row of labels, as MATLAB has them
    axes = parse_axes(name, reading.axes) if reading.axes else ()
    if "samples" in axes:
        if len(axes) != inputs.ndim:
            raise DataError(
                f"{name}: axes name {len(axes)} axes with samples among them, expected one for each of the "
                f"{inputs.ndim} of X of shape {inputs.shape}."
            )
        inputs = np.moveaxis(inputs, axes.index("samples"), 0)
        if labels.ndim == 2 and len(labels) != len(inputs) == labels.shape[1]:
            labels = labels.T  # samples last in both, as MATLAB's networks have them
        axes = tuple(axis for axis in axes if axis != "samples")
    n = len(labels) if labels.ndim else 0
    last = inputs.shape[-1] if inputs.ndim == 2 and labels.ndim == 2 else 0
    if n not in (0, len(inputs), last) and last == labels.shape[-1] > max(n, len(inputs)):
        raise DataError(
            f"{name}: X has shape {inputs.shape} and y {labels.shape}, so that samples seem to lie on the last axis of "
            "both, expected them on the first; save X.T and y.T, or use --read axes=features+samples."
        )
    if n and inputs.ndim > 1 and len(inputs) != n and n in inputs.shape:
        at = inputs.ndim - 1 - inputs.shape[::-1].index(n)
        rest = [side for index, side in enumerate(inputs.shape) if index != at]
        in_time = ("time", "channels") if len(rest) == 2 and rest[0] > rest[1] else ("channels", "time")
        usual = {2: ("features",), 3: in_time, 4: ("height", "width", "channels")}[min(inputs.ndim, 4)]
        said = list(usual)
        said.insert(at, "samples")
        raise DataError(
            f"{name}: X has shape {inputs.shape} for {n:,} labels, so that samples seem to lie on axis {at + 1}, "
            f"expected them on the first; save np.moveaxis(X, {at}, 0), or name the axes with --read "
            f"axes={'+'.join(said)}."
        )
    return inputs, labels, axes


def steps_apart(
    name: str, entry: Entry, tensor: np.ndarray, reading: Reading
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], list[Caution]]:
    """The first time step of a simulation as input, the last as target, and the axes that are left.

    Args:
        name: data set, for messages.
        entry: where it is from.
        tensor: (n, ...) with a time axis among the others.
        reading: its axes, of one sample; time first where it says none.

    Raises:
        DataError: no time axis, or a single time step.
    """
    axes = parse_axes(name, reading.axes) if reading.axes else _OF_STEPS.get(tensor.ndim - 1, ())
    if len(axes) != tensor.ndim - 1 or "time" not in axes:
        raise DataError(
            f"{name}: {printable(entry.name, 40)} has shape {tensor.shape} and no labels, expected samples first and a "
            "time axis, whose first step is the input and whose last the target; name the axes with --read "
            "axes=time+height+width."
        )
    at = 1 + axes.index("time")
    if tensor.shape[at] < 2:
        raise DataError(f"{name}: {printable(entry.name, 40)} has a single time step, expected two or more.")
    doubts = []
    if not reading.axes:
        doubts.append(
            Caution(
                "axes-guessed",
                f"{printable(entry.name, 40)} has no labels; its axes were taken to be samples+{'+'.join(axes)}, the "
                f"first of {tensor.shape[at]} time steps is the input and the last the target",
                "confirm the axes or name others",
                Reading(axes="+".join(axes)),
            )
        )
    rest = tuple("time" if axis == "position" else axis for axis in axes if axis != "time")
    return tensor.take(0, at), tensor.take(-1, at), rest, doubts


def as_codes(name: str, inputs: np.ndarray) -> tuple[np.ndarray, str, tuple[str, ...] | None]:
    """Samples of a sequence as codes >= 0 (n, l), what was done in a clause, empty for nothing, and letters by code.

    Args:
        name: data set, for messages.
        inputs: (n,) strings, (n, l) single letters, (n, l) codes with -1 or NaN as padding, or (n, l, letters) one-hot.
    """
    if inputs.dtype.kind == "U":
        words = (
            inputs if inputs.ndim == 1 else np.array(["".join(row) for row in inputs.reshape(len(inputs), -1).tolist()])
        )
        codes, letters, said = encode_letters(name, words.tolist())
        return codes, said, letters
    one_hot = [axis for axis in (2, 1) if inputs.ndim == 3 and inputs.shape[axis] > 1 and _is_one_hot(inputs, axis)]
    if one_hot:
        axis = one_hot[0]
        empty = ~inputs.astype(bool).any(axis=axis)
        codes = inputs.argmax(axis=axis) + 1
        codes[empty] = 0
        if empty.any():
            return codes, "one-hot letters read as codes from 1, steps without a letter as 0", None
        return codes - 1, "one-hot letters read as codes", None
    if inputs.dtype.kind == "f" and inputs.ndim == 2 and np.isnan(inputs).any():
        inputs = np.where(np.isnan(inputs), -1, inputs)
    if inputs.dtype.kind in "if" and inputs.min() == -1 and inputs.max() >= 0 and (inputs == np.floor(inputs)).all():
        return inputs.astype(np.int64) + 1, "codes raised by one, so that the padding -1 is 0", None
    return inputs, "", None


def _is_one_hot(inputs: np.ndarray, axis: int) -> bool:
    return bool(np.isin(inputs, (0, 1)).all() and (inputs.astype(np.int64).sum(axis=axis) <= 1).all())


def letters_of(inputs: np.ndarray) -> str:
    """What the letters of these strings are, DNA, RNA or protein; empty where they are words."""
    if inputs.ndim == 2 and inputs.shape[1] > 1:
        if inputs.dtype.itemsize != 4:
            return ""
        seen = ["".join(row) for row in inputs[:1000].tolist()]
    else:
        seen = inputs.reshape(-1)[:1000].tolist()
    letters = set("".join(seen))
    kind = alphabet(letters) if letters and "".join(letters).upper() == "".join(letters) else ""
    lengths = sorted(map(len, seen))
    return kind if kind and lengths[len(lengths) // 2] >= _SHORTEST[kind] and len(letters) > 1 else ""


def modality_of_text(inputs: np.ndarray) -> tuple[Modality, str]:
    """Whether strings are text or sequences of letters, and why."""
    kind = letters_of(inputs)
    if kind:
        return Modality.SEQUENCE, f"read as sequences because X holds {kind} letters"
    return Modality.TEXT, "read as text because X holds strings"
