"""Uploads are named in specifications by where they lie; a workspace that moves has to say so anew."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xmodal_core.files import replace_file
from xmodal_core.values import parse_json
from xmodal_core.workspace.layout import KINDS, UPLOADS

_UPLOAD = re.compile(r"(?:.*[/\\])?uploads[/\\]([0-9a-f]{8,64}\.npz(?:@[^/\\]*)?)")  # with how it is broken on purpose
_LARGEST = 64 << 20  # bytes; what is larger is no specification


def anywhere(content: bytes) -> bytes:
    """A JSON file with its uploads named without where they lie, `uploads/NAME`; other files as they are."""
    return _changed(content, lambda name: f"{UPLOADS}/{name}")


def settled(content: bytes, workspace: Path) -> bytes:
    """A JSON file with its uploads named where they lie in a workspace; other files as they are."""
    return _changed(content, lambda name: str(workspace.resolve() / UPLOADS / name))


def relocate(workspace: Path) -> int:
    """Let every file of a workspace that was moved name its uploads where they are now; returns how many changed."""
    changed = 0
    for kind in KINDS:
        for path in sorted((workspace / kind).rglob("*.json")):
            content = path.read_bytes()
            if (new := settled(content, workspace)) != content:
                replace_file(path, new)
                changed += 1
    return changed


def _changed(content: bytes, place: Callable[[str], str]) -> bytes:
    if len(content) > _LARGEST or b"uploads" not in content:
        return content
    try:
        value = parse_json(content)
    except ValueError:
        return content
    new = _walked(value, place)
    return content if new == value else json.dumps(new).encode()


def _walked(value: Any, place: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        found = _UPLOAD.fullmatch(value)
        return value if found is None else place(found[1])
    if isinstance(value, list):
        return [_walked(one, place) for one in value]
    if isinstance(value, dict):
        return {name: _walked(one, place) for name, one in value.items()}
    return value
