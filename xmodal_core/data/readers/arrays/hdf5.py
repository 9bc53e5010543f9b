"""HDF5, also as MATLAB 7.3 writes it: data sets by their path; nothing outside the file is followed.

Only hard links are walked. External and virtual data sets, object references and rows of unequal length stay unread.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from xmodal_core.data.readers import archive as archives
from xmodal_core.data.readers.arrays.held import MAX_ARRAYS, Entry, Held
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

_DEEPEST = 16  # folders in folders
_MATLAB_TEXT = "char"


@contextmanager
def open_hdf5(upload: Upload) -> Iterator[Held]:
    """The data sets of an HDF5 file, by path without a first slash.

    Raises:
        DataError: the file is damaged.
    """
    import h5py

    upload.stream.seek(0)
    with _damage_told(upload):
        file = h5py.File(upload.stream, "r")
    with file:
        held = Held("HDF5", [])
        with _damage_told(upload):
            _walk(upload, file, "", held, set())
            if any("MATLAB_class" in file[entry.name].attrs for entry in held.entries):
                held.format, held.counts_from = "MATLAB 7.3", 1
        yield held


@contextmanager
def _damage_told(upload: Upload) -> Iterator[None]:
    """Whatever h5py makes of damage in one sentence; no list of it is documented."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        raise DataError(
            f"{upload.name}: the HDF5 file is damaged or cut short, expected a complete one; save or upload it again."
        ) from error


def _walk(upload: Upload, group: Any, path: str, held: Held, seen: set[bytes]) -> None:
    import h5py

    for key in group:
        if len(held.entries) + len(held.unread) >= MAX_ARRAYS:
            raise DataError(f"{upload.name}: has more than {MAX_ARRAYS:,} arrays; keep those that are needed.")
        name = f"{path}{key}"
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            held.unread.append((name, "a link, which is not followed"))
            continue
        item = group[key]
        if isinstance(item, h5py.Group):
            token = h5py.h5o.get_info(item.id)
            place = f"{token.fileno}/{token.addr}".encode()
            if place not in seen and path.count("/") < _DEEPEST and not name.startswith("#"):
                seen.add(place)
                _walk(upload, item, f"{name}/", held, seen)
        elif isinstance(item, h5py.Dataset):
            reason = _unreadable(item)
            if reason:
                held.unread.append((name, reason))
            else:
                held.entries.append(_entry(upload, name, item))


def _unreadable(item: Any) -> str:
    """Why a data set is not read, empty where it can be."""
    import h5py

    if item.is_virtual or item.external:
        return "its values lie in another file"
    if item.shape is None:
        return "it has no value"
    if "MATLAB_empty" in item.attrs:
        return "it is empty"
    if item.dtype.kind == "O" and h5py.check_string_dtype(item.dtype) is None:
        return "it holds references or rows of unequal length"
    if item.dtype.kind not in "biufcSUO":
        return f"it holds {item.dtype.kind!r} records" if item.dtype.names is None else "it holds records"
    return ""


def _entry(upload: Upload, name: str, item: Any) -> Entry:
    import h5py

    kind = item.attrs.get("MATLAB_class", b"")
    kind = kind.decode("latin-1") if isinstance(kind, bytes) else str(kind)
    text = h5py.check_string_dtype(item.dtype) is not None
    shape = tuple(item.shape)[::-1] if kind else tuple(item.shape)  # MATLAB counts columns first
    dtype = np.dtype(np.bool_ if kind == "logical" else "U1" if text else item.dtype)
    if kind == _MATLAB_TEXT:
        shape, dtype = shape[:1], np.dtype("U1")

    def load() -> np.ndarray:
        archives.check_expanded(upload, math.prod(item.shape) * item.dtype.itemsize)
        with _damage_told(upload):
            values = item[()]
        if text:
            return _strings(upload, values)
        if kind == _MATLAB_TEXT:
            return np.array(["".join(map(chr, row)).strip() for row in np.atleast_2d(values.T).tolist()])
        return np.asarray(values.T if kind else values, dtype if kind == "logical" else None)

    return Entry(name, shape, dtype, load)


def _strings(upload: Upload, values: Any) -> np.ndarray:
    """Strings as fixed-width bytes, whose encoding is for the interpreter."""
    values = np.asarray(values, dtype=object)
    texts = [one if isinstance(one, bytes) else str(one).encode() for one in values.reshape(-1).tolist()]
    archives.check_expanded(upload, 4 * len(texts) * max(map(len, texts), default=0))
    return np.array(texts, np.bytes_).reshape(values.shape)
