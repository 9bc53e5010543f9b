"""Which runs an experiment is made of."""

from collections.abc import Callable

from tests.tiny import tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.runs.plan import Choice
from xmodal_core.verdict.design import Design, check_sizes, quarter_of, settings_at

STEPS = {"align_steps": 1, "curriculum_steps": 2, "refine_steps": 3}


def test_every_arm_runs_at_every_seed_size_and_rate_of_its_own() -> None:
    design = Design(("finetune", "simple"), (0, 1), (0, 20), (1.0, 2.0), STEPS)
    choices = design.choices()
    assert len(choices) == 2 * 2 * (2 + 1)  # the simple baseline searches its own setting
    assert [(c.train_rows, c.seed, c.method) for c in choices[:4]] == [
        (0, 0, "finetune"),
        (0, 0, "finetune"),
        (0, 0, "simple"),
        (0, 1, "finetune"),
    ]
    assert {tuple(c.budget.items()) for c in choices} == {(("refine_steps", 5),)}


def test_equal_means_as_many_samples_unless_it_is_given_up() -> None:
    equal, free = (Design(("simple",), (0,), (0,), (1.0,), STEPS, equal) for equal in (True, False))
    assert equal.choices()[0].settings == {"linear_batch_size": 32}
    assert free.choices()[0].settings == {}


def test_an_ablation_is_an_arm_with_its_methods_rates_and_steps() -> None:
    choices = Design(("orca", "orca_random_unaligned"), (0,), (0,), (1.0, 2.0), STEPS).choices()
    assert [(c.method, dict(c.settings), dict(c.budget)) for c in choices] == [
        ("orca", {}, {"align_steps": 1, "refine_steps": 5}),
        ("orca", {"learning_rate": 0.002}, {"align_steps": 1, "refine_steps": 5}),
        ("orca", {"embedder_init": "random"}, {"align_steps": 0, "refine_steps": 5}),
        ("orca", {"learning_rate": 0.002, "embedder_init": "random"}, {"align_steps": 0, "refine_steps": 5}),
    ]


def test_a_rate_is_a_multiple_of_the_methods_own_and_its_default_is_not_set() -> None:
    assert settings_at("scratch", (0.25, 1, 4)) == [{"learning_rate": 0.000125}, {}, {"learning_rate": 0.002}]
    assert settings_at("simple", (0.25, 4)) == [{}]


def test_the_second_size_is_a_quarter_and_never_a_single_row() -> None:
    assert [quarter_of(n) for n in (1000, 10, 3)] == [250, 2, 2]


def test_rows_that_cannot_be_trained_on_are_refused(refusal: Callable[..., str]) -> None:
    data = tiny_dataset(Modality.TABULAR)
    check_sizes([Choice("finetune"), Choice("finetune", train_rows=20)], data)
    refusal(lambda: check_sizes([Choice("finetune", train_rows=10_000)], data), "10000")
