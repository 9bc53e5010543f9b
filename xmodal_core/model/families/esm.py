"""ESM-2 (Lin et al., Science 2023): proteins, a letter an amino acid; rotary or learned positions."""

import dataclasses
from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.roberta import Roberta

if TYPE_CHECKING:
    from torch import nn

    from xmodal_core.model.image_scale import ImageScale
    from xmodal_core.model.stem import Content, Stem

_SHOWN = 1 - 0.15 * 0.8  # a constant of the network


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
        found = super().stem(transformer, tokenizer, scale)
        return dataclasses.replace(found, alphabet="amino acids")

    def content(self, transformer: Any) -> "Content":
        """Words of a text without a hidden one are made smaller, as if the usual share of them were hidden."""
        from xmodal_core.model.stem import Content

        found = super().content(transformer)
        config = transformer.config
        share = _SHOWN if config.token_dropout else 1.0
        return Content(found.mean * share, found.deviation * share)
