"""The held-out rows that stages are watched on, and one projection for all frames of alignment and curriculum."""

import json
from dataclasses import dataclass

import numpy as np
import torch

from xmodal_core.data.dataset import LabelledDataset, Task, stratified_rows
from xmodal_core.data.printable import printable
from xmodal_core.data.pseudo import pseudo_classified
from xmodal_core.embedding import Embedding, Scaling, Space, embed
from xmodal_core.environment import one_blas_thread
from xmodal_core.errors import SettingsError
from xmodal_core.evaluation import sampled_rows
from xmodal_core.gap import METRICS
from xmodal_core.gap.projection import LinearProjection
from xmodal_core.methods.base import TrainState
from xmodal_core.methods.stages.given import Given
from xmodal_core.model.crossmodal import CrossModalModel

_N_ROWS = 200  # a side, along alignment and curriculum
_N_SCORED = 250  # along refinement: a score to watch, a standard error of .032 at most; the result reads them all
_LEAST_SCORED, _SHARE_SCORED = 100, 0.03
_KNN, _TARGET_KNN = METRICS["knn"].settings_type().k, METRICS["target_knn"].settings_type().k
_LEAST = max(_KNN // 2 + 1, _TARGET_KNN + 1)  # rows a side: neighbours are sought among both, or among the target's


def watched_rows(target: LabelledDataset, most: int, seed: int = 0) -> np.ndarray:
    """At most so many validation rows of the target; training rows where it has no validation rows."""
    return _spread(target, _held_of_target(target), most, seed)


def scored_rows(target: LabelledDataset, trained: int | None = None) -> np.ndarray:
    """The validation rows that a score is read on along a stage; none where there are none: others were trained on.

    Args:
        target: of the run.
        trained: samples that the stage trains on, with repetition. A short stage is read on fewer rows, so that ten
            readings, each row a third of the work of one that is trained on, cost about a tenth of it.
    """
    most = _N_SCORED if trained is None else min(_N_SCORED, max(_LEAST_SCORED, round(_SHARE_SCORED * trained)))
    return sampled_rows(target, "val", most)


@dataclass(frozen=True, eq=False)
class Watch:
    """Held-out rows of both sides with everything about them that stays fixed for the run.

    Attributes:
        source: features of source rows that alignment does not train on, scaled.
        source_rows: row numbers of the source, in the order of its features.
        target: as classes; those of a target that has none are its pseudo-labels.
        target_rows: validation rows of the target; training rows where it has no validation rows.
        scaling: fitted on the source's training rows.
        projection: two axes, fitted at the first step.
    """

    source: Embedding
    source_rows: np.ndarray
    target: LabelledDataset
    target_rows: np.ndarray
    scaling: Scaling
    projection: LinearProjection

    def target_embedding(self, model: CrossModalModel) -> Embedding:
        """Where the held-out target rows are now, in source units."""
        return self.scaling.apply(embed(self.target, model, Space.EMBEDDER, self.target_rows))

    def readings(self, target: Embedding) -> dict[str, float]:
        """Held-out gap now: OTDD, kNN index, and the target's own kNN accuracy (which collapse would lower)."""
        n = min(len(self.source), len(target))
        source, same_n = _first(self.source, n), _first(target, n)
        names = {"otdd": "heldout_otdd", "knn": "heldout_knn_index", "target_knn": "heldout_knn_accuracy"}
        values = {}
        with one_blas_thread():
            for metric, label in names.items():
                measured = METRICS[metric]
                values[label] = measured.statistic(source, same_n, measured.settings_type()).value
        return values | {"heldout_n": float(n)}

    def frame(self, target: Embedding) -> dict[str, np.ndarray]:
        """Both clouds on the fixed projection."""
        return {
            "source_points": self.projection.apply(self.source.features),
            "source_labels": self.source.labels,
            "source_rows": self.source_rows,
            "target_points": self.projection.apply(target.features),
            "target_labels": target.labels,
            "target_rows": self.target_rows,
        }


def make_watch(
    state: TrainState, source: LabelledDataset, source_side: CrossModalModel, target: LabelledDataset
) -> Watch:
    """Choose the held-out rows and fix scaling and projection; a resumed run finds the same ones in `state.memo`.

    Sides without classes are read by their pseudo-labels.

    Raises:
        DataError: the targets of a side fall into a single cluster.
    """
    source, target = pseudo_classified(source), pseudo_classified(target)
    source_rows, target_rows = _spread(source, _held_of_source(source), _N_ROWS), watched_rows(target, _N_ROWS)
    scaling = Scaling.fit(embed(source, source_side, Space.EMBEDDER, source.rows("train")).features)
    held = scaling.apply(embed(source, source_side, Space.EMBEDDER, source_rows))
    if "projection" not in state.memo:
        now = scaling.apply(embed(target, state.model, Space.EMBEDDER, target_rows))
        fitted = json.dumps(LinearProjection.fit(held.features, now.features).to_json())
        state.memo["projection"] = torch.tensor(list(fitted.encode()), dtype=torch.uint8)
    projection = LinearProjection.from_json(json.loads(bytes(state.memo["projection"].tolist())))
    return Watch(held, source_rows, target, target_rows, scaling, projection)


def check_watched(given: Given) -> None:
    """Refuse held-out rows on which the readings of every step have no value.

    Raises:
        SettingsError: too few rows on a side, or rows of the target of a single class.
    """
    n = _N_ROWS  # a source that ships has as many
    if isinstance(given.source, LabelledDataset):
        n = len(_held_of_source(given.source))
        _check_held(n, given.source.name, "val or test")
    target = given.target
    _check_held(len(_held_of_target(target)), target.name, "val")
    if target.task is Task.CLASSIFICATION:
        labels = target.targets[watched_rows(target, _N_ROWS)]
        labels = labels[stratified_rows(labels, n, seed=0)]  # the smaller side decides, as in `readings`
        if (labels == labels[0]).all():
            raise SettingsError(
                f"the {len(labels)} held-out rows of {target.name} that every step is read on are of one class, "
                f"{printable(target.class_names[labels[0]])!r}, expected at least two; mark rows of other classes as "
                "val, or choose finetune."
            )


def _check_held(n: int, name: str, split: str) -> None:
    if n < _LEAST:
        raise SettingsError(
            f"{name} has {n} held-out row(s) for the readings of every step, expected at least {_LEAST}; mark more "
            f"rows as {split}, or choose finetune."
        )


def _held_of_source(source: LabelledDataset) -> np.ndarray:
    return source.rows("val", "test")


def _held_of_target(target: LabelledDataset) -> np.ndarray:
    return target.rows("val") if "val" in target.splits else target.rows("train")


def _spread(dataset: LabelledDataset, rows: np.ndarray, most: int, seed: int = 0) -> np.ndarray:
    return rows[stratified_rows(dataset.strata[rows], most, seed)]


def _first(embedding: Embedding, n: int) -> Embedding:
    return embedding.take(stratified_rows(embedding.labels, n, seed=0))
