"""FPT trains LayerNorms, embedder and predictor, and nothing else."""

from pathlib import Path

import torch

from tests.tiny import save_npz, save_tiny_vit, tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.runs.run import prepare
from xmodal_core.runs.spec import RunSpec


def test_of_the_body_only_layer_norms_move(tmp_path: Path) -> None:
    target = save_npz(tmp_path / "series.npz", tiny_dataset(Modality.SERIES))
    spec = RunSpec("frozen", target, save_tiny_vit(tmp_path / "vit"), budget={"refine_steps": 3})
    run = prepare(spec)
    before = {name: p.clone() for name, p in run.state.model.named_parameters()}
    list(run.steps())
    moved = {name for name, p in run.state.model.named_parameters() if not torch.equal(p, before[name])}
    in_body = {name for name in before if name.startswith("body.")}
    norms = {name for name in in_body if "layernorm" in name}
    assert len(norms) == 2 * 2 * 2 + 2  # weight and bias of two norms in each of two layers, and of the last one
    assert moved == norms | (before.keys() - in_body)
