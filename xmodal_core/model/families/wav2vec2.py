"""wav2vec 2.0 (Baevski et al., NeurIPS 2020): a sound wave in some fifty tokens a second, without a vocabulary.

Its modality is SERIES. Its own front end, seven convolutions over a wave of 16,000 samples a second, says nothing of
series in other units, so that ours make the tokens, which enter where the front end's projection ends. No labelled
stand-in for speech ships: a method that reads a source has to be given one.
"""

from typing import TYPE_CHECKING, Any

from xmodal_core.data.dataset import Modality
from xmodal_core.model.families.base import Family

if TYPE_CHECKING:
    from torch import Tensor, nn

    from xmodal_core.model.image_scale import ImageScale
    from xmodal_core.model.stem import Stem

_MOST = 512  # tokens, some ten seconds of sound; positions are a convolution over neighbours, which knows no limit


class Wav2vec2(Family):
    """The network adds positions to the tokens by itself, from their neighbours."""

    model_type = "wav2vec2"
    title = "wav2vec 2.0"
    architecture = "Wav2Vec2Model"
    modality = Modality.SERIES
    off = (
        "hidden_dropout",
        "attention_dropout",
        "activation_dropout",
        "feat_proj_dropout",
        "layerdrop",
        "mask_time_prob",
        "mask_feature_prob",
        "add_adapter",
    )
    embeddings = "feature_extractor"

    def max_tokens(self, transformer: Any, stem: "Stem") -> int:
        """A bound for the cost."""
        del transformer, stem
        return _MOST

    def stem(self, transformer: Any, tokenizer: Any, scale: "ImageScale") -> "Stem":
        """Nothing that tokens of other series could start from but their size.

        A norm stands before the projection, so that what enters it is known without a wave: mean 0, deviation 1.
        """
        del tokenizer, scale
        from xmodal_core.model.stem import Content, Stem, learned

        weight, bias = learned(transformer.feature_projection.projection)
        return Stem(None, None, content=Content(bias, float(weight.square().sum(dim=1).mean().sqrt())))

    def door(self, transformer: Any) -> "nn.Module":
        """In the place of the convolutions."""
        del transformer
        from xmodal_core.model.stem import Door

        return Door()

    def projected(self) -> "nn.Module":
        """In the place of the projection, which also returned what it was given."""
        from xmodal_core.model.stem import Door

        return Door(behind=(None,))

    def enter(self, transformer: Any) -> None:
        """Both parts of the front end go, and with them the shortening of masks."""
        super().enter(transformer)
        transformer.feature_projection = self.projected()
        transformer.config.conv_kernel = transformer.config.conv_stride = ()

    def run(self, transformer: Any, tokens: "Tensor", mask: "Tensor | None", **options: bool) -> Any:
        """Tokens go in as if they were a wave; the network turns axes behind its convolutions, and blanks padding."""
        wave = tokens.transpose(1, 2) if mask is None else tokens.masked_fill(~mask.unsqueeze(-1), 0.0).transpose(1, 2)
        return transformer(input_values=wave, attention_mask=None if mask is None else mask.long(), **options)
