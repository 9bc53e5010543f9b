"""What has to be known of a family of transformers, and what most of them have in common.

An adapter says it in two halves. From `config.json` alone, before anything is loaded: how many blocks, how long a text,
whether the grid is fixed. From the loaded network: what its embedding layer had learned (the `Stem`), where our tokens
enter past that layer, and how the network is called so that they do. Nothing else in the core asks for a family's name.

A file may hold more than the body: heads, decoders, a pooler, the other tower. What lies beside the parts of the body
is left behind; what lies inside them and is not asked for is a fault.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from xmodal_core.data.dataset import Modality

if TYPE_CHECKING:
    from torch import Tensor, nn

    from xmodal_core.model.image_scale import ImageScale
    from xmodal_core.model.stem import Content, Stem

Config = Mapping[str, Any]  # of config.json, of the tower where there are two
BERT_DROPOUT = ("hidden_dropout_prob", "attention_probs_dropout_prob")


class Family(ABC):
    """Base of all adapters.

    Attributes:
        model_type: the family's name in `config.json`; of one tower where there are two.
        title: what people call it.
        architecture: the class of transformers that is the encoder without a head.
        modality: what it was pretrained on: IMAGE, TEXT, or SERIES for sound waves. A text family has a tokenizer.
        has_pooler: that class makes a pooler unless told not to.
        off: entries of the configuration that are switched off: dropout, and what is for pretraining only.
        left_out: parts of the transformers model that the body does not use (what is behind the tokens); a file may
            lack them.
        whole: the name in `config.json` where both towers are in a folder, `part` the entry of this one there, `tower`
            what it is addressed by (`folder#text`).
        reads_last: features are the last real token, as in causal families, else the mean of the real tokens.
        embeddings: place of the embedding layer in the transformers model.
        blocks: entry of the configuration that counts blocks.
        counts_from_padding: positions count from the number of the padding word, which has to be known.
    """

    model_type: ClassVar[str]
    title: ClassVar[str]
    architecture: ClassVar[str]
    modality: ClassVar[Modality]
    has_pooler: ClassVar[bool] = False
    off: ClassVar[tuple[str, ...]] = BERT_DROPOUT
    left_out: ClassVar[tuple[str, ...]] = ()
    whole: ClassVar[str] = ""
    part: ClassVar[str] = ""
    tower: ClassVar[str] = ""
    reads_last: ClassVar[bool] = False
    embeddings: ClassVar[str] = "embeddings"
    blocks: ClassVar[str] = "num_hidden_layers"
    counts_from_padding: ClassVar[bool] = False

    def has_blocks(self, config: Config) -> bool:
        """Whether it has transformer blocks, and with them attention."""
        return config.get(self.blocks) not in (0, [])

    def exact_tokens(self, config: Config) -> bool:  # noqa: ARG002 - most take fewer tokens as well
        """Whether it takes the tokens of its own patch grid only."""
        return False

    def text_tokens(self, config: Config) -> int | None:  # noqa: ARG002 - of texts only
        """Most word pieces that it reads; None for what reads none, or where it is not said."""
        return None

    def channels(self, config: Config) -> int | None:  # noqa: ARG002 - of pictures only
        """Channels of the pictures that it was trained on, whose scale its folder may say; None without pictures."""
        return None

    def drop_rates(self, rate: float, n_blocks: int) -> list[float]:
        """Stochastic depth of each block, by the rate of its configuration: from none in the first to all of it."""
        return [rate * block / max(n_blocks - 1, 1) for block in range(n_blocks)]

    def resize(self, transformer: Any, size: tuple[int, int]) -> None:
        """Make a network, in place, one of images of another size, where it was trained on several; others stay."""
        del transformer, size

    def hidden_size(self, config: Any) -> int:
        """Width of the tokens that go in; `config` is the network's own."""
        return int(config.hidden_size)

    def output_size(self, config: Any) -> int:
        """Width of the tokens that come out."""
        return int(config.hidden_size)

    def n_layers(self, config: Any) -> int:
        """States that the network shows beyond what enters it."""
        return int(config.num_hidden_layers)

    def merged(self, config: Any) -> int:  # noqa: ARG002 - most keep every token
        """Tokens along an axis that come out as one."""
        return 1

    def max_tokens(self, transformer: Any, stem: "Stem") -> int:  # noqa: ARG002 - most have positions
        """Most tokens that it takes, prefix not counted."""
        return 0 if stem.positions is None else len(stem.positions)

    @abstractmethod
    def stem(self, transformer: Any, tokenizer: Any, scale: "ImageScale") -> "Stem":
        """What the embedding layer had learned."""

    def prefix(self, transformer: Any) -> "Tensor | None":  # noqa: ARG002 - few have one
        """Tokens (1, p, d) that are part of the body, not of any modality, with their positions."""
        return None

    def door(self, transformer: Any) -> "nn.Module":  # noqa: ARG002
        """What stands in the place of the embedding layer."""
        from xmodal_core.model.stem import Door

        return Door()

    def enter(self, transformer: Any) -> None:
        """Put the door in the place of the embedding layer, and take out what is left out."""
        from torch import nn

        transformer.set_submodule(self.embeddings, self.door(transformer))
        for name in self.left_out:
            if isinstance(getattr(transformer, name, None), nn.Module):
                setattr(transformer, name, nn.Identity())

    @abstractmethod
    def run(self, transformer: Any, tokens: "Tensor", mask: "Tensor | None", **options: bool) -> Any:
        """Call the network so that tokens (b, l, d), the prefix among them, enter through the door.

        Args:
            transformer: the network, after `enter`.
            tokens: (b, l, d), positions already added.
            mask: (b, l) bool, True for real tokens.
            options: what the network shall return.
        """


class ImageFamily(Family):
    """Patches of an image behind learned tokens: ViT and its kin; the tokens of an image are all real.

    Attributes:
        prefix_tokens: parameters of the embedding layer that stand before the patches, in this order.
    """

    modality: ClassVar[Modality] = Modality.IMAGE
    prefix_tokens: ClassVar[tuple[str, ...]] = ("cls_token",)

    def channels(self, config: Config) -> int | None:
        """As said, else three."""
        found = config.get("num_channels", 3)
        return found if isinstance(found, int) else 3

    def layer(self, transformer: Any) -> Any:
        """The embedding layer."""
        return transformer.get_submodule(self.embeddings)

    def projection(self, transformer: Any) -> Any:
        """The convolution that makes tokens of patches."""
        return self.layer(transformer).patch_embeddings.projection

    def positions(self, transformer: Any) -> "Tensor | None":
        """Position embeddings (p + l, d) of prefix and patches, or None."""
        found = self.layer(transformer).position_embeddings
        return None if found is None else found[0]

    def image_size(self, config: Any) -> tuple[int, int]:
        """Height and width of the images that it was trained on."""
        size = config.image_size
        return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))

    def stride(self, config: Any) -> tuple[int, int] | None:  # noqa: ARG002 - most patches touch
        """Cells from a patch to the next where they overlap."""
        return None

    def norm(self, transformer: Any) -> Any:  # noqa: ARG002 - most have none
        """The LayerNorm between patch projection and positions, or None."""
        return None

    def max_tokens(self, transformer: Any, stem: "Stem") -> int:  # noqa: ARG002
        """Patches of an image; `stem.positions` may be missing where they are relative."""
        assert stem.patch is not None
        assert stem.image_size is not None
        patch = stem.patch[0].shape[-2:]
        rows, columns = (
            (size - side) // step + 1
            for size, side, step in zip(stem.image_size, patch, stem.stride or patch, strict=True)
        )
        return int(rows * columns)

    def stem(self, transformer: Any, tokenizer: Any, scale: "ImageScale") -> "Stem":
        """Patch filters, positions of the patches, and the scale of pictures."""
        del tokenizer
        from xmodal_core.model.stem import Stem, content_of_patches, learned

        positions, norm = self.positions(transformer), self.norm(transformer)
        patch, size = learned(self.projection(transformer)), self.image_size(transformer.config)
        stride = self.stride(transformer.config)
        return Stem(
            positions=None if positions is None else positions[len(self.prefix_tokens) :].detach().clone(),
            norm=None if norm is None else learned(norm),
            norm_first=norm is not None,
            content=content_of_patches(patch, size, stride or (patch[0].shape[-2], patch[0].shape[-1])),
            patch=patch,
            stride=stride,
            image_size=size,
            image_scale=scale,
        )

    def prefix(self, transformer: Any) -> "Tensor | None":
        """CLS (and distillation) token with its position."""
        import torch

        if not self.prefix_tokens:
            return None
        layer, positions = self.layer(transformer), self.positions(transformer)
        tokens = torch.cat([getattr(layer, name).reshape(1, 1, -1) for name in self.prefix_tokens], dim=1)
        if positions is not None:
            tokens = tokens + positions[: tokens.shape[1]]
        return tokens.detach().clone()

    def run(self, transformer: Any, tokens: "Tensor", mask: "Tensor | None", **options: bool) -> Any:
        """Tokens go in as if they were an image."""
        del mask
        return transformer(pixel_values=tokens, **options)


class TextFamily(Family):
    """Word pieces with a tokenizer: BERT and its kin, called with embedded inputs and a mask.

    Attributes:
        length: entry of the configuration that counts positions.
        position_table, norm_layer: where they are in the embedding layer; "" for none.
    """

    modality: ClassVar[Modality] = Modality.TEXT
    length: ClassVar[str] = "max_position_embeddings"
    position_table: ClassVar[str] = "position_embeddings"
    norm_layer: ClassVar[str] = "LayerNorm"

    def first_position(self, config: Config) -> int:  # noqa: ARG002 - most count from 0
        """The row of the position table that belongs to the first token."""
        return 0

    def text_tokens(self, config: Config) -> int | None:
        """Positions that are left behind the first."""
        positions = config.get(self.length)
        return positions - self.first_position(config) if isinstance(positions, int) else None

    def max_tokens(self, transformer: Any, stem: "Stem") -> int:
        """Rows of the position table, else what the configuration says."""
        found = self.text_tokens(transformer.config.to_dict())
        return super().max_tokens(transformer, stem) if stem.positions is not None or found is None else found

    def words(self, transformer: Any) -> "nn.Module":
        """The embedding layer as a module that is called with `input_ids`."""
        layer: nn.Module = transformer.get_submodule(self.embeddings)
        return layer

    def content(self, transformer: Any) -> "Content":
        """Of the words of its vocabulary, each once, and of the first kind of token where there are kinds."""
        from xmodal_core.model.stem import content_of

        layer = transformer.get_submodule(self.embeddings)
        kinds = getattr(layer, "token_type_embeddings", None)
        return content_of(transformer.get_input_embeddings().weight, None if kinds is None else kinds.weight[0])

    def stem(self, transformer: Any, tokenizer: Any, scale: "ImageScale") -> "Stem":
        """Positions from the first token on, the norm, and the layer itself."""
        del scale
        from xmodal_core.model.stem import Stem, learned

        layer = transformer.get_submodule(self.embeddings)
        table = getattr(layer, self.position_table, None) if self.position_table else None
        norm = getattr(layer, self.norm_layer) if self.norm_layer else None
        first = self.first_position(transformer.config.to_dict())
        return Stem(
            positions=None if table is None else table.weight.detach().clone()[first:],
            norm=None if norm is None else learned(norm),
            content=self.content(transformer),
            word_embeddings=self.words(transformer),
            tokenizer=tokenizer,
        )

    def door(self, transformer: Any) -> "nn.Module":
        """It is called by keywords."""
        del transformer
        from xmodal_core.model.stem import Door

        return Door(takes="inputs_embeds")

    def run(self, transformer: Any, tokens: "Tensor", mask: "Tensor | None", **options: bool) -> Any:
        """Tokens go in as embedded inputs."""
        return transformer(inputs_embeds=tokens, attention_mask=None if mask is None else mask.long(), **options)
