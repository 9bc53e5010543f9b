"""An experiment from its first run to its last."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from xmodal_core.experiment.conduct import conduct, planned_runs
from xmodal_core.experiment.design import Design
from xmodal_core.experiment.halving import WORST
from xmodal_core.experiment.trainer import Trainer
from xmodal_core.runs.plan import Choice

STEPS = {"align_steps": 0, "curriculum_steps": 100, "refine_steps": 200}
DESIGN = Design("digits", "fractal-vit", "fractals", ("finetune", "simple"), steps=STEPS)


@dataclass(frozen=True)
class Pretended(Trainer):
    """Trains nothing: a run is as good as `quality` says."""

    quality: Callable[[Choice], float] = lambda choice: 0.5
    asked: list[Choice] = field(default_factory=list)

    def __deepcopy__(self, memo: object) -> Self:
        """A search copies what it is given; what was asked has to come back."""
        return self

    def train(self, choice: Choice) -> float:
        if choice not in self.asked:
            self.asked.append(choice)
        run = self.run_of(choice)
        (run.path / "result.json").write_text("{}")  # as far as anybody looks here
        return self.quality(choice)


def rate_of(choice: Choice) -> float:
    return float(choice.settings.get("learning_rate", 0.0))


def test_the_rate_that_the_validation_rows_choose_goes_on_to_every_seed(tmp_path: Path) -> None:
    trainer = Pretended(DESIGN, tmp_path, quality=lambda choice: 1 - rate_of(choice))
    told = list(conduct(trainer))
    assert [(c.method, c.seed, rate_of(c)) for c in trainer.asked] == [
        ("finetune", 0, 0.0005),
        ("finetune", 0, 0.002),
        ("simple", 0, 0.0),
        ("finetune", 1, 0.0005),
        ("simple", 1, 0.0),
        ("finetune", 2, 0.0005),
        ("simple", 2, 0.0),
    ]
    last = told[-1]
    assert last.doing == ""
    assert last.planned == planned_runs(DESIGN) == len(last.runs) == 7
    assert [(one.arm, one.learning_rate, one.chosen) for one in last.tried] == [
        ("finetune", 0.0005, True),
        ("finetune", 0.002, False),
    ]
    assert told[0].doing == "Choosing among 2 learning rates for Fine-tuning."


def test_of_many_candidates_a_third_reaches_the_whole_budget_and_one_every_seed(tmp_path: Path) -> None:
    design = replace(DESIGN, arms=("orca", "pare", "mona"), rates=(0.5, 1.0, 2.0))

    def quality(choice: Choice) -> float:
        return {"orca": 0.5, "pare": 0.9, "mona": 0.1}[choice.method] - rate_of(choice)

    trainer = Pretended(design, tmp_path, quality=quality)
    last = list(conduct(trainer))[-1]
    label_steps = [c.budget.get("curriculum_steps", 0) + c.budget["refine_steps"] for c in trainer.asked]
    assert [label_steps.count(n) for n in (33, 100, 300)] == [9, 3, 1 + 2]
    assert {c.method for c in trainer.asked if c.seed} == {"pare"}
    assert planned_runs(design) == len(trainer.asked) == len(last.runs) == 15


def test_a_run_that_failed_is_not_chosen_and_stops_nothing(tmp_path: Path) -> None:
    trainer = Pretended(DESIGN, tmp_path, quality=lambda choice: WORST if rate_of(choice) > 0.001 else -5.0)
    tried = list(conduct(trainer))[-1].tried
    assert [(one.validation, one.chosen) for one in tried] == [(-5.0, True), (None, False)]
    assert [bool(one.failed) for one in tried] == [False, True]


def test_where_all_fail_nothing_is_chosen_and_the_experiment_fails_with_the_reason(
    tmp_path: Path, refusal: Callable[..., str]
) -> None:
    trainer = Trainer(replace(DESIGN, body="missing-body", arms=("finetune",), seeds=(0,)), tmp_path)
    told = []
    refusal(lambda: told.extend(conduct(trainer)), "not one of 2 runs has a result", "missing-body")


def test_every_budget_and_number_of_rows_is_chosen_for_by_itself(tmp_path: Path) -> None:
    design = replace(DESIGN, arms=("finetune",), rows=(0, 100), budgets=(60, 300), seeds=(0,))

    def quality(choice: Choice) -> float:
        long = choice.budget["refine_steps"] == 300
        return rate_of(choice) if long else -rate_of(choice)

    tried = list(conduct(Pretended(design, tmp_path, quality=quality)))[-1].tried
    chosen = {(one.train_rows, one.label_steps): one.learning_rate for one in tried if one.chosen}
    assert chosen == {(0, 60): 0.0005, (0, 300): 0.002, (100, 60): 0.0005, (100, 300): 0.002}


def test_to_stop_is_not_to_pull(tmp_path: Path) -> None:
    trainer = Pretended(DESIGN, tmp_path)
    next(conduct(trainer))
    assert not trainer.asked
