"""ORCA's embedders as released (`compat="released"`): what differs from the others, each in one method.

Reference: ORCA (Shen et al., ICML 2023), released code, commit 19b8c1c: the embedder of 1-D inputs for RoBERTa, that of
2-D inputs for Swin, and a table without categories as a single step of as many channels as it has features.

Differs: numbers are standardised as for the other embedders (`scaling`), where each released data set came in units of
its own; other bodies than RoBERTa and Swin give the norm and the positions that they have, from their own first
position on.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.errors import ModelError
from xmodal_core.model.body import Body
from xmodal_core.model.embedders.base import PlacedEmbedder
from xmodal_core.model.embedders.image import FieldEmbedder, ImageEmbedder
from xmodal_core.model.embedders.scaling import make_scaling
from xmodal_core.model.embedders.series import PatchEmbedder, SequenceEmbedder, SeriesEmbedder
from xmodal_core.model.settings import ModelSettings
from xmodal_core.model.stem import Stem
from xmodal_core.model.tokens import exact_cut


class ReleasedPatches(PatchEmbedder):
    """Patches of the smallest length that divides a series; Xavier's weights of gain sqrt(2), biases of zero."""

    def cut(self, length: int, most: int) -> tuple[int, int]:
        """A prime length beyond `most` becomes a single token."""
        return exact_cut(length, most)

    def start(self, filters: Tensor) -> dict[str, Tensor]:
        """The same for a pretrained and a random embedder."""
        return {"weight": nn.init.xavier_uniform_(filters, gain=math.sqrt(2)), "bias": torch.zeros(len(filters))}


class ReleasedSeries(ReleasedPatches, SeriesEmbedder):
    """Series (b, c, t)."""


class ReleasedSequence(ReleasedPatches, SequenceEmbedder):
    """Codes (b, t), one channel per letter."""


class ReleasedTable(ReleasedPatches):
    """Numbers (b, f): one token, of a series of f channels and a single step."""

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool, settings: ModelSettings) -> None:
        super().__init__()
        if any(dataset.category_counts or ()):
            raise ModelError(
                f"{dataset.name} has categories, which compat released reads without the numbers beside them; leave "
                "compat at ours, or bring numbers only."
            )
        train = dataset.inputs[dataset.rows("train")]
        self.scaling = make_scaling(settings.scaling, train)
        scaled, axes = self.scaling.fitted(train), None if self.scaling.together else 0
        scale = scaled.std(axis=axes, keepdims=True)[0]
        self.register_buffer("shift", torch.from_numpy(scaled.mean(axis=axes, keepdims=True)[0]))
        self.register_buffer("scale", torch.from_numpy(scale).where(torch.from_numpy(scale) > 1e-6, 1))
        self.lay_out(train.shape[1], 1, body, pretrained, settings)
        self.grid = None

    def content(self, rows: Tensor) -> Tensor:
        """(b, f) -> (b, 1, d)."""
        return self.patches(((self.scaling(rows) - self.shift) / self.scale).unsqueeze(-1))


class _TiledFilters(ImageEmbedder):
    """The body's filters one after another, cut off at the number of channels, in their own size."""

    def filters(self, weight: Tensor, bias: Tensor, stem: Stem, channels: int) -> tuple[Tensor, Tensor]:
        """A single channel is seen by the filters of the first one, red, alone."""
        del stem
        return weight.repeat(1, channels // weight.shape[1] + 1, 1, 1)[:, :channels], bias


class ReleasedImage(_TiledFilters):
    """Images (b, c, h, w)."""


class ReleasedField(_TiledFilters, FieldEmbedder):
    """Fields (b, c, h, w)."""


RELEASED: Mapping[Modality, Callable[[LabelledDataset, Body, bool, ModelSettings], PlacedEmbedder]] = {
    Modality.IMAGE: ReleasedImage,
    Modality.FIELD: ReleasedField,
    Modality.SERIES: ReleasedSeries,
    Modality.SEQUENCE: ReleasedSequence,
    Modality.TABULAR: ReleasedTable,
}


def check_released(dataset: LabelledDataset, body: Body) -> None:
    """Refuse a body that the released embedders cannot stand before.

    Raises:
        ModelError: images or fields for a body without patches, or anything else for a body that reads no text.
    """
    if dataset.modality in (Modality.IMAGE, Modality.FIELD):
        if body.stem.patch is None:
            raise ModelError(
                f"{body.name} has no patches of its own, which compat released makes tokens of {dataset.modality} data "
                "with; choose Swin or another image body, or leave compat at ours."
            )
    elif body.modality is not Modality.TEXT:
        raise ModelError(
            f"{body.name} is no text body, which compat released has for {dataset.modality} data; choose RoBERTa or "
            "another text body, or leave compat at ours."
        )
