"""Whether a body can be loaded from a folder, told from its files in milliseconds.

No weight is read. What only the weights or the network can tell is told when they are loaded.
"""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xmodal_core.data.dataset import Modality
from xmodal_core.errors import ModelError
from xmodal_core.model.config_limits import check_config
from xmodal_core.model.families import TITLES, described, towers
from xmodal_core.model.families.base import Family
from xmodal_core.model.folder import read_object, refuse_pointer, title
from xmodal_core.model.preprocessor import image_crop, image_scale
from xmodal_core.model.weight_files import check_weights

_PIECES = ("tokenizer.model", "sentencepiece.bpe.model", "spiece.model")  # read by a library that is not required
_VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", *_PIECES)


def check_folder(folder: Path, tower: str = "") -> None:
    """Refuse a folder from which no body can be loaded.

    Args:
        folder: of the body.
        tower: see `folder.addressed`.

    Raises:
        ModelError: its configuration, its weights or, for text, its vocabulary are missing, cut short, or not what
            their names say; the family is not supported; it has no such tower; the scale of its images is none.
    """
    with _readable(folder):
        family, config = read_config(folder, tower)
        check_weights(folder)
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
    config = read_object(path)
    name = config.get("model_type")
    if not (had := towers(name)):
        found = f"is of the family {name!r}" if name else "has no model_type in its config.json"
        raise ModelError(f"{title(folder)} {found}, expected one of {TITLES}; choose another body.")
    if config.get("quantization_config"):
        raise ModelError(
            f"{title(folder)} is quantised, expected weights of 16 bits or more, which can be trained; give the body "
            "that it was made from."
        )
    check_config(folder, config)
    if (answer := described(config, tower)) is None:
        has = " and ".join(f"#{one}" for one in had if one) or "one tower only"
        raise ModelError(f"{title(folder)} has {has}, found #{tower} behind its name; correct it, or leave it out.")
    return answer


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


def _check_vocabulary(folder: Path) -> None:
    found = [path for name in _VOCABULARIES if (path := folder / name).is_file()]
    if not any(path.stat().st_size for path in found):
        raise ModelError(
            f"{title(folder)} has no tokenizer, expected {_VOCABULARIES[0]} or {_VOCABULARIES[1]} beside its weights, "
            "without which no text body can read a word; save the tokenizer into the same folder."
        )
    for path in found:
        with path.open("rb") as file:
            refuse_pointer(path, file.read(64))
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


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"{title(folder)} cannot be read ({error.strerror or type(error).__name__}), expected files that may be "
            "opened; check their permissions."
        ) from error
