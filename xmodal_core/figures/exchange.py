"""What a curriculum exchanges, in the samples' own look: a tile for every token, and which tiles change places.

Mixing happens on embeddings; tiles show in the samples' own space where each token comes from. The tiles of a sample in
reading order are the sample: an image cut in patches, a wave in stretches, letters, features, words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.figures.patches import grid_side, token_interval, token_names
from xmodal_core.figures.pictures import code_colours, pictures

_EXTENT = 256  # pixels that the tiles of an image or a wave take across
_WAVE_HEIGHT = 128
_STRETCHES = 25  # of a wave in a line
_LETTER, _FEATURE, _WORD = (48, 48), (56, 96), (48, 128)  # height and width of a tile
_INK, _FAINT = (20, 22, 27), (150, 150, 150)


@dataclass(frozen=True, eq=False)
class Tiles:
    """A sample in as many pictures as it has tokens.

    Attributes:
        pictures: (l, h, w, 3) uint8, in the order of the tokens.
        columns: tiles in a line.
        crisp: whether its pixels are to be seen, as those of an image.
        names: what each token is, (l,).
        n_real: tokens that are no padding; they come first.
    """

    pictures: np.ndarray
    columns: int
    names: Sequence[str]
    n_real: int
    crisp: bool = False


def tiles(dataset: LabelledDataset, row: int, n_tokens: int, words: Sequence[str] = ()) -> Tiles:
    """The tiles of one sample.

    Args:
        dataset: of any modality.
        row: its number.
        n_tokens: l.
        words: of a text, its word pieces, fewer than tokens where it is padded; empty where they are not known.
    """
    names = token_names(dataset.modality, n_tokens, dataset.inputs.shape[1] if dataset.inputs.ndim > 1 else 0)
    side = grid_side(n_tokens)
    if dataset.modality in (Modality.IMAGE, Modality.FIELD) and side is not None:
        return Tiles(_of_image(dataset, row, side), side, names, n_tokens, crisp=True)
    if dataset.modality is Modality.SERIES:
        columns = math.ceil(n_tokens / math.ceil(n_tokens / _STRETCHES))
        return Tiles(_of_wave(dataset, row, n_tokens, columns), columns, names, n_tokens)
    if dataset.modality is Modality.SEQUENCE:
        return Tiles(_of_codes(dataset.inputs[row], n_tokens), min(n_tokens, 12), names, n_tokens)
    if dataset.modality is Modality.TABULAR:
        if dataset.feature_names and n_tokens == len(dataset.feature_names):
            names = list(dataset.feature_names)
        return Tiles(_of_features(dataset, row, n_tokens), math.ceil(math.sqrt(n_tokens)), names, n_tokens)
    shown = [*words[:n_tokens], *[""] * (n_tokens - len(words))] if words else names
    drawn = np.stack([_word(word) for word in shown])
    return Tiles(drawn, 4, shown, min(len(words), n_tokens) if words else n_tokens)


def orders(
    source_scores: np.ndarray, target_scores: np.ndarray, n_real: int, inverted: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """In which order tokens are exchanged as k grows: the first k of each side are the choice at k.

    Args:
        source_scores: (l_s,) of the gate; the highest first, and padding last.
        target_scores: (l_t,); the lowest first, or the highest where it is inverted, as in the released code.
        n_real: source tokens that are no padding.
        inverted: whether the target's best give way.
    """
    ranked = np.where(np.arange(len(source_scores)) < n_real, source_scores, -np.inf)
    return np.argsort(-ranked, kind="stable"), np.argsort((-1 if inverted else 1) * target_scores, kind="stable")


def _of_image(dataset: LabelledDataset, row: int, side: int) -> np.ndarray:
    patch = max(4, _EXTENT // side)
    (whole,) = pictures(dataset, np.array([row]), side=max(dataset.inputs.shape[2:]))  # in its own pixels
    how = Image.Resampling.NEAREST if side * patch >= len(whole) else Image.Resampling.BOX
    image = np.asarray(Image.fromarray(whole).resize((side * patch, side * patch), how))
    cut = image.reshape(side, patch, side, patch, 3).transpose(0, 2, 1, 3, 4)  # (rows, columns, p, p, 3)
    return cut.reshape(side * side, patch, patch, 3)


def _of_wave(dataset: LabelledDataset, row: int, n_tokens: int, columns: int) -> np.ndarray:
    """The stretches that `token_interval` tells, each as wide as the others; the last may end early."""
    width, high = _EXTENT // columns, max(48, _WAVE_HEIGHT // math.ceil(n_tokens / columns))
    length = dataset.inputs.shape[2]
    whole_patch = math.ceil(length / n_tokens)
    across = max(1, round(width * n_tokens * length / (whole_patch * n_tokens)))
    wide = max(1, round(across / high))
    (drawn,) = pictures(dataset, np.array([row]), side=high, wide=wide)
    wave = np.full((high, width * n_tokens, 3), 255, np.uint8)
    wave[:, :across] = np.asarray(Image.fromarray(drawn).resize((across, high), Image.Resampling.BOX))
    return np.ascontiguousarray(wave.reshape(high, n_tokens, width, 3).transpose(1, 0, 2, 3))


def _of_codes(codes: np.ndarray, n_tokens: int) -> np.ndarray:
    """Each tile in as many bands of colour as it has letters."""
    colours, found = code_colours()[:-1], []
    for token in range(n_tokens):
        start, end = (int(edge) for edge in token_interval(token, n_tokens, len(codes)))
        band = colours[codes[start : max(end, start + 1)] % len(colours)][None] if start < len(codes) else None
        blank = np.full((*_LETTER, 3), 255, np.uint8)
        resized = None if band is None else Image.fromarray(band).resize(_LETTER[::-1], Image.Resampling.NEAREST)
        found.append(blank if resized is None else np.asarray(resized))
    return np.stack(found)


def _of_features(dataset: LabelledDataset, row: int, n_tokens: int) -> np.ndarray:
    """The bars of the row's picture, cut into tokens."""
    height, width = _FEATURE
    train = dataset.inputs[dataset.rows("train")]
    spread = train.std(axis=0)
    heights = np.clip((dataset.inputs[row] - train.mean(axis=0)) / np.where(spread > 0, spread, 1) / 2.5, -1, 1)
    group = math.ceil(len(heights) / n_tokens)
    found = []
    for token in range(n_tokens):
        canvas = Image.new("RGB", (width, height), "white")
        draw = ImageDraw.Draw(canvas)
        bars = heights[token * group : (token + 1) * group].tolist()
        for i, bar in enumerate(bars):
            left, right = (2 + (width - 4) * (i + edge) / len(bars) for edge in (0, 1))
            ends = sorted((height / 2, height / 2 - bar * (height / 2 - 3)))
            draw.rectangle((left + 1, ends[0], right - 1, ends[1]), fill="#D55E00" if bar < 0 else "#0072B2")
        draw.line((0, height / 2, width, height / 2), fill=_FAINT)
        found.append(np.asarray(canvas))
    return np.stack(found)


def _word(word: str) -> np.ndarray:
    height, width = _WORD
    canvas = Image.new("RGB", (width, height), "white" if word else "#EEEEEE")
    font = ImageFont.load_default(size=24 if len(word) < 10 else 18)
    ImageDraw.Draw(canvas).text((6, 10), word[:14], fill=_INK, font=font)
    return np.asarray(canvas)
