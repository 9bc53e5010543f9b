"""The folder of a body: how it is addressed, what a person calls it, and how its JSON files are read."""

import os
from pathlib import Path
from typing import Any

from xmodal_core.errors import ModelError
from xmodal_core.values import parse_json


def addressed(name: str) -> tuple[str, str]:
    """Where a body lies, and which of two towers is meant: `folder#text` is ("folder", "text").

    A folder of that very name comes first; without a mark the tower is "".
    """
    where, mark, tower = name.rpartition("#")
    return (where, tower) if mark and not os.path.isdir(name) else (name, "")


def title(folder: Path) -> str:
    """What a person calls it: its own name, or the id that it was fetched by."""
    folder = folder.absolute()
    if folder.parent.name == "snapshots":
        return folder.parent.parent.name.removeprefix("models--").replace("--", "/")
    return folder.name


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        ModelError: it holds something else, a number that is none, or only points to the file itself.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read()
    refuse_pointer(path, content)
    try:
        values = parse_json(content.decode("utf-8"), parse_constant=_refuse_constant)
    except ValueError:  # also bytes that are no text, or a mark of their order before them
        values = None
    if not isinstance(values, dict):
        raise ModelError(
            f"{title(path.parent)}: {path.name} is no JSON object, expected one as it is saved; export it again."
        )
    return values


def refuse_pointer(path: Path, start: bytes) -> None:
    """Refuse a file that Git LFS left a pointer in place of, which its first bytes tell.

    Raises:
        ModelError: it is one.
    """
    if start.startswith(b"version https://git-lfs"):
        raise ModelError(
            f"{title(path.parent)}: {path.name} is a Git LFS pointer, expected the file itself; fetch it with git lfs "
            "pull."
        )


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")
