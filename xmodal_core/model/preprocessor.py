"""What the preprocessor in a body's folder says of the images that the body was trained on."""

import math
from pathlib import Path
from typing import TypeGuard

from xmodal_core.errors import ModelError
from xmodal_core.model.folder import read_object, title
from xmodal_core.model.image_scale import ImageScale

_FILE = "preprocessor_config.json"
_LARGEST_CROP = 4096  # pixels a side, far beyond what any body was trained on
_WHITE = 255  # images are stored in bytes, and image processors speak of them so


def image_scale(folder: Path, n_channels: int = 3) -> ImageScale:
    """What the folder's preprocessor does to images, for images in [0, 1]; the usual scale where it has none.

    A preprocessor takes bytes v in [0, 255] to (v * rescale_factor - image_mean) / image_std. Without `do_rescale` the
    means are in the unit of the images, bytes where one is above 1; without `do_normalize` images are only rescaled.

    Args:
        folder: of the body.
        n_channels: of the images that the body was trained on.

    Raises:
        ModelError: a mean is no brightness of an image, a deviation is not above 0, or there are more or fewer than
            channels.
    """
    path = folder / _FILE
    if not path.is_file():
        return ImageScale()
    values = read_object(path)
    if values.get("do_normalize") is False:
        return ImageScale((0.0,), (1.0,))
    if values.get("image_mean") is None and values.get("image_std") is None:
        return ImageScale()
    mean, std = (_per_channel(path, name, values.get(name), n_channels) for name in ("image_mean", "image_std"))
    white = 1.0 if max(mean) <= 1 else float(_WHITE)
    if values.get("do_rescale") is not False:
        factor = values.get("rescale_factor", 1 / _WHITE)
        white = _WHITE * factor if _is_number(factor) and factor > 0 else math.nan
    if not all(0 <= m <= white for m in mean) or not all(s > 0 for s in std):
        raise ModelError(
            f"{title(folder)}: {_FILE} has image_mean {values['image_mean']} and image_std "
            f"{values['image_std']}, expected means between black and white and deviations above 0; correct them, or "
            "remove the file."
        )
    if math.isclose(white, 1.0):
        return ImageScale(mean, std)
    return ImageScale(tuple(m / white for m in mean), tuple(s / white for s in std))


def image_crop(folder: Path) -> tuple[int, int] | None:
    """Height and width that the folder's preprocessor crops images to; None where it does not say.

    Raises:
        ModelError: a size that no body was trained on.
    """
    path = folder / _FILE
    values = read_object(path) if path.is_file() else {}
    size = values.get("crop_size")
    size = {"height": size, "width": size} if isinstance(size, int) else size
    if values.get("do_center_crop") is False or not isinstance(size, dict):
        return None
    height, width = size.get("height"), size.get("width")
    if not (isinstance(height, int) and isinstance(width, int) and min(height, width) > 0):
        return None
    if max(height, width) > _LARGEST_CROP:
        raise ModelError(
            f"{title(folder)}: {path.name} crops images to {height:,} x {width:,}, expected at most "
            f"{_LARGEST_CROP:,} a side; correct crop_size, or remove the file."
        )
    return height, width


def _per_channel(path: Path, name: str, found: object, n_channels: int) -> tuple[float, ...]:
    given = found if isinstance(found, list) else [found]
    numbers = tuple(float(value) for value in given if _is_number(value))
    if len(numbers) == len(given) and (len(numbers) in (1, n_channels) or len(set(numbers)) == 1):
        return numbers if len(set(numbers)) > 1 else numbers[:1]
    raise ModelError(
        f"{title(path.parent)}: {path.name} has {name} {str(found)[:60]}, expected a number for each of {n_channels} "
        "channel(s); correct it, or remove the file."
    )


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
