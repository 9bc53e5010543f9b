"""Knowledge reuse of a finished run: what its body still knows of the source, before against after."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from xmodal_core.data.dataset import LabelledDataset, stratified_rows
from xmodal_core.data.named import load_named
from xmodal_core.data.pseudo import describe_labels, pseudo_classified
from xmodal_core.embedding import Space, embed
from xmodal_core.errors import RunError
from xmodal_core.gap.knn import balanced_mean
from xmodal_core.model.bodies import DEFAULT_SOURCE
from xmodal_core.model.body import Body
from xmodal_core.model.crossmodal import CrossModalModel, load_body, source_model
from xmodal_core.reuse.cka import cka_per_layer
from xmodal_core.reuse.retention import drift, knn_credit, paired_difference_interval, retention
from xmodal_core.run import load_checkpoint, prepare, spec_from_json
from xmodal_core.rundir import RunDir

_K = 20
_N_LAYERS_ROWS = 500
_WITHOUT_BODY = ("simple",)
_FRESH_SEED = 1  # source rows of another draw than the ones a run trains with


def measure_reuse(run_dir: RunDir, seed: int = 0) -> dict[str, Any]:
    """Retention, CKA and drift of a finished run.

    Source rows go through the source's *own* embedder into the pretrained body (before), the trained body
    (after) and a randomly initialised one (the anchor). Target rows go through the trained embedder into
    the pretrained and the trained body.

    A source that is no classification has pseudo-classes, which `source_labels` says.

    Raises:
        RunError: the run is not finished, or its method trains no body.
    """
    if run_dir.result() is None:
        raise RunError(f"{run_dir.path.name} has no result yet, expected a finished run; let it train to the end.")
    spec = spec_from_json((run_dir.path / "spec.json").read_text(encoding="utf-8"))
    if spec.method in _WITHOUT_BODY:
        raise RunError(
            f"{run_dir.path.name} is a run of {spec.method}, which has no pretrained body, so there is no source "
            "knowledge to keep; choose a run of another method."
        )
    run = prepare(spec)
    load_checkpoint(run, str(run_dir.checkpoint))
    after = run.state.model.body
    before = load_body(spec.body).to(run.state.device)
    random = load_body(spec.body, pretrained=False, seed=seed).to(run.state.device)
    named = load_named(spec.source or DEFAULT_SOURCE[after.modality], n=2000, seed=_FRESH_SEED)
    source = pseudo_classified(named)
    rows = run.target.rows("val") if "val" in run.target.splits else run.target.rows("train")
    return {
        "source": source.name,
        "source_labels": describe_labels(named, source.targets),
        "retention": _retention(source, {"before": before, "after": after, "random": random}, seed),
        "source_inputs": _layers(source, source_model(source, before), after, source.rows("val", "test"), seed),
        "target_inputs": _layers(
            run.target, CrossModalModel(run.state.model.embedder, before, run.state.model.predictor), after, rows, seed
        ),
        "seed": seed,
    }


def _retention(source: LabelledDataset, bodies: dict[str, Body], seed: int) -> dict[str, Any]:
    """Nearest-neighbour accuracy of held-out source rows through each body, and the share of the advantage left."""
    bank_rows, query_rows = source.rows("train"), source.rows("val", "test")
    query_labels = source.targets[query_rows]
    credit: dict[str, np.ndarray] = {}
    for name, body in bodies.items():
        # the pretrained stem in front of every body: the anchor's own stem would be random too
        side = CrossModalModel(source_model(source, bodies["before"]).embedder, body, torch.nn.Identity())
        side.to(next(body.parameters()).device)
        bank, query = (embed(source, side, Space.BODY, rows).features for rows in (bank_rows, query_rows))
        credit[name] = knn_credit(bank, source.targets[bank_rows], query, query_labels, _K)
    accuracy = {name: balanced_mean(values, query_labels) for name, values in credit.items()}
    low, high = paired_difference_interval(credit["before"], credit["after"], seed, query_labels)
    return accuracy | {
        "retention": retention(accuracy["before"], accuracy["after"], accuracy["random"], len(query_rows)),
        "after_minus_before_interval": [low, high],
        "chance": 1 / source.n_classes,
        "k": _K,
        "n_bank": len(bank_rows),
        "n_query": len(query_rows),
    }


def _layers(
    dataset: LabelledDataset, before: CrossModalModel, after: Body, rows: np.ndarray, seed: int
) -> dict[str, Any]:
    """Debiased CKA and drift per layer, the same tokens through both bodies."""
    rows = rows[stratified_rows(dataset.strata[rows], _N_LAYERS_ROWS, seed)]
    before.eval(), after.eval()
    inputs = before.embedder.prepare(dataset, rows)
    states: dict[str, list[list[Tensor]]] = {"before": [], "after": []}
    with torch.inference_mode():
        before.to(next(after.parameters()).device)
        for batch in inputs.split(256):
            batch = batch.to(before.device)
            tokens, mask = before.embedder(batch), before.embedder.mask(batch)
            states["before"].append(before.body.layers(tokens, mask))
            states["after"].append(after.layers(tokens, mask))
    layers = {
        name: [torch.cat(parts).cpu().numpy() for parts in zip(*batches, strict=True)]
        for name, batches in states.items()
    }
    moved = {name: values[1:] for name, values in layers.items()}  # what enters the first block is the same
    return {
        "cka": cka_per_layer(moved["before"], moved["after"]),
        "drift": drift(moved["before"], moved["after"]),
        "n": len(rows),
    }
