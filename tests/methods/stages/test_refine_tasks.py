"""Fine-tuning on every task: it learns, it reports its own score, and it resumes bit for bit."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tasks import tiny_task
from tests.tiny import save_tiny_vit
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.runs.checkpoint import dump_checkpoint, load_checkpoint
from xmodal_core.runs.run import Run, prepare
from xmodal_core.runs.spec import RunSpec

MODALITY = {Task.DENSE: Modality.FIELD, Task.REGRESSION: Modality.TABULAR}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("tasks")
    found = {"body": save_tiny_vit(folder / "vit")}
    for task in Task:
        data = tiny_task(task, MODALITY.get(task, Modality.IMAGE))
        found[task] = str(folder / f"{task}.npz")
        np.savez(found[task], X=data.inputs, y=data.targets, split=data.splits, task=str(task))
    return found


def make_run(task: Task, files: dict[str, str], steps: int) -> Run:
    spec = RunSpec("finetune", files[task], files["body"], settings={"body_rate": 1.0}, budget={"refine_steps": steps})
    return prepare(spec, torch.device("cpu"))


@pytest.mark.parametrize("task", Task)
def test_fine_tuning_learns_and_its_result_has_the_score_of_the_task(task: Task, files: dict[str, str]) -> None:
    run = make_run(task, files, 40)
    assert run.target.task is task
    steps = list(run.steps())
    assert steps[-1].metrics["loss"] < 0.8 * steps[0].metrics["loss"]
    result = json.loads(json.dumps(run.result(1.0).to_json(), allow_nan=False))
    assert result["target"]["task"] == task
    assert result["validation"]["score"] == pytest.approx(steps[-1].metrics["validation_score"])
    assert ("accuracy" in result["test"]) == ("validation_accuracy" in steps[-1].metrics)
    assert ("accuracy" in result["test"]) == (task is Task.CLASSIFICATION)
    if task is Task.DENSE:
        assert result["test"]["relative_l2"] == -result["test"]["score"]
    if task is Task.REGRESSION:
        assert result["test"]["rmse"] > 1  # in target units, which are tens


@pytest.mark.parametrize("task", [Task.MULTILABEL, Task.REGRESSION, Task.DENSE])
def test_a_run_cut_anywhere_goes_on_bit_for_bit(task: Task, files: dict[str, str], tmp_path: Path) -> None:
    whole = make_run(task, files, 4)
    losses = [step.metrics["loss"] for step in whole.steps()]
    for cut in (1, 3):
        first, steps = make_run(task, files, 4), []
        for step in first.steps():
            steps.append(step.metrics["loss"])
            if len(steps) == cut:
                break
        (tmp_path / "c.safetensors").write_bytes(dump_checkpoint(first, 0.0))
        second = make_run(task, files, 4)
        load_checkpoint(second, tmp_path / "c.safetensors")
        assert steps + [step.metrics["loss"] for step in second.steps()] == losses
        for a, b in zip(whole.state.model.parameters(), second.state.model.parameters(), strict=True):
            assert torch.equal(a, b)
