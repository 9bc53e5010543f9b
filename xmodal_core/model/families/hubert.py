"""HuBERT (Hsu et al., TASLP 2021): built like wav2vec 2.0, pretrained to name clusters of sound."""

from typing import TYPE_CHECKING

from xmodal_core.model.families.wav2vec2 import Wav2vec2

if TYPE_CHECKING:
    from torch import nn


class Hubert(Wav2vec2):
    """Tokens enter and leave as in wav2vec 2.0."""

    model_type = "hubert"
    title = "HuBERT"
    architecture = "HubertModel"

    def projected(self) -> "nn.Module":
        """The projection returned tokens alone."""
        from xmodal_core.model.stem import Door

        return Door()
