"""The families of transformers that can be a body: an adapter each, found by the name in `config.json`."""

from typing import Any

from xmodal_core.model.families.audio_spectrogram_transformer import AudioSpectrogramTransformer
from xmodal_core.model.families.base import Family
from xmodal_core.model.families.beit import Beit
from xmodal_core.model.families.bert import Bert
from xmodal_core.model.families.clip import ClipImage, ClipText
from xmodal_core.model.families.deit import Deit
from xmodal_core.model.families.dinov2 import Dinov2
from xmodal_core.model.families.distilbert import Distilbert
from xmodal_core.model.families.electra import Electra
from xmodal_core.model.families.esm import Esm
from xmodal_core.model.families.gpt2 import Gpt2
from xmodal_core.model.families.hubert import Hubert
from xmodal_core.model.families.modernbert import Modernbert
from xmodal_core.model.families.mpnet import Mpnet
from xmodal_core.model.families.roberta import Roberta
from xmodal_core.model.families.siglip import SiglipImage, SiglipText
from xmodal_core.model.families.swin import Swin
from xmodal_core.model.families.swinv2 import Swinv2
from xmodal_core.model.families.t5 import T5
from xmodal_core.model.families.vit import Vit
from xmodal_core.model.families.vit_mae import VitMae
from xmodal_core.model.families.wav2vec2 import Wav2vec2
from xmodal_core.model.families.xlm_roberta import XlmRoberta

_ALL: tuple[Family, ...] = (
    Vit(),
    Deit(),
    Beit(),
    Dinov2(),
    VitMae(),
    Swin(),
    Swinv2(),
    ClipImage(),
    ClipText(),
    SiglipImage(),
    SiglipText(),
    Bert(),
    Roberta(),
    XlmRoberta(),
    Distilbert(),
    Mpnet(),
    Electra(),
    Modernbert(),
    Esm(),
    Gpt2(),
    T5(),
    AudioSpectrogramTransformer(),
    Wav2vec2(),
    Hubert(),
)
FAMILIES: dict[str, Family] = {family.model_type: family for family in _ALL}
TITLES = ", ".join(dict.fromkeys(family.title for family in _ALL))


def towers(model_type: object) -> dict[str, Family]:
    """What a folder of this name holds by what each is addressed by, image first; "" where there is but one."""
    if not isinstance(model_type, str):
        return {}
    pair = {family.tower: family for family in _ALL if family.whole == model_type}
    return pair or ({"": FAMILIES[model_type]} if model_type in FAMILIES else {})


def described(config: dict[str, Any], tower: str = "") -> tuple[Family, dict[str, Any]] | None:
    """The family of a configuration and the part of it that is the family's own; None where there is none.

    Args:
        config: content of `config.json`.
        tower: "image" or "text"; "" means the only one, or the image tower of two. A folder of a single tower may be
            addressed by it as well.
    """
    found = towers(config.get("model_type"))
    family = found.get(tower or next(iter(found), ""))
    if family is None and tower and "" in found and found[""].tower == tower:
        family = found[""]
    if family is None:
        return None
    part = config.get(family.part) if family.whole == config.get("model_type") else config
    return family, part if isinstance(part, dict) else {}
