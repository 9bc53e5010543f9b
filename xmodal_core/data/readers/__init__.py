"""Bytes to `LabelledDataset`: one file a format.

A file is refused on sight where its suffix or its first bytes say that it is something else.
"""

import io
from collections.abc import Callable
from pathlib import Path

from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.readers.image_zip import read_image_zip
from xmodal_core.data.readers.layout import guess_modality
from xmodal_core.data.readers.npz import read_npz
from xmodal_core.data.readers.table import read_table
from xmodal_core.data.readers.upload import Upload, printable
from xmodal_core.errors import DataError

__all__ = ["READERS", "Reader", "guess_modality", "read"]

Reader = Callable[[Upload], LabelledDataset]

READERS: dict[str, Reader] = {
    ".npz": read_npz,
    ".csv": read_table,
    ".tsv": read_table,
    ".zip": read_image_zip,
}

MAX_FILE_BYTES = 2**30
_ARCHIVES = (".npz", ".zip")
_SAVEZ = "save X and y together with np.savez(...)"
_RUNS_CODE = "can run code when opened; " + _SAVEZ
_REFUSED = {
    **dict.fromkeys((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".bin"), _RUNS_CODE),
    ".npy": "hold a single array without labels; " + _SAVEZ,
    **dict.fromkeys(
        (".mat", ".h5", ".hdf5", ".parquet", ".arrow", ".feather", ".safetensors"), "are not supported; " + _SAVEZ
    ),
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "are not supported; export the sheet as CSV"),
    **dict.fromkeys(
        (".gz", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".rar"),
        "are not supported; unpack them and upload a .csv, .npz or .zip",
    ),
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
        "hold a single picture; pack one folder of pictures per class into a .zip",
    ),
    **dict.fromkeys((".txt", ".json", ".jsonl"), "are not supported; save a .csv with a text and a label column"),
    **dict.fromkeys((".wav", ".mp3", ".flac"), "are not supported; save the series with np.savez(...)"),
    **dict.fromkeys((".exe", ".py", ".sh", ".svg"), "are no data; choose a .npz, .csv or .zip"),
}
_MAGIC = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x93NUMPY": "a single NumPy array",
    b"\x80\x02": "a Python pickle",
    b"\x80\x03": "a Python pickle",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"\x1f\x8b": "a gzip archive",
    b"\x89HDF": "an HDF5 file",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"RIFF": "a sound or WEBP file",
    b"BM": "a BMP picture",
}


def read(
    data: bytes | Path,
    filename: str,
    modality: Modality | None = None,
    label_column: str | None = None,
    task: Task | None = None,
) -> LabelledDataset:
    """Read a file that a person brings.

    Args:
        data: the bytes, or where they are on disk.
        filename: what the person calls the file; its suffix chooses the reader.
        modality: what the samples are; guessed when None, with the reason in `origin`.
        label_column: the column (table) or array (.npz) of labels; guessed when None.
        task: what the targets are; guessed when None, with the reason in `origin`.

    Raises:
        DataError: the file cannot be used; one sentence says why and what to do.
    """
    suffix, name = Path(filename).suffix.lower(), printable(Path(filename).stem) or "upload"
    _check_suffix(printable(filename), suffix)
    try:
        with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as stream:
            upload = Upload(stream, name, printable(filename), modality, label_column, task)
            _check_content(upload, suffix)
            return READERS[suffix](upload)
    except OSError as error:
        raise DataError(
            f"{name}: the file cannot be opened ({error.strerror or error}); check its path and permissions."
        ) from error


def _check_suffix(filename: str, suffix: str) -> None:
    if suffix in READERS:
        return
    if suffix in _REFUSED:
        raise DataError(f"{filename}: files of type {suffix} {_REFUSED[suffix]}.")
    found = f"the suffix {printable(suffix, 20)}" if suffix else "no suffix"
    raise DataError(f"{filename}: found {found}, expected one of {', '.join(READERS)}; choose a file of such a type.")


def _check_content(upload: Upload, suffix: str) -> None:
    """Refuse an empty or oversized file, and one whose first bytes disagree with its suffix."""
    size = upload.size()
    if not size:
        raise DataError(f"{upload.filename}: the file is empty; save or upload it again.")
    if size > MAX_FILE_BYTES:
        raise DataError(
            f"{upload.filename}: the file has {size / 2**30:.1f} GiB, expected at most {MAX_FILE_BYTES / 2**30:.0f}; "
            "keep fewer samples."
        )
    start = upload.stream.read(8)
    upload.stream.seek(0)
    kind = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), None)
    if suffix in _ARCHIVES and kind != "a zip archive":
        found = kind or "something else"
        raise DataError(
            f"{upload.filename}: the content is {found}, expected the zip archive that {suffix} stands for; "
            "choose the right file or save it again."
        )
    if suffix not in _ARCHIVES and kind is not None and kind != "a BMP picture":  # a header may begin with "BM"
        raise DataError(
            f"{upload.filename}: the content is {kind}, expected a table as text; choose the right file or correct its "
            "suffix."
        )
