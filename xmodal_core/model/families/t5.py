"""T5 (Raffel et al., JMLR 2020): the encoder, with relative positions inside attention; the decoder is left behind."""

from typing import TYPE_CHECKING, Any

from xmodal_core.model.families.base import Config, TextFamily

if TYPE_CHECKING:
    from torch import nn

    from xmodal_core.model.stem import Stem

_USUAL = 512  # tokens of a text in pretraining; no position is learned, so more are possible


class T5(TextFamily):
    """Neither positions nor a norm enter with the tokens."""

    model_type = "t5"
    title = "T5"
    architecture = "T5EncoderModel"
    off = ("dropout_rate",)
    embeddings = "shared"
    blocks = "num_layers"
    position_table = norm_layer = ""

    def text_tokens(self, config: Config) -> int | None:
        """As in pretraining."""
        found = config.get("n_positions")
        return found if isinstance(found, int) else _USUAL

    def max_tokens(self, transformer: Any, stem: "Stem") -> int:
        """The same."""
        del stem
        return self.text_tokens(transformer.config.to_dict()) or _USUAL

    def words(self, transformer: Any) -> "nn.Module":
        """Words alone."""
        from xmodal_core.model.stem import Words

        return Words(transformer.shared)

    def enter(self, transformer: Any) -> None:
        """The words have two names."""
        super().enter(transformer)
        transformer.encoder.embed_tokens = transformer.shared
