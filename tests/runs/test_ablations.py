"""What every entry of ABLATIONS promises, without training; they are trained in tests/methods/test_ablations.py."""

from collections import Counter
from pathlib import Path

import pytest

from xmodal_core.methods import METHODS
from xmodal_core.methods.base import Role, Stage
from xmodal_core.runs.ablations import ABLATIONS, TWO_BY_TWO, Ablation, ablation_of, ablations_of, each_once, method_of
from xmodal_core.runs.plan import Choice, choice_of, defaults, plan_of, specification

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "ablations.md"
ORCA = {"align": 20, "refine": 90}


def plan(arm: str, like: Choice | None = None) -> object:
    return plan_of(specification(choice_of(arm, like), "t", "b", "fractals"))


@pytest.mark.parametrize("one", ABLATIONS.values(), ids=ABLATIONS)
def test_an_ablation_differs_from_its_method_in_what_it_says_and_in_nothing_else(one: Ablation) -> None:
    own, whole = plan(one.name), plan(one.method)
    assert own.method == whole.method == one.method
    assert {n: v for n, v in own.settings.items() if whole.settings[n] != v} == dict(one.settings)
    without = {name.removesuffix("_steps") for name in one.budget}
    assert set(one.budget.values()) <= {0}
    assert own.stages == tuple(stage for stage in whole.stages if stage[0] not in without)
    assert len(own.stages) + len(without) == len(whole.stages)
    assert one.settings or one.budget
    assert one.name.startswith(f"{one.method}_")


@pytest.mark.parametrize("one", ABLATIONS.values(), ids=ABLATIONS)
def test_a_run_is_recognised_by_its_own_settings_and_by_all_of_them(one: Ablation) -> None:
    stages = {str(stage): 3 for stage in METHODS[one.method].stages if f"{stage}_steps" not in one.budget}
    for settings in (one.settings, {**defaults(one.method), **one.settings}, {**one.settings, "batch_size": 8}):
        assert ablation_of(one.method, settings, stages) is one
    assert plan(one.name).title == f"{one.title} (ablation)"
    assert plan(one.name).control == ""


@pytest.mark.parametrize("method", METHODS)
def test_a_method_itself_is_no_ablation_and_no_ablation_has_a_methods_name(method: str) -> None:
    every = {str(stage): 1 for stage in Stage}
    assert ablation_of(method, {}, every) is None
    assert ablation_of(method, defaults(method), every) is None
    assert method not in ABLATIONS


def test_every_crossing_method_has_ablations_and_titles_are_told_apart() -> None:
    crossing = {name for name, kind in METHODS.items() if kind.role is Role.CROSSING}
    assert crossing <= {one.method for one in ABLATIONS.values()}
    titles = Counter(one.title for one in ABLATIONS.values())
    assert set(titles.values()) == {1}
    assert not [title for title in titles if ":" in title]  # a title in a sentence ends at its colon


def test_of_several_that_fit_it_is_the_one_that_says_most_and_the_rest_may_differ() -> None:
    random = {"embedder_init": "random", "learning_rate": 0.002}
    assert ablation_of("orca", random, ORCA) is ABLATIONS["orca_random"]
    assert ablation_of("orca", random, {"refine": 90}) is ABLATIONS["orca_random_unaligned"]
    assert ablation_of("orca", {"learning_rate": 0.002}, {"refine": 90, "align": 0}) is ABLATIONS["orca_unaligned"]
    assert ablation_of("orca", {"learning_rate": 0.002}, ORCA) is None
    assert ablation_of("finetune", {"embedder_init": "random"}, {"refine": 90}) is None


def test_the_square_of_orca_has_each_of_both_factors_in_every_cell() -> None:
    cells = [plan(name) for name in ("orca", *TWO_BY_TWO)]
    found = {(cell.settings["embedder_init"], cell.span("align") is not None) for cell in cells}
    assert found == {(init, aligned) for init in ("pretrained", "random") for aligned in (True, False)}
    assert ABLATIONS["orca_unaligned"].same_as == "finetune"


def test_no_arm_is_run_twice_under_two_names() -> None:
    assert each_once(["finetune", "orca", *TWO_BY_TWO]) == ["finetune", "orca", "orca_random", "orca_random_unaligned"]
    assert each_once(["orca", *TWO_BY_TWO]) == ["orca", *TWO_BY_TWO]
    assert each_once(["orca_unaligned", "finetune"]) == ["finetune"]  # whichever comes first
    assert each_once(["recraft_unaligned", "orca_unaligned", "orca", "orca"]) == ["recraft_unaligned", "orca"]


def test_ablations_come_method_by_method() -> None:
    assert [method_of(one.name) for one in ablations_of(["mona", "orca"])] == ["mona"] * 3 + ["orca"] * 3
    assert ablations_of(["scratch"]) == []
    assert [method_of(arm) for arm in ("pare_beta0", "pare", "nonsense")] == ["pare", "pare", "nonsense"]


def test_what_is_told_of_an_ablation_is_read_back() -> None:
    for one in ABLATIONS.values():
        assert Ablation.from_json(one.to_json()) == one


def test_the_page_of_ablations_has_a_row_for_each_as_it_stands_in_the_code() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert rows == [row(one) for one in ABLATIONS.values()]


def row(one: Ablation) -> str:
    made_by = ", ".join(f"`{name}={value}`" for name, value in (*one.settings.items(), *one.budget.items()))
    same = f" **The same as `{one.same_as}`.**" if one.same_as else ""
    return f"| `{one.name}` | {one.title} | {one.without}{same} | {made_by} | {one.answers} |"
