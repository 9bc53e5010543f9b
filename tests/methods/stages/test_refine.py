"""A batch in parts is the same step, half precision trains, and every task is learnt and scored as its own."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.families import saved
from tests.methods.resuming import metrics, resumed, same_weights
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.methods.finetune import Finetune
from xmodal_core.methods.stages.refine import autocast
from xmodal_core.runs.run import Run

Trained = Callable[..., tuple[Run, list[dict[str, float]]]]
BUDGET = {"align_steps": 0, "curriculum_steps": 2, "refine_steps": 2}


@pytest.fixture
def trained(prepared: Callable[..., Run]) -> Trained:
    """A run of a method to its end, and the metrics of its steps."""

    def train(method: str, *data: str, **settings: object) -> tuple[Run, list[dict[str, float]]]:
        run = prepared(method, *data, budget=BUDGET, **settings)
        return run, metrics(run)

    return train


IN_PARTS: dict[str, dict[str, object]] = {"finetune": {}, "pare": {"gate_noise": 0.0}, "lsg": {"encoder": "lexical"}}


@pytest.fixture(scope="module")
def in_whole_batches(prepared: Callable[..., Run]) -> dict[str, tuple[Run, list[dict[str, float]]]]:
    """A run of each method whose batches are taken whole, and the metrics of its steps."""
    runs = {method: prepared(method, budget=BUDGET, **settings) for method, settings in IN_PARTS.items()}
    return {method: (run, metrics(run)) for method, run in runs.items()}


@pytest.mark.parametrize("micro_batch", [1, 3, 8, 100])  # 3 leaves a last part of two rows
@pytest.mark.parametrize("method", IN_PARTS)
def test_a_batch_in_parts_is_the_step_of_the_whole_batch(
    trained: Trained, in_whole_batches: dict[str, tuple[Run, list[dict[str, float]]]], method: str, micro_batch: int
) -> None:
    whole, expected = in_whole_batches[method]
    parts, found = trained(method, micro_batch=micro_batch, **IN_PARTS[method])
    assert [m.keys() for m in found] == [m.keys() for m in expected]
    for name in ("loss", "validation_loss"):
        assert [m[name] for m in found] == pytest.approx([m[name] for m in expected], rel=2e-3)
    assert found[0]["loss"] == pytest.approx(expected[0]["loss"], rel=1e-5)  # before Adam divides by tiny gradients
    for one, other in zip(whole.state.model.parameters(), parts.state.model.parameters(), strict=True):
        assert torch.allclose(one, other, atol=2e-3)


@pytest.mark.parametrize("micro_batch", [1, 3])
def test_a_batch_in_parts_is_the_same_step_where_rows_have_unequal_numbers_of_cells(
    trained: Trained, files: TinyFiles, tmp_path: Path, micro_batch: int
) -> None:
    inputs = np.random.default_rng(0).normal(size=(40, 1, 8, 8))
    unlabelled = np.arange(64).reshape(8, 8) > np.arange(40)[:, None, None] * 2  # one cell of the first row has a class
    np.savez(tmp_path / "cells.npz", X=inputs, y=np.where(unlabelled, -1, inputs[:, 0] > 0))
    (_, whole), (_, parts) = (
        trained("finetune", str(tmp_path / "cells.npz"), micro_batch=size) for size in (0, micro_batch)
    )
    for name in ("loss", "validation_loss"):
        assert [m[name] for m in parts] == pytest.approx([m[name] for m in whole], rel=2e-3)
    assert parts[0]["loss"] == pytest.approx(whole[0]["loss"], rel=1e-5)


def test_no_gradient_is_carried_into_the_next_step(trained: Trained) -> None:
    run, _ = trained("finetune", micro_batch=3)
    weight = torch.nn.Parameter(torch.zeros(()))
    run.state.optimizer = torch.optim.SGD([weight], 1.0)
    for _ in range(2):
        run.state.update((weight * g for g in (1.0, 2.0)), 1.0)
    assert weight.item() == -6.0  # two steps of -(1 + 2); what was carried over would make it -9


def test_half_precision_changes_the_arithmetic_and_keeps_weights_in_full(trained: Trained) -> None:
    _, full = trained("finetune", precision="float32")
    run, half = trained("finetune", precision="bfloat16")
    assert half[0]["loss"] != full[0]["loss"]
    assert half[0]["loss"] == pytest.approx(full[0]["loss"], rel=2e-2)
    assert {p.dtype for p in run.state.modules.parameters()} == {torch.float32}
    assert all(p.grad is None or p.grad.dtype == torch.float32 for p in run.state.modules.parameters())


@pytest.mark.parametrize(
    ("method", "settings"),
    [("pare", {}), ("pare", {"compat": "released"}), ("lsg", {"encoder": "lexical"}), ("lora", {}), ("frozen", {})],
)
def test_every_loop_trains_in_half_precision(trained: Trained, method: str, settings: dict[str, object]) -> None:
    _, found = trained(method, precision="bfloat16", **settings)
    assert all(np.isfinite(value) for step in found for value in step.values())


def test_a_dense_target_trains_in_half_precision(files: TinyFiles, trained: Trained) -> None:
    _, found = trained("pare", files.task(Task.DENSE), precision="bfloat16")
    assert all(np.isfinite(m["loss"]) for m in found)


def test_automatic_precision_is_full_on_a_cpu() -> None:
    with autocast(torch.device("cpu"), "auto"):
        assert not torch.is_autocast_enabled("cpu")
    with autocast(torch.device("cpu"), "bfloat16"):
        assert torch.is_autocast_enabled("cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_automatic_precision_is_half_on_a_gpu_that_has_it() -> None:
    with autocast(torch.device("cuda"), "auto"):
        assert torch.is_autocast_enabled("cuda") == torch.cuda.is_bf16_supported()


@pytest.mark.parametrize("task", Task)
def test_fine_tuning_learns_and_its_result_has_the_score_of_the_task(
    task: Task, files: TinyFiles, prepared: Callable[..., Run]
) -> None:
    settings = {"batch_size": Finetune().batch_size, "body_rate": 1.0}
    run = prepared("finetune", files.task(task), budget={"refine_steps": 40}, **settings)
    assert run.target.task is task
    steps = list(run.steps())
    assert steps[-1].metrics["loss"] < 0.8 * steps[0].metrics["loss"]
    result = json.loads(json.dumps(run.result(1.0).to_json(), allow_nan=False))
    assert result["target"]["task"] == task
    assert result["validation"]["score"] == pytest.approx(steps[-1].metrics["validation_score"])
    assert ("accuracy" in result["test"]) == ("validation_accuracy" in steps[-1].metrics)
    assert ("accuracy" in result["test"]) == (task in (Task.CLASSIFICATION, Task.SEGMENTATION))
    if task is Task.DENSE:
        assert result["test"]["relative_l2"] == -result["test"]["score"]
    if task is Task.REGRESSION:
        assert result["test"]["rmse"] > 1  # in target units, which are tens


@pytest.fixture
def skipping(files: TinyFiles, prepared: Callable[..., Run], tmp_path: Path) -> Callable[..., Run]:
    """A run on images through a Swin of which half of the samples skip the last block in training."""
    body = saved("swin", tmp_path)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"drop_path_rate": 0.5}))
    target, source = files.data(Modality.IMAGE), files.data(Modality.IMAGE, n=90)

    def make(method: str = "finetune", **settings: object) -> Run:
        return prepared(method, target, source, body, budget=BUDGET, **settings)

    return make


@pytest.mark.parametrize("method", ["finetune", "pare", "lora"])
def test_skipped_blocks_are_a_function_of_seed_and_step(
    method: str, skipping: Callable[..., Run], tmp_path: Path
) -> None:
    whole, first, second, never = *(skipping(method) for _ in range(3)), skipping(method, stochastic_depth="off")
    found = metrics(whole)
    torch.rand(1)  # whatever else draws between two steps
    assert resumed(first, 1, second, tmp_path) == found
    assert same_weights(second.state.model, whole.state.model)
    assert metrics(never)[0]["loss"] != found[0]["loss"]
    assert "drop_path_rate" not in never.result(0.0).standing.settings  # type: ignore[union-attr]
    assert whole.result(0.0).standing.settings["drop_path_rate"] == 0.5  # type: ignore[union-attr]


def test_a_specification_from_before_skips_no_block(skipping: Callable[..., Run]) -> None:
    now = skipping().spec
    before = replace(now, schema=2)
    assert (now.parsed.method.stochastic_depth, before.parsed.method.stochastic_depth) == ("config", "off")  # type: ignore[attr-defined]
