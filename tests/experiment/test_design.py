"""Which runs an experiment is made of."""

from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import pytest

from tests.tiny import tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.errors import SettingsError
from xmodal_core.experiment.design import Design, Part, Trial, applicable, at_rate, check_rows, quarter_of, usual_steps
from xmodal_core.methods.base import Budget

STEPS = {"align_steps": 20, "curriculum_steps": 30, "refine_steps": 60}
DESIGN = Design("digits", "fractal-vit", "fractals", ("finetune", "simple"), (0, 1), (0, 20), (1.0, 2.0), steps=STEPS)


def at(arm: str, rate: float = 1.0) -> Trial:
    return Trial(arm, rate)


def test_every_arm_is_tried_at_every_rate_of_its_own() -> None:
    fine, simple = DESIGN.pools()
    assert fine.trials == (at("finetune", 1.0), at("finetune", 2.0))
    assert len(simple.trials) == 1  # it searches its own setting
    assert [DESIGN.choice(trial).settings for trial in fine.trials] == [{}, {"learning_rate": 0.002}]
    assert [(part.train_rows, part.label_steps) for part in DESIGN.parts()] == [(0, 90), (20, 90)]
    choice = DESIGN.choice(at("simple"), 1, Part(20, 90))
    assert (choice.seed, choice.train_rows, choice.settings) == (1, 20, {"linear_batch_size": 32})


def test_equal_means_as_many_steps_and_samples_on_labels_unless_it_is_given_up() -> None:
    assert DESIGN.choice(at("finetune")).budget == {"refine_steps": 90}
    assert DESIGN.choice(at("pare")).budget == {"curriculum_steps": 30, "refine_steps": 60}
    free = replace(DESIGN, equal=False)
    assert free.choice(at("finetune")).budget == {"refine_steps": 60}
    assert free.choice(at("simple")).settings == {}


def test_an_ablation_is_an_arm_with_its_methods_rates_and_steps() -> None:
    assert [
        (choice.method, dict(choice.settings), dict(choice.budget))
        for choice in (DESIGN.choice(at("orca")), DESIGN.choice(at("orca_random_unaligned", 2.0), 0, Part(0, 45)))
    ] == [
        ("orca", {}, {"align_steps": 20, "refine_steps": 90}),
        ("orca", {"learning_rate": 0.002, "embedder_init": "random"}, {"align_steps": 0, "refine_steps": 45}),
    ]


def test_what_would_be_run_twice_under_two_names_is_run_once() -> None:
    assert replace(DESIGN, arms=("finetune", "orca", "orca_unaligned")).arms == ("finetune", "orca")


def test_a_smaller_budget_has_the_steps_of_all_stages_in_proportion() -> None:
    assert DESIGN.choice(at("orca_pare"), 0, Part(0, 30)).budget == {
        "align_steps": 7,
        "curriculum_steps": 10,
        "refine_steps": 20,
    }
    assert DESIGN.choice(at("orca_pare"), 0, Part(0, 1)).budget == {
        "align_steps": 1,
        "curriculum_steps": 1,
        "refine_steps": 0,
    }
    assert [part.label_steps for part in replace(DESIGN, rows=(0,), budgets=(300, 90)).parts()] == [90, 300]


def test_ways_of_crossing_compete_unless_every_arm_goes_on() -> None:
    arms = ("finetune", "orca", "pare", "pare_beta0", "simple")
    early = replace(DESIGN, arms=arms).pools()
    assert [(pool.title, len(pool.trials)) for pool in early] == [
        ("Fine-tuning", 2),
        ("PaRe's schedule alone", 2),
        ("Simple baseline, no transformer", 1),
        ("ways of crossing", 4),
    ]
    every = replace(DESIGN, arms=arms, stop_early=False).pools()
    assert [len(pool.trials) for pool in every] == [2, 2, 2, 2, 1]


def test_a_rate_is_a_multiple_of_the_methods_own_and_its_default_is_not_set() -> None:
    assert [at_rate("scratch", rate) for rate in (0.25, 1, 4)] == [
        {"learning_rate": 0.000125},
        {},
        {"learning_rate": 0.002},
    ]
    assert at_rate("simple", 4) == {}


def test_nothing_said_of_steps_is_the_usual_budget_of_a_run() -> None:
    assert Design("digits", "fractal-vit").steps == usual_steps() == asdict(Budget())


def test_the_second_size_is_a_quarter_and_never_a_single_row() -> None:
    assert [quarter_of(n) for n in (1000, 10, 3)] == [250, 2, 2]


def test_a_design_comes_back_from_its_json() -> None:
    design = replace(DESIGN, model={"readout": "flat"}, reading={"label": "y"}, budgets=(90, 300))
    assert Design.from_json(design.to_json()) == design


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seeds": ()}, "seeds are []"),
        ({"rates": (1.0, 1.0)}, "rates are [1.0, 1.0]"),
        ({"rates": (0.0,)}, "above 0"),
        ({"rates": (float("nan"),)}, "above 0"),
        ({"rows": (-3,)}, "none below 0"),
        ({"steps": STEPS | {"refine_steps": -1}}, "none below 0"),
        ({"steps": dict.fromkeys(STEPS, 0)}, "nothing is learnt"),
        ({"budgets": (0,)}, "budgets are [0]"),
        ({"steps": {"refine_steps": 3}}, "steps are"),
    ],
)
def test_what_makes_no_experiment_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        replace(DESIGN, **changes)  # type: ignore[arg-type]
    assert said in str(refused.value)


def test_rows_that_cannot_be_trained_on_are_refused(refusal: Callable[..., str]) -> None:
    data = tiny_dataset(Modality.TABULAR)
    check_rows(DESIGN, data)
    refusal(lambda: check_rows(replace(DESIGN, rows=(10_000,)), data), "10000")


def test_several_rates_need_validation_rows(refusal: Callable[..., str]) -> None:
    data = tiny_dataset(Modality.TABULAR)
    without = replace(data, splits=np.where(data.splits == "val", "train", data.splits))
    refusal(lambda: check_rows(replace(DESIGN, rows=(0,)), without), "no validation rows")
    check_rows(replace(DESIGN, rows=(0,), rates=(1.0,)), without)


def test_an_arm_that_does_not_apply_is_left_out_with_its_reason(refusal: Callable[..., str]) -> None:
    data = tiny_dataset(Modality.IMAGE)
    design, refused = applicable(replace(DESIGN, arms=("finetune", "lsg")), data, None)
    assert design.arms == ("finetune",)
    assert "class names" in refused["lsg"]
    refusal(lambda: applicable(replace(DESIGN, arms=("finetune", "nonsense")), data, None), "nonsense")
