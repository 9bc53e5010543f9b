"""What a predictor's features are standardised by: training rows, once, to the end and through a checkpoint."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.methods.resuming import metrics, resumed, same_weights
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.methods.base import Stage
from xmodal_core.methods.stages.start import fit_start
from xmodal_core.model.predictor import Standardise, unit_of
from xmodal_core.runs.run import Run

STANDARD = {"start": "standard"}
BUDGET = {"align_steps": 2, "curriculum_steps": 2, "refine_steps": 3}
TASKS = [Task.CLASSIFICATION, Task.DENSE]


@pytest.fixture
def started(prepared: Callable[..., Run], files: TinyFiles) -> Callable[..., Run]:
    """A run of a method whose predictor's features are standardised."""

    def make(method: str, task: Task = Task.CLASSIFICATION, **model: str) -> Run:
        data = (files.data(Modality.SERIES),) if task is Task.CLASSIFICATION else (files.task(task),)
        return prepared(method, *data, budget=BUDGET, model=STANDARD | model)

    return make


def unit(run: Run) -> Standardise:
    found = unit_of(run.state.model.predictor)
    assert found is not None
    return found


def units(run: Run) -> tuple[Tensor, Tensor]:
    return unit(run).shift.clone(), unit(run).scale.clone()


@pytest.mark.parametrize(
    ("task", "readout"), [(Task.CLASSIFICATION, "mean"), (Task.CLASSIFICATION, "flat"), (Task.DENSE, "mean")]
)
def test_the_units_are_mean_and_deviation_of_what_is_read_of_the_training_rows(
    task: Task, readout: str, started: Callable[..., Run]
) -> None:
    run = started("finetune", task, readout=readout)
    model, target = run.state.model.eval(), run.target
    fit_start(run.state, target)
    with torch.no_grad():
        inputs = model.embedder.prepare(target, target.rows("train"))
        features = model.readout(*model.hidden(inputs)).numpy().reshape(-1, model.readout.width)
    shift, scale = units(run)
    np.testing.assert_allclose(shift, features.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(scale, features.std(axis=0), rtol=1e-3, atol=1e-5)


def test_other_rows_than_those_of_training_give_no_units(started: Callable[..., Run]) -> None:
    run, other = started("finetune"), started("finetune")
    changed = other.target.inputs.copy()
    changed[other.target.rows("test")] = 1e6
    changed[other.target.rows("validation")] = -1e6
    object.__setattr__(other.target, "inputs", changed)
    for one in (run, other):
        fit_start(one.state, one.target)
    assert all(torch.equal(a, b) for a, b in zip(units(run), units(other), strict=True))


@pytest.mark.parametrize("method", ["finetune", "pare", "mona", "orca", "scratch"])
def test_units_are_fitted_before_the_predictor_first_trains_and_never_again(
    method: str, started: Callable[..., Run]
) -> None:
    run, before, seen = started(method), None, []
    for step in run.steps():
        if step.stage is Stage.ALIGN and method == "orca":  # the embedder alone trains, so that features still move
            assert not unit(run).shift.any()
            continue
        before = before or units(run)
        assert before[0].any()
        seen.append(all(torch.equal(a, b) for a, b in zip(before, units(run), strict=True)))
    assert seen
    assert all(seen)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("method", ["finetune", "orca_pare", "mona", "linear_probe"])
def test_units_are_in_the_checkpoint_and_a_run_goes_on_bit_for_bit(
    method: str, task: Task, started: Callable[..., Run], tmp_path: Path
) -> None:
    whole = started(method, task)
    expected = metrics(whole)
    for cut in range(len(expected) + 1):
        second = started(method, task)
        assert resumed(started(method, task), cut, second, tmp_path) == expected, f"cut after {cut}"
        assert same_weights(whole.state.model, second.state.model)
        assert all(torch.equal(a, b) for a, b in zip(units(whole), units(second), strict=True))


def test_where_nothing_is_standardised_nothing_is_fitted(prepared: Callable[..., Run]) -> None:
    for start in ("none", "norm"):
        run = prepared("finetune", budget=BUDGET, model={"start": start})
        fit_start(run.state, run.target)
        assert not run.state.memo
