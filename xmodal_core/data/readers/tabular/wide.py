"""What the numbers of a wide table are by their names, then by values: pixels, steps of a series, or features."""

import math
import re
from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.layout import arrange
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

_WIDE = 64  # columns without telling names from which a table may be a series
_SERIES = 16  # columns from which names of steps are a series
_MNIST = 784  # whole numbers up to 255 in a row that nobody takes for anything else
_SMALLEST_SIDE = 8  # of a picture without telling names
_PIXELS = {"pixel", "pixels", "pix", "px"}
_STEPS = set(
    [
        "t",
        "time",
        "timestep",
        "step",
        "ts",
        "lag",
        "tick",
        "tp",
        "timepoint",
        "frame",
        "zeit",
        "hour",
        "minute",
        "second",
        "sec",
        "ms",
        "sample",
        "day",
        "week",
        "month",
    ]
)
_AXES = {
    "",
    *["x", "nm", "wl", "wavelength", "wavenumber", "wn", "mz", "hz", "cm", "um", "freq", "frequency", "band", "ev"],
}
_FEATURES = set(
    [
        "feature",
        "feat",
        "features",
        "emb",
        "embed",
        "embedding",
        "embeddings",
        "dim",
        "dimension",
        "pc",
        "pca",
        "gene",
        "component",
        "comp",
        "topic",
        "lda",
        "tfidf",
        "word",
        "latent",
        "z",
        "hidden",
        "vec",
        "attr",
        "attribute",
        "svd",
        "umap",
        "tsne",
        "probe",
        "snp",
        "bit",
        "fp",
        "descriptor",
        "merkmal",
        "col",
    ]
)
_COUNTED = ("att", "attr", "attribute")  # steps in the archives of series as Weka has them, and features elsewhere
_NUMBERED = re.compile(r"(?P<stem>\D*?)[_\-. ]?(?P<number>\d+(?:\.\d+)?)[_ ]?(?P<unit>[a-zA-Z]{0,4}(?:-1)?)")
_GRID = re.compile(r"(\D*?)[_\-. ]?(\d+)[x_](\d+)", re.IGNORECASE)
_SMOOTH = 0.6  # mean correlation of neighbours from which columns are steps
_SEEN = 2000  # rows looked at
_PLANES, _INTERLEAVED = "channels+height+width", "height+width+channels"


def wide_modality(draft: Draft, names: Sequence[str], table: np.ndarray, is_named: bool) -> tuple[Modality, str]:
    """What a table of numbers alone is, and why; a doubt is told.

    Args:
        draft: gets the warning.
        names: of the columns.
        table: (n, f) numbers.
        is_named: the file has names; else they only count the columns.
    """
    if draft.reading.modality is not None:
        return Modality(draft.reading.modality), "read as chosen"
    width = table.shape[1]
    stem, numbers, unit = _numbered(names) if is_named else ("", None, "")
    side = math.isqrt(width)
    is_square = side * side == width
    if is_square and side >= 4 and (stem in _PIXELS or _is_grid(names, side)):
        return Modality.IMAGE, f"read as pictures of {side} x {side} because the columns are called pixels"
    if stem in _PIXELS and coloured_side(width):
        side = coloured_side(width)
        return (
            Modality.IMAGE,
            f"read as pictures of {side} x {side} in three colours because of 3 x {side} x {side} pixels",
        )
    if numbers is not None and stem in _STEPS and width >= _SERIES and stem not in _PIXELS:
        return (
            Modality.SERIES,
            f"read as a series of {width} steps because the columns are called {names[0]} to {names[-1]}",
        )
    if numbers is not None and _is_axis(stem, unit, numbers) and width >= _SERIES:
        axis = f"{numbers[0]:g} to {numbers[-1]:g} {unit}".strip()
        return (
            Modality.SERIES,
            f"read as a series along {axis} because the columns are called by rising or falling numbers",
        )
    if numbers is not None and stem in _COUNTED and width >= _SERIES and is_smooth(table):
        near, _ = _likeness(table)
        reason = f"read as a series of {width} steps because the columns are called {names[0]} to {names[-1]}"
        return Modality.SERIES, f"{reason} and neighbours are alike (correlation {near:.2f})"
    if width < _WIDE and (is_named or width < _SERIES or not is_smooth(table)):
        reason = f"read as a table because X has {width} columns"
        if not is_named and width >= _SERIES and bool((table % 1 > 0).mean() > 0.5):
            _doubt(draft, Modality.TABULAR, reason, Modality.SERIES)
        return Modality.TABULAR, reason
    if _holds_bytes(table) and is_square and side >= _SMALLEST_SIDE and (numbers is not None or not is_named):
        reason = f"read as pictures of {side} x {side} because {width} columns hold whole numbers from 0 to 255"
        if width != _MNIST:
            _doubt(draft, Modality.IMAGE, reason, Modality.TABULAR)
        return Modality.IMAGE, reason
    if is_named and (numbers is None or stem in _FEATURES):
        return Modality.TABULAR, f"read as a table because its {width} columns have names of their own"
    return _by_values(draft, table, is_clear=not is_named)


def _by_values(draft: Draft, table: np.ndarray, is_clear: bool) -> tuple[Modality, str]:
    """Series where neighbouring columns are alike and distant ones less so, else a table."""
    near, far = _likeness(table)
    width = table.shape[1]
    if is_smooth(table):
        reason = f"read as a series of {width} steps because neighbouring columns are alike (correlation {near:.2f})"
        if not (is_clear and near >= 0.9):
            _doubt(draft, Modality.SERIES, reason, Modality.TABULAR)
        return Modality.SERIES, reason
    reason = (
        f"read as a table of {width} columns because neighbours are no more alike than others ({near:.2f}, {far:.2f})"
    )
    _doubt(draft, Modality.TABULAR, reason, Modality.SERIES)
    return Modality.TABULAR, reason


def is_smooth(table: np.ndarray) -> bool:
    """Whether neighbouring columns of (n, f) are alike and distant ones less so; missing numbers count as zero."""
    near, far = _likeness(table)
    return near >= _SMOOTH and near > far + 0.05


def _likeness(table: np.ndarray) -> tuple[float, float]:
    """Mean absolute correlation of neighbouring columns, and of columns half the width apart."""
    seen = np.asarray(table[:_SEEN], np.float64)
    seen = np.where(np.isfinite(seen), seen, 0.0)
    top = np.abs(seen).max(axis=0)
    seen /= np.where(top > 0, top, 1.0)  # squares of large numbers have no room
    centred = seen - seen.mean(axis=0)
    norm = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(norm > 0, norm, 1.0)
    half = table.shape[1] // 2
    near = np.abs((unit[:, 1:] * unit[:, :-1]).sum(axis=0)).mean()
    far = np.abs((unit[:, half:] * unit[:, : table.shape[1] - half]).sum(axis=0)).mean()
    return float(near), float(far)


def _doubt(draft: Draft, guess: Modality, reason: str, other: Modality) -> None:
    draft.warn(
        "modality-guessed",
        f"{reason}, and nothing in their names says so",
        f"say that they are, or choose {other}",
        Reading(modality=str(guess)),
    )


def _numbered(names: Sequence[str]) -> tuple[str, list[float] | None, str]:
    """Common stem of the names, the numbers behind it, and the unit; None where they are not of one kind."""
    found = [_NUMBERED.fullmatch(name.strip()) for name in names]
    matches = [match for match in found if match is not None]
    if len(matches) < len(names):
        return "", None, ""
    stems = {re.sub(r"[^a-z]", "", match["stem"].lower()) for match in matches}
    units = {match["unit"].lower() for match in matches}
    if len(stems) != 1 or len(units) != 1:
        return "", None, ""
    return stems.pop(), [float(match["number"]) for match in matches], units.pop()


def _is_axis(stem: str, unit: str, numbers: Sequence[float]) -> bool:
    """Numbers that rise or fall like wavelengths: not a mere count of columns."""
    steps = np.diff(numbers)
    counts = bool((steps == 1).all()) and numbers[0] in (0, 1)
    if counts or not len(steps) or not ((steps > 0).all() or (steps < 0).all()):
        return False
    if not (stem in _AXES or unit in _AXES - {""}):
        return False
    return stem != "x" or numbers[0] >= 100 or bool((steps != 1).any())


def _is_grid(names: Sequence[str], side: int) -> bool:
    """Names of rows and columns, such as 1x1 to 28x28."""
    cells = [_GRID.fullmatch(name.strip()) for name in names]
    if not all(cells):
        return False
    places = [(int(cell[2]), int(cell[3])) for cell in cells if cell]
    rows, columns = (sorted({place[axis] for place in places}) for axis in (0, 1))
    return len(rows) == len(columns) == side and places == [(row, column) for row in rows for column in columns]


def _holds_bytes(table: np.ndarray) -> bool:
    seen = table[:_SEEN]
    whole = seen.dtype.kind in "iu" or bool((seen == np.floor(seen)).all())
    return whole and seen.min() >= 0 and 16 < seen.max() <= 255


def coloured_side(width: int) -> int:
    """Pixels along a square picture of three colours in a row of so many numbers; 0 where it is none."""
    side = math.isqrt(width // 3)
    return side if 3 * side * side == width and side >= 4 else 0


def _coloured(draft: Draft, table: np.ndarray) -> np.ndarray:
    """Rows of pixels in three colours as (n, 3, side, side): colour by colour, or pixel by pixel where that is said.

    Raises:
        DataError: other axes were said.
    """
    side = coloured_side(table.shape[1])
    shapes = {_PLANES: (3, side, side), _INTERLEAVED: (side, side, 3)}
    axes = draft.reading.axes or _PLANES
    if axes not in shapes:
        raise DataError(
            f"{draft.name}: axes is {printable(axes, 40)!r}, expected {_PLANES} or {_INTERLEAVED} for pixels in "
            "columns; choose one of them."
        )
    if draft.reading.axes is None:
        draft.warn(
            "axes-guessed",
            f"{table.shape[1]:,} pixels in three colours were taken to come colour by colour",
            f"say so, or that they come pixel by pixel (axes={_INTERLEAVED})",
            Reading(axes=axes),
        )
    planes = table.reshape(len(table), *shapes[axes])
    return planes if axes == _PLANES else np.moveaxis(planes, 3, 1)  # (n, 3, h, w)


def arranged(draft: Draft, table: np.ndarray, modality: Modality, names: Sequence[str]) -> np.ndarray:
    """The table in the layout of the modality; pixels of 0 to 255 become 0 to 1.

    Raises:
        DataError: the numbers cannot be that, or axes were said that it does not have.
    """
    in_colour = modality is Modality.IMAGE and bool(coloured_side(table.shape[1]))
    if draft.reading.axes is not None and not in_colour:
        raise DataError(
            f"{draft.name}: axes were said, and a table read as {modality} has none to choose; leave axes out, or "
            "choose image for columns of pixels in three colours."
        )
    if (
        modality is Modality.IMAGE
        and (table == np.floor(table)).all()
        and table.min() >= 0
        and 127 < table.max() <= 255
    ):
        draft.changed.append("values of 0 to 255 became 0 to 1")
        table = table.astype(np.uint8)
    if modality in (Modality.SERIES, Modality.IMAGE, Modality.FIELD) and len(names) > 1:
        first, last = printable(names[0], 30), printable(names[-1], 30)
        draft.changed.append(f"columns {first!r} to {last!r} became one {modality} a row")
    if not in_colour:
        return arrange(draft.name, table, modality)
    planes = _coloured(draft, table)
    return planes / np.float32(255) if planes.dtype == np.uint8 else planes
