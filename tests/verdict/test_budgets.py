"""Which budgets are levels, and which runs at two of them are one arm."""

import pytest

from tests.results import a_result
from xmodal_core.runs.result import Standing
from xmodal_core.verdict.budgets import out_of_proportion
from xmodal_core.verdict.naming import arms, by_budget
from xmodal_core.verdict.results import FinishedRun


def run(method: str, refine: int, align: int = 0, curriculum: int = 0, **spec: object) -> FinishedRun:
    stages = {"align": align, "curriculum": curriculum, "refine": refine}
    standing = Standing(method, "", dict(spec.get("settings", {})))  # type: ignore[call-overload]
    return FinishedRun("r", a_result(method, spec=spec, stages=stages, standing=standing))


def test_budgets_are_levels_as_soon_as_one_arm_was_run_at_two() -> None:
    assert not by_budget([run("finetune", 90), run("scratch", 60), run("simple", 300)])
    assert not by_budget([run("orca", 90, 20), run("orca", 90, 60)])  # alignment counts nothing
    assert not by_budget([run("finetune", 90), run("finetune", 300, settings={"batch_size": 8})])  # two arms
    assert by_budget([run("finetune", 90), run("finetune", 300), run("scratch", 60)])
    assert by_budget([run("pare", 60, curriculum=30), run("pare", 100, curriculum=50)])
    assert not by_budget([run("pare", 60, curriculum=30), run("pare", 30, curriculum=60)])


@pytest.mark.parametrize(
    ("runs", "names"),
    [
        ([run("orca", 90, 20), run("orca", 300, 67)], ["orca", "orca"]),
        (
            [run("orca", 90, 20), run("orca", 90, 60), run("orca", 300, 67)],
            ["orca (steps=align 22 %)", "orca (steps=align 67 %)", "orca (steps=align 22 %)"],
        ),
        (
            [run("orca", 90), run("orca", 90, 20), run("orca", 300)],
            ["orca_unaligned (ablation)", "orca", "orca_unaligned (ablation)"],
        ),
        (
            [run("pare", 60, curriculum=30), run("pare", 30, curriculum=60), run("pare", 200, curriculum=100)],
            ["pare (steps=curriculum 33 %)", "pare (steps=curriculum 67 %)", "pare (steps=curriculum 33 %)"],
        ),
        (  # percents would make one arm of two
            [run("orca", 1000, 200), run("orca", 1000, 201), run("orca", 90, 18)],
            [
                "orca (steps=200 align + 1000 refine)",
                "orca (steps=201 align + 1000 refine)",
                "orca (steps=18 align + 90 refine)",
            ],
        ),
    ],
)
def test_steps_are_told_where_they_say_more_than_the_level(runs: list[FinishedRun], names: list[str]) -> None:
    assert arms(runs, budgets=True) == names


def test_settings_still_tell_arms_apart_at_every_budget() -> None:
    rate = {"settings": {"learning_rate": 0.01}}
    runs = [run("finetune", 90), run("finetune", 90, **rate), run("finetune", 300, **rate)]
    assert arms(runs, budgets=True) == ["finetune", *["finetune (learning_rate=0.01)"] * 2]


def test_one_arm_whose_stages_do_not_grow_together_is_told() -> None:
    def told(*runs: FinishedRun) -> list[str]:
        return out_of_proportion([one.result for one in runs], [one.result.method for one in runs])

    assert told(run("orca", 90, 20), run("orca", 300, 67), run("finetune", 90)) == []
    assert told(run("orca", 90, 20), run("orca", 300, 20)) == [
        "Orca is taken for one arm, but its steps of stage align do not grow with the steps on labels: 20 at 90; "
        "20 at 300."
    ]
    assert told(run("orca", 90, 20), run("orca", 90, 30), run("orca", 300, 20)) == []  # told apart by their names
