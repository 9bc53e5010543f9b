"""What is known of a body before it is loaded: its entry, or its config.json on this machine; nothing is fetched."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xmodal_core.data.dataset import Modality
from xmodal_core.model.allowed import is_allowed
from xmodal_core.model.bodies import BODIES
from xmodal_core.model.families import described
from xmodal_core.model.folder import addressed
from xmodal_core.values import parse_json

TEXT_LENGTH = 32  # word pieces of a sentence, as in ORCA's and PaRe's text proxy


@dataclass(frozen=True)
class BodyFacts:
    """What decides which data and methods a body can take.

    Attributes:
        name: what the user calls it.
        modality: what it was pretrained on, IMAGE, TEXT or SERIES (sound); only TEXT has a tokenizer.
        exact_tokens: it takes a fixed grid of image patches (Swin, BEiT).
        has_blocks: it has transformer blocks, and with them attention.
        text_tokens: most word pieces that it reads; None for an image body, or where it is not said.
    """

    name: str
    modality: Modality
    exact_tokens: bool = False
    has_blocks: bool = True
    text_tokens: int | None = None


def body_facts(name: str) -> BodyFacts | None:
    """The facts of a body by its name in `BODIES`, a local folder or a hub id whose configuration was kept before.

    Returns:
        None where only loading can tell: an id that was never fetched, a family that is not supported, a damaged
        or missing configuration; the loader has a sentence for each.
    """
    if name in BODIES:
        return BodyFacts(name, BODIES[name].modality)
    where, tower = addressed(name)
    if (found := described(_config(where), tower)) is None:
        return None
    family, config = found
    exact, blocks = family.exact_tokens(config), family.has_blocks(config)
    return BodyFacts(name, family.modality, exact, blocks, family.text_tokens(config))


def configuration(name: str) -> dict[str, Any]:
    """The configuration of a folder, or of an id that was kept before; empty where there is none that can be read."""
    return _config(addressed(name)[0])


def _config(name: str) -> dict[str, Any]:
    if not is_allowed(name):
        return {}
    path = Path(name) / "config.json"
    try:
        if not path.is_file():
            from huggingface_hub import try_to_load_from_cache

            kept = try_to_load_from_cache(name, "config.json")
            if not isinstance(kept, str):
                return {}
            path = Path(kept)
        values = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # also a name that is no id, a configuration that is no JSON
        return {}
    return values if isinstance(values, dict) else {}
