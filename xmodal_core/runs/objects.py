"""JSON objects as files of a run: what is damaged is told with its name, and what is not there yet may be empty."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xmodal_core.errors import RunError
from xmodal_core.files import replace_file
from xmodal_core.values import parse_json


def write_object(path: Path, values: Mapping[str, object], *, durable: bool = False) -> None:
    """Replace the object in a file; `durable` as `replace_file` takes it.

    Raises:
        TypeError: a value that is not JSON.
        StorageError: the folder cannot be written.
    """
    replace_file(path, json.dumps(values), durable=durable)


def read_object(path: Path, *, missing_is_empty: bool = True) -> dict[str, Any]:
    """The object in a file of a run directory.

    Args:
        path: the file.
        missing_is_empty: whether a file that is not there yet is an empty object.

    Raises:
        RunError: it holds something else, or is missing where it may not be.
    """
    run = path.parent.name
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if missing_is_empty:
            return {}
        raise RunError(f"{run} has no {path.name}; start the run again.") from error
    except UnicodeDecodeError as error:
        raise RunError(f"{path.name} of {run} is no text; start the run again.") from error
    return parse_object(text, f"{path.name} of {run}")


def parse_object(text: str, what: str) -> dict[str, Any]:
    """The JSON object that a text is.

    Raises:
        RunError: it is something else; the sentence calls it `what`.
    """
    try:
        values = parse_json(text)
    except ValueError as error:
        raise RunError(f"{what} is not valid JSON; start the run again.") from error
    if not isinstance(values, dict):
        raise RunError(f"{what} is a JSON {type(values).__name__}, expected an object; start the run again.")
    return values


def identity(spec: Mapping[str, Any]) -> str:
    """What a specification's values are told by, 16 digits; files count by their names, so that a folder can move."""
    named = {side: str(spec.get(side) or "").replace("\\", "/").rsplit("/", 1)[-1] for side in ("target", "source")}
    text = json.dumps({**spec, **named}, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
