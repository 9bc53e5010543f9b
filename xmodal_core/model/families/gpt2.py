"""GPT-2 (Radford et al., 2019): causal, so that only the last real token has seen all others; it is what is read."""

from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.base import TextFamily

if TYPE_CHECKING:
    from torch import nn

    from xmodal_core.model.image_scale import ImageScale
    from xmodal_core.model.stem import Stem


class Gpt2(TextFamily):
    """Texts are padded behind, with the end of a text where there is no padding word, and the padding is masked."""

    model_type = "gpt2"
    title = "GPT-2"
    architecture = "GPT2Model"
    off = ("embd_pdrop", "resid_pdrop", "attn_pdrop", "use_cache")
    reads_last = True
    embeddings = "wte"
    blocks = "n_layer"
    length = "n_positions"

    def words(self, transformer: Any) -> "nn.Module":
        """Words and positions are two layers of the network."""
        from xmodal_core.model.stem import Words

        return Words(transformer.wte, transformer.wpe)

    def stem(self, transformer: Any, tokenizer: Any, scale: "ImageScale") -> "Stem":
        """Positions, no norm."""
        del scale
        from xmodal_core.model.stem import Stem

        positions = transformer.wpe.weight.detach().clone()
        return Stem(
            positions,
            norm=None,
            content=self.content(transformer),
            word_embeddings=self.words(transformer),
            tokenizer=tokenizer,
        )

    def enter(self, transformer: Any) -> None:
        """The network would add positions to embedded inputs, which ours have."""
        from xmodal_core.model.stem import Nothing

        super().enter(transformer)
        transformer.wpe = Nothing()
