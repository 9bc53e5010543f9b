"""A finished run against its start: retention, similarity of layers, weights, and knowledge at its embedders."""

from collections.abc import Generator

import numpy as np
from torch import Tensor, nn

from xmodal_core.data.dataset import stratified_rows
from xmodal_core.methods.stages.watched import watched_rows
from xmodal_core.model.body import Body
from xmodal_core.model.crossmodal import source_model
from xmodal_core.reuse.diagnostics.cka import cka_per_layer
from xmodal_core.reuse.diagnostics.mutual_knn import calibrated_mutual_knn
from xmodal_core.reuse.diagnostics.retention import drift
from xmodal_core.reuse.diagnostics.weights import weight_distance
from xmodal_core.reuse.held_out import held_out_source, retention_source
from xmodal_core.reuse.knowledge import knowledge
from xmodal_core.reuse.networks import Bodies, kept, layer_states, load_bodies, see
from xmodal_core.reuse.note import stage_note
from xmodal_core.reuse.report import LayerCurves, ReuseReport
from xmodal_core.runs.errand import Doing, result_of
from xmodal_core.runs.rundir import RunDir

_N_LAYER_ROWS = 500
_NEIGHBOURS = 10
_CALLED = {"before": "pretrained network", "after": "trained network", "random": "random network"}
_SEEN, _LAYERS = (0.12, 0.33, 0.55, 0.77), (0.79, 0.88, 0.9)  # shares of the time that are over


def measure_reuse(run_dir: RunDir, seed: int = 0) -> ReuseReport:
    """What the body of a finished run still knows of the source, and how far it has moved.

    Source rows that no stage trains on go through the source's *own* embedder into the pretrained body (before),
    the trained one (after) and a randomly initialised one (the anchor); nearest neighbours and a fresh linear probe
    read their classes, of which there are enough for a loss to show. Layers and weights are compared between the start
    of the run and its end: the start is the pretrained body, but for methods that start from random weights. The
    target's validation rows are seen by the pretrained body through a random embedder, the one that the run started
    with and the trained one.

    Raises:
        RunError: the run is not finished, its method trains no body, or its source leaves too few rows.
    """
    return result_of(measuring_reuse(run_dir, seed))


def measuring_reuse(run_dir: RunDir, seed: int = 0) -> Generator[Doing, None, ReuseReport]:
    """`measure_reuse` step by step; shares of the time are those of a small image set on two cores."""
    yield Doing("Loading the run's network: as it began, as it ended, pretrained and random", 0.0)
    bodies = load_bodies(run_dir, seed)
    run = bodies.run
    held_out = retention_source(run.spec, bodies.pretrained, seed=seed)
    after = run.state.model.body
    named = {"before": bodies.pretrained, "after": after, "random": bodies.random}
    seen = {}
    for i, (name, body) in enumerate(named.items()):
        yield Doing(
            f"Showing {len(held_out.bank) + len(held_out.query):,} source samples to the {_CALLED[name]}", _SEEN[i]
        )
        seen[name] = see(held_out, bodies.pretrained, body)
    yield Doing("Asking what each of the three still recognises", _SEEN[3])
    retention, probe = (kept(held_out, seen, kind, seed) for kind in ("knn", "probe"))
    source, rows = held_out.source, watched_rows(run.target, _N_LAYER_ROWS, seed)
    stem = source_model(source, bodies.pretrained).embedder
    asked = held_out.query[stratified_rows(source.targets[held_out.query], _N_LAYER_ROWS, seed)]
    embedder = run.state.model.embedder
    yield Doing("Comparing the layers with what they were, on source samples", _LAYERS[0])
    source_inputs = compare_layers(stem, bodies, stem.prepare(source, asked), seed)
    yield Doing("Comparing the layers with what they were, on your samples", _LAYERS[1])
    target_inputs = compare_layers(embedder, bodies, embedder.prepare(run.target, rows), seed)
    yield Doing("Asking whether source classes name your labels", _LAYERS[2])
    return ReuseReport(
        source=source.name,
        source_labels=held_out.labels,
        source_rows=held_out.describe(),
        retention=retention,
        probe=probe,
        source_inputs=source_inputs,
        target_inputs=target_inputs,
        weights=weight_distance(effective_weights(bodies.start.body), effective_weights(after)),
        knowledge=knowledge(bodies, held_out_source(run.spec, bodies.pretrained, seed=seed), rows, seed),
        note=stage_note(run_dir),
        seed=seed,
    )


def compare_layers(embedder: nn.Module, bodies: Bodies, inputs: Tensor, seed: int) -> LayerCurves:
    """The same tokens through the body as the run started and as it ended, layer by layer."""
    before, after = (layer_states(embedder, body, inputs) for body in (bodies.start.body, bodies.run.state.model.body))
    k = min(_NEIGHBOURS, len(inputs) - 2)
    pairs = zip(before, after, strict=True)
    return LayerCurves(
        cka=tuple(cka_per_layer(before, after)),
        drift=tuple(drift(before, after)),
        mutual_knn=tuple(calibrated_mutual_knn(x, y, k, seed=seed).calibrated for x, y in pairs),
        mutual_knn_k=k,
        n=len(inputs),
    )


def effective_weights(body: Body) -> dict[str, np.ndarray]:
    """The body's tensors by name as they act: what adapters add is added to the weights that they adapt."""
    found = {name: p.detach().cpu().numpy() for name, p in body.named_parameters() if "lora_" not in name}
    for name, module in body.named_modules():
        if hasattr(module, "get_delta_weight"):
            for adapter in module.active_adapters:
                weight = f"{name}.base_layer.weight"
                found[weight] = found[weight] + module.get_delta_weight(adapter).detach().cpu().numpy()
    return {name.replace(".base_layer.", "."): weight for name, weight in found.items()}
