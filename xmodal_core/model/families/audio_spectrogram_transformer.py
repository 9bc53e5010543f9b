"""AST (Gong et al., Interspeech 2021): a spectrogram as an image of one channel, in patches that overlap.

Its modality is IMAGE: a grid of patches is what it reads, and it was itself started from the weights of an image body,
so that images stand for its pretraining. Sound becomes an image of mel bands (height) over time (width) before it is
given to it; an image in [0, 1] enters in the usual scale, as its own normalised spectrograms have that size.
"""

from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.base import Config, ImageFamily

if TYPE_CHECKING:
    from torch import Tensor


class AudioSpectrogramTransformer(ImageFamily):
    """Two tokens stand before the patches."""

    model_type = "audio-spectrogram-transformer"
    title = "AST"
    architecture = "ASTModel"
    prefix_tokens = ("cls_token", "distillation_token")

    def channels(self, config: Config) -> int | None:
        """No pictures: what its folder says of a scale is in decibels."""
        del config
        return None

    def image_size(self, config: Any) -> tuple[int, int]:
        """Mel bands and steps of time."""
        return config.num_mel_bins, config.max_length

    def stride(self, config: Any) -> tuple[int, int] | None:
        """Along mel bands and time."""
        return config.frequency_stride, config.time_stride

    def run(self, transformer: Any, tokens: "Tensor", mask: "Tensor | None", **options: bool) -> Any:
        """Tokens go in as if they were a spectrogram."""
        del mask
        return transformer(input_values=tokens, **options)
