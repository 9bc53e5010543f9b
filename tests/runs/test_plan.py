"""What is planned is what a specification says, and the rules of budgets and of shared settings."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from xmodal_core.methods import METHODS
from xmodal_core.methods.base import Role
from xmodal_core.runs.plan import (
    Choice,
    baselines,
    budget_of,
    choice_of,
    equal_settings,
    methods_with,
    plan_of,
    shared_settings,
    short_title,
    specification,
    stage_at,
    steps_in_words,
    titled,
    usual,
)

STEPS = {"align_steps": 30, "curriculum_steps": 85, "refine_steps": 200}


def test_a_plan_has_every_default_and_only_stages_with_steps() -> None:
    choice = Choice("orca", {"batch_size": 8}, {"align_steps": 0, "refine_steps": 5}, 3, train_rows=40)
    road = plan_of(specification(choice, "digits", "fractal-vit", "fractals"))
    assert (road.method, road.seed, road.train_rows, road.stages) == ("orca", 3, 40, (("refine", 5),))
    assert road.settings["batch_size"] == 8
    assert road.settings["learning_rate"] == METHODS["orca"]().learning_rate
    assert (road.total, road.span("refine"), road.span("align")) == (5, (1, 5), None)


def test_tokens_are_for_methods_with_a_body_and_are_no_part_of_a_specification_that_says_nothing() -> None:
    asked = specification(Choice("finetune", tokens=48), "t", "b", "")
    assert (asked.tokens, plan_of(asked).tokens, asked.values()["tokens"]) == (48, 48, 48)
    assert specification(Choice("simple", tokens=48), "t", "b", "").tokens is None
    assert "tokens" not in specification(Choice("finetune"), "t", "b", "").values()


def test_what_stands_beside_the_method_is_in_the_title() -> None:
    choice = Choice("finetune", guidance={"control": "shuffled"})
    assert plan_of(specification(choice, "digits", "b", "")).title == "Fine-tuning (guided by shuffled)"
    shuffled = plan_of(specification(Choice("lsg", {"control": "shuffled"}), "t", "b", ""))
    assert shuffled.title + shuffled.control == "LSG with shuffled names (ablation)"
    assert plan_of(specification(Choice("finetune"), "t", "b", "")).control == ""


def test_a_method_that_reads_no_source_gets_none(refusal: Callable[..., str]) -> None:
    assert specification(Choice("finetune"), "digits", "b", "fractals").source == ""
    assert specification(Choice("pare"), "digits", "b", "fractals").source == "fractals"
    refusal(lambda: specification(Choice("nonsense"), "digits", "b", "fractals"), "method is 'nonsense'")


def test_crossing_methods_come_first_then_baselines_by_role() -> None:
    names = methods_with()
    assert names == [name for name in names if name not in baselines()] + baselines()
    assert baselines() == ["finetune", "scratch", "simple", "stat_matched", "frozen", "linear_probe", "lora"]
    assert set(methods_with("align")) == {name for name, kind in METHODS.items() if "align" in kind.stages}
    assert [titled(name).split(" · ")[0] for name in ("orca", "lora")] == ["Crossing", "Baseline"]


def test_the_usual_method_of_a_role_is_the_first_that_has_it() -> None:
    assert usual("ABCSD") == ["finetune", "orca", "scratch", "stat_matched", "simple"]
    assert usual(["D", "Z"]) == ["simple"]
    assert {METHODS[name].role for name in usual(Role)} == set(Role)


@pytest.mark.parametrize(
    ("method", "equal", "budget"),
    [
        ("orca", True, {"align_steps": 30, "refine_steps": 285}),
        ("orca", False, {"align_steps": 30, "refine_steps": 200}),
        ("pare", True, {"curriculum_steps": 85, "refine_steps": 200}),
        ("orca_unaligned", True, {"align_steps": 0, "refine_steps": 285}),
        ("pare_uncrossed", True, {"curriculum_steps": 0, "refine_steps": 285}),
        ("pare_uncrossed", False, {"curriculum_steps": 0, "refine_steps": 200}),
    ],
)
def test_a_method_without_a_curriculum_may_refine_for_its_steps(
    method: str, equal: bool, budget: dict[str, int]
) -> None:
    assert budget_of(method, STEPS, equal) == budget


def test_a_budget_is_told_as_a_sum() -> None:
    assert steps_in_words("orca", {"align_steps": 30, "refine_steps": 285}) == "orca 30 align + 285 refine = 315"
    assert steps_in_words("finetune", {"refine_steps": 5}) == "finetune 5 refine"


def test_settings_are_shared_only_where_both_methods_start_from_the_same_one() -> None:
    given = {"batch_size": 16, "learning_rate": 0.01}
    like = plan_of(specification(Choice("finetune", given), "digits", "b", ""))
    assert shared_settings("orca", like) == given
    assert shared_settings("scratch", like) == {"batch_size": 16}  # it has a rate of its own


def test_a_specification_builds_its_method_once() -> None:
    spec = specification(Choice("lsg"), "digits", "b", "")
    assert spec.parsed is spec.parsed
    assert spec.parsed.method is spec.parsed.method
    assert "parsed" not in spec.to_json()


def test_the_stage_is_that_of_the_last_finished_step() -> None:
    stages = [("align", 3), ("refine", 2)]
    places = [stage_at(stages, done) for done in range(6)]
    assert places[:4] == [("align", index, 3) for index in range(4)]
    assert places[4:] == [("refine", 1, 2), ("refine", 2, 2)]
    assert stage_at([], 0) == (None, 0, 0)


def test_a_method_and_an_ablation_are_chosen_alike_by_name(refusal: Callable[..., str]) -> None:
    assert choice_of("orca") == Choice("orca")
    assert choice_of("pare_beta0") == Choice("pare", {"beta": 0.0})
    like = Choice("", {"learning_rate": 0.002, "beta": 0.3}, {"curriculum_steps": 5}, 7, tokens=48)
    assert choice_of("pare_beta0", like) == replace(like, method="pare", settings={"learning_rate": 0.002, "beta": 0.0})
    assert choice_of("orca_unaligned", Choice("", budget={"align_steps": 30, "refine_steps": 5})).budget == {
        "align_steps": 0,
        "refine_steps": 5,
    }
    assert (short_title("pare_beta0"), short_title("pare")) == ("PaRe's schedule alone", "PaRe")
    assert equal_settings("pare_beta0") == {}
    refusal(lambda: choice_of("pare_beta"), "'pare_beta'", "pare_beta0", "finetune")
