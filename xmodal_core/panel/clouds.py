"""Both sides of a gap as clouds of features: as they are, at a random embedder, and drawn on a plane."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, stratified_rows
from xmodal_core.data.named import load_named
from xmodal_core.data.pseudo import describe_labels, pseudo_classified
from xmodal_core.embedding import Embedding, Scaling, Space, embed
from xmodal_core.errors import DataError
from xmodal_core.gap.base import Pausing
from xmodal_core.gap.intrinsic_dimension import intrinsic_dimension
from xmodal_core.gap.lisi import LisiSettings, lisi
from xmodal_core.gap.projection import LinearProjection
from xmodal_core.gap.protocol import GapSample
from xmodal_core.model.settings import USUAL, ModelSettings, model_settings
from xmodal_core.panel.points import SIDES, CloudPoints, Points
from xmodal_core.panel.report import Context
from xmodal_core.panel.request import GapRequest

_N_DRAWN = 400  # points per side on the projection
_LEAST_SOURCE_ROWS = 2000
_N_SURVEYED = 2500  # rows per side behind the projection, the mixing and the context, where all pairs are looked at


@dataclass(frozen=True, eq=False)
class Clouds:
    """Both sides in one space.

    Attributes:
        source, target: as the pretrained network sees them, or as they came.
        scaling: what brought both into source units; None for raw inputs, which stay in their own.
    """

    source: Embedding
    target: Embedding
    scaling: Scaling | None = None


@dataclass(eq=False)
class Beside:
    """The target as it is without what was pretrained: the readings' anchors and baselines, filled as they are made.

    Attributes:
        at_random_embedder: the target at a random embedder of the pretrained body; None for raw inputs.
        through_random_network: the target with no pretrained weight at all; None for raw inputs.
        raw: the target's inputs themselves; None for raw inputs, which they are already, and for text.
    """

    at_random_embedder: Embedding | None = None
    through_random_network: Embedding | None = None
    raw: Embedding | None = None


def load_sides(request: GapRequest) -> tuple[LabelledDataset, LabelledDataset]:
    """Source and target; of a generated source twice n rows, so that the floor can be measured at n, too.

    Raises:
        DataError: one of them is not here, or cannot be read.
    """
    target = load_named(request.target, seed=request.seed, reading=request.reading)
    n_source = max(2 * (request.n or 0), _LEAST_SOURCE_ROWS)
    return load_named(request.source, n=n_source, seed=request.seed, reading=request.source_reading), target


def requested_clouds(request: GapRequest, source: LabelledDataset, target: LabelledDataset) -> Pausing[Clouds]:
    """Both sides in the space that was asked for; see `raw_clouds` and `embedded_clouds`.

    Target rows come from its training and validation splits, so that the test rows stay untouched, unless
    every row is asked for or the features are the raw inputs themselves, where nothing will be trained.
    """
    if request.space == Space.RAW:
        return raw_clouds(source, target)
    rows = np.arange(len(target)) if request.n is None else target.rows("train", "val")
    space = Space(request.space)
    clouds: Clouds = yield from embedded_clouds(
        source,
        target,
        rows,
        body=request.body,
        space=space,
        seed=request.seed,
        tokens=request.tokens,
        settings=model_settings(request.model),
    )
    return clouds


def with_classes(
    source: LabelledDataset, target: LabelledDataset, seed: int
) -> tuple[LabelledDataset, LabelledDataset, dict[str, str]]:
    """Both sides with classes: their own, or clusters of their targets, so that label-aware metrics work on any task.

    Returns:
        Source, target, and by side where its classes come from, if they are not its own.
    """
    classed = [pseudo_classified(side, seed=seed) for side in (source, target)]
    notes = {
        name: describe_labels(given, made.targets)
        for name, given, made in zip(SIDES, (source, target), classed, strict=True)
        if made is not given
    }
    return classed[0], classed[1], notes


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
    tokens: int | None = None,
    settings: ModelSettings = USUAL,
) -> Pausing[Clouds]:
    """Both sides through a body's network, in source units (scaling fitted on source training rows, frozen).

    Pauses before the pass of the target.

    Args:
        source: all its rows are taken.
        target: only `rows` of it are.
        rows: row numbers of the target.
        body: a body's name, a hub id or a folder.
        space: embedder or body.
        seed: of the embedders.
        tokens: see `GapRequest`.
        settings: of the models around the body.

    Raises:
        XModalError: the body cannot be loaded or does not take these data.
    """
    from xmodal_core.model.crossmodal import load_body, make_model, source_model
    from xmodal_core.model.seeding import pick_device

    device = pick_device()
    pretrained = load_body(body, tokens=tokens, settings=settings).to(device)
    seen = embed(source, source_model(source, pretrained).to(device), space)
    scaling = Scaling.fit(seen.features[source.rows("train")])
    yield
    own = embed(target, make_model(target, pretrained, seed=seed).to(device), space, rows)
    return Clouds(scaling.apply(seen), scaling.apply(own), scaling)


def at_random_embedder(
    request: GapRequest, target: LabelledDataset, uid: Sequence[str], scaling: Scaling
) -> Pausing[Embedding]:
    """Rows of the target, by name, at a random embedder of the pretrained body, in source units.

    Raises:
        XModalError: the body cannot be loaded or does not take these data.
    """
    return (yield from _without(request, target, uid, scaling, pretrained=True))


def through_random_network(
    request: GapRequest, target: LabelledDataset, uid: Sequence[str], scaling: Scaling
) -> Pausing[Embedding]:
    """Rows of the target, by name, through the body's architecture with no pretrained weight, in source units.

    Raises:
        XModalError: the body cannot be loaded or does not take these data.
    """
    return (yield from _without(request, target, uid, scaling, pretrained=False))


def _without(
    request: GapRequest, target: LabelledDataset, uid: Sequence[str], scaling: Scaling, *, pretrained: bool
) -> Pausing[Embedding]:
    from xmodal_core.model.crossmodal import load_body, make_model
    from xmodal_core.model.seeding import pick_device

    seed, settings = request.seed + 1, model_settings(request.model)
    yield
    body = load_body(request.body, pretrained=pretrained, seed=seed, tokens=request.tokens, settings=settings)
    model = make_model(target, body.to(pick_device()), init="random", seed=seed).to(pick_device())
    yield
    return scaling.apply(embed(target, model, Space(request.space), rows_of(target, uid)))


def rows_of(dataset: LabelledDataset, uid: Sequence[str]) -> np.ndarray:
    """Row numbers (r,) of the samples of these names.

    Raises:
        DataError: a sample is not in the data set.
    """
    place = {name: row for row, name in enumerate(dataset.uid.tolist())}
    if unknown := [name for name in uid if name not in place]:
        raise DataError(
            f"{dataset.name} has no sample {unknown[0]}, expected every sample of the result; measure again."
        )
    return np.array([place[name] for name in uid], dtype=np.int64)


def same_rows(side: Embedding, uid: Sequence[str]) -> Embedding:
    """The samples of these names, in their order.

    Raises:
        DataError: a sample is not in the embedding.
    """
    place = {name: row for row, name in enumerate(side.uid.tolist())}
    if unknown := [name for name in uid if name not in place]:
        raise DataError(
            f"{side.provenance} has no sample {unknown[0]}, expected every sample of the result; measure again."
        )
    return side.take(np.array([place[name] for name in uid]))


def drawn_points(sample: GapSample) -> Points:
    """Both clouds on one fixed linear projection, at most a few hundred points a side."""
    sample = sample.at_most(_N_SURVEYED, 0)
    projection = LinearProjection.fit(sample.source.features, sample.target.features)

    def drawn(side: Embedding, mixing: np.ndarray) -> CloudPoints:
        rows = stratified_rows(side.labels, _N_DRAWN, 0)
        return CloudPoints(
            xy=np.round(projection.apply(side.features[rows]), 4).tolist(),
            labels=[side.class_names[c] for c in side.labels[rows]],
            uid=side.uid[rows].tolist(),
            mixing=np.round(mixing[rows], 4).tolist(),
        )

    of_source, of_target = _mixing(sample)
    source, target = drawn(sample.source, of_source), drawn(sample.target, of_target)
    return Points(source, target, projection.explained, projection.horizontal)


def context(sample: GapSample, pseudo_labels: dict[str, str]) -> Context:
    """Plain values that help to read the numbers and are no gap.

    Args:
        sample: the measured rows.
        pseudo_labels: by side, where its classes come from; see `with_classes`.
    """
    sample = sample.at_most(_N_SURVEYED, 0)
    sides = zip(SIDES, (sample.source, sample.target), strict=True)
    return Context({name: intrinsic_dimension(side) for name, side in sides}, pseudo_labels or None)


def _mixing(sample: GapSample) -> tuple[np.ndarray, np.ndarray]:
    """Local mixing of the source (n,) and the target (m,); fewer neighbours are asked where there are few rows."""
    k = min(LisiSettings().k, len(sample.source) + len(sample.target) - 1)
    return lisi(sample.source, sample.target, LisiSettings(k=k)).scaled()
