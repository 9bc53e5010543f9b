"""Contracts that every method keeps, on tiny networks."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tasks import tiny_task
from tests.tiny import save_npz, save_tiny_vit, tiny_dataset
from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.errors import SettingsError
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import Budget, Stage, draw_rows, needs_source, total_steps, warmup_then_linear
from xmodal_core.runs.checkpoint import dump_checkpoint, load_checkpoint
from xmodal_core.runs.run import Run, prepare
from xmodal_core.runs.spec import RunSpec

BUDGET = {"align_steps": 3, "curriculum_steps": 4, "refine_steps": 3}
SMALL = {"batch_size": 8}
OWN = {"lsg": {"encoder": "lexical"}}  # settings without which a method would look for a body to download
NAMES = np.array(["apple", "banana", "cherry"])
TASKS = {Task.MULTILABEL: Modality.IMAGE, Task.REGRESSION: Modality.TABULAR, Task.DENSE: Modality.FIELD}
REFUSED = {("lsg", Task.REGRESSION), ("lsg", Task.DENSE)}  # no class has a name


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("methods")
    return {
        "body": save_tiny_vit(folder / "vit"),
        "target": save_named(folder / "series.npz", tiny_dataset(Modality.SERIES)),
        "source": save_npz(folder / "images.npz", tiny_dataset(Modality.IMAGE, n=90)),
    }


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> dict[Task, str]:
    folder = tmp_path_factory.mktemp("tasks")
    return {t: save_named(folder / f"{t}.npz", tiny_task(t, modality)) for t, modality in TASKS.items()}


def save_named(path: Path, data: LabelledDataset) -> str:
    names = {"class_names": NAMES} if data.class_names else {}
    np.savez(path, X=data.inputs, y=data.targets, split=data.splits, task=str(data.task), **names)
    return str(path)


def make_run(method: str, files: dict[str, str], budget: dict[str, int] | None = None, **settings: object) -> Run:
    values = SMALL | OWN.get(method, {}) | settings
    return prepare(RunSpec(method=method, **files, settings=values, budget=BUDGET if budget is None else budget))


def resumed(run: Run, cut: int, fresh: Run, checkpoint: Path) -> list[dict[str, float]]:
    """Metrics of `run` up to `cut`, then of `fresh` from the checkpoint that was written there."""
    steps = run.steps()
    seen = [dict(next(steps).metrics) for _ in range(cut)]
    checkpoint.write_bytes(dump_checkpoint(run, 1.5))
    assert load_checkpoint(fresh, checkpoint) == 1.5
    assert fresh.done == cut
    return seen + [dict(step.metrics) for step in fresh.steps()]


@pytest.mark.parametrize("method", METHODS)
def test_steps_come_stage_by_stage_and_as_many_as_the_budget_says(method: str, files: dict[str, str]) -> None:
    run = make_run(method, files)
    steps = list(run.steps())
    assert len(steps) == total_steps(METHODS[method], Budget(**BUDGET)) == run.done
    assert [s.stage for s in steps] == [
        stage for stage in METHODS[method].stages for _ in range(run.budget.steps(stage))
    ]
    assert all(np.isfinite(v) for s in steps for v in s.metrics.values())
    assert all(type(v) is float for s in steps for v in s.metrics.values())


@pytest.mark.parametrize("method", METHODS)
def test_same_seed_same_numbers(method: str, files: dict[str, str]) -> None:
    first, second = ([s.metrics for s in make_run(method, files).steps()] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("method", METHODS)
def test_a_run_interrupted_anywhere_goes_on_bit_for_bit(method: str, files: dict[str, str], tmp_path: Path) -> None:
    whole = make_run(method, files)
    expected = [s.metrics for s in whole.steps()]
    for cut in range(len(expected) + 1):
        second = make_run(method, files)
        found = resumed(make_run(method, files), cut, second, tmp_path / "checkpoint.safetensors")
        assert found == expected, f"cut after {cut}"
        for a, b in zip(whole.state.model.parameters(), second.state.model.parameters(), strict=True):
            assert torch.equal(a, b)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("method", METHODS)
def test_every_task_is_trained_and_resumed_bit_for_bit_or_refused_in_a_sentence(
    method: str, task: Task, files: dict[str, str], targets: dict[Task, str], tmp_path: Path
) -> None:
    files, budget = files | {"target": targets[task]}, dict.fromkeys(BUDGET, 2)
    if (method, task) in REFUSED:
        with pytest.raises(SettingsError, match=r"is a .* target without class names.*; choose another method\.$"):
            make_run(method, files, budget)
        return
    whole = make_run(method, files, budget)
    assert whole.target.task is task
    expected = [dict(step.metrics) for step in whole.steps()]
    assert len(expected) == whole.spec.total_steps()
    assert all(np.isfinite(v) for metrics in expected for v in metrics.values())
    assert np.isfinite(whole.result(0.0).test.score)
    cut = len(expected) // 2
    assert resumed(make_run(method, files, budget), cut, make_run(method, files, budget), tmp_path / "c") == expected


@pytest.mark.parametrize("method", METHODS)
def test_no_steps_leave_the_network_as_it_was(method: str, files: dict[str, str]) -> None:
    run = make_run(method, files, dict.fromkeys(BUDGET, 0))
    before = [p.clone() for p in run.state.model.parameters()]
    assert not list(run.steps())
    assert all(torch.equal(a, b) for a, b in zip(before, run.state.model.parameters(), strict=True))


@pytest.mark.parametrize("method", [m for m in METHODS if METHODS[m].pretrained and needs_source(METHODS[m])])
def test_without_its_own_stages_a_method_is_fine_tuning(method: str, files: dict[str, str]) -> None:
    only_refine = {"align_steps": 0, "curriculum_steps": 0, "refine_steps": 3}
    mine = [s.metrics["loss"] for s in make_run(method, files, only_refine).steps()]
    assert mine == [s.metrics["loss"] for s in make_run("finetune", files, only_refine).steps()]


@pytest.mark.parametrize("method", METHODS)
def test_test_rows_are_never_read_in_training(
    method: str, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(method, files)
    poisoned = run.target.inputs.copy()
    poisoned[run.target.rows("test")] = np.nan
    run.target = dataclasses.replace(run.target)
    object.__setattr__(run.target, "inputs", poisoned)
    for step in run.steps():
        assert all(np.isfinite(v) for v in step.metrics.values())


@pytest.mark.parametrize("method", METHODS)
def test_every_setting_explains_itself(method: str) -> None:
    for f in dataclasses.fields(METHODS[method]):
        assert f.metadata["help"]
        assert f.metadata["choices"] or f.metadata["min"] is not None or isinstance(f.default, bool | str), f.name
    assert METHODS[method].reference
    assert "Differs" in (METHODS[method].__doc__ or "") or METHODS[method].__doc__


def test_alignment_trains_the_embedder_alone(files: dict[str, str]) -> None:
    run = make_run("orca", files, {"align_steps": 2, "refine_steps": 0})
    model = run.state.model
    body, embedder = [p.clone() for p in model.body.parameters()], [p.clone() for p in model.embedder.parameters()]
    list(run.steps())
    assert all(torch.equal(a, b) for a, b in zip(body, model.body.parameters(), strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(embedder, model.embedder.parameters(), strict=True))


@pytest.mark.parametrize("objective", ["otdd", "per_class", "mmd"])
def test_alignment_lowers_its_objective_and_the_held_out_distance(objective: str, files: dict[str, str]) -> None:
    run = make_run("orca", files, {"align_steps": 25, "refine_steps": 0}, objective=objective, align_learning_rate=1e-2)
    steps = list(run.steps())
    assert steps[-1].metrics["objective"] < steps[0].metrics["objective"]
    if objective != "mmd":  # far from the source its frozen kernels are flat: it may spread the target instead
        assert steps[-1].metrics["heldout_otdd"] < steps[0].metrics["heldout_otdd"]


def test_frames_of_alignment_share_one_projection(files: dict[str, str]) -> None:
    frames = [s.arrays for s in make_run("orca", files).steps() if s.stage is Stage.ALIGN]
    assert np.array_equal(frames[0]["source_points"], frames[-1]["source_points"])
    assert not np.array_equal(frames[0]["target_points"], frames[-1]["target_points"])
    assert frames[0]["target_points"].shape == (len(frames[0]["target_rows"]), 2)


def test_curriculum_goes_from_many_replaced_tokens_to_none_and_the_gate_learns_to_the_end(
    files: dict[str, str],
) -> None:
    run = make_run("pare", files, {"curriculum_steps": 10, "refine_steps": 0})
    steps, gates = [], []
    for step in run.steps():
        steps.append(step)
        gates.append(run.state.modules["gate"].score.weight.detach().clone())
    ks = [s.metrics["k"] for s in steps]
    assert ks == sorted(ks, reverse=True)
    assert ks[0] > 0
    assert ks[-1] == 0
    assert not torch.equal(gates[-1], gates[-2])
    first = steps[0].arrays
    assert first["source_chosen"].shape[1] == first["target_replaced"].shape[1] == ks[0]


def test_a_budget_out_of_range_and_an_unknown_setting_are_refused() -> None:
    with pytest.raises(SettingsError, match="align_steps"):
        RunSpec("orca", "digits", "b", "fractals", budget={"align_steps": -1})
    with pytest.raises(SettingsError, match="no setting 'lr'"):
        RunSpec("orca", "digits", "b", "fractals", settings={"lr": 1})
    with pytest.raises(SettingsError, match="needs a source"):
        RunSpec("orca", "digits", "b")


def test_batches_visit_every_row_once_an_epoch() -> None:
    seen = torch.cat([draw_rows(10, 4, step, 3) for step in range(5)])
    assert sorted(seen[:10].tolist()) == sorted(seen[10:].tolist()) == list(range(10))


def test_learning_rate_warms_up_and_ends_near_zero() -> None:
    rates = [warmup_then_linear(i, 100, 1.0) for i in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == 1.0
    assert rates[-1] == pytest.approx(1 / 90)
