"""Networks of the simple baseline: no body, no pretrained weight, what a practitioner would try first.

`SimpleModel` has the face of `CrossModalModel`, so that training, evaluation and checkpoints need not know. Its
`embedder` turns samples into standardised inputs, its `predictor` holds candidates that differ in one
hyper-parameter, are trained side by side on the same batches, and of which one answers.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset, Modality, Samples
from xmodal_core.errors import ModelError
from xmodal_core.model.body import Body
from xmodal_core.model.crossmodal import CrossModalModel
from xmodal_core.model.embedders.base import Embedder

_MAX_CELLS = {1: 256, 2: 32}  # side of the grid that a CNN works on, by number of axes: the first layer strides
_N_GRAM_FEATURES = 4096
_TEXT_NUMBERS = 10**8  # dense n-gram counts of a data set stay below 400 MB


class SimpleModel(CrossModalModel):
    """Standardised inputs -> predictor; there is no body in between."""

    home: Tensor

    def __init__(self, embedder: Embedder, predictor: nn.Module) -> None:
        super(CrossModalModel, self).__init__()
        self.embedder = embedder
        self.predictor = predictor
        self.register_buffer("home", torch.zeros(()))

    @property
    def body(self) -> Body:  # type: ignore[override]
        """There is none.

        Raises:
            ModelError: always; a `ModelError` is what the screen shows.
        """
        raise ModelError("the simple baseline has no pretrained body, expected a method that has; choose another run.")

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.home.device

    def forward(self, inputs: Tensor) -> Tensor:
        """Samples to outputs (b, n_outputs, ...)."""
        return self.predictor(self.embedder(inputs))


class SideBySide(nn.Module):
    """Candidates of one hyper-parameter; `chosen` (a buffer) answers.

    Attributes:
        rates: learning rate of each, as a share of the run's.
        penalties: L2 penalty of each; None leaves it to the settings.
        least_batch: samples per step that cost next to nothing.
    """

    chosen: Tensor

    def __init__(
        self,
        candidates: Sequence[nn.Module],
        rates: Sequence[float],
        penalties: Sequence[float | None],
        least_batch: int = 0,
    ) -> None:
        super().__init__()
        self.least_batch = least_batch
        self.candidates = nn.ModuleList(candidates)
        self.rates, self.penalties = tuple(rates), tuple(penalties)
        self.register_buffer("chosen", torch.tensor(len(self.candidates) // 2))

    def forward(self, inputs: Tensor) -> Tensor:
        """Outputs of the chosen candidate."""
        return self.candidates[int(self.chosen)](inputs)


class Unchanged(Embedder):
    """Numbers as they came: trees ask for no scale."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(b, f) -> (b, f)."""
        return inputs


class Standardised(Embedder):
    """Numbers in units of the training rows' deviation: one scale a channel, or one a number where `flat`."""

    def __init__(self, dataset: LabelledDataset, flat: bool) -> None:
        super().__init__()
        self.flat = flat
        train = dataset.inputs[dataset.rows("train")]
        axes = 0 if flat else (0, *range(2, train.ndim))
        scale = train.std(axis=axes, keepdims=True)[0]
        self.register_buffer("shift", torch.from_numpy(train.mean(axis=axes, keepdims=True)[0]))
        self.register_buffer("scale", torch.from_numpy(np.where(scale > 1e-6, scale, 1).astype(np.float32)))

    def forward(self, inputs: Tensor) -> Tensor:
        """(b, ...) -> the same shape, or (b, f)."""
        scaled = (inputs - self.shift) / self.scale
        return scaled.flatten(1) if self.flat else scaled


class OneHotTable(Standardised):
    """Rows of a table (b, f): numbers standardised, one column a category."""

    def __init__(self, dataset: LabelledDataset) -> None:
        super().__init__(dataset, flat=True)
        self.counts = dataset.category_counts or (0,) * dataset.inputs.shape[1]
        self.width = sum(max(1, count) for count in self.counts)

    def forward(self, inputs: Tensor) -> Tensor:
        """(b, f) -> (b, numbers and categories)."""
        scaled = super().forward(inputs)
        columns = [
            (inputs[:, [j]] == torch.arange(count, device=inputs.device)).to(scaled.dtype) if count else scaled[:, [j]]
            for j, count in enumerate(self.counts)
        ]
        return torch.cat(columns, dim=1)


class OneHotSequence(Embedder):
    """Codes (b, t) as channels (b, codes, t); a code not seen in training is all zeros."""

    def __init__(self, dataset: LabelledDataset) -> None:
        super().__init__()
        self.n_codes = int(dataset.inputs[dataset.rows("train")].max()) + 1

    def forward(self, codes: Tensor) -> Tensor:
        """(b, t) -> (b, codes, t)."""
        letters = torch.arange(self.n_codes, device=codes.device)
        return (codes.unsqueeze(1) == letters.view(1, -1, 1)).float()


class SequenceCounts(OneHotSequence):
    """Codes (b, t) as one-hot letters at every place, and counts of 1-, 2- and 3-grams as far as they are few."""

    def __init__(self, dataset: LabelledDataset) -> None:
        super().__init__(dataset)
        self.orders = [k for k in (1, 2, 3) if k == 1 or self.n_codes**k <= _N_GRAM_FEATURES]
        n_places = self.n_codes * dataset.inputs.shape[1]
        self.width = n_places + sum(self.n_codes**k for k in self.orders)
        self.register_buffer("shift", torch.zeros(self.width))
        self.register_buffer("scale", torch.ones(self.width))
        train = self.prepare(dataset, dataset.rows("train"))
        counts = torch.cat([self._counts(batch) for batch in train.split(256)])
        self.shift, self.scale = counts.mean(dim=0), counts.std(dim=0, correction=0).clamp_min(0.1)

    def forward(self, codes: Tensor) -> Tensor:
        """(b, t) -> (b, f)."""
        return (self._counts(codes) - self.shift) / self.scale

    def _counts(self, codes: Tensor) -> Tensor:
        known = codes < self.n_codes
        parts = [super().forward(codes).flatten(1)]
        for k in self.orders:
            places = [slice(i, codes.shape[1] - k + 1 + i) for i in range(k)]
            gram = torch.stack([codes[:, p] * self.n_codes**i for i, p in enumerate(places)]).sum(dim=0)  # (b, t-k+1)
            seen = torch.stack([known[:, p] for p in places]).all(dim=0)
            counts = torch.zeros(len(codes), self.n_codes**k, device=codes.device)
            parts.append(counts.scatter_add_(1, gram.masked_fill(~seen, 0), seen.float()))
        return torch.cat(parts, dim=1)


class TextCounts(Embedder):
    """Strings as TF-IDF of words, pairs of words and characters up to four; the training rows fix the vocabulary."""

    def __init__(self, dataset: LabelledDataset) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import FeatureUnion

        super().__init__()
        most = min(_N_GRAM_FEATURES, max(256, _TEXT_NUMBERS // len(dataset))) // 2
        weighted = partial(TfidfVectorizer, max_features=most, sublinear_tf=True, dtype=np.float32)
        words = weighted(ngram_range=(1, 2), token_pattern=r"\w+|[^\w\s]")
        letters = weighted(analyzer="char_wb", ngram_range=(1, 4))
        self.counter: Any = FeatureUnion([("words", words), ("letters", letters)])
        try:
            train = self.counter.fit_transform(dataset.inputs[dataset.rows("train")].tolist()).toarray()
        except ValueError as error:
            raise ModelError(
                f"{dataset.name} has only empty training texts, expected words; choose another column."
            ) from error
        self.width = train.shape[1]
        self.register_buffer("shift", torch.from_numpy(train.mean(axis=0)))
        # one scale for all: a rare n-gram keeps its small say
        self.register_buffer("scale", torch.tensor(max(float(np.sqrt(train.var(axis=0).mean())), 1e-6)))

    def prepare(self, dataset: Samples, rows: np.ndarray) -> Tensor:
        """TF-IDF of some rows (n, f)."""
        return torch.from_numpy(self.counter.transform(dataset.inputs[rows].tolist()).toarray())

    def forward(self, inputs: Tensor) -> Tensor:
        """(b, f) -> (b, f)."""
        return (inputs - self.shift) / self.scale


class Linear(nn.Linear):
    """Logistic or ridge regression, by the loss that it is trained with; it starts at zero."""

    def reset_parameters(self) -> None:
        """Zeros: the problem is convex."""
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)


class SmallCnn(nn.Module):
    """Three convolutions with batch norm, mean and maximum over the grid, a linear layer."""

    def __init__(self, channels: int, shape: Sequence[int], n_outputs: int) -> None:
        super().__init__()
        conv, norm = ((nn.Conv1d, nn.BatchNorm1d), (nn.Conv2d, nn.BatchNorm2d))[len(shape) - 1]
        stride = _first_stride(shape)
        kernels = (2 * stride + 5, 5, 3) if len(shape) == 1 else (2 * stride + 1, 3, 3)
        layers: list[nn.Module] = []
        for wide, kernel, step in zip((32, 64, 128), kernels, (stride, 2, 2), strict=True):
            layers += [conv(channels, wide, kernel, step, kernel // 2, bias=False), norm(wide), nn.ReLU()]
            channels = wide
        self.layers = nn.Sequential(*layers)
        self.predict = nn.Linear(2 * channels, n_outputs)

    def forward(self, inputs: Tensor) -> Tensor:
        """(b, c, ...) -> (b, n_outputs)."""
        grid = self.layers(inputs).flatten(2)  # (b, 128, cells)
        return self.predict(torch.cat([grid.mean(dim=2), grid.amax(dim=2)], dim=1))


class DenseCnn(nn.Module):
    """Residual dilated convolutions on a grid of limited size, back to the cells of the input, beside the input."""

    def __init__(self, channels: int, shape: Sequence[int], n_outputs: int, width: int = 32) -> None:
        super().__init__()
        conv = (nn.Conv1d, nn.Conv2d)[len(shape) - 1]
        stride = _first_stride(shape)
        self.mode = ("linear", "bilinear")[len(shape) - 1]
        self.enter = conv(channels, width, 2 * stride + 1, stride, stride)
        self.blocks = nn.ModuleList([conv(width, width, 3, padding=d, dilation=d) for d in (1, 2, 4, 8)])
        self.leave = conv(width + channels, n_outputs, 3, padding=1)

    def forward(self, inputs: Tensor) -> Tensor:
        """(b, c, ...) -> (b, n_outputs, ...)."""
        grid = self.enter(inputs)  # (b, width, ...)
        for block in self.blocks:
            grid = grid + block(F.gelu(grid))
        if grid.shape[2:] != inputs.shape[2:]:
            grid = F.interpolate(grid, size=inputs.shape[2:], mode=self.mode)
        return self.leave(torch.cat([F.gelu(grid), inputs], dim=1))


def _first_stride(shape: Sequence[int]) -> int:
    return math.ceil(max(shape) / _MAX_CELLS[len(shape)])


def grid_inputs(dataset: LabelledDataset) -> tuple[Embedder, int, tuple[int, ...]]:
    """What a CNN reads: the embedder, channels and shape of the grid."""
    if dataset.modality is Modality.SEQUENCE:
        letters = OneHotSequence(dataset)
        return letters, letters.n_codes, dataset.inputs.shape[1:]
    return Standardised(dataset, flat=False), dataset.inputs.shape[1], dataset.inputs.shape[2:]


def flat_inputs(dataset: LabelledDataset) -> tuple[Embedder, int]:
    """What a linear model reads: the embedder and the number of features."""
    counters: dict[Modality, Any] = {
        Modality.SEQUENCE: SequenceCounts,
        Modality.TEXT: TextCounts,
        Modality.TABULAR: OneHotTable,
    }
    if dataset.modality in counters:
        counter = counters[dataset.modality](dataset)
        return counter, counter.width
    return Standardised(dataset, flat=True), math.prod(dataset.inputs.shape[1:])
