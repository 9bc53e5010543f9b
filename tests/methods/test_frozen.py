"""FPT trains LayerNorms, embedder and predictor, and nothing else."""

from collections.abc import Callable

import torch

from xmodal_core.runs.run import Run


def test_of_the_body_only_layer_norms_move(prepared: Callable[..., Run]) -> None:
    run = prepared("frozen", budget={"refine_steps": 3})
    before = {name: p.clone() for name, p in run.state.model.named_parameters()}
    list(run.steps())
    moved = {name for name, p in run.state.model.named_parameters() if not torch.equal(p, before[name])}
    in_body = {name for name in before if name.startswith("body.")}
    norms = {name for name in in_body if "layernorm" in name}
    assert len(norms) == 2 * 2 * 2 + 2  # weight and bias of two norms in each of two layers, and of the last one
    assert moved == norms | (before.keys() - in_body)
