"""Series and sequences -> tokens: cut into patches of equal length.

Differs: the length is padded up to a whole number of patches where ORCA searches an exact divisor (a prime length would
become one token); the convolution starts with random biases, since with ORCA's zero biases a LayerNorm behind it erases
how large a patch is.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.model.body import Body
from xmodal_core.model.embedders.base import PlacedEmbedder, Tokens
from xmodal_core.model.embedders.patches import make_stem
from xmodal_core.model.embedders.scaling import make_level, make_scaling
from xmodal_core.model.settings import ModelSettings
from xmodal_core.model.tokens import cut


class PatchEmbedder(PlacedEmbedder):
    """Base of the 1-D embedders: as many patches of equal length as there may be, each a token."""

    padding: int
    project: nn.Conv1d

    def lay_out(self, channels: int, length: int, body: Body, pretrained: bool, settings: ModelSettings) -> None:
        """Fix patches and tokens of channels (c, t)."""
        self.n_tokens, patch = self.cut(length, body.most_tokens(Modality.SERIES))  # letters are cut like time steps
        self.grid = (self.n_tokens,)
        self.padding = self.n_tokens * patch - length
        self.ahead = make_stem(settings.stem, channels, (patch,), (patch,), body.hidden_size)
        self.project = nn.Conv1d(self.ahead.channels, body.hidden_size, self.ahead.patch[0], patch)
        self.project.load_state_dict(self.start(torch.empty(body.hidden_size, channels, patch)))
        self.tokens = Tokens(body.stem, self.n_tokens, body.hidden_size, pretrained, settings.positions)

    def cut(self, length: int, most: int) -> tuple[int, int]:
        """Number of tokens and places of each."""
        return cut(length, most)

    def start(self, filters: Tensor) -> dict[str, Tensor]:
        """Weights of the strided convolution, for filters (d, c, patch) of the linear stem."""
        spread = 1 / math.sqrt(filters.shape[1] * filters.shape[2])
        nn.init.normal_(filters, std=spread)
        # Without a bias the LayerNorm behind it would make a patch and its double the same token.
        bias = nn.init.normal_(torch.empty(len(filters)))
        return {"weight": self.ahead.around(filters, spread), "bias": bias}

    def patches(self, channels: Tensor) -> Tensor:
        """(b, c, t) -> (b, l, d)."""
        return self.project(self.ahead(F.pad(channels, (0, self.padding)))).transpose(1, 2)  # (b, l, d)


class SeriesEmbedder(PatchEmbedder):
    """Series (b, c, t): standardised, as a rule per channel, cut into patches of equal length by a convolution."""

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool, settings: ModelSettings) -> None:
        super().__init__()
        train = dataset.inputs[dataset.rows("train")]
        channels, length = train.shape[1:]
        self.scaling = make_scaling(settings.scaling, train)
        self.level = make_level(settings.scaling, train, body.hidden_size)
        scaled, axes = self.scaling.fitted(train), (0, 1, 2) if self.scaling.together else (0, 2)
        self.register_buffer("shift", torch.from_numpy(scaled.mean(axis=axes, keepdims=True)[0]))  # (c, 1)
        self.register_buffer("scale", torch.from_numpy(scaled.std(axis=axes, keepdims=True)[0].clip(1e-6)))
        self.lay_out(channels, length, body, pretrained, settings)

    def content(self, series: Tensor) -> Tensor:
        """(b, c, t) -> (b, l, d)."""
        tokens = self.patches((self.scaling(series) - self.shift) / self.scale)
        return tokens if self.level is None else tokens + self.level(series)


class SequenceEmbedder(PatchEmbedder):
    """Codes (b, t): one channel per letter, then as a series. A code not seen in training is all zeros."""

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool, settings: ModelSettings) -> None:
        super().__init__()
        self.n_codes = int(dataset.inputs[dataset.rows("train")].max()) + 1
        self.lay_out(self.n_codes, dataset.inputs.shape[1], body, pretrained, settings)

    def content(self, codes: Tensor) -> Tensor:
        """(b, t) -> (b, l, d)."""
        letters = torch.arange(self.n_codes, device=codes.device)
        one_hot = (codes.unsqueeze(1) == letters.view(1, -1, 1)).to(torch.float32)  # (b, codes, t)
        return self.patches(one_hot)
