"""Hyperspectral cubes: one scene of height x width x bands and a map of classes, each pixel a sample.

Such files (Indian Pines, Salinas, Pavia) hold no samples first: the map, often called `..._gt`, has a class for each
pixel, and 0 where nobody said one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays import names
from xmodal_core.data.readers.arrays.held import Entry, Held, loaded
from xmodal_core.data.readers.layout import parse_axes
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution
from xmodal_core.errors import DataError

_MAP = re.compile(r"(.*_)?(gts?|gnd|ground_?truth|truth|label_?map|class_?map)")
_SMALLEST_SIDE, _FEWEST_BANDS, _MOST_CLASSES = 8, 4, 64
_UNLABELLED = 0.2  # share of pixels of a scene that nobody said a class of, at least
_GOES_ON = 0.2  # more often than far rows, the next row has the same class at the same place
_SCENE = ("height", "width", "channels")


@dataclass(frozen=True)
class Scene:
    """What was made of a cube and its map; the arrays of the file were replaced by those of pixels.

    Attributes:
        reading: what the rest is to be read with: the two arrays, without axes.
        changed, doubts: clauses and warnings.
    """

    reading: Reading
    changed: tuple[str, ...]
    doubts: tuple[Caution, ...]


def open_scene(name: str, held: Held, reading: Reading) -> Scene | None:
    """Pixels of a cube as samples, in place of the cube; None where the file holds no cube with a map.

    Args:
        name: data set, for messages.
        held: the arrays; changed where there is one.
        reading: what the person said; axes that name height, width and channels and no samples say that it is a cube.
    """
    axes = parse_axes(name, reading.axes) if reading.axes else ()
    if axes and set(axes) != set(_SCENE):
        return None
    found = _pair(held, reading, is_said=bool(axes))
    if found is None:
        return None
    cube, classes = found
    bands = axes.index("channels") if axes else cube.shape.index(_sole_side(cube, classes))
    codes = loaded(name, classes)
    kinds = np.unique(codes)
    if axes and codes.shape != tuple(np.delete(cube.shape, bands)):
        raise DataError(
            f"{name}: {printable(classes.name, 40)} has shape {codes.shape} for a scene of shape {cube.shape} with "
            f"axes {'+'.join(axes)}, expected a class for each pixel; correct the axes."
        )
    if codes.dtype.kind == "f" and not (np.isfinite(kinds).all() and (kinds == np.floor(kinds)).all()):
        return None
    if not 2 <= len(kinds) <= _MOST_CLASSES:
        return None
    has_none = kinds[0] == 0 and len(kinds) > 2 and reading.ignore is None
    pixels = np.where(codes == 0, np.nan, codes) if has_none else codes.astype(np.int64)
    n = pixels.size
    held.entries = [one for one in held.entries if one not in (cube, classes)] + [
        Entry(cube.name, (n, cube.shape[bands]), cube.dtype, _spectra(cube, bands)),
        Entry(classes.name, (n,), pixels.dtype, lambda: pixels.reshape(-1)),
    ]
    shown, shown_map = printable(cube.name, 40), printable(classes.name, 40)
    changed = [
        f"each of {n:,} pixels of {shown} is a sample with a spectrum of {cube.shape[bands]} bands; its neighbours "
        "may be in other splits"
    ]
    changed += [f"0 of {shown_map} read as no class"] if has_none else []
    said = replace(reading, samples=cube.name, label=classes.name, axes="time" if reading.modality is None else None)
    return Scene(said, tuple(changed), () if axes else _doubts(cube, classes, bands))


def doubt_scene(draft: Draft, shape: tuple[int, ...], classes: np.ndarray, on_cells: bool) -> None:
    """Doubt samples that may be the rows of one scene: classes for rows x columns that go on from row to row.

    Args:
        draft: gets the warning.
        shape: of the samples as they came.
        classes: labels as they came.
        on_cells: they are read as a class for each step of a sample.

    Raises:
        DataError: they cannot be read otherwise, and the scene can.
    """
    said = draft.reading
    if said.axes or said.task or len(shape) != 3 or classes.shape != shape[:2] or classes.dtype.kind not in "iu":
        return
    kinds, often = np.unique(classes, return_counts=True)
    if min(shape[:2]) < _SMALLEST_SIDE or shape[2] < _FEWEST_BANDS or not 2 < len(kinds) <= _MOST_CLASSES:
        return
    sides = " x ".join(map(str, shape))
    as_scene = Reading(axes="+".join(_SCENE))
    if not on_cells:
        raise DataError(
            f"{draft.name}: y has shape {classes.shape} for X of shape {shape}, expected a class a sample; if X is one "
            f"scene of height x width x bands, say --read {as_scene.on_command_line()}."
        )
    goes_on = (classes[1:] == classes[:-1]).mean()
    by_chance = (classes[len(classes) // 2 :] == classes[: len(classes) - len(classes) // 2]).mean()  # of far rows
    if kinds[0] == 0 and often[0] >= _UNLABELLED * classes.size and goes_on > by_chance + _GOES_ON:
        draft.warn(
            "axes-guessed",
            f"X of {sides} was read as {shape[0]:,} series with a class a step, and classes that go on from one to the "
            "next look like the map of one scene",
            "name the axes of the scene if so, or confirm with task=segmentation",
            as_scene,
        )


def _doubts(cube: Entry, classes: Entry, bands: int) -> tuple[Caution, ...]:
    """A warning where the names are those of any samples, which could be series with a class a step."""
    if names.parse(cube.name).base not in names.SAMPLES:
        return ()
    axes = [axis for axis in _SCENE if axis != "channels"]
    axes.insert(bands, "channels")
    shape = " x ".join(map(str, cube.shape))
    return (
        Caution(
            "axes-guessed",
            f"{printable(cube.name, 40)} of {shape} was taken for a scene because of the name "
            f"{printable(classes.name, 40)}, and could be {cube.shape[0]:,} series with a class a step",
            "confirm the axes, or name those of series (axes=samples+time+channels)",
            Reading(axes="+".join(axes)),
        ),
    )


def _pair(held: Held, reading: Reading, is_said: bool) -> tuple[Entry, Entry] | None:
    """The cube and the map: as said, else the only two that fit and are called so."""
    dropped = set(reading.drop or ())
    free = [one for one in held.entries if one.name not in dropped]
    cubes = [one for one in free if len(one.shape) == 3 and one.dtype.kind in "iuf"]
    maps = [one for one in free if len(one.shape) == 2 and one.dtype.kind in "biuf"]
    if reading.samples is not None:
        cubes = [one for one in cubes if one is held.get(reading.samples)]
    if reading.label is not None:
        maps = [one for one in maps if one is held.get(reading.label)]
    fitting = [(cube, one) for cube in cubes for one in maps if _fits(cube, one)]
    if len(fitting) != 1:
        return None
    cube, classes = fitting[0]
    usual = names.parse(cube.name).base in names.SAMPLES
    labelled = names.parse(classes.name).base in (*names.LABELS, *names.SPLITS, *names.GROUPS)
    is_called_so = _MAP.fullmatch(names.parse(classes.name).base) is not None
    return (cube, classes) if is_said or is_called_so or not (usual or labelled) else None


def _fits(cube: Entry, classes: Entry) -> bool:
    sides = classes.shape
    return min(sides) >= _SMALLEST_SIDE and _sole_side(cube, classes) >= _FEWEST_BANDS


def _sole_side(cube: Entry, classes: Entry) -> int:
    """Bands of a cube with this map, last or first; 0 where they do not fit."""
    if cube.shape[:2] == classes.shape:
        return cube.shape[2]
    return cube.shape[0] if cube.shape[1:] == classes.shape else 0


def _spectra(cube: Entry, bands: int) -> Callable[[], np.ndarray]:
    return lambda: np.moveaxis(cube.load(), bands, -1).reshape(-1, cube.shape[bands])
