"""Samples of two or three axes: pictures, fields, or series of several channels, and the order of their axes."""

import numpy as np

from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.samples.guess import (
    CHANNELS_FIRST,
    CHANNELS_LAST,
    TIME_FIRST,
    TIME_LAST,
    Guess,
    exchanged,
    rival,
    values_of,
)
from xmodal_core.data.readers.samples.order import is_ordered
from xmodal_core.data.understanding import Caution

MAX_CHANNELS = 16  # more planes than this are a picture only where the other order is none
MAX_BANDS = 512
_COLOURS = (1, 3, 4)
_SIMILAR = 1.5  # sides of a picture
_STRIP = 3.0  # sides of what is hardly a picture
_CLEAR = 4  # times as many steps as channels leave no doubt
_LETTERS = range(4, 27)


def guess_two_axes(inputs: np.ndarray, labels: np.ndarray | None) -> Guess:
    """What samples (n, a, b) of numbers are."""
    _, first, second = inputs.shape
    short, long = min(first, second), max(first, second)
    if _is_one_hot(inputs, 2) or _is_one_hot(inputs, 1):
        axes = TIME_FIRST if _is_one_hot(inputs, 2) and (second <= first or not _is_one_hot(inputs, 1)) else TIME_LAST
        n_letters, steps = (second, first) if axes == TIME_FIRST else (first, second)
        reason = (
            f"read as time series of {steps} steps because X has one of {n_letters} channels at 1 in each, as letters"
        )
        return Guess(Modality.SERIES, reason, axes)
    values = values_of(inputs)
    bytes_ = inputs.dtype == np.uint8 and short >= 4
    if labels is not None and labels.ndim == 2 and labels.shape[1] == second and labels.dtype.kind == "f":
        return Guess(Modality.SERIES, f"{_channels(first, second)} because y has a value for each", TIME_LAST)
    if not bytes_ and (short < 8 or long > _SIMILAR * short):
        return _series(inputs)
    because = "X holds bytes (uint8)" if bytes_ else "both sides are similar"
    picture = Guess(Modality.IMAGE, f"read as {first} x {second} images with one channel because {because}")
    found = f"X has {first} x {second} numbers from {values.low:g} to {values.high:g} a sample"
    if (values.like_pixels and long <= _STRIP * short) or _is_on_cells(inputs, labels):
        return picture
    ordered = is_ordered(inputs, 1), is_ordered(inputs, 2)
    if all(ordered) and long <= _STRIP * short:
        return picture
    if long > _STRIP * short and not all(ordered):
        return _series(inputs, (rival(found, Modality.IMAGE, Modality.SERIES),))
    if any(ordered) and not all(ordered):
        axes = TIME_FIRST if ordered[0] else TIME_LAST
        steps, channels = (first, second) if ordered[0] else (second, first)
        reason = f"{_channels(channels, steps)} because neighbours are alike along that axis alone"
        return Guess(Modality.SERIES, reason, axes, (rival(found, Modality.IMAGE, Modality.SERIES),))
    return Guess(picture.modality, picture.reason, (), (rival(found, Modality.SERIES, Modality.IMAGE),))


def guess_three_axes(inputs: np.ndarray, labels: np.ndarray | None) -> Guess:
    """What samples (n, a, b, c) of numbers are."""
    sides = inputs.shape[1:]
    axes, doubts, why = order_of_planes(sides), _doubts_of_order(sides), "X has four axes"
    told = [order for order in (CHANNELS_FIRST, CHANNELS_LAST) if _is_on_places(sides, order, labels)]
    if len(told) == 1 and labels is not None:
        axes, doubts = told[0], ()
    channels, height, width = (sides[axes.index(axis)] for axis in CHANNELS_FIRST)
    if not told and not channels_fit(sides, axes):
        axes, doubts = (), ()  # whoever lays it out refuses so many
    plane = f"{height} x {width} images with {channels} channel(s)"
    picture = Guess(Modality.IMAGE, f"read as {plane} because {why}", axes, doubts)
    if told or channels > 1 or inputs.dtype == np.uint8 or _elongation(height, width) <= _STRIP + 1:
        return picture
    flat = inputs.reshape(len(inputs), height, width)
    found = f"X has one plane of {height} x {width} numbers a sample"
    if is_ordered(flat, 1) == is_ordered(flat, 2):
        return Guess(Modality.IMAGE, picture.reason, axes, (rival(found, Modality.SERIES, Modality.IMAGE),))
    return _series(flat, (rival(found, Modality.IMAGE, Modality.SERIES),))


def order_of_planes(sides: tuple[int, ...]) -> tuple[str, ...]:
    """Whether channels are first or last of three axes: the squarer reading wins, colours before other numbers."""
    a, b, c = sides
    first, last = _elongation(b, c), _elongation(a, b)
    if c in _COLOURS:
        return CHANNELS_LAST if a > MAX_CHANNELS or last <= first else CHANNELS_FIRST
    if a in _COLOURS:
        return CHANNELS_FIRST
    return CHANNELS_FIRST if first <= last else CHANNELS_LAST


def channels_fit(sides: tuple[int, ...], axes: tuple[str, ...]) -> bool:
    """Whether so many channels can be meant: a few, or many where the other order would be no picture."""
    channels = sides[axes.index("channels")]
    a, b, c = sides
    first, last = _elongation(b, c), _elongation(a, b)
    own, other = (first, last) if axes == CHANNELS_FIRST else (last, first)
    return channels <= MAX_CHANNELS or (channels <= MAX_BANDS and 2 * own <= other)


def order_of_series(sides: tuple[int, ...]) -> tuple[str, ...]:
    """Time is the longer of two axes, the last where they are equal."""
    return TIME_FIRST if sides[0] > sides[1] else TIME_LAST


def _series(inputs: np.ndarray, doubts: tuple[Caution, ...] = ()) -> Guess:
    sides = inputs.shape[1:]
    axes = order_of_series(sides)
    short, long = sorted(sides)
    others = TIME_LAST if axes == TIME_FIRST else TIME_FIRST
    in_long = is_ordered(inputs, 1 + axes.index("time"))
    in_short = is_ordered(inputs, 1 + axes.index("channels"))
    found = f"X has {sides[0]} x {sides[1]} numbers a sample"
    if not doubts and in_long and in_short and short >= 16 and long <= _CLEAR * short:
        doubts = (rival(f"{found}, alike along both axes", Modality.IMAGE, Modality.SERIES),)
    elif (in_short and not in_long) or (short > 4 and long < _CLEAR * short and not (in_long and not in_short)):
        doubts = (*doubts, exchanged(found, others, axes))
    moved = "" if axes == TIME_LAST or short == 1 else ", time being the longer axis"
    return Guess(Modality.SERIES, _channels(short, long) + moved, axes, doubts)


def _channels(channels: int, steps: int) -> str:
    return f"read as time series with {channels} channel(s) of {steps} steps"


def _doubts_of_order(sides: tuple[int, ...]) -> tuple[Caution, ...]:
    a, b, c = sides
    axes = order_of_planes(sides)
    other = CHANNELS_LAST if axes == CHANNELS_FIRST else CHANNELS_FIRST
    first, last = _elongation(b, c), _elongation(a, b)
    own, rivalling = (first, last) if axes == CHANNELS_FIRST else (last, first)
    n_other = c if other == CHANNELS_LAST else a
    colour = (a if axes == CHANNELS_FIRST else c) in _COLOURS
    close = own > 0.95 * rivalling if not colour else own > 2 * rivalling
    if not close or n_other > MAX_BANDS or (colour and min(b, a if other == CHANNELS_LAST else c) < 2):
        return ()
    return (exchanged(f"X has {a} x {b} x {c} numbers a sample", other, axes),)


def _is_one_hot(inputs: np.ndarray, axis: int) -> bool:
    """Whether exactly one channel is 1 at every step, or none behind the end."""
    if inputs.shape[axis] not in _LETTERS or inputs.shape[3 - axis] < 2:
        return False
    seen = inputs[:200]
    if not np.isin(seen, (0, 1)).all():
        return False
    ones = seen.astype(np.int64).sum(axis=axis)
    return bool((ones <= 1).all() and ones.mean() > 0.2)


def _is_on_cells(inputs: np.ndarray, labels: np.ndarray | None) -> bool:
    return (
        labels is not None
        and labels.ndim >= 3
        and labels.dtype.kind in "biuf"
        and (labels.shape[1:3] == inputs.shape[1:] or labels.shape[2:] == inputs.shape[1:])
    )


def _is_on_places(sides: tuple[int, ...], axes: tuple[str, ...], labels: np.ndarray | None) -> bool:
    """Whether numbers come with a value for every place of planes in this order."""
    if labels is None or labels.dtype.kind not in "biuf" or labels.ndim not in (3, 4):
        return False
    places = tuple(side for side, axis in zip(sides, axes, strict=True) if axis != "channels")
    if labels.ndim == 3:
        return labels.shape[1:] == places
    own = labels.shape[1:3] if axes == CHANNELS_LAST else labels.shape[2:]
    return own == places or labels.shape[1:3] == places or labels.shape[2:] == places


def _elongation(height: int, width: int) -> float:
    return max(height, width) / max(min(height, width), 1)
