"""LoRA finds the attention of every family, starts at no effect, and its updates have the rank they are given."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tests.methods.resuming import metrics, resumed
from xmodal_core.errors import ModelError
from xmodal_core.methods.lora import Lora, add_adapters, attention_projections
from xmodal_core.model.body import Body
from xmodal_core.model.pretrained import random_transformer
from xmodal_core.model.seeding import seeded
from xmodal_core.runs.checkpoint import dump_checkpoint, load_checkpoint
from xmodal_core.runs.run import Run

FOUR = {"refine_steps": 4}


def tiny_config(family: str) -> Any:
    import transformers as t

    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    words = sizes | {"vocab_size": 40, "max_position_embeddings": 40}
    images = sizes | {"image_size": 16, "patch_size": 4}
    return {
        "vit": lambda: t.ViTConfig(**images),
        "deit": lambda: t.DeiTConfig(**images),
        "swin": lambda: t.SwinConfig(embed_dim=16, depths=[1, 1], num_heads=[2, 2], image_size=32, window_size=4),
        "bert": lambda: t.BertConfig(**words),
        "roberta": lambda: t.RobertaConfig(**words),
    }[family]()


@pytest.mark.parametrize("family", ["vit", "deit", "swin", "bert", "roberta"])
def test_every_family_gets_adapters_on_all_its_attention_that_change_nothing_yet(family: str) -> None:
    with seeded(0):
        body = Body(family, random_transformer(tiny_config(family)))
        tokens = torch.randn(2, body.max_tokens if body.exact_tokens else 8, body.hidden_size)
    body.eval()
    before = body(tokens)
    add_adapters(body, Lora(), seed=0)
    torch.testing.assert_close(body.eval()(tokens), before)
    trained = [name for name, p in body.named_parameters() if p.requires_grad]
    assert len(trained) == 2 * 4 * 2  # two layers, four projections, A and B
    assert all(".attention." in name and ".lora_" in name for name in trained)


def test_a_network_without_attention_is_refused() -> None:
    with pytest.raises(ModelError, match="attention"):
        attention_projections(nn.Sequential(nn.Linear(2, 2)))


def test_the_body_stays_and_its_update_has_the_given_rank(prepared: Callable[..., Run]) -> None:
    run = prepared("lora", budget=FOUR, rank=3, learning_rate=0.01)
    before = {name: p.clone() for name, p in run.state.model.named_parameters()}
    list(run.steps())
    moved = {name for name, p in run.state.model.named_parameters() if not torch.equal(p, before[name])}
    assert moved == {name for name in before if ".lora_" in name or not name.startswith("body.")}
    layer = run.state.model.body.transformer.get_submodule("layers.0.attention.v_proj")
    assert torch.linalg.matrix_rank(layer.get_delta_weight("default")) == 3


def test_a_checkpoint_is_whole_in_a_new_network(prepared: Callable[..., Run], tmp_path: Path) -> None:
    trained, fresh = prepared("lora", budget=FOUR), prepared("lora", budget=FOUR)
    list(trained.steps())
    (tmp_path / "checkpoint").write_bytes(dump_checkpoint(trained, 0.0))
    load_checkpoint(fresh, tmp_path / "checkpoint")
    inputs = torch.from_numpy(trained.target.inputs[:4])
    with torch.no_grad():
        untrained = prepared("lora", budget=FOUR).state.model.eval()(inputs)
        found, expected = fresh.state.model.eval()(inputs), trained.state.model.eval()(inputs)
    assert torch.equal(found, expected)
    assert not torch.equal(found, untrained)


def test_dropout_is_a_function_of_seed_and_step(prepared: Callable[..., Run], tmp_path: Path) -> None:
    settings = {"dropout": 0.5, "learning_rate": 0.05}
    whole = metrics(prepared("lora", budget=FOUR, **settings))
    assert whole != metrics(prepared("lora", budget=FOUR, learning_rate=0.05))
    first, second = (prepared("lora", budget=FOUR, **settings) for _ in range(2))
    torch.rand(7)  # what others draw in between does not matter
    assert resumed(first, 2, second, tmp_path) == whole
