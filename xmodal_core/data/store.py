"""Data sets on disk: uploads that outlive a page, and generated sources that need not be generated twice.

One `.npz` a data set, without pickles: the arrays, and the rest as JSON in a string array. The file name
of an upload is its content hash; files appear whole or not at all. What is exported for other programs is
such a file too, whose arrays have the names that other programs know.
"""

import contextlib
import hashlib
import json
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.npz import read_arrays
from xmodal_core.data.readers.stored import ARRAYS, EXPORTED, GROUPS, META, SCHEMA, read_stored
from xmodal_core.data.readers.upload import Upload
from xmodal_core.errors import DataError
from xmodal_core.files import replace_file, replacing
from xmodal_core.values import parse_json

_MAX_BYTES = 4 * 2**30  # what a reader lets through grows a little in the stored types


def cache_root() -> Path:
    """The folder for everything kept between sessions: `XMODAL_HOME`, else ~/.cache/xmodal-lab."""
    home = os.environ.get("XMODAL_HOME")
    return Path(home).expanduser() if home else Path.home() / ".cache" / "xmodal-lab"


def save_dataset(dataset: LabelledDataset, folder: Path, filename: str | None = None) -> Path:
    """Write a data set into a folder, which is made where it is missing.

    Args:
        dataset: what to keep.
        folder: where.
        filename: "<content hash>.npz" when None.

    Returns:
        Where it is now.

    Raises:
        OSError: the folder cannot be written.
    """
    path = folder / (filename or f"{dataset.content_hash}.npz")
    _write(path, dataset, {name: getattr(dataset, name) for name in ARRAYS})
    return path


def export_dataset(dataset: LabelledDataset, path: Path) -> None:
    """Write a data set as it was read: `read` gives it back as it was, and other programs know the names of its arrays.

    Arrays: X, y, split and uid; task and modality; where there are such, class_names, feature_names, groups,
    is_categorical and sampling_rate_hz. Codes of categories are in the order of their names in `xmodal_meta`.

    Raises:
        OSError: the folder cannot be written.
    """
    arrays = {EXPORTED.get(name, name): getattr(dataset, name) for name in ARRAYS}
    arrays |= {"task": np.array(str(dataset.task)), "modality": np.array(str(dataset.modality))}
    for name in ("class_names", "feature_names"):
        if getattr(dataset, name):
            arrays[name] = np.array(getattr(dataset, name))
    if any(dataset.category_counts):
        arrays["is_categorical"] = np.array(dataset.category_counts) > 0
    if dataset.sampling_rate_hz is not None:
        arrays["sampling_rate_hz"] = np.array(dataset.sampling_rate_hz)
    _write(path, dataset, arrays)


def _write(path: Path, dataset: LabelledDataset, arrays: dict[str, np.ndarray]) -> None:
    # strings have the width of the longest, mostly blanks; numbers hardly shrink and would cost seconds
    save = np.savez_compressed if dataset.modality is Modality.TEXT else np.savez
    arrays = arrays | {META: np.array(_meta(dataset))}
    if dataset.groups is not None:
        arrays[GROUPS] = dataset.groups
    with replacing(path) as stream:
        save(stream, allow_pickle=False, **arrays)  # type: ignore[arg-type]  # allow_pickle is no array


def load_dataset(path: Path) -> LabelledDataset:
    """Read what `save_dataset` wrote.

    Raises:
        DataError: the file is missing, damaged, or not a stored data set of this version.
    """
    name = printable(path.stem)
    try:
        with path.open("rb") as stream:
            return read_stored(Upload(stream, name, path.name), _MAX_BYTES)
    except OSError as error:
        raise DataError(f"{name}: the stored data set cannot be opened ({error.strerror}); bring it again.") from error


def keep_file(content: bytes, filename: str, content_hash: str, folder: Path) -> None:
    """Keep the file that a stored data set was read from, so that it can be read differently later.

    Args:
        content: of the file; equal files are kept once.
        filename: as the person knows it.
        content_hash: of the data set that was read from it.
        folder: of the data sets.

    Raises:
        OSError: the folder cannot be written.
    """
    digest = hashlib.blake2b(content, digest_size=8).hexdigest()
    path = folder / "files" / digest
    if not path.is_file():
        replace_file(path, content)
    replace_file(folder / f"{content_hash}.from.json", json.dumps({"file": digest, "name": filename}))


def kept_file(content_hash: str, folder: Path) -> tuple[Path, str] | None:
    """Where the file is that a data set was read from, and what it was called; None where that is not known."""
    try:
        values = parse_json((folder / f"{content_hash}.from.json").read_text(encoding="utf-8"))
        path, name = folder / "files" / values["file"], values["name"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    is_one = isinstance(name, str) and re.fullmatch(r"[0-9a-f]{16}", str(values["file"])) is not None
    return (path, name) if is_one and path.is_file() else None


def stored_name(path: Path) -> str | None:
    """What a stored data set is called, without reading its arrays; None where it is damaged."""
    try:
        with path.open("rb") as stream:
            meta = parse_json(str(read_arrays(Upload(stream, path.stem, path.name), {META}, _MAX_BYTES)[META]))
        return str(meta["name"])
    except (OSError, DataError, ValueError, TypeError, KeyError):
        return None


def is_stored(path: Path) -> bool:
    """Whether `save_dataset` wrote this file, judging by its list of contents."""
    try:
        with zipfile.ZipFile(path) as archive:
            return f"{META}.npy" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def cached(key: str, build: Callable[[], LabelledDataset]) -> LabelledDataset:
    """The data set of this key from disk, or built now and kept for the next time.

    A damaged file is rebuilt; a folder that cannot be written only costs the time.

    Args:
        key: file name without suffix; it names everything the result depends on.
        build: makes the data set.
    """
    path = cache_root() / "sources" / f"{key}.npz"
    if path.is_file():
        with contextlib.suppress(DataError):
            return load_dataset(path)
    dataset = build()
    with contextlib.suppress(OSError):
        save_dataset(dataset, path.parent, path.name)
    return dataset


def _meta(dataset: LabelledDataset) -> str:
    return json.dumps(
        {
            "schema": SCHEMA,
            "name": dataset.name,
            "modality": dataset.modality,
            "task": dataset.task,
            "class_names": dataset.class_names,
            "category_counts": dataset.category_counts,
            "sampling_rate_hz": dataset.sampling_rate_hz,
            "origin": dataset.origin,
            "feature_names": dataset.feature_names,
            "understanding": None if dataset.understanding is None else dataset.understanding.to_json(),
            "content_hash": dataset.content_hash,
        }
    )
