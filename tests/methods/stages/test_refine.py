"""A batch in parts is the same step, and half precision trains."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tasks import tiny_task
from tests.tiny import save_npz, save_tiny_vit, tiny_dataset
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.methods.stages.refine import autocast
from xmodal_core.runs.run import Run, prepare
from xmodal_core.runs.spec import RunSpec

BUDGET = {"align_steps": 0, "curriculum_steps": 2, "refine_steps": 2}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("parts")
    named = tiny_dataset(Modality.SERIES)
    np.savez(folder / "series.npz", X=named.inputs, y=named.targets, class_names=["apple", "banana", "cherry"])
    return {
        "body": save_tiny_vit(folder / "vit"),
        "target": str(folder / "series.npz"),
        "source": save_npz(folder / "images.npz", tiny_dataset(Modality.IMAGE, n=90)),
    }


def trained(files: dict[str, str], method: str, **settings: object) -> tuple[Run, list[dict[str, float]]]:
    run = prepare(RunSpec(method=method, **files, settings={"batch_size": 8} | settings, budget=BUDGET))
    return run, [dict(step.metrics) for step in run.steps()]


@pytest.mark.parametrize("micro_batch", [1, 3, 8, 100])  # 3 leaves a last part of two rows
@pytest.mark.parametrize(
    ("method", "settings"), [("finetune", {}), ("pare", {"gate_noise": 0.0}), ("lsg", {"encoder": "lexical"})]
)
def test_a_batch_in_parts_is_the_step_of_the_whole_batch(
    files: dict[str, str], method: str, settings: dict[str, object], micro_batch: int
) -> None:
    whole, expected = trained(files, method, **settings)
    parts, found = trained(files, method, micro_batch=micro_batch, **settings)
    assert [m.keys() for m in found] == [m.keys() for m in expected]
    for name in ("loss", "validation_loss"):
        assert [m[name] for m in found] == pytest.approx([m[name] for m in expected], rel=2e-3)
    assert found[0]["loss"] == pytest.approx(expected[0]["loss"], rel=1e-5)  # before Adam divides by tiny gradients
    for one, other in zip(whole.state.model.parameters(), parts.state.model.parameters(), strict=True):
        assert torch.allclose(one, other, atol=2e-3)


def test_no_gradient_is_carried_into_the_next_step(files: dict[str, str]) -> None:
    run, _ = trained(files, "finetune", micro_batch=3)
    weight = torch.nn.Parameter(torch.zeros(()))
    run.state.optimizer = torch.optim.SGD([weight], 1.0)
    for _ in range(2):
        run.state.update((weight * g for g in (1.0, 2.0)), 1.0)
    assert weight.item() == -6.0  # two steps of -(1 + 2); what was carried over would make it -9


def test_half_precision_changes_the_arithmetic_and_keeps_weights_in_full(files: dict[str, str]) -> None:
    _, full = trained(files, "finetune", precision="float32")
    run, half = trained(files, "finetune", precision="bfloat16")
    assert half[0]["loss"] != full[0]["loss"]
    assert half[0]["loss"] == pytest.approx(full[0]["loss"], rel=2e-2)
    assert {p.dtype for p in run.state.modules.parameters()} == {torch.float32}
    assert all(p.grad is None or p.grad.dtype == torch.float32 for p in run.state.modules.parameters())


@pytest.mark.parametrize(
    ("method", "settings"),
    [("pare", {}), ("pare", {"compat": "released"}), ("lsg", {"encoder": "lexical"}), ("lora", {}), ("frozen", {})],
)
def test_every_loop_trains_in_half_precision(files: dict[str, str], method: str, settings: dict[str, object]) -> None:
    _, found = trained(files, method, precision="bfloat16", **settings)
    assert all(np.isfinite(value) for metrics in found for value in metrics.values())


def test_a_dense_target_trains_in_half_precision(files: dict[str, str], tmp_path: Path) -> None:
    field = tiny_task(Task.DENSE, Modality.FIELD)
    np.savez(tmp_path / "field.npz", X=field.inputs, y=field.targets, split=field.splits, task="dense")
    _, found = trained(files | {"target": str(tmp_path / "field.npz")}, "pare", precision="bfloat16")
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
