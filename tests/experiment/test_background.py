"""Experiments as processes: from the first run to a comparison, stopped and gone on with."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from xmodal_core.experiment import background
from xmodal_core.experiment.design import Design, Trial
from xmodal_core.experiment.folder import ExperimentDir
from xmodal_core.experiment.progress import Progress
from xmodal_core.experiment.trainer import Trainer
from xmodal_core.runs.job import list_runs
from xmodal_core.runs.process import own_stamp

STEPS = {"align_steps": 0, "curriculum_steps": 0, "refine_steps": 3}
DESIGN = Design("wine", "minilm", arms=("simple",), seeds=(0, 1), steps=STEPS)
PATIENCE_S = 120.0


@pytest.fixture
def experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ExperimentDir:
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path / "home"))
    return ExperimentDir.create_at(tmp_path / "experiments" / "one", DESIGN)


def waited(experiment: ExperimentDir, runs: Path, until: Callable[[str], bool]) -> background.ExperimentStatus:
    deadline = time.monotonic() + PATIENCE_S
    while not until((found := background.status(experiment, runs)).state):
        assert time.monotonic() < deadline, (found, experiment.log.read_text())
        time.sleep(0.1)
    return found


def test_an_experiment_is_a_process_that_comes_to_its_end(experiment: ExperimentDir, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    assert background.status(experiment, runs).state == "stopped"
    background.go(experiment, runs)
    found = waited(experiment, runs, lambda state: state not in ("queued", "running"))
    assert (found.state, found.finished, found.error) == ("done", 2, None), experiment.log.read_text()
    assert {run.spec_values()["seed"] for run in list_runs(runs)} == {0, 1}
    background.go(experiment, runs)  # what is done stays done
    assert background.status(experiment, runs).state == "done"


def test_one_that_is_stopped_goes_on(experiment: ExperimentDir, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    background.go(experiment, runs)
    background.stop(experiment)
    assert waited(experiment, runs, lambda state: state == "stopped").live is False
    background.go(experiment, runs)
    assert waited(experiment, runs, lambda state: state not in ("queued", "running")).state == "done"


def test_a_cancelled_one_takes_the_runs_with_it_that_no_other_waits_for(
    experiment: ExperimentDir, tmp_path: Path
) -> None:
    other = ExperimentDir.create_at(experiment.path.parent / "two", replace(DESIGN, seeds=(1,)))
    trainer = Trainer.of(DESIGN, tmp_path / "runs")
    first, shared = (trainer.run_of(DESIGN.choice(Trial("simple", 1.0), seed=seed)) for seed in (0, 1))
    experiment.write_progress(Progress("", 2, (first.path.name, shared.path.name)))
    other.write_progress(Progress("", 1, (shared.path.name,)))
    other.write_process(own_stamp())
    background.cancel(experiment, tmp_path / "runs")
    assert background.status(experiment, tmp_path / "runs").state == "cancelled"
    assert (first.read_state().state, shared.read_state().state) == ("cancelled", None)


def test_one_that_cannot_be_run_says_why(tmp_path: Path, experiment: ExperimentDir) -> None:
    damaged = experiment.path / "design.json"
    damaged.write_text(damaged.read_text().replace('"simple"', '"nonsense"'))
    background.go(experiment, tmp_path / "runs")
    found = waited(experiment, tmp_path / "runs", lambda state: state not in ("queued", "running"))
    assert found.state == "failed"
    assert found.error


def test_experiments_are_listed_newest_first(tmp_path: Path) -> None:
    made = [ExperimentDir.create_at(tmp_path / name, replace(DESIGN, seeds=(i,))) for i, name in enumerate("abc")]
    for kept, when in zip(made, (5, 9, 7), strict=True):
        os.utime(kept.path / "design.json", (when, when))
    (tmp_path / "d").mkdir()
    assert background.experiments(tmp_path) == [made[1], made[2], made[0]]


def test_damaged_files_hide_nothing_and_stop_nothing(experiment: ExperimentDir, tmp_path: Path) -> None:
    for name in ("progress.json", "proc.json", "state.json"):
        for content in ("{", '{"pid": 1}', '{"state": 5}', "\udcff"):
            (experiment.path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
            found = background.status(experiment, tmp_path / "runs")
            assert (found.state, found.progress, found.finished) == ("stopped", None, 0)
    background.cancel(experiment, tmp_path / "runs")
    assert background.status(experiment, tmp_path / "runs").state == "cancelled"
