"""MATLAB files before 7.3: numeric arrays, characters and cells of words; structs and objects stay unread."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers import archive as archives
from xmodal_core.data.readers.arrays.held import MAX_ARRAYS, Entry, Held
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError

_TYPES = {
    **{"double": "f8", "single": "f4", "logical": "?", "char": "U1", "cell": "U1"},
    **{f"{sign}int{bits}": f"{sign or 'i'}{bits // 8}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}


@contextmanager
def open_matlab(upload: Upload) -> Iterator[Held]:
    """The variables of a `.mat` file.

    Raises:
        DataError: the file is damaged.
    """
    from scipy.io import whosmat

    upload.stream.seek(0)
    try:
        found = whosmat(upload.stream)
    except Exception as error:  # whatever scipy makes of damage: no list of it is documented
        raise _damaged(upload) from error
    if len(found) > MAX_ARRAYS:
        raise DataError(f"{upload.name}: has {len(found):,} variables, expected at most {MAX_ARRAYS:,}.")
    held = Held("MATLAB", [], counts_from=1)
    for name, shape, kind in found:
        if kind in _TYPES and min(shape, default=0) >= 0:
            held.entries.append(_entry(upload, name, tuple(map(int, shape)), kind))
        else:
            held.unread.append((name, f"a MATLAB {printable(kind, 20)}"))
    yield held


def _entry(upload: Upload, name: str, shape: tuple[int, ...], kind: str) -> Entry:
    dtype = np.dtype(_TYPES[kind])
    if kind == "char":
        shape = shape[:1]

    def load() -> np.ndarray:
        from scipy.io import loadmat

        archives.check_expanded(upload, math.prod(shape) * dtype.itemsize)
        upload.stream.seek(0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about variables that are not read
                array = loadmat(upload.stream, variable_names=[name])[name]
        except Exception as error:
            raise _damaged(upload) from error
        if kind == "cell":
            return _words(upload, name, array)
        if not isinstance(array, np.ndarray) or array.dtype.hasobject:
            raise DataError(f"{upload.name}: {printable(name)} is no plain array; save it as numbers or characters.")
        if kind == "char":
            return np.char.strip(array.reshape(-1))
        # whole numbers are kept in fewer bytes than their class has; casting complex ones would lose half of them
        return array if array.dtype.kind == "c" else array.astype(dtype)

    return Entry(name, shape, dtype, load)


def _words(upload: Upload, name: str, cells: np.ndarray) -> np.ndarray:
    """A cell array of words as strings."""
    words = [np.asarray(cell).reshape(-1) for cell in cells.reshape(-1).tolist()]
    if not all(word.dtype.kind == "U" and len(word) <= 1 for word in words):
        raise DataError(
            f"{upload.name}: {printable(name)} is a cell array of other things than words, such as series of unequal "
            "length, expected plain numbers; pad them with NaN to one length in MATLAB and save one array."
        )
    return np.array([str(word[0]) if len(word) else "" for word in words]).reshape(cells.shape)


def _damaged(upload: Upload) -> DataError:
    return DataError(
        f"{upload.name}: the MATLAB file is damaged or cut short, expected a complete one; save or upload it again, "
        "with -v7.3 if this goes on."
    )
