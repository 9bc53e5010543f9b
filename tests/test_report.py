from pathlib import Path

import pytest

from xmodal_core.errors import RunError
from xmodal_core.report import accuracies, export, summarise
from xmodal_core.rundir import RunDir


def finished_run(root: Path, method: str, seed: int, accuracy: float, target: str = "h1") -> RunDir:
    run = RunDir.create(root, '{"method": "' + method + '"}')
    run.write_result(
        {
            "method": method,
            "title": method.title(),
            "seed": seed,
            "test": {"accuracy": accuracy, "n": 100},
            "validation": {},
            "steps": 10,
            "seconds": 2.0,
            "target": {"hash": target},
            "spec": {"body": "b"},
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
    assert accuracies([]) == {}
    assert summarise([]) == []
