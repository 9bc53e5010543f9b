"""DINOv2 (Oquab et al., TMLR 2024): a ViT pretrained without labels, on images of several sizes.

Its released configurations name the last and largest size (518), its preprocessors the usual one (224), to which the
network itself interpolates its positions. A body has the preprocessor's, a seventh of the tokens.
"""

from typing import Any

from xmodal_core.model.families.base import BERT_DROPOUT, ImageFamily


class Dinov2(ImageFamily):
    """One token stands before the patches; the token that hid patches in pretraining is left behind."""

    model_type = "dinov2"
    title = "DINOv2"
    architecture = "Dinov2Model"
    off = (*BERT_DROPOUT, "drop_path_rate", "use_mask_token")

    def drop_rates(self, rate: float, n_blocks: int) -> list[float]:
        """The same in every block."""
        return [rate] * n_blocks

    def resize(self, transformer: Any, size: tuple[int, int]) -> None:
        """Positions as the network interpolates them; a size of no patch is left alone."""
        import torch
        from torch import nn

        layer, patch = transformer.embeddings, transformer.embeddings.patch_embeddings.patch_size
        n_patches = (size[0] // patch[0]) * (size[1] // patch[1])
        if not n_patches or size == self.image_size(transformer.config):
            return
        with torch.no_grad():
            tokens = torch.empty(1, 1 + n_patches, transformer.config.hidden_size)
            layer.position_embeddings = nn.Parameter(layer.interpolate_pos_encoding(tokens, *size))
        transformer.config.image_size = size
