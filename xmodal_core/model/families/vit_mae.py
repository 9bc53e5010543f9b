"""ViT-MAE (He et al., CVPR 2022): the encoder, which reads every patch in its place.

In pretraining three patches of four were dropped and the rest shuffled; a body drops none. Positions are fixed sines,
kept in the file like learned ones. Its decoder may be in the file.
"""

from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.base import ImageFamily

if TYPE_CHECKING:
    from torch import nn


class VitMae(ImageFamily):
    """One token stands before the patches; none of them is dropped on the way in."""

    model_type = "vit_mae"
    title = "ViT-MAE"
    architecture = "ViTMAEModel"

    def door(self, transformer: Any) -> "nn.Module":
        """The layer also returned which patches it dropped, and their order."""
        del transformer
        from xmodal_core.model.stem import Door

        return Door(behind=(None, None))
