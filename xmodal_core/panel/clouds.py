"""Both sides of a gap as clouds of features: as they are, at a random embedder, and drawn on a plane."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, stratified_rows
from xmodal_core.data.pseudo import describe_labels, pseudo_classified
from xmodal_core.embedding import Embedding, Scaling, Space, embed
from xmodal_core.errors import DataError
from xmodal_core.gap.intrinsic_dimension import intrinsic_dimension
from xmodal_core.gap.lisi import LisiSettings, lisi
from xmodal_core.gap.projection import LinearProjection
from xmodal_core.gap.protocol import GapSample

if TYPE_CHECKING:
    from xmodal_core.model.body import Body
    from xmodal_core.model.crossmodal import CrossModalModel

_N_DRAWN = 400  # points per side on the projection
_N_SURVEYED = 2500  # rows per side behind the projection, the mixing and the context, where all pairs are looked at


@dataclass(frozen=True, eq=False)
class Clouds:
    """Both sides in one space.

    Attributes:
        source, target: as the pretrained network sees them, or as they came.
        at_random_embedder: the target at a random embedder of the pretrained body; None for raw inputs.
        through_random_network: the target with no pretrained weight at all; None for raw inputs.
        raw: the target's inputs themselves; None for raw inputs, which they are already, and for text.
    """

    source: Embedding
    target: Embedding
    at_random_embedder: Embedding | None = None
    through_random_network: Embedding | None = None
    raw: Embedding | None = None


def with_classes(
    source: LabelledDataset, target: LabelledDataset, seed: int
) -> tuple[LabelledDataset, LabelledDataset, dict[str, Any]]:
    """Both sides with classes: their own, or clusters of their targets, so that label-aware metrics work on any task.

    Returns:
        Source, target, and {"pseudo_labels": {side: where its classes come from}}; empty where both have their own.
    """
    sides = {"source": pseudo_classified(source, seed=seed), "target": pseudo_classified(target, seed=seed)}
    notes = {
        name: describe_labels(given, sides[name].targets)
        for name, given in (("source", source), ("target", target))
        if sides[name] is not given
    }
    return sides["source"], sides["target"], {"pseudo_labels": notes} if notes else {}


def raw_clouds(source: LabelledDataset, target: LabelledDataset) -> Clouds:
    """The inputs themselves: nothing is scaled, so that values are in the user's own units.

    Raises:
        DataError: text, or inputs of different widths.
    """
    sides = embed(source, None, Space.RAW), embed(target, None, Space.RAW)
    widths = [side.features.shape[1] for side in sides]
    if widths[0] != widths[1]:
        raise DataError(
            f"raw inputs have {widths[0]} features in {source.name} and {widths[1]} in {target.name}, expected equal "
            "widths; measure in the space embedder or body."
        )
    return Clouds(*sides)


def embedded_clouds(
    source: LabelledDataset,
    target: LabelledDataset,
    rows: np.ndarray,
    *,
    body: str,
    space: Space,
    seed: int,
    tick: Callable[[], None] = lambda: None,
) -> Clouds:
    """Both sides through a body's network, in source units (scaling fitted on source training rows, frozen).

    Args:
        source: all its rows are taken.
        target: only `rows` of it are.
        rows: row numbers of the target.
        body: a body's name, a hub id or a folder.
        space: embedder or body.
        seed: of the embedders; the random ones take the next.
        tick: called between passes; whatever it raises ends the embedding.

    Raises:
        XModalError: the body cannot be loaded or does not take these data.
    """
    from xmodal_core.model.crossmodal import load_body, make_model, source_model
    from xmodal_core.model.seeding import pick_device

    device = pick_device()
    pretrained = load_body(body).to(device)
    seen = embed(source, source_model(source, pretrained).to(device), space)
    scaling = Scaling.fit(seen.features[source.rows("train")])

    def seen_by(model: "CrossModalModel") -> Embedding:
        tick()
        return scaling.apply(embed(target, model.to(device), space, rows))

    random_body: Body = load_body(body, pretrained=False, seed=seed + 1)
    return Clouds(
        source=scaling.apply(seen),
        target=seen_by(make_model(target, pretrained, seed=seed)),
        at_random_embedder=seen_by(make_model(target, pretrained, init="random", seed=seed + 1)),
        through_random_network=seen_by(make_model(target, random_body, init="random", seed=seed + 1)),
        raw=None if target.modality is Modality.TEXT else embed(target, None, Space.RAW, rows),
    )


def same_rows(other: Embedding, wanted: Embedding) -> Embedding:
    """The rows of `other` that are the samples of `wanted`, in its order."""
    place = {uid: i for i, uid in enumerate(other.uid.tolist())}
    return other.take(np.array([place[uid] for uid in wanted.uid.tolist()]))


def drawn_points(sample: GapSample) -> dict[str, Any]:
    """Both clouds on one fixed linear projection, at most a few hundred points a side.

    Returns:
        "source" and "target", (n, 2) lists, each with its "_labels", "_uid" and "_mixing": for every point, in
        [0, 1], how evenly both sides share its neighbourhood among all rows measured; what the axes are.
    """
    sample = sample.at_most(_N_SURVEYED, 0)
    projection = LinearProjection.fit(sample.source.features, sample.target.features)
    points: dict[str, Any] = {"explained": list(projection.explained), "horizontal": projection.horizontal}
    sides = {"source": sample.source, "target": sample.target}
    for (name, side), mixing in zip(sides.items(), _mixing(sample), strict=True):
        rows = stratified_rows(side.labels, _N_DRAWN, 0)
        points[name] = np.round(projection.apply(side.features[rows]), 4).tolist()
        points[f"{name}_labels"] = [side.class_names[c] for c in side.labels[rows]]
        points[f"{name}_uid"] = side.uid[rows].tolist()
        points[f"{name}_mixing"] = np.round(mixing[rows], 4).tolist()
    return points


def context(sample: GapSample) -> dict[str, Any]:
    """Plain values that help to read the numbers and are no gap: "intrinsic_dimension" of either side, or None."""
    sample = sample.at_most(_N_SURVEYED, 0)
    sides = {"source": sample.source, "target": sample.target}
    return {"intrinsic_dimension": {name: intrinsic_dimension(side) for name, side in sides.items()}}


def _mixing(sample: GapSample) -> tuple[np.ndarray, np.ndarray]:
    """Local mixing of the source (n,) and the target (m,); fewer neighbours are asked where there are few rows."""
    k = min(LisiSettings().k, len(sample.source) + len(sample.target) - 1)
    return lisi(sample.source, sample.target, LisiSettings(k=k)).scaled()
