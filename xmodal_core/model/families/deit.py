"""DeiT (Touvron et al., ICML 2021): a ViT with a second token, for distillation."""

from xmodal_core.model.families.vit import Vit


class Deit(Vit):
    """Two tokens stand before the patches."""

    model_type = "deit"
    title = "DeiT"
    architecture = "DeiTModel"
    prefix_tokens = ("cls_token", "distillation_token")
