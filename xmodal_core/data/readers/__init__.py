"""Bytes to `LabelledDataset`: one file a format, one line of `READERS` a suffix.

A file is refused on sight where its suffix or its first bytes say that it is something else.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.archive import names_in
from xmodal_core.data.readers.arrays.read import (
    OPENERS,
    read_annotated,
    read_hdf5,
    read_mat,
    read_npz,
    read_tensors,
    read_together,
)
from xmodal_core.data.readers.fasta import read_fasta
from xmodal_core.data.readers.files.reader import read_files
from xmodal_core.data.readers.members import Members, find_members, read_members
from xmodal_core.data.readers.npz import are_single_samples, is_array_archive
from xmodal_core.data.readers.recognise import check_suffix, content, mend
from xmodal_core.data.readers.series.ts import read_ts, read_ts_of_splits
from xmodal_core.data.readers.stored import EVERY_FIELD, is_stored_archive, read_back
from xmodal_core.data.readers.table import read_table, read_tables
from xmodal_core.data.readers.tables import FORMATS
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import NO_LABELS, Reading
from xmodal_core.errors import DataError

__all__ = ["MAX_FILE_BYTES", "READERS", "Reader", "read"]

MAX_FILE_BYTES = 2**30  # .streamlit/config.toml has the same number in MiB
_START = 512  # bytes that tell what a file is

_ALL = frozenset({"modality", "task", "missing", "split", "group", "time", "ignore"})
_ARRAYS = _ALL | {"samples", "label", "axes", "drop", "length", "steps", "encoding", "first"}
_COLUMNS = _ALL | {"label", "axes", "drop", "number", "category", "text", "id", "fill", "dates", "length", "steps"}
_TEXT_COLUMNS = _COLUMNS | {"decimal", "thousands", "separator", "encoding", "header"}
_FILES = _ALL | {"axes", "level", "fit", "ground", "drop", "label", "encoding", "length", "steps"}
_SERIES = frozenset({"modality", "task", "missing", "length", "steps"})
_LETTERS = frozenset({"modality", "task", "missing", "label", "split"})


@dataclass(frozen=True)
class Reader:
    """How files of a suffix are read.

    Attributes:
        title: what they are, for a person.
        read: takes the file.
        content: what their first bytes say; None where they are text.
        takes: what a person may say about them, names of fields of `Reading`.
        also: what else their first bytes may say.
    """

    title: str
    read: Callable[[Upload], LabelledDataset]
    content: str | None
    takes: frozenset[str]
    also: tuple[str | None, ...] = ()


READERS: dict[str, Reader] = {
    ".npz": Reader("arrays of NumPy", read_npz, "a zip archive", _ARRAYS),
    **dict.fromkeys(
        (".csv", ".tsv", ".txt", ".tab", ".data", ".dat"), Reader("a table as text", read_table, None, _TEXT_COLUMNS)
    ),
    ".gz": Reader("a table packed with gzip", read_table, "a gzip archive", _TEXT_COLUMNS),
    ".xlsx": Reader(
        "a workbook", read_table, "a zip archive", _COLUMNS | {"sheet", "hidden", "header", "decimal", "thousands"}
    ),
    ".parquet": Reader("a Parquet file", read_table, "a Parquet file", _COLUMNS | {"decimal", "thousands"}),
    ".jsonl": Reader("one JSON object a line", read_table, None, _COLUMNS | {"decimal", "thousands", "encoding"}),
    ".arff": Reader("a table of Weka", read_table, None, _COLUMNS | {"encoding"}),
    ".ts": Reader("series of the time-series archives", read_ts, None, _SERIES),
    **dict.fromkeys(
        (".fasta", ".fa", ".fna", ".faa", ".fas"), Reader("sequences in FASTA", read_fasta, None, _LETTERS)
    ),
    ".zip": Reader("files in class folders", read_files, "a zip archive", _FILES),
    ".safetensors": Reader("arrays in safetensors", read_tensors, None, _ARRAYS),
    ".mat": Reader("variables of MATLAB", read_mat, "a MATLAB file", _ARRAYS, ("an HDF5 file", None)),
    ".h5ad": Reader("annotated data", read_annotated, "an HDF5 file", _ARRAYS),
    **dict.fromkeys((".h5", ".hdf5"), Reader("arrays in HDF5", read_hdf5, "an HDF5 file", _ARRAYS, ("a MATLAB file",))),
}
_OF_SPLITS: dict[str, Callable[[Sequence[Upload], Sequence[str]], LabelledDataset]] = {
    **dict.fromkeys(FORMATS, read_tables),
    **dict.fromkeys(OPENERS, read_together),
    ".ts": read_ts_of_splits,
}
STORED = Reader("a data set that was exported", read_back, "a zip archive", EVERY_FIELD)
FOLDER = Reader("a folder of files in class folders", read_files, None, _FILES)


def read(
    data: bytes | Path,
    filename: str,
    reading: Reading | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> LabelledDataset:
    """Read a file, or a folder of files, that a person brings.

    Args:
        data: the bytes, or where they are on disk.
        filename: what the person calls the file; its suffix chooses the reader.
        reading: what the person says about it; the rest is found out, and told in `understanding`.
        progress: called with files done and files in all, where there are many in it.

    Raises:
        DataError: the file cannot be used; one sentence says why and what to do.
    """
    reading = reading or Reading()
    suffix, name = Path(filename).suffix.lower(), printable(Path(filename).stem) or "upload"
    folder = data if isinstance(data, Path) and data.is_dir() else None
    if folder is None:
        check_suffix(printable(filename), suffix, list(READERS))
    try:
        if folder is not None:
            upload = Upload(io.BytesIO(), name, printable(filename), reading, folder, progress)
            _check_said(upload, FOLDER)
            return FOLDER.read(upload)
        with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as stream:
            upload = Upload(stream, name, printable(filename), reading, progress=progress)
            _check_content(upload, READERS[suffix], suffix)
            reader = _reader_of(upload, suffix)
            _check_said(upload, reader)
            return reader.read(upload)
    except OSError as error:
        raise DataError(
            f"{name}: the file cannot be opened ({error.strerror or error}); check its path and permissions."
        ) from error


def _check_said(upload: Upload, reader: Reader) -> None:
    """Refuse what was said of a file of which it means nothing."""
    takes = reader.takes | ({"label"} if upload.reading.label == NO_LABELS else set())  # any file may have none
    if foreign := [field for field in upload.reading.said if field not in takes]:
        raise DataError(
            f"{upload.filename}: {foreign[0]} means nothing for {reader.title}, expected some of "
            f"{', '.join(sorted(reader.takes))}; leave it out."
        )


def _reader_of(upload: Upload, suffix: str) -> Reader:
    """The reader of this suffix; of zips that are called .npz or .zip the one for what is in them."""
    if suffix not in (".npz", ".zip"):
        return READERS[suffix]
    names = names_in(upload)
    if is_stored_archive(names):
        return STORED
    if are_single_samples(names):
        return READERS[".zip"]
    if suffix == ".npz" and not any(name.endswith(".npy") for name in names):
        return READERS[".zip"]
    if (
        suffix == ".zip"
        and not is_array_archive(names)
        and (members := find_members(upload, names, OPENERS)) is not None
    ):
        return _reader_of_members(members)
    return READERS[".npz" if is_array_archive(names) else suffix]


def _reader_of_members(members: Members) -> Reader:
    """The reader of a table in a zip: that of its suffix, which may have the other files left out, too."""
    inner = READERS[members.suffix]

    def check(part: Upload) -> None:
        _check_content(part, inner, members.suffix)
        _check_said(part, inner)

    def read_one(part: Upload) -> LabelledDataset:
        is_ours = members.suffix == ".npz" and is_stored_archive(names_in(part))
        return (STORED if is_ours else inner).read(part)

    def read_all(upload: Upload) -> LabelledDataset:
        return read_members(upload, members, check, read_one, _OF_SPLITS.get(members.suffix))

    return Reader(f"{inner.title} in a zip", read_all, "a zip archive", inner.takes | {"drop"})


def _check_content(upload: Upload, reader: Reader, suffix: str) -> None:
    """Refuse an empty or oversized file, and one whose first bytes disagree with its suffix."""
    size = upload.size()
    if not size:
        raise DataError(f"{upload.filename}: the file is empty; save or upload it again.")
    if size > MAX_FILE_BYTES:
        raise DataError(
            f"{upload.filename}: the file has {size / 2**30:.1f} GiB, expected at most {MAX_FILE_BYTES / 2**30:.0f}; "
            "keep fewer samples."
        )
    kind = content(upload.stream.read(_START))
    upload.stream.seek(0)
    if kind != reader.content and kind not in reader.also:
        raise DataError(
            f"{upload.filename}: the content is {kind or 'something else'}, expected {reader.title}"
            f"{'' if reader.content is None else f', {reader.content}'} as {suffix} says; {mend(kind or '')}."
        )
