"""Bytes to `LabelledDataset`: one file a format, one line of `READERS` a suffix.

A file is refused on sight where its suffix or its first bytes say that it is something else.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.fasta import read_fasta
from xmodal_core.data.readers.image_zip import read_image_zip
from xmodal_core.data.readers.layout import guess_modality
from xmodal_core.data.readers.npz import read_npz
from xmodal_core.data.readers.recognise import check_suffix, content, mend
from xmodal_core.data.readers.series.ts import read_ts
from xmodal_core.data.readers.table import read_table
from xmodal_core.data.readers.upload import Upload
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

__all__ = ["MAX_FILE_BYTES", "READERS", "Reader", "guess_modality", "read"]

MAX_FILE_BYTES = 2**30  # .streamlit/config.toml has the same number in MiB
_START = 512  # bytes that tell what a file is

_ALL = frozenset({"modality", "task", "missing", "split", "group", "time", "ignore"})
_ARRAYS = _ALL | {"samples", "label", "axes", "drop", "length"}
_COLUMNS = _ALL | {"label", "axes", "drop", "number", "category", "text", "id", "length"}
_TEXT_COLUMNS = _COLUMNS | {"decimal", "thousands", "separator", "encoding", "header"}
_SERIES = frozenset({"modality", "task", "missing", "length"})
_LETTERS = frozenset({"modality", "task", "missing", "label", "split"})
_FILES = _ALL | {"level", "fit", "ground", "drop", "label"}


@dataclass(frozen=True)
class Reader:
    """How files of a suffix are read.

    Attributes:
        title: what they are, for a person.
        read: takes the file.
        content: what their first bytes say; None where they are text.
        takes: what a person may say about them, names of fields of `Reading`.
    """

    title: str
    read: Callable[[Upload], LabelledDataset]
    content: str | None
    takes: frozenset[str]


READERS: dict[str, Reader] = {
    ".npz": Reader("arrays of NumPy", read_npz, "a zip archive", _ARRAYS),
    ".csv": Reader("a table as text", read_table, None, _TEXT_COLUMNS),
    ".tsv": Reader("a table as text", read_table, None, _TEXT_COLUMNS),
    ".ts": Reader("series of the time-series archives", read_ts, None, _SERIES),
    **dict.fromkeys(
        (".fasta", ".fa", ".fna", ".faa", ".fas"), Reader("sequences in FASTA", read_fasta, None, _LETTERS)
    ),
    ".zip": Reader("pictures in class folders", read_image_zip, "a zip archive", _FILES),
}


def read(data: bytes | Path, filename: str, reading: Reading | None = None) -> LabelledDataset:
    """Read a file that a person brings.

    Args:
        data: the bytes, or where they are on disk.
        filename: what the person calls the file; its suffix chooses the reader.
        reading: what the person says about it; the rest is found out, and told in `understanding`.

    Raises:
        DataError: the file cannot be used; one sentence says why and what to do.
    """
    reading = reading or Reading()
    suffix, name = Path(filename).suffix.lower(), printable(Path(filename).stem) or "upload"
    check_suffix(printable(filename), suffix, list(READERS))
    reader = READERS[suffix]
    if foreign := [field for field in reading.said if field not in reader.takes]:
        raise DataError(
            f"{printable(filename)}: {foreign[0]} means nothing for {reader.title} ({suffix}), expected some of "
            f"{', '.join(sorted(reader.takes))}; leave it out."
        )
    try:
        with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as stream:
            upload = Upload(stream, name, printable(filename), reading)
            _check_content(upload, reader, suffix)
            return reader.read(upload)
    except OSError as error:
        raise DataError(
            f"{name}: the file cannot be opened ({error.strerror or error}); check its path and permissions."
        ) from error


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
    if kind != reader.content:
        raise DataError(
            f"{upload.filename}: the content is {kind or 'something else'}, expected {reader.title}"
            f"{'' if reader.content is None else f', {reader.content}'} as {suffix} says; {mend(kind or '')}."
        )
