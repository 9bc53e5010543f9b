"""A small picture of a sample, whatever its modality: what stands where a class or a point has to be seen, not named.

An image is itself, a field a map of its first channel, a series its waves, a sequence its codes in colour in reading
order, a row of a table its features as bars around their mean, a text its first words. All pictures of one data set
share one scale, so that they can be held against each other. They stand on white in either theme.
"""

import base64
import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.figures.base import CLASS_COLOURS, SOURCE

SIDE = 48  # pixels
_ROWS_FOR_SCALE = 512
_TAILS = (0.5, 99.5)  # percentiles; what lies beyond is drawn at the edge
_MAX_CHANNELS = 6
_MAX_FEATURES = 24
_DEVIATIONS = 2.5  # at the edge of a bar
_GREY = (200, 200, 200)
_INK = (20, 22, 27)
_MAX_LETTERS = 200


def pictures(dataset: LabelledDataset, rows: np.ndarray, side: int = SIDE, wide: int = 1) -> np.ndarray:
    """Pictures (r, side, wide * side, 3) uint8 of some rows.

    Args:
        dataset: of any modality and task.
        rows: row numbers (r,).
        side: pixels of an edge.
        wide: how many times as wide as high; more than 1 for series, sequences and tables only.
    """
    if not len(rows):
        return np.zeros((0, side, wide * side, 3), np.uint8)
    if dataset.modality is Modality.TEXT:
        return np.stack([_words(str(text), side) for text in dataset.inputs[rows]])
    inputs = dataset.inputs[rows]
    if dataset.modality is Modality.SEQUENCE:
        return np.stack([_codes(codes, side, wide) for codes in inputs])
    if dataset.modality is Modality.TABULAR:
        centre, spread = _units(dataset)
        heights = (inputs - centre) / spread / _DEVIATIONS  # (r, f)
        is_category = np.array([count > 0 for count in dataset.category_counts or (0,) * inputs.shape[1]])
        return np.stack([_bars(sample, is_category, side, wide) for sample in heights])
    low, high = _scale(dataset)
    unit = np.clip((inputs - low) / (high - low), 0, 1)
    if dataset.modality is Modality.SERIES:
        return np.stack([_waves(sample, side, wide) for sample in unit])
    is_colour = dataset.modality is Modality.IMAGE and unit.shape[1] == 3
    shown = unit.transpose(0, 2, 3, 1) if is_colour else unit[:, 0, :, :, None].repeat(3, axis=3)  # (r, h, w, 3)
    if dataset.modality is Modality.FIELD:
        shown = in_colour(unit[:, 0]) / 255
    return np.stack([fitted(np.round(255 * image).astype(np.uint8), side) for image in shown])


def class_rows(dataset: LabelledDataset) -> np.ndarray:
    """One row (k,) int64 that stands for each class: of its training rows the one nearest to their mean.

    Of texts, which have no mean, the first. -1 for a class without a row.
    """
    found = np.full(dataset.n_classes, -1, dtype=np.int64)
    is_train = dataset.splits == "train"
    for label in range(dataset.n_classes):
        members = np.flatnonzero(dataset.targets == label)
        members = members[is_train[members]] if is_train[members].any() else members
        if not len(members):
            continue
        if dataset.modality is Modality.TEXT:
            found[label] = members[0]
            continue
        flat = dataset.inputs[members[:_ROWS_FOR_SCALE]].reshape(min(len(members), _ROWS_FOR_SCALE), -1)  # (m, d)
        found[label] = members[np.square(flat - flat.mean(axis=0)).sum(axis=1).argmin()]
    return found


def class_pictures(dataset: LabelledDataset, side: int = SIDE) -> dict[str, np.ndarray]:
    """A picture (side, side, 3) by class name, of classes that have a row; of a classification."""
    rows = class_rows(dataset)
    have = np.flatnonzero(rows >= 0)
    return dict(zip([dataset.class_names[i] for i in have], pictures(dataset, rows[have], side), strict=True))


def sheet(drawn: np.ndarray, columns: int) -> np.ndarray:
    """Pictures (r, h, w, 3) in one (ceil(r / columns) h, columns w, 3), in reading order; white where none is left."""
    r, height, width = drawn.shape[:3]
    lines = -(-r // columns)
    cells = np.full((lines * columns, height, width, 3), 255, np.uint8)
    cells[:r] = drawn
    cells = cells.reshape(lines, columns, height, width, 3).transpose(0, 2, 1, 3, 4)  # (lines, h, columns, w, 3)
    return cells.reshape(lines * height, columns * width, 3)


def png(image: np.ndarray) -> bytes:
    """A picture (h, w, 3) or (h, w) uint8 as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "png", optimize=False, compress_level=6)
    return file.getvalue()


def data_uri(image: np.ndarray) -> str:
    """A picture (h, w, 3) as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png(image)).decode()


def _sampled(dataset: LabelledDataset) -> np.ndarray:
    every = max(1, len(dataset) // _ROWS_FOR_SCALE)
    return dataset.inputs[::every]


def _scale(dataset: LabelledDataset) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the shown range: of all channels of images and fields, of each channel of a series."""
    sample = _sampled(dataset)
    if dataset.modality is Modality.SERIES:
        low, high = np.percentile(sample, _TAILS, axis=(0, 2), keepdims=True)[:, 0]  # (c, 1) each
    else:
        low, high = (np.array(v, np.float32) for v in (sample.min(), sample.max()))
    return low, np.where(high > low, high, low + 1)


def _units(dataset: LabelledDataset) -> tuple[np.ndarray, np.ndarray]:
    sample = dataset.inputs[dataset.rows("train")]
    spread = sample.std(axis=0)
    return sample.mean(axis=0), np.where(spread > 0, spread, 1)


def in_colour(unit: np.ndarray) -> np.ndarray:
    """Values (...,) in 0 to 1 on the scale of fields, (..., 3) uint8."""
    shades: np.ndarray = _viridis()[np.round(255 * unit).astype(np.intp)]
    return shades


def fitted(image: np.ndarray, side: int, wide: int = 1) -> np.ndarray:
    """An image (h, w, 3) uint8 in a square: by whole pixels where it is small, so that a digit keeps its pixels."""
    height, width = image.shape[:2]
    factor = min(side / height, wide * side / width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = Image.Resampling.NEAREST if factor >= 1 else Image.Resampling.BOX
    inside = np.asarray(Image.fromarray(image).resize(size, how))
    square = np.full((side, wide * side, 3), 255, np.uint8)
    top, left = (side - size[1]) // 2, (wide * side - size[0]) // 2
    square[top : top + size[1], left : left + size[0]] = inside
    return square


def _waves(sample: np.ndarray, side: int, wide: int) -> np.ndarray:
    """A series (c, t) in 0 to 1: a lane a channel, at most six of them."""
    big = 2 * side  # drawn twice as large, for smooth lines
    canvas = Image.new("RGB", (wide * big, big), "white")
    draw = ImageDraw.Draw(canvas)
    lanes = sample[:_MAX_CHANNELS]
    height = big / len(lanes)
    across = np.linspace(1, wide * big - 2, lanes.shape[1])
    for lane, values in enumerate(lanes):
        up = (lane + 0.92 - 0.84 * values) * height
        colour = SOURCE.colour if len(lanes) == 1 else CLASS_COLOURS[lane]
        draw.line(list(zip(across.tolist(), up.tolist(), strict=True)), fill=colour, width=3, joint="curve")
    return np.asarray(canvas.resize((wide * side, side), Image.Resampling.BOX))


def _codes(codes: np.ndarray, side: int, wide: int) -> np.ndarray:
    """A sequence of codes (l,), a cell each, in reading order."""
    columns = min(len(codes), int(np.ceil(np.sqrt(wide * len(codes)))))
    cells = np.full((-(-len(codes) // columns)) * columns, len(code_colours()) - 1)
    cells[: len(codes)] = codes % (len(code_colours()) - 1)
    return fitted(code_colours()[cells].reshape(-1, columns, 3), side, wide)


@lru_cache(maxsize=1)
def code_colours() -> np.ndarray:
    """(k + 1, 3) uint8: colours of codes, in three depths; the last is white, where there is no code."""
    base = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in CLASS_COLOURS], dtype=float)
    depths = [base, base + 0.55 * (255 - base), 0.55 * base]
    return np.concatenate([*depths, [[255, 255, 255]]]).round().astype(np.uint8)


def _bars(heights: np.ndarray, is_category: np.ndarray, side: int, wide: int) -> np.ndarray:
    """Features (f,) in units of the edge around their mean: a bar each from the left; categories are grey."""
    heights, is_category = heights[:_MAX_FEATURES], is_category[:_MAX_FEATURES]
    canvas = Image.new("RGB", (wide * side, side), "white")
    draw = ImageDraw.Draw(canvas)
    middle, width = side / 2, wide * side / len(heights)
    for i, height in enumerate(np.clip(heights, -1, 1).tolist()):
        colour = "#7A7A7A" if is_category[i] else CLASS_COLOURS[0] if height >= 0 else CLASS_COLOURS[1]
        ends = sorted((middle, middle - height * (middle - 1)))
        draw.rectangle((i * width, ends[0], max(i * width, (i + 1) * width - 1.5), ends[1]), fill=colour)
    draw.line((0, middle, wide * side, middle), fill=_GREY)
    return np.asarray(canvas)


def _words(text: str, side: int) -> np.ndarray:
    """The first words of a text, as many as a picture holds."""
    big = 2 * side
    canvas = Image.new("RGB", (big, big), "white")
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(size=max(10, big // 6))
    lines: list[str] = []
    line = ""
    for word in " ".join(text[:_MAX_LETTERS].split()).split(" "):
        longer = f"{line} {word}".strip()
        if line and draw.textlength(longer, font=font) > big - 4:
            lines, line = [*lines, line], word
        else:
            line = longer
    draw.multiline_text((3, 2), "\n".join([*lines, line][:6]), fill=_INK, font=font, spacing=1)
    return np.asarray(canvas.resize((side, side), Image.Resampling.BOX))


@lru_cache(maxsize=1)
def _viridis() -> np.ndarray:
    """(256, 3) uint8."""
    from plotly.colors import sample_colorscale

    shades = sample_colorscale("Viridis", list(np.linspace(0, 1, 256)), colortype="tuple")
    return np.round(255 * np.array(shades)).astype(np.uint8)
