"""Swin v2 (Liu et al., CVPR 2022): Swin with cosine attention and position biases that a small network computes."""

from xmodal_core.model.families.swin import Swin


class Swinv2(Swin):
    """Tokens enter and leave as in Swin."""

    model_type = "swinv2"
    title = "Swin v2"
    architecture = "Swinv2Model"
