"""`.safetensors`: a JSON header, then the numbers; both are held against each other before anything is taken."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays.held import MAX_ARRAYS, Entry, Held
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError
from xmodal_core.values import parse_json

_MAX_HEADER_BYTES = 2**24
_TYPES = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1"},
    **{"U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?"},
}


@contextmanager
def open_tensors(upload: Upload) -> Iterator[Held]:
    """The arrays of a safetensors file; a list of words in its metadata, such as class names, is one of them.

    Raises:
        DataError: the header is damaged or does not match the file.
    """
    size = upload.size()
    n_header = int.from_bytes(upload.stream.read(8), "little")
    if not 2 <= n_header <= min(_MAX_HEADER_BYTES, size - 8):
        raise _damaged(upload, f"its header has {n_header:,} of {size:,} bytes")
    try:
        header = parse_json(upload.stream.read(n_header).decode("utf-8"))
        if not isinstance(header, dict) or len(header) > MAX_ARRAYS:
            raise ValueError(f"expected an object of at most {MAX_ARRAYS:,} arrays")
        metadata = header.pop("__metadata__", {})
        entries = [_entry(upload, str(name), found, 8 + n_header, size) for name, found in header.items()]
        entries += _lists(metadata if isinstance(metadata, dict) else {})
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        own = str(error) if type(error) is ValueError else "its header is not as it should be"  # not what json says
        raise _damaged(upload, own) from error
    yield Held("safetensors", entries)


def _entry(upload: Upload, name: str, found: dict[str, object], start: int, size: int) -> Entry:
    kind, shape, place = str(found["dtype"]), _whole(found["shape"]), _whole(found["data_offsets"])
    if kind not in _TYPES:
        raise ValueError(f"{name} has type {kind}")
    dtype, (first, last) = np.dtype(_TYPES[kind]), place
    if last - first != math.prod(shape) * dtype.itemsize or start + last > size:
        raise ValueError(f"{name} of shape {shape} and type {kind} does not match its {last - first:,} bytes")

    def load() -> np.ndarray:
        upload.stream.seek(start + first)
        array = np.frombuffer(upload.stream.read(last - first), dtype).reshape(shape)
        if kind == "BF16":  # the upper half of a float32
            return (array.astype(np.uint32) << 16).view(np.float32)
        return array

    return Entry(name, shape, np.dtype(np.float32) if kind == "BF16" else dtype, load)


def _whole(values: object) -> tuple[int, ...]:
    if not isinstance(values, list) or not all(type(value) is int and 0 <= value < 2**48 for value in values):
        raise ValueError("its shapes and places are no lists of whole numbers")
    return tuple(values)


def _lists(metadata: dict[str, object]) -> list[Entry]:
    found = []
    for name, text in metadata.items():
        try:
            words = parse_json(text) if isinstance(text, str) else None
        except ValueError:
            continue
        if isinstance(words, list) and words and all(isinstance(word, str) for word in words):
            array = np.array(words, np.str_)
            found.append(Entry(str(name), array.shape, array.dtype, _given(array)))
    return found


def _given(array: np.ndarray) -> Callable[[], np.ndarray]:
    return lambda: array


def _damaged(upload: Upload, reason: str) -> DataError:
    return DataError(
        f"{upload.name}: the file is damaged or no safetensors file ({printable(reason, 120).rstrip('.')}), expected "
        "one that safetensors wrote; save or upload it again."
    )
