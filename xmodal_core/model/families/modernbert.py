"""ModernBERT (Warner et al., 2024): rotary positions inside attention, which is local in most blocks."""

from xmodal_core.model.families.base import TextFamily


class Modernbert(TextFamily):
    """No positions enter with the tokens; a norm without bias follows the words."""

    model_type = "modernbert"
    title = "ModernBERT"
    architecture = "ModernBertModel"
    off = ("embedding_dropout", "attention_dropout", "mlp_dropout")
    position_table = ""
    norm_layer = "norm"
