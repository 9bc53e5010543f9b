"""Contracts that every method keeps, on tiny networks."""

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.methods.resuming import gone_on, leaving_checkpoints, metrics, same_weights
from tests.tiny import FRUIT, TinyFiles
from xmodal_core.data.dataset import Task
from xmodal_core.errors import SettingsError
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import Budget, Stage, Step, draw_rows, needs_source, total_steps, warmup_then_linear
from xmodal_core.runs.run import Run
from xmodal_core.runs.spec import RunSpec

BUDGET = {"align_steps": 3, "curriculum_steps": 4, "refine_steps": 3}
TASKS = (Task.MULTILABEL, Task.REGRESSION, Task.DENSE, Task.SEGMENTATION)
REFUSED = {("lsg", task) for task in TASKS[1:]}  # a sample has no class with a name


@pytest.fixture
def short(prepared: Callable[..., Run]) -> Callable[..., Run]:
    """A run of a few steps in every stage."""
    return partial(prepared, budget=BUDGET)


@pytest.fixture(scope="module")
def trained(prepared: Callable[..., Run]) -> Callable[[str], tuple[Run, list[Step]]]:
    """`trained("lora")`: such a run to its end and all its steps, once for every method; for reading only."""
    known: dict[str, tuple[Run, list[Step]]] = {}

    def run_of(method: str) -> tuple[Run, list[Step]]:
        if method not in known:
            run = prepared(method, budget=BUDGET)
            known[method] = run, list(run.steps())
        return known[method]

    return run_of


Trained = Callable[[str], tuple[Run, list[Step]]]


@pytest.mark.parametrize("method", METHODS)
def test_steps_come_stage_by_stage_and_as_many_as_the_budget_says(method: str, trained: Trained) -> None:
    run, steps = trained(method)
    assert len(steps) == total_steps(METHODS[method], Budget(**BUDGET)) == run.done
    assert [s.stage for s in steps] == [
        stage for stage in METHODS[method].stages for _ in range(run.budget.steps(stage))
    ]
    assert all(np.isfinite(v) for s in steps for v in s.metrics.values())
    assert all(type(v) is float for s in steps for v in s.metrics.values())


@pytest.mark.parametrize("method", METHODS)
def test_a_result_knows_its_stages_and_how_many_labels_were_read(method: str, trained: Trained) -> None:
    run, _ = trained(method)
    result, n_train = run.result(1.0), len(run.target.rows("train"))
    assert result.stages == {str(stage): BUDGET[f"{stage}_steps"] for stage in METHODS[method].stages}
    steps = sum(n for stage, n in result.stages.items() if stage != "align")
    assert result.label_samples == steps * min(n_train, run.method.batch_size)


@pytest.mark.parametrize("method", METHODS)
def test_same_seed_same_numbers(method: str, trained: Trained, short: Callable[..., Run]) -> None:
    run, steps = trained(method)
    again = short(method)
    assert metrics(again) == [step.metrics for step in steps]
    assert same_weights(again.state.model, run.state.model)


@pytest.mark.parametrize("method", METHODS)
def test_a_run_interrupted_anywhere_goes_on_bit_for_bit(
    method: str, trained: Trained, short: Callable[..., Run], tmp_path: Path
) -> None:
    whole, steps = trained(method)
    expected, checkpoints = leaving_checkpoints(short(method), tmp_path)
    assert expected == [step.metrics for step in steps], "a run does not notice that it is kept"
    for cut, checkpoint in enumerate(checkpoints):
        second = short(method)
        assert gone_on(second, checkpoint) == expected[cut:], f"cut after {cut}"
        assert same_weights(whole.state.model, second.state.model)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("method", METHODS)
def test_every_task_is_trained_and_resumed_bit_for_bit_or_refused_in_a_sentence(
    method: str, task: Task, files: TinyFiles, prepared: Callable[..., Run], tmp_path: Path
) -> None:
    target, budget = files.task(task, names=FRUIT if task is Task.MULTILABEL else ()), dict.fromkeys(BUDGET, 2)
    if (method, task) in REFUSED:
        with pytest.raises(
            SettingsError, match=r"(without class names|class for every cell).*; choose another method\.$"
        ):
            prepared(method, target, budget=budget)
        return
    whole = prepared(method, target, budget=budget)
    assert whole.target.task is task
    expected, checkpoints = leaving_checkpoints(whole, tmp_path)
    assert len(expected) == whole.spec.total_steps()
    assert all(np.isfinite(v) for step in expected for v in step.values())
    assert np.isfinite(whole.result(0.0).test.score)
    second, cut = prepared(method, target, budget=budget), len(expected) // 2
    assert gone_on(second, checkpoints[cut]) == expected[cut:]
    assert same_weights(whole.state.model, second.state.model)


@pytest.mark.parametrize("method", METHODS)
def test_no_steps_leave_the_network_as_it_was(method: str, prepared: Callable[..., Run]) -> None:
    run = prepared(method, budget=dict.fromkeys(BUDGET, 0))
    before = [p.clone() for p in run.state.model.parameters()]
    assert not list(run.steps())
    assert all(torch.equal(a, b) for a, b in zip(before, run.state.model.parameters(), strict=True))


@pytest.mark.parametrize("method", [m for m in METHODS if METHODS[m].pretrained and needs_source(METHODS[m])])
def test_without_its_own_stages_a_method_is_fine_tuning(method: str, prepared: Callable[..., Run]) -> None:
    only_refine = {"align_steps": 0, "curriculum_steps": 0, "refine_steps": 3}
    mine = [s.metrics["loss"] for s in prepared(method, budget=only_refine).steps()]
    assert mine == [s.metrics["loss"] for s in prepared("finetune", budget=only_refine).steps()]


@pytest.mark.parametrize("method", METHODS)
def test_test_rows_are_never_read_in_training(
    method: str, short: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = short(method)
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


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_page(method: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "methods" / f"{method}.md"
    assert page.read_text(encoding="utf-8").startswith("# ")


def test_alignment_trains_the_embedder_alone(prepared: Callable[..., Run]) -> None:
    run = prepared("orca", budget={"align_steps": 2, "refine_steps": 0})
    model = run.state.model
    body, embedder = [p.clone() for p in model.body.parameters()], [p.clone() for p in model.embedder.parameters()]
    list(run.steps())
    assert all(torch.equal(a, b) for a, b in zip(body, model.body.parameters(), strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(embedder, model.embedder.parameters(), strict=True))


@pytest.mark.parametrize("objective", ["otdd", "per_class", "mmd"])
def test_alignment_lowers_its_objective_and_the_held_out_distance(objective: str, prepared: Callable[..., Run]) -> None:
    run = prepared("orca", budget={"align_steps": 25, "refine_steps": 0}, objective=objective, align_learning_rate=1e-2)
    steps = list(run.steps())
    assert steps[-1].metrics["objective"] < steps[0].metrics["objective"]
    if objective != "mmd":  # far from the source its frozen kernels are flat: it may spread the target instead
        assert steps[-1].metrics["heldout_otdd"] < steps[0].metrics["heldout_otdd"]


def test_frames_of_alignment_share_one_projection(trained: Trained) -> None:
    frames = [s.arrays for s in trained("orca")[1] if s.stage is Stage.ALIGN]
    assert np.array_equal(frames[0]["source_points"], frames[-1]["source_points"])
    assert not np.array_equal(frames[0]["target_points"], frames[-1]["target_points"])
    for side in ("source", "target"):
        assert frames[0][f"{side}_points"].shape == (len(frames[0][f"{side}_rows"]), 2)


def test_frames_of_alignment_name_the_rows_of_the_source_that_they_show(prepared: Callable[..., Run]) -> None:
    run = prepared("orca", budget={"align_steps": 1, "refine_steps": 0})
    (step,) = run.steps()
    assert run.source is not None
    assert np.array_equal(run.source.targets[step.arrays["source_rows"]], step.arrays["source_labels"])
    assert not set(run.source.splits[step.arrays["source_rows"]]) & {"train"}


def test_curriculum_goes_from_many_replaced_tokens_to_none_and_the_gate_learns_to_the_end(
    prepared: Callable[..., Run],
) -> None:
    run = prepared("pare", budget={"curriculum_steps": 10, "refine_steps": 0})
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
