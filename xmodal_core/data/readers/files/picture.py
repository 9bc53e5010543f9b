"""One picture file -> a small square of pixels, with what was found on the way."""

import io
import struct
import threading
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.files.tree import Entry
from xmodal_core.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

IMAGE_SIZE = 64
MAX_PIXELS = 50_000_000
_LARGE_PIXELS = 8_000_000  # of these, one at a time is held in memory
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
_ORIENTATION, _BITS, _N_BANDS = 0x0112, 258, 277  # tags of EXIF and TIFF
_DEEP = ("I", "F")  # how the modes begin that hold more than a byte a pixel
# what decoders raise on broken pictures, warnings included for runs that turn them into errors
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
    Warning,
)
_one_large = threading.Lock()


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture, squared and small.

    Attributes:
        pixels: (64, 64, 3) uint8; on black, where it is transparent. Of a deep picture (64, 64) float32 in its units.
        alpha: (64, 64) uint8, 255 where nothing shines through; None where nothing does anywhere.
        size: width and height in the file, upright.
        frames: it has more than the one that was read.
        turned: its EXIF said that it lies on its side.
        depth_lost: it has 16 bits a colour, of which 8 were read.
        bands_lost: it has a band behind three colours that is no transparency, and was not read.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None
    size: tuple[int, int]
    frames: bool
    turned: bool
    depth_lost: bool
    bands_lost: bool = False


def decode_picture(name: str, entry: Entry, content: bytes, fit: str) -> Picture | None:
    """A picture from its bytes; None where it is broken.

    Args:
        name: of the data set, for messages.
        entry: which file.
        content: its bytes; only the formats named here are tried, whatever its suffix says.
        fit: crop, pad or stretch.

    Raises:
        DataError: too many pixels.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            n_pixels = image.width * image.height
            if n_pixels > MAX_PIXELS:
                raise _too_large(name, entry)
            if n_pixels <= _LARGE_PIXELS:
                return _decoded(image, content, fit)
            with _one_large:
                return _decoded(image, content, fit)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name, entry) from error
    except BROKEN:
        return None


def prepare() -> None:
    """Load the decoders, which two threads must not do at once."""
    from PIL import Image

    Image.init()


def is_flat(content: bytes) -> bool:
    """Whether a picture has few values in large areas, as masks do and photographs do not."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return False
            grey = image if image.mode in ("1", "P", "L") else image.convert("L")
            counts = np.bincount(np.asarray(grey).reshape(-1).astype(np.uint8) >> 2)
    except (Image.DecompressionBombError, *BROKEN):
        return False
    return bool(np.sort(counts)[-8:].sum() > 0.9 * counts.sum())


def _decoded(image: "Image.Image", content: bytes, fit: str) -> Picture:
    from PIL import ImageOps

    frames = bool(getattr(image, "is_animated", False)) and image.format != "MPO"  # a photograph and its preview
    bits = getattr(image, "tag_v2", {}).get(_BITS, ())
    turned = image.getexif().get(_ORIENTATION, 1) not in (0, 1)
    upright = ImageOps.exif_transpose(image)
    size = upright.size
    if upright.mode.startswith(_DEEP):
        return Picture(_deep(upright, fit), None, size, frames, turned, depth_lost=False)
    png = content[:4] == b"\x89PNG" and content[24:25] == b"\x10"
    n_bands = getattr(image, "tag_v2", {}).get(_N_BANDS, 0)
    depth_lost = png or (isinstance(bits, tuple) and len(bits) > 1 and max(bits) > 8)
    if "A" in upright.getbands() or "a" in upright.getbands() or "transparency" in upright.info:
        pixels, alpha = _on_black(upright.convert("RGBA"), fit)
    else:
        pixels, alpha = np.asarray(_square(upright.convert("RGB"), fit)), None  # (64, 64, 3)
    return Picture(pixels, alpha, size, frames, turned, depth_lost, bands_lost=upright.mode == "RGB" and n_bands > 3)


def _on_black(image: "Image.Image", fit: str) -> tuple[np.ndarray, np.ndarray | None]:
    from PIL import Image

    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return np.asarray(_square(image.convert("RGB"), fit)), None
    black = Image.new("RGB", image.size)
    black.paste(image.convert("RGB"), mask=alpha)  # (64, 64, 3), and (64, 64)
    return np.asarray(_square(black, fit)), np.asarray(_square(alpha, fit))


def _deep(image: "Image.Image", fit: str) -> np.ndarray:
    from PIL import Image

    values = np.asarray(image).astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("a value that is no number")
    square = np.asarray(_square(Image.fromarray(values), fit))  # (64, 64)
    return np.clip(square, values.min(), values.max())  # resizing shoots over at edges


def _square(image: "Image.Image", fit: str) -> "Image.Image":
    """Its middle, all of it between black bars, or all of it distorted, at 64 x 64."""
    from PIL import Image

    if fit == "crop":
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side))
    elif fit == "pad":
        side = max(image.size)
        scale = IMAGE_SIZE / side
        inner = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
        padded = Image.new(image.mode, (IMAGE_SIZE, IMAGE_SIZE), 255 if image.mode == "L" else 0)  # bars are opaque
        padded.paste(inner, ((IMAGE_SIZE - inner.width) // 2, (IMAGE_SIZE - inner.height) // 2))
        return padded
    return image.resize((IMAGE_SIZE, IMAGE_SIZE))


def _too_large(name: str, entry: Entry) -> DataError:
    return DataError(
        f"{name}: the picture {printable(entry.path.name)!r} has more than {MAX_PIXELS // 10**6} million pixels; "
        "shrink it first."
    )
