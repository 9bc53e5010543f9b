"""NumPy archives: arrays `X` and `y`; optional `task`, `class_names`, `split`, `is_categorical`, `sampling_rate_hz`.

The array headers are parsed here and the numbers taken straight from the bytes, so no pickled object is
ever loaded and no array is allocated on the word of a header.
"""

import io
import math
import struct
import tokenize
from collections.abc import Collection

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers import archive as archives
from xmodal_core.data.readers.finish import finish
from xmodal_core.data.readers.labels import decoded
from xmodal_core.data.readers.layout import MAX_CODES, arrange, guess_modality
from xmodal_core.data.readers.targets import on_cells, parse_task
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS
from xmodal_core.errors import DataError

_OPTIONAL = ("task", "class_names", "split", "is_categorical", "sampling_rate_hz")
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


def read_npz(upload: Upload) -> LabelledDataset:
    """Read `X`, `y` and the optional arrays of a NumPy archive.

    Raises:
        DataError: anything that keeps the arrays from being a labelled data set.
    """
    labels_in, samples_in = upload.reading.label or "y", upload.reading.samples or "X"
    unlabelled = upload.reading.label == NO_LABELS
    arrays = read_arrays(upload, {samples_in, labels_in, *_OPTIONAL})
    for needed in (samples_in,) if unlabelled else (samples_in, labels_in):
        if needed not in arrays:
            raise DataError(
                f"{upload.name}: found no array {printable(needed)!r}, expected X (samples) and y (labels); save them "
                "with np.savez(file, X=X, y=y)."
            )
    inputs = _checked_inputs(upload, arrays[samples_in])
    labels = np.empty(0) if unlabelled else arrays[labels_in]
    categorical = _categorical(upload, arrays, inputs)
    modality, reason = guess_modality(inputs)
    if upload.reading.modality is not None:
        modality, reason = Modality(upload.reading.modality), "read as chosen"
    elif categorical is not None:
        modality, reason = Modality.TABULAR, "read as a table because is_categorical is given"
    elif (
        modality is Modality.IMAGE
        and inputs.dtype != np.uint8
        and on_cells(arrange(upload.name, inputs, modality), labels, modality)
    ):
        modality, reason = Modality.FIELD, "read as fields because y has a value for every cell of X"
    arranged = arrange(upload.name, inputs, modality)
    counts: tuple[int, ...] = ()
    if modality is Modality.TABULAR:
        arranged, counts, note = _coded(upload, arranged, categorical)
        reason += note
    return finish(
        Draft(
            upload.name,
            upload.filename,
            upload.reading,
            ".npz of NumPy",
            modality,
            reason,
            arranged,
            labels,
            class_names=_class_names(upload, arrays),
            task=parse_task(upload.name, arrays["task"]) if "task" in arrays else None,
            splits=arrays.get("split"),
            category_counts=counts,
            sampling_rate_hz=_rate(upload, arrays) if modality is Modality.SERIES else None,
        )
    )


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


def parse_array(upload: Upload, name: str, content: bytearray) -> np.ndarray:
    """One array from the bytes of a `.npy`, without copying and without unpickling anything.

    Raises:
        DataError: no such bytes, or an array of objects.
    """
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)  # type: ignore[no-untyped-call]
        parse = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, is_fortran, dtype = parse(stream)  # type: ignore[no-untyped-call]
    except _BAD_HEADER as error:
        raise DataError(
            f"{upload.name}: {printable(name)} is not a NumPy array ({printable(str(error).splitlines()[0])[:60]}), "
            "expected an archive written by np.savez; save it again."
        ) from error
    if dtype.hasobject:
        raise DataError(
            f"{upload.name}: {printable(name)} holds pickled Python objects, which can run code; save plain arrays, "
            "such as X.astype('float32') for numbers or np.array(texts, dtype=str) for strings."
        )
    start = stream.tell()
    if min(shape, default=0) < 0 or not dtype.itemsize or math.prod(shape) * dtype.itemsize != len(content) - start:
        raise DataError(
            f"{upload.name}: {printable(name)} of shape {printable(str(shape))} and type {dtype} does not match its "
            f"{len(content) - start:,} bytes; save it again."
        )
    if not math.prod(shape):
        return np.empty(0, dtype)  # an empty array has no layout worth keeping
    array = np.frombuffer(content, dtype, offset=start).reshape(shape, order="F" if is_fortran else "C")
    return _valid_text(upload, name, array) if dtype.kind == "U" else array


def _valid_text(upload: Upload, name: str, array: np.ndarray) -> np.ndarray:
    code_points = np.ascontiguousarray(array).reshape(-1).view(np.dtype("u4").newbyteorder(array.dtype.byteorder))
    if ((code_points > 0x10FFFF) | ((code_points >= 0xD800) & (code_points <= 0xDFFF))).any():
        raise DataError(f"{upload.name}: {printable(name)} holds code points that are not Unicode; save it again.")
    return array


def _checked_inputs(upload: Upload, inputs: np.ndarray) -> np.ndarray:
    if inputs.dtype.kind not in "biufSU":
        raise DataError(
            f"{upload.name}: X has type {inputs.dtype}, expected numbers or strings; convert it, for complex values "
            "to magnitude and phase."
        )
    if inputs.ndim > 4 and upload.reading.modality is None:
        raise DataError(
            f"{upload.name}: X has shape {inputs.shape}, expected one to four axes with the samples first; merge axes."
        )
    if inputs.dtype.kind == "S":
        # one UTF-8 byte becomes at most one four-byte character
        archives.check_expanded(upload, 4 * inputs.nbytes)
        return decoded(upload.name, "X", inputs)
    return inputs


def _class_names(upload: Upload, arrays: dict[str, np.ndarray]) -> list[str]:
    names = arrays.get("class_names")
    if names is None or not names.size:
        return []
    if names.ndim != 1 or names.dtype.kind not in "SUiu":
        raise DataError(
            f"{upload.name}: class_names has shape {names.shape} and type {names.dtype}, expected one string per "
            "class; correct it or leave it out."
        )
    return [str(n) for n in decoded(upload.name, "class_names", names).tolist()]


def _categorical(upload: Upload, arrays: dict[str, np.ndarray], inputs: np.ndarray) -> np.ndarray | None:
    flags = arrays.get("is_categorical")
    if flags is None:
        return None
    if flags.dtype != np.bool_ or inputs.ndim != 2 or flags.shape != inputs.shape[1:] or inputs.dtype.kind in "SU":
        raise DataError(
            f"{upload.name}: is_categorical has shape {flags.shape} and type {flags.dtype} for X of shape "
            f"{inputs.shape}, expected one True or False per feature of a table; correct it or leave it out."
        )
    return flags


def _coded(
    upload: Upload, table: np.ndarray, categorical: np.ndarray | None
) -> tuple[np.ndarray, tuple[int, ...], str]:
    """The table with NaN among categories as a category of its own, category counts, and a note about it."""
    if categorical is None:
        return table, (), ""
    table, counts, n_missing = table.copy(), [0] * table.shape[1], 0
    for index in np.flatnonzero(categorical):
        column = table[:, index]  # a view
        missing = np.isnan(column)
        known = column[~missing]
        if not ((known >= 0) & (known < MAX_CODES) & (known == np.floor(known))).all():
            raise DataError(
                f"{upload.name}: feature {index} is marked categorical but holds other values than codes, expected "
                f"whole numbers from 0 to {MAX_CODES - 1}; number its categories or unmark it."
            )
        n_codes = int(known.max(initial=-1)) + 1
        column[missing] = n_codes
        counts[index] = n_codes + bool(missing.any())
        n_missing += int(missing.sum())
    return table, tuple(counts), f", {n_missing} missing categories kept as a category" if n_missing else ""


def _rate(upload: Upload, arrays: dict[str, np.ndarray]) -> float | None:
    rate = arrays.get("sampling_rate_hz")
    if rate is None:
        return None
    if rate.size != 1 or rate.dtype.kind not in "iuf" or not 0 < float(rate.reshape(-1)[0]) < math.inf:
        raise DataError(f"{upload.name}: sampling_rate_hz is not one positive number; correct it or leave it out.")
    return float(rate.reshape(-1)[0])
