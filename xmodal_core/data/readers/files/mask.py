"""One mask -> a small square of codes, by nearest neighbours."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xmodal_core.data.readers.files.picture import BROKEN, FORMATS, IMAGE_SIZE, MAX_PIXELS

if TYPE_CHECKING:
    from PIL import Image

BAR = -1  # beside a picture that was padded


@dataclass(frozen=True, eq=False)
class Mask:
    """One mask.

    Attributes:
        values: (64, 64) int32: grey levels, or places in the palette, or colours as 0xRRGGBB; `BAR` beside it.
        kind: grey, palette or colour.
        palette: RGB of each place, as bytes.
        form: width / height.
        is_blurred: it was saved in a format that blurs.
    """

    values: np.ndarray
    kind: str
    palette: bytes
    form: float
    is_blurred: bool


def decode_mask(content: bytes, fit: str) -> Mask | None:
    """A mask from its bytes, None where it is broken or holds no codes.

    Args:
        content: of the file.
        fit: crop, pad or stretch, as its picture.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            blurred = image.format in ("JPEG", "MPO")
            upright = ImageOps.exif_transpose(image)
            values, kind, palette = _values(upright)
            form = upright.width / upright.height
    except (Image.DecompressionBombError, *BROKEN):
        return None
    return Mask(_squared(values, fit), kind, palette, form, blurred)


def _values(image: "Image.Image") -> tuple[np.ndarray, str, bytes]:
    """(h, w) int32 of one picture, what they are, and the palette where they are places in one.

    Raises:
        ValueError: fractions, or numbers that are no codes.
    """
    if image.mode == "P":
        return np.asarray(image).astype(np.int32), "palette", bytes(image.getpalette("RGB") or ())
    if image.mode[:1] in ("I", "F"):
        numbers = np.asarray(image)
        if not (numbers == np.floor(numbers)).all() or numbers.min() < 0 or numbers.max() >= 2**24:
            raise ValueError("no codes of classes")
        return numbers.astype(np.int32), "grey", b""
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L")).astype(np.int32), "grey", b""
    bands = np.asarray(image.convert("RGBA")).astype(np.int32)
    red, green, blue, alpha = np.moveaxis(bands, 2, 0)
    if (red == green).all() and (red == blue).all():
        drawn_in_alpha = (red == red[0, 0]).all() and not (alpha == alpha[0, 0]).all()
        return (alpha if drawn_in_alpha else red), "grey", b""
    return (red << 16) + (green << 8) + blue, "colour", b""


def _squared(values: np.ndarray, fit: str) -> np.ndarray:
    """(64, 64) of (h, w), cut or padded as `picture` does it."""
    height, width = values.shape
    if fit == "crop":
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        values = values[top : top + side, left : left + side]
    if fit != "pad":
        return _nearest(values, IMAGE_SIZE, IMAGE_SIZE)
    scale = IMAGE_SIZE / max(height, width)
    inner = _nearest(values, max(1, round(height * scale)), max(1, round(width * scale)))
    padded = np.full((IMAGE_SIZE, IMAGE_SIZE), BAR, np.int32)
    top, left = ((IMAGE_SIZE - side) // 2 for side in inner.shape)
    padded[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    return padded


def _nearest(values: np.ndarray, height: int, width: int) -> np.ndarray:
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.int64)
        for new, old in zip((height, width), values.shape, strict=True)
    )
    return values[rows[:, None], columns]


def coloured(mask: Mask) -> np.ndarray:
    """Values as 0xRRGGBB."""
    if mask.kind == "palette":
        triples = np.frombuffer(mask.palette.ljust(3 * 256, b"\0"), np.uint8).reshape(-1, 3).astype(np.int32)
        table = (triples[:, 0] << 16) + (triples[:, 1] << 8) + triples[:, 2]
        return np.where(mask.values == BAR, BAR, table[mask.values])
    if mask.kind == "grey":
        return np.where(mask.values == BAR, BAR, np.clip(mask.values, 0, 255) * 0x010101)
    return mask.values
