"""A data set as its modality wants to be seen: some samples of every class as pictures, in one sheet for the browser.

Nothing here grows with the data set: of twenty thousand samples as many are drawn as of two hundred.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.targets import IGNORED
from xmodal_core.figures.base import CLASS_COLOURS
from xmodal_core.figures.pictures import code_colours, data_uri, fitted, in_colour, pictures, sheet
from xmodal_core.figures.samples import target_text, target_values

WAVES, SPECTROGRAMS = "waves", "spectrograms"
MOST = 60  # samples
_MOST_STRIPS = 10
_MOST_TEXTS = 20  # a text takes a line
_PER_STRIP = (2, 8)
_SIDE, _SMALL_SIDE, _FEW_STRIPS = 56, 40, 5  # pixels of the height of a picture, smaller where there are more strips
_PARTS = 5  # of the range of a number
_COLUMNS = 8  # of the sheet
_LONGEST = 140  # letters of a text
_MOST_LETTERS = 30  # in the legend of a sequence
_WIDE = {Modality.SERIES: 2, Modality.SEQUENCE: 3, Modality.TABULAR: 2}
_RANGE_DB = 60  # of a spectrogram


@dataclass(frozen=True, eq=False)
class Strip:
    """Some samples that belong together.

    Attributes:
        name: of their class or label, or the part of the range of a number; empty where there is one strip for all.
        n: samples of the data set that belong here.
        rows: those that are shown.
    """

    name: str
    n: int
    rows: np.ndarray


def strips(dataset: LabelledDataset, most: int = MOST) -> list[Strip]:
    """A strip a class or label, else a part of a number's range, else one: at most `most` samples, spread evenly.

    The first ten classes have one; a class without a sample has none.
    """
    groups = _groups(dataset)
    kept = [(name, rows) for name, rows in groups if len(rows)][:_MOST_STRIPS]
    low, high = _PER_STRIP
    most = min(most, _MOST_TEXTS) if dataset.modality is Modality.TEXT else most
    each = high if len(kept) == 1 else min(max(most // max(len(kept), 1), low), high)
    return [Strip(name, len(rows), _spread(rows, each)) for name, rows in kept]


def _groups(dataset: LabelledDataset) -> list[tuple[str, np.ndarray]]:
    """Names and rows of what may become strips."""
    if dataset.task is Task.CLASSIFICATION:
        order = np.argsort(dataset.targets, kind="stable")
        ends = np.searchsorted(dataset.targets[order], np.arange(dataset.n_classes + 1))
        parts = [order[a:b] for a, b in pairwise(ends.tolist())]
        return list(zip(dataset.class_names, parts, strict=True))
    if dataset.task is Task.MULTILABEL:
        return [(name, np.flatnonzero(dataset.targets[:, i])) for i, name in enumerate(dataset.class_names)]
    if dataset.task is Task.REGRESSION:
        values = target_values(dataset)
        parts = np.array_split(np.argsort(values, kind="stable"), min(_PARTS, len(values)))
        return [(f"{values[part[0]]:.4g} to {values[part[-1]]:.4g}", part) for part in parts]
    return [("", np.arange(len(dataset)))]


def _spread(rows: np.ndarray, n: int) -> np.ndarray:
    return rows[np.linspace(0, len(rows) - 1, min(n, len(rows))).round().astype(np.intp)]


def said(dataset: LabelledDataset, shown: list[Strip]) -> str:
    """How much of the data set is shown, in words."""
    n = sum(len(strip.rows) for strip in shown)
    if n >= len(dataset):
        return f"all {len(dataset):,}"
    by = {Task.CLASSIFICATION: "class", Task.MULTILABEL: "label", Task.REGRESSION: "target"}.get(dataset.task)
    of = f", {len(shown)} of {dataset.n_classes} {by}es" if by == "class" and len(shown) < dataset.n_classes else ""
    return f"showing {n} of {len(dataset):,}{f', by {by}' if by and not of else of}"


def packed(dataset: LabelledDataset, look: str = WAVES, most: int = MOST) -> dict[str, Any]:
    """What the browser draws: strips of samples, each with its row, name, words and place in one sheet.

    Args:
        dataset: of any modality and task.
        look: of series, waves or spectrograms.
        most: samples.

    Returns:
        JSON: `strips` (name, n, items of row, uid, words and text or none), `sheet` (an address that holds a PNG),
        `columns`, `height` and `width` of a picture in pixels, and `letters` (letter, colour) of a sequence.
    """
    found = strips(dataset, most)
    rows = np.concatenate([strip.rows for strip in found]) if found else np.empty(0, np.int64)
    told: dict[str, Any] = {"strips": [_strip(dataset, strip) for strip in found], "letters": letters(dataset)}
    if dataset.modality is Modality.TEXT:
        return told
    drawn = with_targets(dataset, rows, look, _SIDE if len(found) <= _FEW_STRIPS else _SMALL_SIDE)  # (r, h, w, 3)
    size = {"columns": _COLUMNS, "height": drawn.shape[1], "width": drawn.shape[2]}
    return told | size | {"sheet": data_uri(sheet(drawn, _COLUMNS))}


def _strip(dataset: LabelledDataset, strip: Strip) -> Mapping[str, Any]:
    items = []
    for row in strip.rows.tolist():
        item = {"row": row, "uid": str(dataset.uid[row]), "words": target_text(dataset, row, 40)}
        if dataset.modality is Modality.TEXT:
            item["text"] = " ".join(str(dataset.inputs[row]).split())[:_LONGEST]
        items.append(item)
    return {"name": strip.name, "n": strip.n, "items": items}


def with_targets(dataset: LabelledDataset, rows: np.ndarray, look: str, side: int) -> np.ndarray:
    """Pictures (r, h, w, 3) of some rows; where the target lies on cells, its picture is below that of the sample."""
    wide = _WIDE.get(dataset.modality, 1)
    if look == SPECTROGRAMS and dataset.modality is Modality.SERIES:
        drawn = spectrograms(dataset, rows, side, wide)
    else:
        drawn = pictures(dataset, rows, side, wide)
    if not dataset.cells:
        return drawn
    line = np.full((len(rows), 2, drawn.shape[2], 3), 255, np.uint8)
    return np.concatenate([drawn, line, target_pictures(dataset, rows, side, wide)], axis=1)


def target_pictures(dataset: LabelledDataset, rows: np.ndarray, side: int, wide: int = 1) -> np.ndarray:
    """Pictures (r, side, wide * side, 3) of targets on cells: classes in their colours, white where there is none.

    Values are on the scale of fields, one for all rows; a line of cells is a band.
    """
    if dataset.task is Task.SEGMENTATION:
        every = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in CLASS_COLOURS], np.uint8)
        cells = dataset.targets[rows]
        maps = np.where((cells == IGNORED)[..., None], np.uint8(255), every[cells % len(every)])  # (r, ..., 3)
    else:
        cells = dataset.targets[rows, 0]
        low, high = float(cells.min()), float(cells.max())
        maps = in_colour((cells - low) / (high - low if high > low else 1.0))
    if maps.ndim == 3:  # one axis of cells, as high as it takes
        bands = [Image.fromarray(band[None]).resize((wide * side, side), Image.Resampling.NEAREST) for band in maps]
        return np.stack([np.asarray(band) for band in bands])
    return np.stack([fitted(one, side, wide) for one in maps])


def spectrograms(dataset: LabelledDataset, rows: np.ndarray, side: int, wide: int = 1) -> np.ndarray:
    """First channel of series as spectrograms (r, side, wide * side, 3): time across, low frequencies at the bottom.

    Power in decibels, the loudest of all shown rows at the top of the scale and sixty below it at its bottom.
    """
    power = np.stack([_decibels(dataset.inputs[row, 0]) for row in rows])  # (r, f, t)
    unit = np.clip(1 + (power - power.max()) / _RANGE_DB, 0, 1)[:, ::-1]
    images = [Image.fromarray(one).resize((wide * side, side), Image.Resampling.NEAREST) for one in in_colour(unit)]
    return np.stack([np.asarray(image) for image in images])


def _decibels(series: np.ndarray) -> np.ndarray:
    """Power (f, t) of a series (t,) around its mean."""
    from scipy.signal import spectrogram

    window = max(4, min(len(series), 2 ** int(np.log2(max(4.0, 2 * np.sqrt(len(series)))))))
    _, _, power = spectrogram(series - series.mean(), nperseg=window, noverlap=3 * window // 4)
    decibels: np.ndarray = 10 * np.log10(power + 1e-12)
    return decibels


def letters(dataset: LabelledDataset) -> list[tuple[str, str]]:
    """What the colours of a sequence stand for: (letter, colour), in the order of codes; empty for all else.

    Codes have a letter where the file had one, else their number; thirty at most are told.
    """
    if dataset.modality is not Modality.SEQUENCE:
        return []
    known = dataset.understanding.letters if dataset.understanding is not None else None
    colours = code_colours()[:-1]
    codes = np.unique(dataset.inputs[:2000])[:_MOST_LETTERS].tolist()
    return [(letter_of(known, code), "#" + bytes(colours[code % len(colours)]).hex()) for code in codes]


def letter_of(known: tuple[str, ...] | None, code: int) -> str:
    """The letter of a code: 0 is behind the end where letters are known, and codes are numbers where they are not."""
    if known is None:
        return str(code)
    return "end" if code == 0 else known[code - 1] if code <= len(known) else str(code)
