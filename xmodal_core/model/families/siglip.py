"""SigLIP (Zhai et al., ICCV 2023): two towers, addressed like CLIP's."""

import dataclasses
from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.clip import ClipImage, ClipText

if TYPE_CHECKING:
    from xmodal_core.model.image_scale import ImageScale
    from xmodal_core.model.stem import Stem


class SiglipImage(ClipImage):
    """No token stands before the patches. The head that pools them by attention is left behind."""

    model_type = "siglip_vision_model"
    title = "SigLIP"
    architecture = "SiglipVisionModel"
    whole = "siglip"
    left_out = ("head",)
    prefix_tokens = ()


class SiglipText(ClipText):
    """Not causal. It was trained on texts padded to its full length, read the padding, and pooled the last token.

    A text is therefore given to it at full length, every token real, and its features are the last token.
    """

    model_type = "siglip_text_model"
    title = "SigLIP"
    architecture = "SiglipTextModel"
    whole = "siglip"
    left_out = ("head",)

    def stem(self, transformer: Any, tokenizer: Any, scale: "ImageScale") -> "Stem":
        """Texts have their full length."""
        length = transformer.config.max_position_embeddings
        return dataclasses.replace(super().stem(transformer, tokenizer, scale), full_length=length)
