"""NumPy archives: a zip of `.npy` files, by whatever suffix.

The array headers are parsed here and the numbers taken straight from the bytes, so no pickled object is
ever loaded and no array is allocated on the word of a header.
"""

import io
import math
import struct
import sys
import tokenize
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers import archive as archives
from xmodal_core.data.readers.arrays.held import MAX_ARRAYS, Entry, Held
from xmodal_core.data.readers.arrays.names import LABELS, SAMPLES, parse
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

_BAD_HEADER = (
    ValueError,
    TypeError,
    SyntaxError,
    LookupError,
    struct.error,
    tokenize.TokenError,
    RecursionError,
    MemoryError,
    OverflowError,
)
_HEADER_BYTES = 2**16 + 12
_LISTS = (".csv", ".tsv", ".jsonl")
_MANY = 6  # arrays beside a list from which they are one a sample: no archive has so many parts
_NO_CONTENT = ("__MACOSX", ".DS_Store", "Thumbs.db")  # what operating systems add to archives


def is_array_archive(names: Sequence[str]) -> bool:
    """Whether a zip with these files is one of arrays, whatever its suffix."""
    own = [name for name in names if _is_content(name)]
    return any(name.endswith(".npy") for name in own) and sum(not name.endswith(".npy") for name in own) <= len(own) / 2


@contextmanager
def open_npz(upload: Upload) -> Iterator[Held]:
    """The arrays of a zip of `.npy` files, by their names without folders where these stay different.

    Raises:
        DataError: the archive is damaged or too large, or holds no arrays.
    """
    with archives.open_archive(upload) as archive:
        infos = [info for info in archive.infolist() if _is_content(info.filename)]
        arrays = [info for info in infos if info.filename.endswith(".npy")]
        if len(arrays) > MAX_ARRAYS:
            raise DataError(
                f"{upload.name}: found {len(arrays):,} arrays, expected at most {MAX_ARRAYS}; save the samples in one "
                "with np.savez(file, X=np.stack(arrays), y=labels)."
            )
        held = Held("arrays of NumPy", [_entry(upload, archive, info) for info in arrays])
        held.entries = _shortened(held.entries)
        held.unread = [(info.filename, "a file that is no array") for info in infos if info not in arrays]
        yield held


def _is_content(name: str) -> bool:
    return not name.endswith("/") and not any(part in _NO_CONTENT or part.startswith("._") for part in name.split("/"))


def are_single_samples(names: Sequence[str]) -> bool:
    """Whether the arrays of these files are one a sample, in class folders or beside a list, and have no names."""
    own = [PurePosixPath(name) for name in names if _is_content(name) and name.endswith(".npy")]
    bases = {parse(path.stem).base for path in own}
    if bases & {*SAMPLES} and bases & {*LABELS}:  # a folder a part: x.npy and y.npy in each
        return False
    folders = [str(path.parent) for path in own]
    if len(set(folders)) > 1 and len(folders) >= 3 * len(set(folders)) and "." not in folders:
        return True
    has_list = any(_is_content(name) and PurePosixPath(name).suffix.lower() in _LISTS for name in names)
    return has_list and len(folders) >= _MANY


def _shortened(entries: list[Entry]) -> list[Entry]:
    """Names without the folders that all have in common."""
    parts = [entry.name.split("/") for entry in entries]
    common = 0
    while (
        parts and len({tuple(one[: common + 1]) for one in parts}) == 1 and all(len(one) > common + 1 for one in parts)
    ):
        common += 1
    return [Entry("/".join(own[common:]), e.shape, e.dtype, e.load) for own, e in zip(parts, entries, strict=True)]


def _entry(upload: Upload, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    name = info.filename.removesuffix(".npy")
    start = archives.read_start(upload, archive, info, _HEADER_BYTES)
    shape, _, dtype = _parse_header(upload, name, io.BytesIO(start))
    if not dtype.hasobject and math.prod(shape) * dtype.itemsize > info.file_size:
        raise _unlike_its_header(upload, name, shape, dtype, info.file_size)

    def load() -> np.ndarray:
        return parse_array(upload, name, archives.read_entry(upload, archive, info, archives.MAX_EXPANDED_BYTES))

    return Entry(name, shape, dtype, load)


def read_arrays(upload: Upload, names: Collection[str], limit: int | None = None) -> dict[str, np.ndarray]:
    """The named arrays of an archive, those that it has.

    Args:
        upload: the file.
        names: arrays wanted.
        limit: most unpacked bytes; `archive.MAX_EXPANDED_BYTES` when None.

    Raises:
        DataError: the archive is damaged or too large, or an array is pickled.
    """
    arrays: dict[str, np.ndarray] = {}
    allowance = archives.MAX_EXPANDED_BYTES if limit is None else limit
    with archives.open_archive(upload, limit) as archive:
        for entry in archive.infolist():
            name = entry.filename.removesuffix(".npy")
            if name in names:
                content = archives.read_entry(upload, archive, entry, allowance)
                allowance -= len(content)
                arrays[name] = parse_array(upload, name, content)
    return arrays


def _parse_header(upload: Upload, name: str, stream: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether columns come first, and type; leaves the stream where the numbers begin."""
    try:
        version = np.lib.format.read_magic(stream)  # type: ignore[no-untyped-call]
        parse = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, is_fortran, dtype = parse(stream)  # type: ignore[no-untyped-call]
        if min(shape, default=0) < 0 or max(shape, default=0) > sys.maxsize:
            raise ValueError(f"its shape is {shape}")
        return shape, is_fortran, dtype
    except _BAD_HEADER as error:
        raise DataError(
            f"{upload.name}: {printable(name)} is not a NumPy array, or its header is damaged, expected an archive "
            "written by np.savez; save it again."
        ) from error


def parse_array(upload: Upload, name: str, content: bytearray) -> np.ndarray:
    """The array in the bytes of a `.npy` file.

    Raises:
        DataError: its header lies, or it holds objects or impossible text.
    """
    stream = io.BytesIO(content)
    shape, is_fortran, dtype = _parse_header(upload, name, stream)
    if dtype.hasobject:
        raise DataError(
            f"{upload.name}: {printable(name)} holds pickled Python objects, which can run code; save plain arrays, "
            "such as X.astype('float32') for numbers or np.array(texts, dtype=str) for strings."
        )
    start = stream.tell()
    if not dtype.itemsize or math.prod(shape) * dtype.itemsize != len(content) - start:
        raise _unlike_its_header(upload, name, shape, dtype, len(content) - start)
    if not math.prod(shape):
        return np.empty(0, dtype)  # an empty array has no layout worth keeping
    array = np.frombuffer(content, dtype, offset=start).reshape(shape, order="F" if is_fortran else "C")
    return _valid_text(upload, name, array) if dtype.kind == "U" else array


def _unlike_its_header(upload: Upload, name: str, shape: tuple[int, ...], dtype: np.dtype, n_bytes: int) -> DataError:
    return DataError(
        f"{upload.name}: {printable(name)} of shape {printable(str(shape))} and type {dtype} does not match its "
        f"{n_bytes:,} bytes; save it again."
    )


def _valid_text(upload: Upload, name: str, array: np.ndarray) -> np.ndarray:
    code_points = np.ascontiguousarray(array).reshape(-1).view(np.dtype("u4").newbyteorder(array.dtype.byteorder))
    if ((code_points > 0x10FFFF) | ((code_points >= 0xD800) & (code_points <= 0xDFFF))).any():
        raise DataError(f"{upload.name}: {printable(name)} holds code points that are not Unicode; save it again.")
    return array
