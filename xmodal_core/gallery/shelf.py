"""The items that ship, as files: what is told of them at a glance, and each as a workspace to look at.

An item is one .zip. It is unpacked once, below `XMODAL_HOME`, into a folder that is named by its content: an item of
another version is another folder, and nothing is ever written into either.
"""

import hashlib
import json
import zipfile
from functools import cache
from pathlib import Path

from xmodal_core.data.store import cache_root
from xmodal_core.errors import RunError
from xmodal_core.files import appearing
from xmodal_core.gallery.card import Card
from xmodal_core.gallery.items import ITEMS

SHELF = Path(__file__).parent / "shelf"
CARD = "card.json"
COMMAND = "python scripts/gallery.py {}"
_STRIPS = SHELF / "strips"


@cache
def shown(name: str) -> Card | None:
    """The card of an item; None where it does not ship, or is damaged."""
    try:
        with zipfile.ZipFile(SHELF / f"{name}.zip") as archive:
            return Card.from_json(json.loads(archive.read(CARD)), CARD)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, RunError):
        return None


@cache
def samples(data: str) -> bytes | None:
    """A PNG of a few samples of a data set that ships; None where there is none."""
    path = _STRIPS / f"{data}.png"
    return path.read_bytes() if path.is_file() else None


def workspace_of(name: str) -> Path:
    """The folder of an item, laid out like any workspace; unpacked where it is not yet.

    Raises:
        RunError: there is no such item, or it cannot be unpacked.
    """
    folder = folder_of(name)
    if not folder.is_dir():
        _unpack(SHELF / f"{name}.zip", folder)
    return folder


def folder_of(name: str) -> Path:
    """Where an item is, or will be once it is unpacked.

    Raises:
        RunError: there is no such item, or it does not ship.
    """
    if name not in ITEMS:
        raise RunError(f"{name[:40]!r} is no item of the gallery, expected one of {', '.join(ITEMS)}.")
    return cache_root().resolve() / "gallery" / f"{name}-{_content(name)}"


@cache
def _content(name: str) -> str:
    try:
        return hashlib.blake2b((SHELF / f"{name}.zip").read_bytes(), digest_size=6).hexdigest()
    except OSError as error:
        raise RunError(f"the gallery's {name} is missing ({error.strerror}); install again.") from error


def _unpack(path: Path, folder: Path) -> None:
    try:
        with appearing(folder) as unfinished, zipfile.ZipFile(path) as archive:
            archive.extractall(unfinished)  # our own file: its names are known
    except (OSError, zipfile.BadZipFile) as error:
        raise RunError(f"{path.name} cannot be unpacked ({error}); look at the disk, or install again.") from error
