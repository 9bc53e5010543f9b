"""The gap layer by layer: what enters the body and what leaves each of its blocks, by two cheap readings.

Of every layer both sides are brought into source units of that layer. MMD has a unit that no scaling can move, so
layers of different widths can be held against each other; the kNN index says how mixed the two sides are.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.embedding import Embedding, Scaling, Space
from xmodal_core.environment import one_blas_thread
from xmodal_core.errors import DataError, XModalError
from xmodal_core.files import replace_file
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import Pausing
from xmodal_core.gap.interval import t_quantile
from xmodal_core.gap.protocol import paired_sample
from xmodal_core.model.settings import model_settings
from xmodal_core.panel.clouds import load_sides, with_classes
from xmodal_core.panel.request import GapRequest
from xmodal_core.values import JsonValue

ROWS = 200  # a side; the source gives as many again for the floor
_BATCH = 100


@dataclass(frozen=True)
class LayerGap(JsonValue):
    """One layer.

    Attributes:
        name: "embedder", or the number of the block.
        mmd, mmd_floor: at this layer, and between two samples of the source.
        mmd_error: half width of the 95 % interval of `mmd`; None with too few rows.
        knn, knn_floor: the same of the kNN index.
        width: features of a token.
    """

    name: str
    mmd: float
    mmd_floor: float | None
    mmd_error: float | None
    knn: float
    knn_floor: float | None
    width: int


@dataclass(frozen=True)
class LayersReport(JsonValue):
    """All layers of one body on the same rows.

    Attributes:
        layers: from the embedder to the last block.
        n: rows a side.
        seed: of the draw.
        body, source, target: names.
    """

    layers: tuple[LayerGap, ...]
    n: int
    seed: int
    body: str
    source: str
    target: str


def layers_path(path: Path) -> Path:
    """Where the layers of the report at `path` are kept."""
    return path.with_suffix(".layers.json")


def read_layers(path: Path) -> LayersReport | None:
    """The layers beside the report at `path`; None where there are none, or any file but ours."""
    try:
        return LayersReport.from_json(json.loads(layers_path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError, XModalError):
        return None


def write_layers(path: Path, report: LayersReport) -> None:
    """Keep the layers beside the report at `path`."""
    replace_file(layers_path(path), json.dumps(report.to_json()))


def measure_layers(request: GapRequest, rows: int = ROWS) -> Pausing[LayersReport]:
    """Both sides through the body, read at every layer; pauses before every batch and every layer.

    Target rows come from its training and validation splits.

    Raises:
        XModalError: data or body cannot be used, raw inputs were asked for, or a layer has no finite features.
    """
    if request.space == Space.RAW:
        raise DataError("space is raw, but raw inputs go through no layers; measure in the space embedder or body.")
    yield
    source, target, _ = with_classes(*load_sides(request), request.seed)
    states = yield from _both(request, source, target, rows)
    (source_states, source_rows), (target_states, target_rows) = states
    layers = []
    for index, (x, y) in enumerate(zip(source_states, target_states, strict=True)):
        yield
        sides = [
            Embedding(features, data.targets[taken], data.uid[taken], data.class_names, Space.BODY, f"layer {index}")
            for features, data, taken in ((x, source, source_rows), (y, target, target_rows))
        ]
        layers.append(_layer("embedder" if index == 0 else str(index), sides[0], sides[1], request.seed))
    n = min(len(source_rows) // 2, len(target_rows))
    return LayersReport(tuple(layers), n, request.seed, request.body, source.name, target.name)


def _layer(name: str, source: Embedding, target: Embedding, seed: int) -> LayerGap:
    scaling = Scaling.fit(source.features)
    n = min(len(source) // 2, len(target))
    sample = paired_sample(scaling.apply(source), scaling.apply(target), n, seed)
    values = {}
    with one_blas_thread():
        for metric in (METRICS["mmd"], METRICS["knn"]):
            settings = metric.settings_type()
            found = metric.statistic(sample.source, sample.target, settings)
            floor = None
            if sample.source_twin is not None:
                floor = metric.statistic(sample.source, sample.source_twin, settings).value
            values[metric.name] = (found, floor)
    (mmd, mmd_floor), (knn, knn_floor) = values["mmd"], values["knn"]
    error = None if mmd.standard_error is None else t_quantile(0.975, mmd.freedom) * mmd.standard_error
    width = source.features.shape[1]
    return LayerGap(name, mmd.value, mmd_floor, error, knn.value, knn_floor, width)


Side = tuple[list[np.ndarray], np.ndarray]  # features (r, d) by layer, and the rows (r,)


def _both(
    request: GapRequest, source: LabelledDataset, target: LabelledDataset, rows: int
) -> Pausing[tuple[Side, Side]]:
    from xmodal_core.model.crossmodal import load_body, make_model, source_model
    from xmodal_core.model.seeding import pick_device

    rng = np.random.default_rng(request.seed)
    from_target = target.rows("train", "val")
    rows_s = np.sort(rng.permutation(len(source))[: 2 * rows])
    rows_t = np.sort(rng.permutation(from_target)[:rows])
    settings = model_settings(request.model)
    body = load_body(request.body, tokens=request.tokens, settings=settings).to(pick_device())
    makers: tuple[tuple[LabelledDataset, np.ndarray, Callable[[], object]], ...] = (
        (source, rows_s, lambda: source_model(source, body)),
        (target, rows_t, lambda: make_model(target, body, seed=request.seed)),
    )
    found: list[Side] = []
    for data, taken, make in makers:
        states = yield from _states(make(), data, taken)
        found.append((states, taken))
    return found[0], found[1]


def _states(model: "object", data: LabelledDataset, rows: np.ndarray) -> Pausing[list[np.ndarray]]:
    """Mean token (r, d) of what enters the body and of what leaves each block."""
    import torch

    from xmodal_core.model.crossmodal import CrossModalModel

    assert isinstance(model, CrossModalModel)
    model = model.to(model.device).eval()
    batches: list[list[np.ndarray]] = []
    for part in model.embedder.prepare(data, rows).split(_BATCH):
        yield
        with torch.inference_mode():
            inputs = part.to(model.device)
            states = model.body.layers(model.embedder(inputs), model.embedder.mask(inputs))
            batches.append([state.cpu().numpy() for state in states])
    return [np.concatenate(layer) for layer in zip(*batches, strict=True)]
