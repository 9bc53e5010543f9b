"""Swin (Liu et al., ICCV 2021): windows on a fixed grid, halved between stages; relative positions."""

from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.base import BERT_DROPOUT, Config, ImageFamily

if TYPE_CHECKING:
    from torch import nn


class Swin(ImageFamily):
    """No token stands before the patches; a norm follows their projection. Its layers are its stages."""

    model_type = "swin"
    title = "Swin"
    architecture = "SwinModel"
    has_pooler = True
    off = (*BERT_DROPOUT, "drop_path_rate")
    prefix_tokens = ()
    blocks = "depths"

    def exact_tokens(self, config: Config) -> bool:
        """Windows tile the grid."""
        del config
        return True

    def hidden_size(self, config: Any) -> int:
        """Width of the first stage."""
        return int(config.embed_dim)

    def output_size(self, config: Any) -> int:
        """Width doubles from stage to stage."""
        return int(config.embed_dim * 2 ** (len(config.depths) - 1))

    def n_layers(self, config: Any) -> int:
        """Stages."""
        return len(config.depths)

    def merged(self, config: Any) -> int:
        """Each stage but the last makes one token of two along either axis."""
        return int(2 ** (len(config.depths) - 1))

    def norm(self, transformer: Any) -> Any:
        """Of the embedding layer."""
        return transformer.embeddings.norm

    def door(self, transformer: Any) -> "nn.Module":
        """The grid goes with the tokens."""
        from xmodal_core.model.stem import Door

        return Door(behind=(tuple(transformer.embeddings.patch_grid),))
