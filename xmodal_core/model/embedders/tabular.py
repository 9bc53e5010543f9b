"""Rows of a table -> tokens: a feature each, or several where a body does not take so many."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.model.body import Body
from xmodal_core.model.embedders.base import PlacedEmbedder, Tokens
from xmodal_core.model.embedders.numbers import make_numbers
from xmodal_core.model.embedders.scaling import make_scaling
from xmodal_core.model.settings import ModelSettings
from xmodal_core.model.tokens import cut


class TabularEmbedder(PlacedEmbedder):
    """Features (b, f), a token each: codes of a number times learned directions, or a learned row per category; a bias.

    How a number is written in codes is the setting `numbers`; where nothing is said, as itself.
    """

    is_number: Tensor
    counts: Tensor
    first: Tensor

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool, settings: ModelSettings) -> None:
        super().__init__()
        train = dataset.inputs[dataset.rows("train")]
        n_features, width = train.shape[1], body.hidden_size
        counts = np.array(dataset.category_counts or (0,) * n_features)
        is_number = counts == 0
        self.scaling = make_scaling(settings.scaling, train)
        scaled = self.scaling.fitted(train)
        mean, deviation = scaled.mean(axis=0), scaled.std(axis=0)
        if self.scaling.together and is_number.any():
            mean, deviation = scaled[:, is_number].mean(), scaled[:, is_number].std()
        shift, scale = np.where(is_number, mean, 0), np.where(is_number, deviation, 1)
        self.register_buffer("shift", torch.from_numpy(shift.astype(np.float32)))
        self.register_buffer("scale", torch.from_numpy(np.where(scale > 1e-6, scale, 1).astype(np.float32)))
        self.register_buffer("is_number", torch.from_numpy(is_number))
        self.register_buffer("counts", torch.from_numpy(np.maximum(counts, 1)))
        first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.register_buffer("first", torch.from_numpy(first))
        standard = (scaled - self.shift.numpy()) / self.scale.numpy()
        self.numbers = make_numbers(settings.numbers, standard)
        codes = () if self.numbers.codes == 1 else (self.numbers.codes,)
        self.direction = nn.Parameter(
            torch.randn(n_features, *codes, width) / (math.sqrt(width) * self.numbers.size(standard))
        )
        self.bias = nn.Parameter(torch.randn(n_features, width) / math.sqrt(width))
        self.categories = nn.Embedding(max(int(counts.sum()), 1), width)
        nn.init.normal_(self.categories.weight, std=1 / math.sqrt(width))
        # Neighbours share a token where there are too many.
        self.n_tokens, self.group = cut(n_features, body.most_tokens(dataset.modality))
        self.tokens = Tokens(body.stem, self.n_tokens, width, pretrained, settings.positions)

    def content(self, rows: Tensor) -> Tensor:
        """(b, f) -> (b, l, d)."""
        numbers = self.directed(self.numbers((self.scaling(rows) - self.shift) / self.scale))  # (b, f, d)
        codes = torch.minimum(rows.long().clamp_min(0), self.counts - 1) + self.first
        chosen = self.categories(codes.masked_fill(self.is_number, 0))  # (b, f, d)
        is_number = self.is_number.view(1, -1, 1)
        tokens = torch.where(is_number, numbers, chosen) + self.bias
        if self.numbers.rectified:
            tokens = torch.where(is_number, tokens.relu(), tokens)
        if self.group > 1:
            tokens = F.pad(tokens, (0, 0, 0, self.n_tokens * self.group - tokens.shape[1]))
            tokens = tokens.unflatten(1, (self.n_tokens, self.group)).sum(dim=2)  # (b, l, d)
        return tokens

    def directed(self, codes: Tensor) -> Tensor:
        """Codes (b, f, k) through the linear map of their feature, (b, f, d)."""
        if self.direction.ndim == 2:
            return codes * self.direction
        return torch.einsum("bfk,fkd->bfd", codes, self.direction)
