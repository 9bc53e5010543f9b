"""A workspace in one zip file, and back: nothing of it is trusted, and nothing that is there is overwritten."""

import json
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from xmodal_core import __version__
from xmodal_core.data.readers.archive import DAMAGE
from xmodal_core.errors import DataError
from xmodal_core.files import replacing, storing
from xmodal_core.workspace.layout import KINDS, files
from xmodal_core.workspace.places import anywhere, settled

SCHEMA = 1
MANIFEST = "workspace.json"
MOST_FILES = 200_000
MOST_BYTES = 16 << 30
MOST_TIMES = 200  # that a file may unpack to of what it takes packed; steps and frames come to some 30
_SMALL = 1 << 20  # bytes; below it the ratio says nothing
_CHUNK = 1 << 20
_PART = re.compile(r"[A-Za-z0-9_+=,-][A-Za-z0-9_.+=, -]{0,120}")
_SUFFIXES = (".json", ".jsonl", ".npz", ".npy", ".parquet", ".safetensors", "")
_JSON = ".json"


@dataclass(frozen=True)
class Taken:
    """What came in.

    Attributes:
        files: written.
        there: were there already, and stay as they are.
    """

    files: int
    there: int


def pack(workspace: Path, stream: BinaryIO, *, weights: bool = False) -> int:
    """Write a workspace as a zip file.

    Args:
        workspace: the folder.
        stream: takes the bytes; it need not be able to go back.
        weights: see `layout.files`.

    Returns:
        The number of files in it.

    Raises:
        StorageError: the stream cannot take it.
    """
    packed = 0
    about = {"kind": "xmodal workspace", "schema": SCHEMA, "version": __version__, "weights": weights}
    about["made"] = datetime.now(UTC).isoformat(timespec="seconds")
    with storing(), zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        archive.writestr(MANIFEST, json.dumps(about))
        for path in files(workspace, weights):
            name = path.relative_to(workspace).as_posix()
            if path.suffix == _JSON:
                archive.writestr(name, anywhere(path.read_bytes()))
            else:
                archive.write(path, name)
            packed += 1
    return packed


def take_in(stream: BinaryIO, workspace: Path) -> Taken:
    """Unpack what `pack` wrote into a workspace, made where it is missing.

    Raises:
        DataError: it is no such file, damaged, of a later version, or holds what a workspace does not.
        StorageError: the workspace cannot be written.
    """
    try:
        archive = zipfile.ZipFile(stream)
    except DAMAGE as error:
        raise DataError("this is no zip file, expected an exported workspace; export it again.") from error
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _check_manifest(archive)
        _check(entries)
        written = there = 0
        for entry in entries:
            if entry.filename == MANIFEST:
                continue
            if (place := workspace / entry.filename).exists():
                there += 1
                continue
            _unpack(archive, entry, place, workspace)
            written += 1
    return Taken(written, there)


def _check_manifest(archive: zipfile.ZipFile) -> None:
    try:
        about = json.loads(archive.read(MANIFEST)) if archive.getinfo(MANIFEST).file_size < _SMALL else None
    except (KeyError, ValueError, RecursionError, *DAMAGE):
        about = None
    if not isinstance(about, dict) or about.get("kind") != "xmodal workspace" or type(about.get("schema")) is not int:
        raise DataError(f"this zip has no {MANIFEST} of ours, expected an exported workspace; export it again.")
    if about["schema"] > SCHEMA:
        raise DataError(
            f"this workspace was exported by version {str(about.get('version'))[:20]}, expected one up to "
            f"{__version__}; install the newer version."
        )


def _check(entries: list[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES or total > MOST_BYTES:
        raise DataError(
            f"this workspace has {len(entries):,} files of {total / 2**30:.1f} GiB, expected at most {MOST_FILES:,} of "
            f"{MOST_BYTES >> 30} GiB; export it in parts."
        )
    for entry in entries:
        parts = PurePosixPath(entry.filename).parts
        named = entry.filename == MANIFEST or (
            len(parts) > 1 and parts[0] in KINDS and all(map(_PART.fullmatch, parts)) and "\\" not in entry.filename
        )
        if not named or PurePosixPath(entry.filename).suffix not in _SUFFIXES or entry.flag_bits & 1:
            raise DataError(
                f"this zip holds {entry.filename[:60]!r}, expected what a workspace has and no more; export it again."
            )
        if entry.file_size > _SMALL and entry.file_size > MOST_TIMES * max(1, entry.compress_size):
            raise DataError(
                f"{entry.filename[:60]!r} unpacks to {entry.file_size:,} bytes from {entry.compress_size:,}, which no "
                "workspace does; export it again."
            )


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path, workspace: Path) -> None:
    """One file, counted while it unpacks: its size in the list is a claim."""
    left = entry.file_size
    with replacing(place) as out:
        try:
            with archive.open(entry) as inside:
                if place.suffix == _JSON:
                    out.write(settled(inside.read(left + 1)[:left], workspace))
                    return
                while chunk := inside.read(_CHUNK):
                    if (left := left - len(chunk)) < 0:
                        raise zipfile.BadZipFile("larger than it says")
                    out.write(chunk)
        except DAMAGE as error:
            raise DataError(f"{entry.filename[:60]!r} is damaged in the zip; export the workspace again.") from error
