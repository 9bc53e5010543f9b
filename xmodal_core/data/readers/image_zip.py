"""A zip of pictures: the folder that directly holds a picture is its class.

Folders above the class folder named train, val or test become splits. Every picture is centre-cropped to
a square and resized to 64 x 64; colour is kept unless all pictures are grey.
"""

import io
import re
import stat
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers import archive as archives
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS
from xmodal_core.errors import DataError

IMAGE_SIZE = 64
MAX_PIXELS = 50_000_000
MAX_RATIO = 100  # pictures are compressed already; a zip that shrinks them further is a bomb
MAX_CORRUPT_SHARE = 0.05
_RATIO_FROM_BYTES = 10 * 2**20
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
_SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
# what decoders raise on broken pictures, warnings included for runs that turn them into errors
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    NotImplementedError,
    struct.error,
    zlib.error,
    Warning,
)


def read_image_zip(upload: Upload) -> LabelledDataset:
    """Read a zip of class folders into (n, 1 or 3, 64, 64) in [0, 1].

    Raises:
        DataError: an unsafe or damaged archive, no class folders, or too many broken pictures.
    """
    if upload.reading.modality not in (None, Modality.IMAGE):
        raise DataError(
            f"{upload.name}: a zip of pictures is read as image, not {upload.reading.modality}; choose image."
        )
    if upload.reading.task not in (None, Task.CLASSIFICATION):
        raise DataError(
            f"{upload.name}: a zip of pictures has a folder per class, expected classification, not "
            f"{upload.reading.task}; choose classification, or save arrays with np.savez."
        )
    with archives.open_archive(upload) as archive:
        _check_ratio(upload, archive)
        pictures = _pictures(upload, archive)
        unlabelled = upload.reading.label == NO_LABELS
        places = [("", None) if unlabelled else _class_and_split(upload, path) for path, _ in pictures]
        pixels, broken = _decode_all(upload, archive, pictures)
    kept = [place for place, is_broken in zip(places, broken, strict=True) if not is_broken]
    n_broken = sum(broken)
    draft = Draft(
        upload.name,
        upload.filename,
        upload.reading,
        "zip of pictures",
        Modality.IMAGE,
        "read as images because the zip holds pictures",
        _scaled(pixels),
        np.array([name for name, _ in kept], np.str_),
        label_reason="the folder that holds a picture is its class",
        splits=_splits(upload, kept),
        split_reason="from the folders",
    )
    draft.changed.append(f"cropped to squares of {IMAGE_SIZE} x {IMAGE_SIZE}")
    if n_broken:
        draft.leave_out("pictures", [p.name for (p, _), b in zip(pictures, broken, strict=True) if b], "broken")
    return finish(draft)


def _check_ratio(upload: Upload, archive: zipfile.ZipFile) -> None:
    expanded = sum(entry.file_size for entry in archive.infolist())
    size = upload.size()
    if expanded > _RATIO_FROM_BYTES and expanded > MAX_RATIO * size:
        raise DataError(
            f"{upload.name}: unpacks to {expanded / size:,.0f} times its size, expected at most {MAX_RATIO} times for "
            "pictures; save them as PNG or JPEG and pack them again."
        )


def _pictures(upload: Upload, archive: zipfile.ZipFile) -> list[tuple[PurePosixPath, zipfile.ZipInfo]]:
    pictures, others = [], []
    for entry in archive.infolist():
        path = _safe_path(upload, entry)
        if entry.is_dir() or any(part.startswith(".") or part == "__MACOSX" for part in path.parts):
            continue
        if path.suffix.lower() in _SUFFIXES:
            pictures.append((path, entry))
        else:
            others.append(path.name)
    if not pictures:
        found = f"only {printable(', '.join(others[:5]))}" if others else "no files"
        raise DataError(
            f"{upload.name}: found {found}, expected PNG, JPEG, WEBP or BMP pictures in one folder per class; for "
            "arrays use the suffix .npz."
        )
    return pictures


def _safe_path(upload: Upload, entry: zipfile.ZipInfo) -> PurePosixPath:
    name = entry.orig_filename
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or re.search(r"\\|\0|^[A-Za-z]:", name):
        raise DataError(
            f"{upload.name}: the entry {printable(name)!r} points outside its folder or has an unsafe name, expected "
            "relative names such as cat/1.png; pack the folder again."
        )
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DataError(
            f"{upload.name}: the entry {printable(name)!r} is a link or a special file, expected only files and "
            "folders; replace links with the pictures."
        )
    return path


def _class_and_split(upload: Upload, path: PurePosixPath) -> tuple[str, str | None]:
    *above, class_name = path.parent.parts or ("",)
    if not class_name or class_name.lower() in _SPLIT_FOLDERS:
        where = f"directly in {class_name!r}" if class_name else "in no folder"
        raise DataError(
            f"{upload.name}: the picture {printable(path.name)!r} lies {where}, expected one folder per class, such as "
            "cat/1.png or train/cat/1.png; sort the pictures into folders."
        )
    return class_name, next((_SPLIT_FOLDERS[p.lower()] for p in above if p.lower() in _SPLIT_FOLDERS), None)


def _splits(upload: Upload, places: list[tuple[str, str | None]]) -> np.ndarray | None:
    splits = [split for _, split in places]
    n_without = splits.count(None)
    if n_without == len(splits):
        return None
    if n_without:
        raise DataError(
            f"{upload.name}: {n_without} of {len(splits)} pictures lie in no train, val or test folder while others "
            "do; put all of them in such folders or none."
        )
    return np.array(splits, dtype="<U5")


def _decode_all(
    upload: Upload, archive: zipfile.ZipFile, pictures: list[tuple[PurePosixPath, zipfile.ZipInfo]]
) -> tuple[np.ndarray, list[bool]]:
    """Pixels (kept, 64, 64, 3) uint8, and per picture whether it is broken and left out."""
    pixels = np.empty((len(pictures), IMAGE_SIZE, IMAGE_SIZE, 3), np.uint8)
    allowance = archives.MAX_EXPANDED_BYTES
    broken: list[bool] = []
    n_kept = 0
    for path, entry in pictures:
        content = archives.read_entry(upload, archive, entry, allowance)
        allowance -= len(content)
        picture = _decode(upload, path, bytes(content))
        broken.append(picture is None)
        if picture is not None:
            pixels[n_kept] = picture
            n_kept += 1
    if sum(broken) > MAX_CORRUPT_SHARE * len(broken):
        named = [path.name for (path, _), is_broken in zip(pictures, broken, strict=True) if is_broken]
        raise DataError(
            f"{upload.name}: {len(named)} of {len(broken)} pictures cannot be decoded (such as "
            f"{printable(', '.join(named[:3]))}), expected at most {MAX_CORRUPT_SHARE:.0%}; replace or remove them."
        )
    return pixels[:n_kept], broken


def _decode(upload: Upload, path: PurePosixPath, content: bytes) -> np.ndarray | None:
    """Pixels (64, 64, 3) uint8, or None where the picture is broken."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_large(upload, path)
            upright = ImageOps.exif_transpose(image)
            if upright.mode.startswith("I"):  # 16-bit grey: keep the high byte, conversion would clip
                high = np.clip(np.asarray(upright).astype(np.int64) >> 8, 0, 255)
                upright = Image.fromarray(high.astype(np.uint8))
            if upright.mode == "P":
                upright = upright.convert("RGBA")
            side = min(upright.size)
            left, top = (upright.width - side) // 2, (upright.height - side) // 2
            square = upright.convert("RGB").crop((left, top, left + side, top + side))
            return np.asarray(square.resize((IMAGE_SIZE, IMAGE_SIZE)))  # (64, 64, 3)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(upload, path) from error
    except _BROKEN:
        return None


def _too_large(upload: Upload, path: PurePosixPath) -> DataError:
    return DataError(
        f"{upload.name}: the picture {printable(path.name)!r} has more than {MAX_PIXELS // 10**6} million pixels; "
        "shrink it first."
    )


def _scaled(pixels: np.ndarray) -> np.ndarray:
    """(n, 64, 64, 3) bytes to (n, c, 64, 64) float32 in [0, 1], one channel where all pictures are grey."""
    is_grey = (pixels == pixels[..., :1]).all()
    planes = np.moveaxis(pixels[..., :1] if is_grey else pixels, 3, 1)  # (n, c, h, w)
    scaled: np.ndarray = np.divide(planes, np.float32(255), dtype=np.float32)
    return scaled
