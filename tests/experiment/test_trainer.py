"""One run of an experiment."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from xmodal_core.experiment.design import Design, Trial
from xmodal_core.experiment.halving import WORST
from xmodal_core.experiment.trainer import Trainer, fingerprint
from xmodal_core.runs import job
from xmodal_core.runs.process import stamp_of

DESIGN = Design("wine", "minilm", arms=("simple",), steps={"align_steps": 0, "curriculum_steps": 0, "refine_steps": 3})


@pytest.fixture
def trainer(tmp_path: Path) -> Trainer:
    return Trainer(DESIGN, tmp_path / "runs")


def test_a_run_is_trained_once_and_found_again_by_what_it_is(trainer: Trainer) -> None:
    choice = DESIGN.choice(Trial("simple", 1.0))
    score = trainer.train(choice)
    run = trainer.run_of(choice)
    result = run.result()
    assert result is not None
    assert result.validation is not None
    assert score == result.validation.score
    written = run.result_written()
    assert trainer.train(choice) == score
    assert run.result_written() == written
    assert trainer.run_of(DESIGN.choice(Trial("simple", 1.0), seed=1)) != run


def test_a_run_that_fails_is_the_worst_and_says_why(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise MemoryError

    monkeypatch.setattr("xmodal_core.runs.run.prepare", broken)
    choice = DESIGN.choice(Trial("simple", 1.0))
    assert trainer.train(choice) == WORST
    assert trainer.run_of(choice).read_state().state == "failed"
    assert "memory" in str(trainer.why_failed(choice))


def test_what_a_person_cancelled_stays_so_and_the_next_experiment_runs_it_anew(trainer: Trainer) -> None:
    choice = DESIGN.choice(Trial("simple", 1.0))
    first = trainer.run_of(choice)
    job.cancel(first)
    assert trainer.run_of(choice) == first  # of this experiment
    assert trainer.train(choice) == WORST
    assert trainer.why_failed(choice) == "The run was left cancelled."
    later = replace(trainer, since=time.time() + 1)
    again = later.run_of(choice)
    assert again.path.name == f"{first.path.name}-2"
    assert later.run_of(choice) == again


def test_a_run_that_another_process_trains_is_waited_for(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = DESIGN.choice(Trial("simple", 1.0))
    run = trainer.run_of(choice)
    with subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(3)"]) as other:
        stamp = stamp_of(other.pid)
        assert stamp is not None
        run.write_process(stamp)
        assert trainer.train(choice) > WORST
        assert other.poll() is not None


def test_another_content_of_a_file_is_another_run(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    names = []
    for content in ("a,b", "a,c", "a,b"):
        path.write_text(content)
        design = replace(DESIGN, target=str(path))
        names.append(Trainer.of(design, tmp_path).path_of(design.choice(Trial("simple", 1.0))).name)
    assert names[0] == names[2] != names[1]
    folder = tmp_path / "folder"
    folder.mkdir()
    before = fingerprint(str(folder))
    (folder / "x").write_text("x")
    assert fingerprint(str(folder)) != before
    assert fingerprint("digits") == fingerprint("") == ""
