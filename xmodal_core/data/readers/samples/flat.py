"""Samples of one row of numbers: a table, a series, codes of a sequence, or a picture that was laid flat."""

import math

import numpy as np

from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.samples.guess import ROWS_SEEN, Guess, Values, rival, values_of
from xmodal_core.data.readers.samples.order import is_ordered, likeness
from xmodal_core.data.understanding import Caution

SERIES_FROM = 64  # a table this wide is rare, a series this long is common
_SEQUENCE_FROM = 16
_ALPHABET = 64
_LETTERS = {4: 48, 5: 48}  # kinds of codes of DNA, with or without padding: codes from this width on, not answers
_PROTEIN = range(18, 28)
_PROTEIN_FROM = 24
_TOKENS_FROM = 256  # larger codes than grey values have
_EMBEDDINGS = (256, 300, 312, 320, 384, 512, 640, 768, 896, 1024, 1152, 1280, 1408, 1536, 2048, 2560, 3072, 4096)
_ICONIC = (784, 3072)  # widths that everybody knows as pictures: 28 x 28, and 3 x 32 x 32


def guess_flat(inputs: np.ndarray, has_cells: bool) -> Guess:
    """What rows (n, w) of numbers are.

    Args:
        inputs: (n, w).
        has_cells: the labels have a value for every one of the w places.
    """
    width, values = inputs.shape[1], values_of(inputs)
    if values.whole and values.n_kinds > 1:
        return _of_whole_numbers(inputs, values, has_cells)
    if width == _ICONIC[0] and values.low >= 0:
        found = f"X has {width} columns of numbers from {values.low:g} to {values.high:g}"
        return _picture(width, (rival(found, Modality.SERIES, Modality.IMAGE),))
    return _of_fractions(inputs, has_cells)


def _of_fractions(inputs: np.ndarray, has_cells: bool) -> Guess:
    width = inputs.shape[1]
    ordered = is_ordered(inputs, 1)
    if width < SERIES_FROM:
        near, far, _ = likeness(inputs, 1)
        table = Guess(Modality.TABULAR, f"read as a table because X has {width} columns")
        if width >= _SEQUENCE_FROM and ordered and near > 0.8 and near > 2 * far:
            found = f"each of the {width} columns of X goes with its neighbour (correlation {near:.2f} on average)"
            return Guess(table.modality, table.reason, (), (rival(found, Modality.SERIES, table.modality),))
        return table
    if has_cells:
        return Guess(Modality.SERIES, _because_wide(width))
    if ordered:
        found = f"X has {width} columns, which are alike every {math.isqrt(width)} columns as the rows of a picture are"
        doubts = (rival(found, Modality.IMAGE, Modality.SERIES),) if _has_rows(inputs) else ()
        return Guess(Modality.SERIES, _because_wide(width), (), doubts)
    found = f"X has {width} columns, in which neighbours are no more alike than others"
    if width in _EMBEDDINGS:
        reason = f"read as a table because X has {width} columns without an order, as embeddings have"
        return Guess(Modality.TABULAR, reason, (), (rival(found, Modality.SERIES, Modality.TABULAR),))
    return Guess(Modality.SERIES, _because_wide(width), (), (rival(found, Modality.TABULAR, Modality.SERIES),))


def _has_rows(inputs: np.ndarray) -> bool:
    """Whether columns as far apart as a square has rows are more alike than those half as far, as pixels are."""
    side = math.isqrt(inputs.shape[1])
    if side**2 != inputs.shape[1] or side < 8:
        return False
    seen = inputs[:ROWS_SEEN].astype(np.float64)
    seen = seen[:, seen.std(axis=0) > 0]
    if seen.shape[1] < inputs.shape[1] / 2 or not np.isfinite(seen).all():
        return False
    related = np.abs(np.corrcoef(seen[:, : 32 * side], rowvar=False))
    whole, half = (float(np.diagonal(related, apart).mean()) for apart in (side, side // 2))
    return whole > half + 0.1


def _because_wide(width: int) -> str:
    return (
        f"read as time series of {width} steps because so many columns are more often a series than a table; "
        "choose tabular if they are separate features"
    )


def _of_whole_numbers(inputs: np.ndarray, values: Values, has_cells: bool) -> Guess:
    width = inputs.shape[1]
    found = f"X has {width} columns of whole numbers from {values.low:g} to {values.high:g}"
    if values.binary and width >= SERIES_FROM:
        found = f"X has {width} columns of 0 and 1"
        other = Modality.IMAGE if width == _ICONIC[0] else Modality.SEQUENCE
        return _table(f"{width} columns of 0 and 1", (rival(found, other, Modality.TABULAR),))
    if _is_flat_picture(inputs, values):
        doubts = () if width in _ICONIC else (rival(found, Modality.SERIES, Modality.IMAGE),)
        return _picture(width, doubts)
    if values.n_kinds <= _ALPHABET and width >= _SEQUENCE_FROM and values.low >= -1 and not values.binary:
        return _of_few_kinds(inputs, values, has_cells)
    doubt = (rival(found, Modality.TABULAR, Modality.SEQUENCE),)
    if width >= _SEQUENCE_FROM and values.high >= _TOKENS_FROM and _is_padded(inputs, values):
        reason = f"read as sequences of {width} codes because rows of whole numbers end in a run of {_padding(values)}"
        return Guess(Modality.SEQUENCE, reason, (), () if width >= SERIES_FROM and values.high >= 1000 else doubt)
    if width < SERIES_FROM:
        return _table(f"{width} columns")
    zeros = float((inputs[:ROWS_SEEN] == 0).mean())
    if zeros > 0.5 and values.low >= 0:
        return _table(f"{zeros:.0%} of {width} columns are 0", (rival(found, Modality.SERIES, Modality.TABULAR),))
    if (
        inputs.dtype.kind in "iu"
        and values.low >= 0
        and _TOKENS_FROM <= values.high < 2**16
        and not is_ordered(inputs, 1)
    ):
        reason = f"read as sequences of {width} codes because X holds whole numbers without an order"
        return Guess(Modality.SEQUENCE, reason, (), doubt)
    return _of_fractions(inputs, has_cells)


def _is_flat_picture(inputs: np.ndarray, values: Values) -> bool:
    """Grey values of bytes in as many columns as a square has cells, or of fewer kinds where both sides are ordered."""
    width = inputs.shape[1]
    side = math.isqrt(width)
    if values.low < 0 or values.high > 255 or values.binary or (width != _ICONIC[1] and (side < 8 or side**2 != width)):
        return False
    if values.high >= 128:
        return True
    square = inputs.reshape(-1, side, side) if side**2 == width else inputs[:, :1, None]
    return is_ordered(square, 1) and is_ordered(square, 2)


def _of_few_kinds(inputs: np.ndarray, values: Values, has_cells: bool) -> Guess:
    """Codes of letters, answers to questions, or counts: few different whole numbers in many columns."""
    width, kinds = inputs.shape[1], values.n_kinds
    found = f"X has {width} columns of whole numbers from {values.low:g} to {values.high:g}"
    reason = f"read as sequences of {width} codes because X holds small integers of {kinds} kinds"
    padded = values.low == -1 or _is_padded(inputs, values)
    all_used = values.high - values.low + 1 == kinds
    letters = kinds - padded
    is_letters = all_used and (
        (letters in _LETTERS and width >= _LETTERS[letters] and values.low <= 0)
        or (letters in _PROTEIN and width >= _PROTEIN_FROM and not _falls_off(inputs))
    )
    if is_letters or (has_cells and inputs.dtype.kind in "iu") or (_is_padded(inputs, values) and values.low == -1):
        return Guess(Modality.SEQUENCE, reason)
    sounds_like_codes = values.low <= 0 and all_used and not _falls_off(inputs) and kinds > 3
    if inputs.dtype.kind == "f":
        if width < SERIES_FROM:
            return _table(f"{width} columns")
        if not sounds_like_codes or is_ordered(inputs, 1):
            return _of_fractions(inputs, has_cells)
    if sounds_like_codes and (padded or inputs.dtype.itemsize < 8 or width >= SERIES_FROM):
        return Guess(Modality.SEQUENCE, reason, (), (rival(found, Modality.TABULAR, Modality.SEQUENCE),))
    return _table(f"{width} columns of few values", (rival(found, Modality.SEQUENCE, Modality.TABULAR),))


def _falls_off(inputs: np.ndarray) -> bool:
    """Whether larger numbers are ever rarer behind the most frequent one, as counts are and letters are not."""
    seen = inputs[:ROWS_SEEN].reshape(-1)
    _, often = np.unique(seen[seen >= 0], return_counts=True)
    peak = int(often.argmax())
    behind = often[peak:]
    return len(often) >= 6 and peak < len(often) / 2 and bool((np.diff(behind) <= 0).mean() > 0.9)


def _padding(values: Values) -> int:
    return -1 if values.low == -1 else 0


def _is_padded(inputs: np.ndarray, values: Values) -> bool:
    """Whether the padding code lies in one run at the same end of the rows, of different lengths."""
    seen = inputs[:ROWS_SEEN] == _padding(values)
    runs = np.cumprod(seen[:, ::-1], axis=1).sum(axis=1)
    if not runs.any():
        runs = np.cumprod(seen, axis=1).sum(axis=1)
    return len(np.unique(runs)) > 2 and bool(seen.any()) and runs.sum() > 0.9 * seen.sum()


def _picture(width: int, doubts: tuple[Caution, ...] = ()) -> Guess:
    planes = 3 if width == _ICONIC[1] else 1
    side = math.isqrt(width // planes)
    reason = f"read as {side} x {side} images with {planes} channel(s) because X has {width} columns of grey values"
    return Guess(Modality.IMAGE, reason, (), doubts)


def _table(because: str, doubts: tuple[Caution, ...] = ()) -> Guess:
    return Guess(Modality.TABULAR, f"read as a table because X has {because}", (), doubts)
