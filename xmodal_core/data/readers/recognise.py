"""What a file is by its first bytes and its suffix, and what a person can do about one that no reader takes."""

from pathlib import PurePath

from xmodal_core.data.printable import printable
from xmodal_core.errors import DataError

_SAVEZ = "save X and y together with np.savez(...)"
_RUNS_CODE = "can run code when opened; " + _SAVEZ
REFUSED = {
    **dict.fromkeys((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".bin"), _RUNS_CODE),
    ".npy": f"hold a single array without labels; {_SAVEZ}, or pack X.npy and y.npy into a .zip",
    **dict.fromkeys((".arrow", ".feather", ".orc"), "are not supported; save the table as .parquet or .csv"),
    **dict.fromkeys((".xls", ".ods", ".numbers"), "are not supported; save the sheet as .xlsx or .csv"),
    **dict.fromkeys(
        (".tar", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"), "are not supported; unpack them and pack a .zip"
    ),
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
        "hold a single picture; pack one folder of pictures per class into a .zip",
    ),
    **dict.fromkeys((".json",), "are not supported; save one object a row as .jsonl, or a .csv"),
    **dict.fromkeys((".wav", ".flac", ".ogg"), "hold a single sound; pack one folder of sounds per class into a .zip"),
    **dict.fromkeys((".mp3", ".m4a"), "are not supported; convert to .wav and pack one folder per class into a .zip"),
    **dict.fromkeys((".edf", ".bdf", ".hea"), "are not supported; cut the signals into samples and " + _SAVEZ),
    **dict.fromkeys((".smi", ".sdf", ".mol"), "are not supported; save a .csv with a smiles and a label column"),
    **dict.fromkeys(
        (".svm", ".libsvm"), "are not supported; load them with scikit-learn's load_svmlight_file and " + _SAVEZ
    ),
    **dict.fromkeys((".tfrecord", ".tfrecords"), "are not supported; " + _SAVEZ),
    **dict.fromkeys((".nii", ".dcm", ".mha"), "are not supported; read the volumes, cut slices and " + _SAVEZ),
    **dict.fromkeys((".db", ".sqlite"), "are not supported; export the table as .csv"),
    **dict.fromkeys((".exe", ".py", ".sh", ".svg", ".pdf", ".docx"), "are no data; choose a table, arrays or a .zip"),
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
    b"MATLAB 5.0 MAT-file": "a MATLAB file",
    b"MATLAB 7.3 MAT-file": "a MATLAB file",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"RIFF": "a sound or WEBP file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"version https://git-lfs": "a Git LFS pointer, not the file itself",
}
_ARCHIVES = ("a gzip archive", "a tar archive", "a 7z archive", "a RAR archive", "a bzip2 archive", "an xz archive")
_POINTER = "fetch the file with git lfs pull"
_PAGE = "that is what a download behind a login gives; download the file itself"


def content(start: bytes) -> str | None:
    """What the first bytes (at least 512 where there are as many) say that a file is; None for text and the unknown."""
    kind = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), None)
    if kind is None and start.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if kind is None and start[257:262] == b"ustar":
        return "a tar archive"
    return kind


def mend(kind: str) -> str:
    """What to do about a file whose content is not what its suffix says."""
    if "LFS" in kind:
        return _POINTER
    if kind in _ARCHIVES:
        return "unpack it and pack a .zip"
    return _PAGE if kind == "a web page" else "choose the right file or correct its suffix"


def check_suffix(filename: str, suffix: str, known: list[str]) -> None:
    """Refuse a suffix that no reader takes.

    Raises:
        DataError: says what to do about it.
    """
    inner = PurePath(filename.removesuffix(filename[-len(suffix) :])).suffix.lower() if suffix == ".gz" else ""
    if inner in REFUSED:
        raise DataError(f"{filename}: files of type {inner}{suffix} {REFUSED[inner]}.")
    if suffix in known:
        return
    if suffix in REFUSED:
        raise DataError(f"{filename}: files of type {suffix} {REFUSED[suffix]}.")
    found = f"the suffix {printable(suffix, 20)}" if suffix else "no suffix"
    raise DataError(
        f"{filename}: found {found}, expected one of {', '.join(known)}; save the data as a table, as arrays with "
        "np.savez, or as a .zip of pictures or sounds in class folders."
    )
