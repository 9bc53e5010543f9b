"""BEiT (Bao et al., ICLR 2022): patches whose positions are, as a rule, biases inside attention."""

from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.base import BERT_DROPOUT, Config, ImageFamily

if TYPE_CHECKING:
    from torch import Tensor, nn


class Beit(ImageFamily):
    """One token stands before the patches; relative positions belong to its own grid and to no other."""

    model_type = "beit"
    title = "BEiT"
    architecture = "BeitModel"
    has_pooler = True
    off = (*BERT_DROPOUT, "drop_path_rate", "use_mask_token")

    def exact_tokens(self, config: Config) -> bool:
        """Wherever attention has a bias for every pair of places of the grid."""
        return bool(config.get("use_relative_position_bias") or config.get("use_shared_relative_position_bias"))

    def door(self, transformer: Any) -> "nn.Module":
        """Tokens come beside the image, whose size the network looks up for its biases."""
        del transformer
        from xmodal_core.model.stem import Door

        return Door(takes="bool_masked_pos")

    def run(self, transformer: Any, tokens: "Tensor", mask: "Tensor | None", **options: bool) -> Any:
        """An image without content tells the grid."""
        del mask
        blank = tokens.new_zeros(1).expand(len(tokens), 1, *self.image_size(transformer.config))
        return transformer(pixel_values=blank, bool_masked_pos=tokens, **options)
