"""CLIP (Radford et al., ICML 2021): two towers, each a body: `folder` or `folder#image`, and `folder#text`.

Folders of one tower are known by their own names; a projection into the shared space is left behind.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from xmodal_core.model.families.base import ImageFamily, TextFamily

if TYPE_CHECKING:
    from torch import Tensor, nn


class ClipImage(ImageFamily):
    """One token stands before the patches. Tokens come out as they leave the last block, before any norm.

    The norm behind the blocks was only ever trained on the CLS token, which no body reads.
    """

    model_type = "clip_vision_model"
    title = "CLIP"
    architecture = "CLIPVisionModel"
    whole, part, tower = "clip", "vision_config", "image"
    off = ("attention_dropout",)
    left_out = ("post_layernorm",)
    prefix_tokens: ClassVar[tuple[str, ...]] = ("class_embedding",)

    def projection(self, transformer: Any) -> Any:
        """Its bias is none here, and one in SigLIP."""
        return transformer.embeddings.patch_embedding

    def positions(self, transformer: Any) -> "Tensor | None":
        """Of the prefix, where there is one, and the patches."""
        found: Tensor = transformer.embeddings.position_embedding.weight
        return found


class ClipText(TextFamily):
    """Causal: features are the last real token, which is the end of the text, as in CLIP's own training."""

    model_type = "clip_text_model"
    title = "CLIP"
    architecture = "CLIPTextModel"
    whole, part, tower = "clip", "text_config", "text"
    off = ("attention_dropout",)
    reads_last = True
    position_table = "position_embedding"
    norm_layer = ""

    def door(self, transformer: Any) -> "nn.Module":
        """The network takes no embedded inputs, but hands what it is given for positions to its embedding layer."""
        del transformer
        from xmodal_core.model.stem import Door

        return Door(takes="position_ids")

    def run(self, transformer: Any, tokens: "Tensor", mask: "Tensor | None", **options: bool) -> Any:
        """Word numbers only say where the text ends, for an output that no body reads."""
        blank = tokens.new_zeros(tokens.shape[:2]).long()
        attention = None if mask is None else mask.long()
        return transformer(input_ids=blank, position_ids=tokens, attention_mask=attention, **options)
