"""A data set seen through a network: the features every gap metric and diagnostic works on.

Spaces: `raw` (the inputs themselves, flattened), `embedder` (mean over the tokens that enter the body),
`body` (mean over the tokens that leave it). Torch is imported only when a network is really run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.errors import DataError

if TYPE_CHECKING:
    from xmodal_core.model.crossmodal import CrossModalModel

_BATCH_SIZE = 256


class Space(StrEnum):
    """Where in the network the features are read."""

    RAW = "raw"
    EMBEDDER = "embedder"
    BODY = "body"


@dataclass(frozen=True, eq=False)
class Embedding:
    """Features of samples, with the samples' names and where the features come from.

    Attributes:
        features: (n, d) numbers, float32 as `embed` makes them; finite or not, for what cannot use them refuses them.
        labels: (n,) whole numbers where samples have classes, else their targets (n, ...).
        uid: (n,) strings.
        class_names: names of the labels.
        space: raw, embedder or body.
        provenance: a caption: data set, body, step.
        weights: (n,) positive mass of each sample, any scale; None where all count the same. Used by OTDD.

    Raises:
        DataError: features that are no table of numbers, another number of labels, uid or weights, or weights that
            are not all above zero.
    """

    features: np.ndarray
    labels: np.ndarray
    uid: np.ndarray
    class_names: tuple[str, ...]
    space: Space
    provenance: str
    weights: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.features.dtype.kind not in "fiu":
            raise DataError(
                f"{self.provenance} has features of shape {self.features.shape} and type {self.features.dtype}, "
                "expected (n, d) numbers."
            )
        for name, values in (("labels", self.labels), ("uid", self.uid), ("weights", self.weights)):
            if values is not None and (values.ndim == 0 or len(values) != len(self.features)):
                raise DataError(
                    f"{self.provenance} has {name} of shape {values.shape}, expected one for each of its "
                    f"{len(self.features)} rows of features."
                )
        if self.weights is not None and not (self.weights > 0).all():
            raise DataError(f"{self.provenance} has weights that are not all above zero; give each sample some mass.")

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.labels)

    def take(self, rows: np.ndarray) -> Embedding:
        """The same embedding on some rows only."""
        weights = None if self.weights is None else self.weights[rows]
        return replace(
            self, features=self.features[rows], labels=self.labels[rows], uid=self.uid[rows], weights=weights
        )

    def relabelled(self, labels: np.ndarray) -> Embedding:
        """The same features under other labels (n,)."""
        return replace(self, labels=labels)


@dataclass(frozen=True)
class Scaling:
    """One shift (d,) and one scalar scale, fitted on source rows and frozen for every later step.

    Fitting on the pooled rows instead would let the gap inflate the scale and hide its own decrease.
    """

    shift: np.ndarray
    scale: float

    @classmethod
    def fit(cls, features: np.ndarray) -> Scaling:
        """Centre on the mean; scale so that the average variance per dimension is 1."""
        spread = float(np.sqrt(features.var(axis=0, dtype=np.float64).mean()))
        return cls(features.mean(axis=0, dtype=np.float64), spread if spread > 0 else 1.0)

    def apply(self, embedding: Embedding) -> Embedding:
        """The embedding in source units."""
        scaled = (embedding.features - self.shift) / self.scale
        return replace(embedding, features=scaled.astype(np.float32))


def embed(
    dataset: LabelledDataset,
    model: CrossModalModel | None,
    space: Space,
    rows: np.ndarray | None = None,
    step: str = "step 0",
) -> Embedding:
    """Features of the chosen rows of a data set.

    Args:
        dataset: the samples.
        model: any model whose embedder takes this modality; not needed for `raw`.
        space: where to read.
        rows: row numbers; all when None.
        step: training step, for the caption.

    Raises:
        DataError: raw features were asked of text, which has none.
    """
    rows = np.arange(len(dataset)) if rows is None else rows
    if space is Space.RAW or model is None:
        features, network = _raw(dataset, rows), "raw inputs"
    else:
        features, network = _through(dataset, model, space, rows), f"{model.body.name}, {step}"
    caption = f"{dataset.name} ({network})"
    return Embedding(features, dataset.targets[rows], dataset.uid[rows], dataset.class_names, space, caption)


def _raw(dataset: LabelledDataset, rows: np.ndarray) -> np.ndarray:
    if dataset.modality is Modality.TEXT:
        raise DataError(f"{dataset.name}: text has no raw features; choose the space embedder or body.")
    return dataset.inputs[rows].reshape(len(rows), -1).astype(np.float32)


def _through(dataset: LabelledDataset, model: CrossModalModel, space: Space, rows: np.ndarray) -> np.ndarray:
    import torch

    inputs = model.embedder.prepare(dataset, rows)
    read = model.embedded if space is Space.EMBEDDER else model.features
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        parts = [read(batch.to(model.device)).cpu() for batch in inputs.split(_BATCH_SIZE)]
    model.train(was_training)
    return torch.cat(parts).numpy().astype(np.float32)
