"""DistilBERT (Sanh et al., 2019): BERT with half the blocks and without kinds of tokens."""

from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.base import TextFamily

if TYPE_CHECKING:
    from torch import nn


class Distilbert(TextFamily):
    """As BERT, under other names."""

    model_type = "distilbert"
    title = "DistilBERT"
    architecture = "DistilBertModel"
    off = ("dropout", "attention_dropout")
    blocks = "n_layers"

    def door(self, transformer: Any) -> "nn.Module":
        """It is called by place."""
        del transformer
        from xmodal_core.model.stem import Door

        return Door()
