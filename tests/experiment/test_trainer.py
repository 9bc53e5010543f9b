"""One run of an experiment."""

from pathlib import Path

import pytest

from xmodal_core.experiment.design import Design, Trial
from xmodal_core.experiment.halving import WORST
from xmodal_core.experiment.trainer import Trainer
from xmodal_core.runs import job

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


def test_what_a_person_cancelled_stays_so_and_the_next_experiment_runs_it_anew(trainer: Trainer) -> None:
    choice = DESIGN.choice(Trial("simple", 1.0))
    first = trainer.run_of(choice)
    job.cancel(first)
    again = trainer.run_of(choice)
    assert again.path.name == f"{first.path.name}-2"
    assert trainer.run_of(choice) == again
