"""What samples of any number of axes are."""

import numpy as np

from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.layout import modality_of_axes
from xmodal_core.data.readers.samples.flat import guess_flat
from xmodal_core.data.readers.samples.guess import Guess
from xmodal_core.data.readers.samples.stacked import guess_three_axes, guess_two_axes
from xmodal_core.errors import DataError


def guess_samples(inputs: np.ndarray, labels: np.ndarray | None = None) -> Guess:
    """What samples of this shape and type, with these values, most likely are.

    Args:
        inputs: (n, ...) numbers, strings or bytes.
        labels: (n, ...) as they came; a value for every cell tells axes from channels.

    Raises:
        DataError: a scalar, or more than four axes.
    """
    if inputs.dtype.kind in "SU":
        return Guess(Modality.TEXT, "read as text because X holds strings")
    if inputs.ndim == 4:
        return guess_three_axes(inputs, labels)
    if inputs.ndim == 3:
        return guess_two_axes(inputs, labels)
    if inputs.ndim == 2:
        has_cells = labels is not None and labels.dtype.kind in "biuf" and labels.shape == inputs.shape
        return guess_flat(inputs, has_cells)
    if inputs.ndim == 1:
        return Guess(Modality.TABULAR, "read as a table with one feature because X has a single axis")
    raise DataError(
        f"X has shape {inputs.shape}, expected (n, ...) with one to four axes; put the samples first and merge axes."
    )


def settle(inputs: np.ndarray, labels: np.ndarray | None, said: str | None, axes: tuple[str, ...] = ()) -> Guess:
    """What samples are: as the person says, else as their axes or values tell; what was said is not doubted.

    Args:
        inputs: (n, ...) numbers, strings or bytes.
        labels: (n, ...) as they came.
        said: the modality that the person says.
        axes: of one sample, where they are said or known.
    """
    guess = guess_samples(inputs, labels)
    if axes:
        modality = Modality(said) if said else modality_of_axes(axes) or guess.modality
        return Guess(modality, f"read as {modality} because its axes are {' x '.join(axes)}", axes)
    if said is None:
        return guess
    same = guess.modality == said or {guess.modality, Modality(said)} == {Modality.IMAGE, Modality.FIELD}
    doubts = tuple(doubt for doubt in guess.doubts if doubt.code != "modality-guessed") if same else ()
    return Guess(Modality(said), "read as chosen", guess.axes if same else (), doubts)
