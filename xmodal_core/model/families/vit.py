"""ViT (Dosovitskiy et al., ICLR 2021): a CLS token, patches, learned positions."""

from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.base import ImageFamily

if TYPE_CHECKING:
    from torch import Tensor


class Vit(ImageFamily):
    """One token stands before the patches."""

    model_type = "vit"
    title = "ViT"
    architecture = "ViTModel"
    has_pooler = True

    def run(self, transformer: Any, tokens: "Tensor", mask: "Tensor | None", **options: bool) -> Any:
        """The network casts an image to the type of its patch projection, which the door has instead."""
        transformer.embeddings.patch_embeddings.projection.weight = tokens.new_empty(0)
        return super().run(transformer, tokens, mask, **options)
