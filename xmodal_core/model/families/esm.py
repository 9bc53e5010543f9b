"""ESM-2 (Lin et al., Science 2023): proteins, a letter an amino acid; rotary or learned positions."""

import dataclasses
from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.roberta import Roberta

if TYPE_CHECKING:
    from torch import nn

    from xmodal_core.model.image_scale import ImageScale
    from xmodal_core.model.stem import Stem


class Esm(Roberta):
    """Its words are amino acids, so it reads texts of them only. The head for contacts is left behind."""

    model_type = "esm"
    title = "ESM"
    architecture = "EsmModel"
    left_out = ("contact_head",)
    norm_layer = "layer_norm"

    def words(self, transformer: Any) -> "nn.Module":
        """The layer scales words by the share that is hidden, padding not counted: it has to know what that is."""
        from xmodal_core.model.stem import MaskedWords

        return MaskedWords(transformer.embeddings, transformer.config.pad_token_id)

    def stem(self, transformer: Any, tokenizer: Any, scale: "ImageScale") -> "Stem":
        """With the alphabet."""
        return dataclasses.replace(super().stem(transformer, tokenizer, scale), alphabet="amino acids")
