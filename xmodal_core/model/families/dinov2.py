"""DINOv2 (Oquab et al., TMLR 2024): a ViT pretrained without labels."""

from xmodal_core.model.families.base import BERT_DROPOUT, ImageFamily


class Dinov2(ImageFamily):
    """One token stands before the patches; the token that hid patches in pretraining is left behind."""

    model_type = "dinov2"
    title = "DINOv2"
    architecture = "Dinov2Model"
    off = (*BERT_DROPOUT, "drop_path_rate", "use_mask_token")
