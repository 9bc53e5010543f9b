"""Per-modality embedders: samples (n, ...) -> tokens (n, l, d) of the body's width.

Each embedder carries the scaling of its data set as buffers, so that raw samples go in and a checkpoint
is complete. `init="pretrained"` copies what the body's own embedding layer had learned wherever shapes
allow (ORCA's embedder initialisation); `init="random"` copies nothing but the positions, as released.

Reference: ORCA (Shen et al., ICML 2023) and its released code, the embedders for 2-D and 1-D inputs.

Differs: the length is padded up to a whole number of patches where ORCA searches an exact divisor (a prime
length would become one token); RGB filters are summed for one channel and tiled with a factor 3/c for
others, which shows the body a grey image in its own scale, where ORCA tiles them unscaled and truncates;
a body without an embedding LayerNorm (ViT) gets none; the 1-D convolution starts with random biases, since
with ORCA's zero biases the LayerNorm erases how large a patch is.
"""

import copy
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset, Modality, Samples
from xmodal_core.errors import ModelError
from xmodal_core.model.body import Body
from xmodal_core.model.channels import fit_channels, grey_scale, of_channels
from xmodal_core.model.facts import TEXT_LENGTH
from xmodal_core.model.stem import Stem
from xmodal_core.model.tokens import cut

_PATCH = 4  # patch side for images on a body that has no patches of its own
_PATCH_GRID = 8
PADDING = -1  # stands in a prepared text where there is no word piece
_LOOKED_AT = 64  # texts by which it is told whether they are in a body's alphabet
_MOST_UNKNOWN = 0.5  # of their letters; a sequence may have rare ones and gaps


class Embedder(nn.Module):
    """Base: prepared samples -> tokens. `n_tokens` is l; `grid` is how they lie, None where they lie in no order."""

    n_tokens: int
    grid: tuple[int, ...] | None = None
    shift: Tensor
    scale: Tensor
    tokens: "_Tokens"

    def prepare(self, dataset: Samples, rows: np.ndarray) -> Tensor:
        """Samples of some rows as one tensor that `forward` takes in slices."""
        return torch.from_numpy(dataset.inputs[rows])

    def mask(self, inputs: Tensor) -> Tensor | None:  # noqa: ARG002 - only text has one
        """Which tokens are real, (b, l) bool; None when all are."""
        return None


class _Tokens(nn.Module):
    """What every embedder ends with: LayerNorm where the body has one, then positions.

    The norm comes before the positions, as in ORCA's released 1-D embedder.
    """

    norm: nn.Module

    def __init__(self, stem: Stem, width: int, n_tokens: int, pretrained: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width) if stem.norm is not None else nn.Identity()
        if stem.norm is not None and pretrained:
            self.norm.load_state_dict(dict(zip(("weight", "bias"), stem.norm, strict=True)))
        positions = None if stem.positions is None else stem.positions[:n_tokens].clone()
        self.positions = None if positions is None else nn.Parameter(positions)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = self.norm(tokens)
        return tokens if self.positions is None else tokens + self.positions[: tokens.shape[1]]


class ImageEmbedder(Embedder):
    """Images (b, c, h, w) in any scale: to [0, 1] by the training range, resized, cut into patches.

    With u = (x - lowest) / (highest - lowest) in [0, 1], channel k enters the body as (u - mean_k) / std_k, its own
    mean and deviation. Where the data have another number of channels than the body, channel k takes those of the
    body's channel k modulo theirs, as the filters do; a single one is seen by the body as a grey image, whose channels
    are alike before each is scaled.
    """

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool) -> None:
        super().__init__()
        stem = body.stem
        patch = (_PATCH, _PATCH) if stem.patch is None else (stem.patch[0].shape[-2], stem.patch[0].shape[-1])
        side = min(_PATCH_GRID, math.isqrt(body.max_tokens))
        self.size = stem.image_size or (_PATCH * side, _PATCH * side)  # (h, w)
        channels = dataset.inputs.shape[1]
        self.fit_scale(dataset.inputs[dataset.rows("train")], stem)
        stride = stem.stride or patch
        self.project = nn.Conv2d(channels, body.hidden_size, patch, stride)
        weight = nn.init.trunc_normal_(torch.empty_like(self.project.weight), std=0.02)
        bias = torch.zeros(body.hidden_size)
        if pretrained and stem.patch is not None:
            weight, bias = self.filters(*stem.patch, stem, channels)
        self.project.load_state_dict({"weight": weight, "bias": bias})
        self.grid = tuple(
            (size - cells) // step + 1 for size, cells, step in zip(self.size, patch, stride, strict=True)
        )
        self.n_tokens = math.prod(self.grid)
        self.tokens = _Tokens(stem, body.hidden_size, self.n_tokens, pretrained)

    def fit_scale(self, train: np.ndarray, stem: Stem) -> None:
        """[lowest, highest] -> [0, 1] -> the scale that the body was trained with, in one shift and one factor."""
        low, high = float(train.min()), float(train.max())
        mean, std = (of_channels(values, train.shape[1]) for values in (stem.image_scale.mean, stem.image_scale.std))
        self.register_buffer("shift", torch.tensor(low + mean * (high - low), dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(np.maximum(std * (high - low), 1e-6), dtype=torch.float32))

    def filters(self, weight: Tensor, bias: Tensor, stem: Stem, channels: int) -> tuple[Tensor, Tensor]:
        """The body's filters (d, c, s, s) and biases (d,) for images of this many channels in their own scale."""
        if channels == 1 < weight.shape[1]:
            weight, bias = grey_scale(weight, bias, stem.image_scale)
        return fit_channels(weight, channels), bias

    def resized(self, images: Tensor) -> Tensor:
        """What the patches are cut from, (b, c, *size), in the body's scale."""
        x = (images - self.shift) / self.scale
        if x.shape[-2:] == self.size:
            return x
        return F.interpolate(x, size=self.size, mode="bilinear", antialias=True)

    def forward(self, images: Tensor) -> Tensor:
        """(b, c, h, w) -> (b, l, d)."""
        return self.tokens(self.project(self.resized(images)).flatten(2).transpose(1, 2))  # (b, l, d)


class FieldEmbedder(ImageEmbedder):
    """Fields (b, c, h, w) of any resolution and in any units: standardised per channel, then as images."""

    def fit_scale(self, train: np.ndarray, stem: Stem) -> None:  # noqa: ARG002 - a field has no scale of pictures
        """Mean and standard deviation per channel, (c, 1, 1)."""
        spread = train.std(axis=(0, 2, 3), dtype=np.float64)
        shift = train.mean(axis=(0, 2, 3), dtype=np.float64)
        scale = np.where(spread > 1e-30, spread, 1)  # units may be tiny, a constant channel has none
        self.register_buffer("shift", torch.from_numpy(shift.astype(np.float32)[:, None, None]))
        self.register_buffer("scale", torch.from_numpy(scale.astype(np.float32)[:, None, None]))

    def filters(self, weight: Tensor, bias: Tensor, stem: Stem, channels: int) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """The body's filters: what it saw in its own scale, a standardised field is."""
        return fit_channels(weight, channels), bias


class _Strided(Embedder):
    """Base of the 1-D embedders: a convolution whose kernel is its stride."""

    padding: int
    project: nn.Conv1d


class SeriesEmbedder(_Strided):
    """Series (b, c, t): standardised per channel, cut into patches of equal length by a strided convolution."""

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool) -> None:
        super().__init__()
        train = dataset.inputs[dataset.rows("train")]
        channels, length = train.shape[1:]
        self.register_buffer("shift", torch.from_numpy(train.mean(axis=(0, 2), keepdims=True)[0]))  # (c, 1)
        self.register_buffer("scale", torch.from_numpy(train.std(axis=(0, 2), keepdims=True)[0].clip(1e-6)))
        _strided(self, channels, length, body, pretrained)

    def forward(self, series: Tensor) -> Tensor:
        """(b, c, t) -> (b, l, d)."""
        return _patches(self, (series - self.shift) / self.scale)


class SequenceEmbedder(_Strided):
    """Codes (b, t): one channel per letter, then as a series. A code not seen in training is all zeros."""

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool) -> None:
        super().__init__()
        self.n_codes = int(dataset.inputs[dataset.rows("train")].max()) + 1
        _strided(self, self.n_codes, dataset.inputs.shape[1], body, pretrained)

    def forward(self, codes: Tensor) -> Tensor:
        """(b, t) -> (b, l, d)."""
        letters = torch.arange(self.n_codes, device=codes.device)
        one_hot = (codes.unsqueeze(1) == letters.view(1, -1, 1)).to(self.project.weight.dtype)  # (b, codes, t)
        return _patches(self, one_hot)


class TabularEmbedder(Embedder):
    """Features (b, f), a token each: value times a learned direction plus a bias, or a learned row per category."""

    is_number: Tensor
    counts: Tensor
    first: Tensor

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool) -> None:
        super().__init__()
        train = dataset.inputs[dataset.rows("train")]
        n_features, width = train.shape[1], body.hidden_size
        counts = np.array(dataset.category_counts or (0,) * n_features)
        is_number = counts == 0
        shift, scale = np.where(is_number, train.mean(axis=0), 0), np.where(is_number, train.std(axis=0), 1)
        self.register_buffer("shift", torch.from_numpy(shift.astype(np.float32)))
        self.register_buffer("scale", torch.from_numpy(np.where(scale > 1e-6, scale, 1).astype(np.float32)))
        self.register_buffer("is_number", torch.from_numpy(is_number))
        self.register_buffer("counts", torch.from_numpy(np.maximum(counts, 1)))
        first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.register_buffer("first", torch.from_numpy(first))
        self.direction = nn.Parameter(torch.randn(n_features, width) / math.sqrt(width))
        self.bias = nn.Parameter(torch.randn(n_features, width) / math.sqrt(width))
        self.categories = nn.Embedding(max(int(counts.sum()), 1), width)
        nn.init.normal_(self.categories.weight, std=1 / math.sqrt(width))
        # Neighbours share a token where there are too many.
        self.n_tokens, self.group = cut(n_features, body.most_tokens(dataset.modality))
        self.tokens = _Tokens(body.stem, width, self.n_tokens, pretrained)

    def forward(self, rows: Tensor) -> Tensor:
        """(b, f) -> (b, l, d)."""
        numbers = ((rows - self.shift) / self.scale).unsqueeze(-1) * self.direction  # (b, f, d)
        codes = torch.minimum(rows.long().clamp_min(0), self.counts - 1) + self.first
        chosen = self.categories(codes.masked_fill(self.is_number, 0))  # (b, f, d)
        tokens = torch.where(self.is_number.view(1, -1, 1), numbers, chosen) + self.bias
        if self.group > 1:
            tokens = F.pad(tokens, (0, 0, 0, self.n_tokens * self.group - tokens.shape[1]))
            tokens = tokens.unflatten(1, (self.n_tokens, self.group)).sum(dim=2)  # (b, l, d)
        return self.tokens(tokens)


class TextEmbedder(Embedder):
    """Strings through the body's own tokenizer and a copy of its own embedding layer, positions included."""

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool) -> None:
        super().__init__()
        if body.stem.word_embeddings is None or body.stem.tokenizer is None:
            raise ModelError(
                f"{body.name} has no tokenizer, so it cannot take the text of {dataset.name}; choose a text body."
            )
        if body.max_tokens < TEXT_LENGTH:
            raise ModelError(
                f"{body.name} has {body.max_tokens} positions, expected at least {TEXT_LENGTH} for the text of "
                f"{dataset.name}; choose another text body."
            )
        self.tokenizer = body.stem.tokenizer
        self.reads_all = body.stem.full_length is not None
        self.n_tokens = body.stem.full_length or TEXT_LENGTH
        if body.stem.alphabet:
            _check_alphabet(self.prepare(dataset, dataset.rows("train")[:_LOOKED_AT]), dataset, body)
        self.layer = copy.deepcopy(body.stem.word_embeddings)
        if not pretrained:
            for parameter in self.layer.parameters():
                nn.init.normal_(parameter, std=0.02) if parameter.ndim > 1 else None

    def prepare(self, dataset: Samples, rows: np.ndarray) -> Tensor:
        """Word-piece numbers (n, l), padded with -1: a word piece of the text may have the padding's own number.

        A text without any word piece is one padding word, which stands for it.
        """
        texts = dataset.inputs[rows].tolist()
        found = self.tokenizer(
            texts, padding="max_length", truncation=True, max_length=self.n_tokens, return_attention_mask=True
        )
        ids, real = torch.tensor(found["input_ids"]), torch.tensor(found["attention_mask"]).bool()
        if self.reads_all:
            return ids
        real[:, 0] = True
        return ids.masked_fill(~real, PADDING)

    def mask(self, inputs: Tensor) -> Tensor | None:
        """True where a word piece is, (b, l); None for a body that reads its padding."""
        return None if self.reads_all else inputs != PADDING

    def forward(self, ids: Tensor) -> Tensor:
        """(b, l) -> (b, l, d)."""
        return self.layer(input_ids=ids.masked_fill(ids == PADDING, self.tokenizer.pad_token_id))


def _check_alphabet(ids: Tensor, dataset: LabelledDataset, body: Body) -> None:
    """Refuse texts of words for a body whose words are letters of something else."""
    tokenizer = body.stem.tokenizer
    pieces = ids[~torch.isin(ids, torch.tensor([PADDING, tokenizer.cls_token_id, tokenizer.eos_token_id]))]
    unknown = float((pieces == tokenizer.unk_token_id).float().mean()) if len(pieces) else 0.0
    if unknown > _MOST_UNKNOWN:
        raise ModelError(
            f"{body.name} reads {body.stem.alphabet} and knows {1 - unknown:.0%} of what the text of {dataset.name} is "
            "made of, expected sequences of their letters; choose another text body."
        )


def make_embedder(dataset: LabelledDataset, body: Body, init: str = "pretrained") -> Embedder:
    """The embedder of the data set's modality, with shapes and scaling fitted on its training rows.

    Raises:
        ModelError: the body cannot take this modality.
    """
    if body.exact_tokens and dataset.modality not in (Modality.IMAGE, Modality.FIELD):
        raise ModelError(
            f"{body.name} takes exactly {body.max_tokens} image patches, found {dataset.modality} data; "
            "choose a ViT or a text body."
        )
    return _EMBEDDERS[dataset.modality](dataset, body, init == "pretrained")


_EMBEDDERS = {
    Modality.IMAGE: ImageEmbedder,
    Modality.FIELD: FieldEmbedder,
    Modality.SERIES: SeriesEmbedder,
    Modality.SEQUENCE: SequenceEmbedder,
    Modality.TABULAR: TabularEmbedder,
    Modality.TEXT: TextEmbedder,
}


def _strided(module: "_Strided", channels: int, length: int, body: Body, pretrained: bool) -> None:
    """Give a 1-D embedder its convolution and tokens: as many patches of equal length as it may have."""
    module.n_tokens, patch = cut(length, body.most_tokens(Modality.SERIES))  # letters are cut like time steps
    module.grid = (module.n_tokens,)
    module.padding = module.n_tokens * patch - length
    module.project = nn.Conv1d(channels, body.hidden_size, patch, patch)
    nn.init.normal_(module.project.weight, std=1 / math.sqrt(channels * patch))
    if module.project.bias is not None:
        # Without a bias the LayerNorm behind it would make a patch and its double the same token.
        nn.init.normal_(module.project.bias)
    module.tokens = _Tokens(body.stem, body.hidden_size, module.n_tokens, pretrained)


def _patches(module: "_Strided", x: Tensor) -> Tensor:
    return module.tokens(module.project(F.pad(x, (0, module.padding))).transpose(1, 2))  # (b, l, d)
