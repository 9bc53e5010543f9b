"""The weights in a body's folder, told from the headers of their files in milliseconds.

A safetensors file begins with a header of names, types and shapes, and its length follows from them.
"""

import math
from pathlib import Path
from typing import Any

from xmodal_core.errors import ModelError
from xmodal_core.model.folder import read_object, title
from xmodal_core.values import parse_json

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
_FLOATS = ("F64", "F32", "F16", "BF16")
_LEARNED = (".weight", ".bias")  # other entries count or index, and are whole numbers by right
_MOST_HEADER = 100_000_000  # bytes, the format's own limit


def check_weights(folder: Path) -> None:
    """Refuse a folder whose weights are not all there, or cannot be trained; no weight is read.

    Args:
        folder: of the body.

    Raises:
        ModelError: no file of weights, one that is cut short or none, a shard or a weight that the index names and
            nobody has, or weights of fewer than 16 bits.
        OSError: a file cannot be read.
    """
    if (folder / WEIGHTS).exists():
        headers = {WEIGHTS: _header(folder / WEIGHTS)}
    elif (folder / INDEX).exists():
        headers = _shards(folder)
    else:
        raise _no_weights(folder)
    for name, kind in ((name, kind) for header in headers.values() for name, kind in header.items()):
        if name.endswith(_LEARNED) and kind not in _FLOATS:
            raise ModelError(
                f"{title(folder)}: {name} is stored as {kind}, expected weights of 16 bits or more "
                f"({', '.join(_FLOATS)}), which can be trained; give the body that it was made from."
            )


def stored_weights(folder: Path) -> int:
    """Number of weights in a folder that passed `check_weights`."""
    names = [WEIGHTS]
    if not (folder / WEIGHTS).exists():
        names = sorted(set(read_object(folder / INDEX)["weight_map"].values()))
    entries = (entry for name in names for entry in _read_header(folder / name).values())
    return sum(math.prod(entry["shape"]) for entry in entries)


def _no_weights(folder: Path) -> ModelError:
    others = sorted(path.name for path in folder.glob("*.safetensors"))
    if others:
        return ModelError(
            f"{title(folder)}: found {', '.join(others[:3])} but no {WEIGHTS} and no {INDEX}, expected one of these; "
            "export it again with save_pretrained."
        )
    return ModelError(
        f"{title(folder)}: found no .safetensors file, expected one (other formats can run code); "
        "export with save_pretrained(..., safe_serialization=True)."
    )


def _shards(folder: Path) -> dict[str, dict[str, str]]:
    """The `_header`s of all shards that the index names, which must hold what it says."""
    placed = read_object(folder / INDEX).get("weight_map")
    if not isinstance(placed, dict) or not placed or not all(isinstance(shard, str) for shard in placed.values()):
        raise ModelError(f"{title(folder)}: {INDEX} has no weight_map, expected one; export it again.")
    headers: dict[str, dict[str, str]] = {}
    for shard in sorted(set(placed.values())):
        its = sorted(name for name, place in placed.items() if place == shard)
        path = folder / shard
        if not shard.endswith(".safetensors"):
            raise ModelError(
                f"{title(folder)}: {INDEX} names {shard[:60]}, expected .safetensors files (other formats can run "
                "code); export with save_pretrained(..., safe_serialization=True)."
            )
        if path.parent != folder or not path.exists():
            raise ModelError(
                f"{title(folder)}: {shard} is missing and with it {_first(its)}, expected every file that {INDEX} "
                "names; fetch it again."
            )
        headers[shard] = _header(path)
        if lost := [name for name in its if name not in headers[shard]]:
            raise ModelError(
                f"{title(folder)}: {shard} does not hold {_first(lost)}, expected what {INDEX} says; export it again."
            )
    return headers


def _first(names: list[str], most: int = 3) -> str:
    """The number of weights and the first few names."""
    more = ", ..." if len(names) > most else ""
    return f"{len(names)} weight(s) ({', '.join(names[:most])}{more})"


def _header(path: Path) -> dict[str, str]:
    """Type of each tensor of a safetensors file by name."""
    return {key: entry["dtype"] for key, entry in _read_header(path).items()}


def _read_header(path: Path) -> dict[str, dict[str, Any]]:
    """What a safetensors file says of each tensor, once its length is the one that they add up to."""
    name = f"{title(path.parent)}: {path.name}"
    if path.is_dir():
        raise ModelError(f"{name} is a folder, expected the weights in a file; export it again.")
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little")
        whole = start + file.read(min(length, _MOST_HEADER, size))
    _check_is_binary(path, whole)
    try:
        header = parse_json(whole[8:])
        entries = {key: entry for key, entry in header.items() if key != "__metadata__"}
        end = max((entry["data_offsets"][1] for entry in entries.values()), default=0)
        typed = all(isinstance(entry["dtype"], str) and _is_shape(entry["shape"]) for entry in entries.values())
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        typed, end = False, 0
    if not typed or not isinstance(end, int):
        raise ModelError(f"{name} is no safetensors file or cut short in its header; fetch or export it again.")
    if size != 8 + length + end:
        raise ModelError(
            f"{name} has {size} bytes, expected {8 + length + end} by its own header, so it was cut short or changed; "
            "fetch or export it again."
        )
    return entries


def _is_shape(value: object) -> bool:
    return isinstance(value, list) and all(type(size) is int and size >= 0 for size in value)


def _check_is_binary(path: Path, start: bytes) -> None:
    name = f"{title(path.parent)}: {path.name}"
    if not start:
        raise ModelError(f"{name} is empty, expected weights; fetch or export it again.")
    if start.startswith(b"version "):
        raise ModelError(f"{name} is a Git LFS pointer, expected the weights themselves; fetch them with git lfs pull.")
    if start.lstrip()[:1] == b"<":
        raise ModelError(f"{name} is a web page, expected weights; fetch the file itself.")
