import json
from pathlib import Path

import pytest

from tests.tasks import tiny_task
from xmodal_core.data.dataset import Task
from xmodal_core.errors import RunError
from xmodal_core.report import SCORE_NAMES, export, scores, summarise
from xmodal_core.rundir import RunDir


def finished_run(
    root: Path,
    method: str,
    seed: int,
    accuracy: float,
    target: str = "h1",
    settings: dict | None = None,
    **test: object,
) -> RunDir:
    run = RunDir.create(root, json.dumps({"method": method}))
    run.write_result(
        {
            "method": method,
            "title": method.title(),
            "seed": seed,
            "test": {"accuracy": accuracy, "n": 100} | test,
            "validation": {},
            "steps": 10,
            "seconds": 2.0,
            "target": {"hash": target},
            "spec": {"body": "b", "settings": settings or {}},
        }
    )
    return run


def test_table_has_mean_and_sample_deviation_over_seeds(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path, "orca", s, a) for s, a in enumerate((0.7, 0.8, 0.9))]
    runs.append(finished_run(tmp_path, "scratch", 0, 0.5))
    orca, scratch = export(runs)["table"]
    assert (orca["method"], orca["n_seeds"]) == ("orca", 3)
    assert orca["mean"] == pytest.approx(0.8)
    assert orca["sd"] == pytest.approx(0.1)  # ddof 1
    assert orca["interval"] == pytest.approx((0.8 - 0.2484, 0.8 + 0.2484), abs=1e-4)  # 4.3027 * 0.1 / sqrt(3)
    assert scratch["sd"] is None


def test_an_unfinished_run_is_left_out(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path, "orca", 0, 0.7), RunDir.create(tmp_path, '{"method": "pare"}')]
    assert [row["method"] for row in export(runs)["table"]] == ["orca"]


def test_runs_on_different_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="differ in target or body"):
        export([finished_run(tmp_path, "orca", 0, 0.7), finished_run(tmp_path, "orca", 1, 0.7, target="h2")])


def test_nothing_finished_is_an_empty_table_and_no_verdict(tmp_path: Path) -> None:
    found = export([])
    assert found["table"] == []
    assert found["verdict"]["answer"] == "inconclusive"
    assert scores([]) == {}
    assert summarise([]) == []


def test_scores_of_different_kinds_are_refused(tmp_path: Path, refusal) -> None:
    runs = [finished_run(tmp_path, "orca", 0, 0.7), finished_run(tmp_path, "orca", 1, 0.7, score=0.7, score_name="R^2")]
    refusal(lambda: export(runs), "by accuracy", "by R^2", "compare them apart")


def test_the_headline_score_counts_and_gives_the_verdict_its_yardstick(tmp_path: Path) -> None:
    name = "minus relative L2 error"
    found = export([finished_run(tmp_path, "orca", s, 0.0, score=-0.1 * s, score_name=name) for s in (1, 2)])
    assert found["table"][0]["values"] == [-0.1, -0.2]
    assert found["table"][0]["metric"] == f"test {name}"
    assert (found["verdict"]["margin"], found["verdict"]["unit"]) == (0.02, "% of the error")
    assert export([finished_run(tmp_path, "orca", 0, 0.5)], margin=0.03)["verdict"]["margin"] == 0.03


def test_settings_make_an_arm_of_their_own_and_controls_never_pass_for_the_method(tmp_path: Path) -> None:
    runs = [
        finished_run(tmp_path, "finetune", 0, 0.7),
        finished_run(tmp_path, "finetune", 0, 0.9, settings={"learning_rate": 0.01, "batch_size": 32}),
        finished_run(tmp_path, "lsg", 0, 0.8, settings={"control": "random"}),
        finished_run(tmp_path, "orca", 0, 0.6, settings={"batch_size": 8}),
    ]
    found = export(runs)
    names = [row["arm"] for row in found["table"]]
    assert names == ["finetune (learning_rate=0.01)", "lsg (control=random)", "finetune", "orca"]
    assert found["verdict"]["arms"]["A"] == "finetune (learning_rate=0.01)"
    assert found["verdict"]["arms"]["B"] == "orca"


@pytest.mark.parametrize("task", list(Task))
def test_the_name_of_a_tasks_score_is_the_one_that_evaluation_gives(task: Task) -> None:
    import torch

    from xmodal_core.evaluation import score_outputs, target_tensor

    data = tiny_task(task)
    rows = data.rows("test")
    outputs = target_tensor(data, rows)
    if task is Task.CLASSIFICATION:
        outputs = torch.nn.functional.one_hot(outputs, data.n_classes).float()
    assert score_outputs(outputs, data, rows).score_name == SCORE_NAMES[task]
