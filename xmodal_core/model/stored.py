"""What the folder of a body holds, told from its files in milliseconds.

No weight is read: a safetensors file begins with a header of names, types and shapes, and its length follows from
them. What only the weights or the network can tell is told when they are loaded.
"""

import importlib.util
import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeGuard

from xmodal_core.data.dataset import Modality
from xmodal_core.errors import ModelError
from xmodal_core.model.families import TITLES, described, towers
from xmodal_core.model.families.base import Family
from xmodal_core.model.image_scale import ImageScale

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
_PIECES = ("tokenizer.model", "sentencepiece.bpe.model", "spiece.model")  # read by a library that is not required
_VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", *_PIECES)
_FLOATS = ("F64", "F32", "F16", "BF16")
_LEARNED = (".weight", ".bias")  # other entries count or index, and are whole numbers by right
_MOST_HEADER = 100_000_000  # bytes, the format's own limit
_LARGEST_CROP = 4096  # pixels a side, far beyond what any body was trained on
_WHITE = 255  # images are stored in bytes, and image processors speak of them so


def addressed(name: str) -> tuple[str, str]:
    """Where a body lies, and which of two towers is meant: `folder#text` is ("folder", "text").

    A folder of that very name comes first; without a mark the tower is "".
    """
    where, mark, tower = name.rpartition("#")
    return (where, tower) if mark and not os.path.isdir(name) else (name, "")


def check_folder(folder: Path, tower: str = "") -> None:
    """Refuse a folder from which no body can be loaded.

    Args:
        folder: of the body.
        tower: see `addressed`.

    Raises:
        ModelError: its configuration, its weights or, for text, its vocabulary are missing, cut short, or not what
            their names say; the family is not supported; it has no such tower; the scale of its images is none.
    """
    with _readable(folder):
        family, config = read_config(folder, tower)
        _check_weights(folder)
        if family.modality is Modality.TEXT:
            _check_vocabulary(folder)
        elif (channels := family.channels(config)) is not None:
            image_scale(folder, channels)
            image_crop(folder)


def read_config(folder: Path, tower: str = "") -> tuple[Family, dict[str, Any]]:
    """The family of a body, and the configuration of the tower that is meant.

    Raises:
        ModelError: there is none, it is no JSON object, its family is not supported, or it has no such tower.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise _no_config(folder)
    config = _json(path)
    name = config.get("model_type")
    if not (had := towers(name)):
        found = f"is of the family {name!r}" if name else "has no model_type in its config.json"
        raise ModelError(f"{title(folder)} {found}, expected one of {TITLES}; choose another body.")
    if config.get("quantization_config"):
        raise ModelError(
            f"{title(folder)} is quantised, expected weights of 16 bits or more, which can be trained; give the body "
            "that it was made from."
        )
    if (answer := described(config, tower)) is None:
        has = " and ".join(f"#{one}" for one in had if one) or "one tower only"
        raise ModelError(f"{title(folder)} has {has}, found #{tower} behind its name; correct it, or leave it out.")
    return answer


def image_scale(folder: Path, n_channels: int = 3) -> ImageScale:
    """What the folder's preprocessor does to images, for images in [0, 1]; the usual scale where it has none.

    A preprocessor takes bytes v in [0, 255] to (v * rescale_factor - image_mean) / image_std. Without `do_rescale` the
    means are in the unit of the images, bytes where one is above 1; without `do_normalize` images are only rescaled.

    Args:
        folder: of the body.
        n_channels: of the images that the body was trained on.

    Raises:
        ModelError: a mean is no brightness of an image, a deviation is not above 0, or there are more or fewer than
            channels.
    """
    path = folder / "preprocessor_config.json"
    if not path.is_file():
        return ImageScale()
    values = _json(path)
    if values.get("do_normalize") is False:
        return ImageScale((0.0,), (1.0,))
    if values.get("image_mean") is None and values.get("image_std") is None:
        return ImageScale()
    mean, std = (_per_channel(path, values, name, n_channels) for name in ("image_mean", "image_std"))
    white = 1.0 if max(mean) <= 1 else float(_WHITE)
    if values.get("do_rescale") is not False:
        factor = values.get("rescale_factor", 1 / _WHITE)
        white = _WHITE * factor if _is_number(factor) and factor > 0 else math.nan
    if not all(0 <= m <= white for m in mean) or not all(s > 0 for s in std):
        raise ModelError(
            f"{title(folder)}: preprocessor_config.json has image_mean {values['image_mean']} and image_std "
            f"{values['image_std']}, expected means between black and white and deviations above 0; correct them, or "
            "remove the file."
        )
    if math.isclose(white, 1.0):
        return ImageScale(mean, std)
    return ImageScale(tuple(m / white for m in mean), tuple(s / white for s in std))


def image_crop(folder: Path) -> tuple[int, int] | None:
    """Height and width that the folder's preprocessor crops images to; None where it does not say.

    Raises:
        ModelError: a size that no body was trained on.
    """
    path = folder / "preprocessor_config.json"
    values = _json(path) if path.is_file() else {}
    size = values.get("crop_size")
    size = {"height": size, "width": size} if isinstance(size, int) else size
    if values.get("do_center_crop") is False or not isinstance(size, dict):
        return None
    height, width = size.get("height"), size.get("width")
    if not (isinstance(height, int) and isinstance(width, int) and min(height, width) > 0):
        return None
    if max(height, width) > _LARGEST_CROP:
        raise ModelError(
            f"{title(folder)}: {path.name} crops images to {height:,} x {width:,}, expected at most "
            f"{_LARGEST_CROP:,} a side; correct crop_size, or remove the file."
        )
    return height, width


def title(folder: Path) -> str:
    """What a person calls it: its own name, or the id that it was fetched by."""
    folder = folder.absolute()
    if folder.parent.name == "snapshots":
        return folder.parent.parent.name.removeprefix("models--").replace("--", "/")
    return folder.name


def _per_channel(path: Path, values: dict[str, Any], name: str, n_channels: int) -> tuple[float, ...]:
    found = values.get(name)
    given = found if isinstance(found, list) else [found]
    numbers = tuple(float(value) for value in given if _is_number(value))
    if len(numbers) == len(given) and (len(numbers) in (1, n_channels) or len(set(numbers)) == 1):
        return numbers if len(set(numbers)) > 1 else numbers[:1]
    raise ModelError(
        f"{title(path.parent)}: {path.name} has {name} {str(found)[:60]}, expected a number for each of {n_channels} "
        "channel(s); correct it, or remove the file."
    )


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_weights(folder: Path) -> None:
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


def _no_config(folder: Path) -> ModelError:
    """A refusal that says where a configuration is, or what the folder holds instead of a body."""
    if (folder / "adapter_config.json").exists():
        return ModelError(
            f"{title(folder)}: found no config.json, only that of an adapter (adapter_config.json), expected a whole "
            "body; merge the adapter into its body, such as with merge_and_unload, and save that with save_pretrained."
        )
    inside = sorted(path.parent.name for path in folder.glob("*/config.json"))
    if inside:
        return ModelError(
            f"{title(folder)}: found no config.json, but there is one in {', '.join(inside[:3])}"
            f"{' ...' if len(inside) > 3 else ''}, expected the folder of one body; give {folder.name}/{inside[0]}."
        )
    return ModelError(
        f"{title(folder)}: found no config.json, expected a folder made by save_pretrained; export it again."
    )


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
    placed = _json(folder / INDEX).get("weight_map")
    if not isinstance(placed, dict) or not placed or not all(isinstance(shard, str) for shard in placed.values()):
        raise ModelError(f"{title(folder)}: {INDEX} has no weight_map, expected one; export it again.")
    headers: dict[str, dict[str, str]] = {}
    for shard in sorted(set(placed.values())):
        its = sorted(name for name, place in placed.items() if place == shard)
        path = folder / shard
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
    """Type of each tensor of a safetensors file by name, once the file's length is the one that they add up to."""
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
        header = json.loads(whole[8:])
        entries = {key: entry for key, entry in header.items() if key != "__metadata__"}
        end = max((entry["data_offsets"][1] for entry in entries.values()), default=0)
        typed = all(isinstance(entry["dtype"], str) and isinstance(entry["shape"], list) for entry in entries.values())
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        typed, end = False, 0
    if not typed or not isinstance(end, int):
        raise ModelError(f"{name} is no safetensors file or cut short in its header; fetch or export it again.")
    if size != 8 + length + end:
        raise ModelError(
            f"{name} has {size} bytes, expected {8 + length + end} by its own header, so it was cut short or changed; "
            "fetch or export it again."
        )
    return {key: entry["dtype"] for key, entry in entries.items()}


def _check_is_binary(path: Path, start: bytes) -> None:
    name = f"{title(path.parent)}: {path.name}"
    if not start:
        raise ModelError(f"{name} is empty, expected weights; fetch or export it again.")
    if start.startswith(b"version "):
        raise ModelError(f"{name} is a Git LFS pointer, expected the weights themselves; fetch them with git lfs pull.")
    if start.lstrip()[:1] == b"<":
        raise ModelError(f"{name} is a web page, expected weights; fetch the file itself.")


def _check_vocabulary(folder: Path) -> None:
    found = [path for name in _VOCABULARIES if (path := folder / name).is_file()]
    if not any(path.stat().st_size for path in found):
        raise ModelError(
            f"{title(folder)} has no tokenizer, expected {_VOCABULARIES[0]} or {_VOCABULARIES[1]} beside its weights, "
            "without which no text body can read a word; save the tokenizer into the same folder."
        )
    for path in found:
        with path.open("rb") as file:
            _check_is_text(path, file.read(64))
    if found[0].name == "vocab.json" and not (folder / "merges.txt").is_file():
        raise ModelError(
            f"{title(folder)}: vocab.json has no merges.txt beside it, expected both, without which words fall into "
            "letters; save the tokenizer into the same folder."
        )
    if found[0].name in _PIECES and importlib.util.find_spec("sentencepiece") is None:
        raise ModelError(
            f"{title(folder)} has its vocabulary in {found[0].name} only, expected {_VOCABULARIES[0]}; save its fast "
            "tokenizer into the same folder, or install sentencepiece."
        )


def _check_is_text(path: Path, start: bytes) -> None:
    if start.startswith(b"version https://git-lfs"):
        raise ModelError(
            f"{title(path.parent)}: {path.name} is a Git LFS pointer, expected the file itself; fetch it with git lfs "
            "pull."
        )


def _json(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        content = file.read()
    _check_is_text(path, content)
    try:
        values = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):  # also bytes that are no text, or a mark of their order before them
        values = None
    if not isinstance(values, dict):
        raise ModelError(
            f"{title(path.parent)}: {path.name} is no JSON object, expected one as it is saved; export it again."
        )
    return values


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"{title(folder)} cannot be read ({error.strerror or type(error).__name__}), expected files that may be "
            "opened; check their permissions."
        ) from error
