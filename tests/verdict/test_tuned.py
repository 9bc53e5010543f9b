"""Learning rates of an arm: which one counts."""

from pathlib import Path

import pytest

from tests.verdict.test_export import finished_run
from xmodal_core.verdict.export import export
from xmodal_core.verdict.words import comparison_lines

FAST = {"learning_rate": 0.002}


def test_the_rate_that_is_best_on_the_validation_rows_is_the_arm(tmp_path: Path) -> None:
    """Validation and test score are the same here: the faster rate is ahead at the seed that both have."""
    runs = [finished_run(tmp_path, "finetune", 0, 0.6)]
    runs += [finished_run(tmp_path, "finetune", seed, 0.7, settings=FAST) for seed in (0, 1, 2)]
    (row,) = export(runs).table
    assert (row.arm, row.n_seeds, row.rate) == ("finetune", 3, "0.002 of 2")
    assert row.title == "Finetune"


def test_of_equal_rates_the_one_that_went_on_is_the_arm(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path, "finetune", 0, 0.7)]
    runs += [finished_run(tmp_path, "finetune", seed, 0.7, settings=FAST) for seed in (0, 1, 2)]
    (row,) = export(runs).table
    assert (row.n_seeds, row.rate) == (3, "0.002 of 2")


def test_a_stray_run_at_another_seed_undoes_nothing(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path, "finetune", seed, 0.7, settings=FAST) for seed in (0, 1, 2)]
    runs.append(finished_run(tmp_path, "finetune", 7, 0.9))
    (row,) = export(runs).table
    assert (row.n_seeds, row.mean) == (3, pytest.approx(0.7))


def test_the_best_of_several_ways_of_crossing_is_told_as_one(tmp_path: Path) -> None:
    runs = []
    for seed in (0, 1, 2):
        for method, score in (("finetune", 0.7), ("scratch", 0.6), ("orca", 0.72)):
            runs.append(finished_run(tmp_path, method, seed, score, spec={"budget": {"refine_steps": 300}}))
    alone = export(runs)
    assert "as the best of" not in " ".join(alone.verdict.doubts or ())
    small = {"budget": {"refine_steps": 100}}
    runs += [finished_run(tmp_path, method, 0, 0.5, spec=small) for method in ("orca", "pare")]
    said = " ".join(export(runs).verdict.doubts or ())
    assert "stands for crossing as the best of 2 ways on the validation rows (beside Pare)" in said


def test_a_rate_that_went_on_alone_tells_of_how_many_it_was_chosen(tmp_path: Path) -> None:
    runs = []
    for rate in (0.0005, 0.001, 0.002):
        spec = {"budget": {"refine_steps": 90}, "settings": {"learning_rate": rate}}
        runs.append(finished_run(tmp_path, "finetune", 0, 0.7 + rate, spec=spec))
    spec = {"budget": {"refine_steps": 300}, "settings": {"learning_rate": 0.002}}
    runs += [finished_run(tmp_path, "finetune", seed, 0.8, spec=spec) for seed in (0, 1, 2)]
    first, _ = export(runs).every_level
    assert [row.rate for row in first.table] == ["0.002 of 3"]


def test_rates_that_nothing_chooses_between_stay_arms(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path, "finetune", 0, 0.7), finished_run(tmp_path, "finetune", 1, 0.8, settings=FAST)]
    found = export(runs)
    assert [row.arm for row in found.table] == ["finetune (learning_rate=0.002)", "finetune"]
    assert "is not chosen" in " ".join(found.verdict.doubts or ())


def test_each_budget_has_its_own_rate_under_one_name(tmp_path: Path) -> None:
    runs = []
    for steps, best in ((90, 0.002), (300, 0.0005)):
        for rate in (0.0005, 0.002):
            for seed in (0, 1, 2) if rate == best else (0,):
                settings = {"learning_rate": rate}
                score = 0.7 if rate == best else 0.6
                spec = {"budget": {"refine_steps": steps}, "settings": settings}
                runs.append(finished_run(tmp_path, "finetune", seed, score, spec=spec))
    found = export(runs)
    assert [(level.steps, [(row.arm, row.rate) for row in level.table]) for level in found.every_level] == [
        (300, [("finetune", "0.0005 of 2")]),
        (90, [("finetune", "0.002 of 2")]),
    ]
    assert any(line.startswith("finetune") and "0.7000" in line for line in comparison_lines(found))


@pytest.mark.parametrize("method", ["finetune", "scratch"])
def test_other_settings_still_make_arms(tmp_path: Path, method: str) -> None:
    runs = [finished_run(tmp_path, method, 0, 0.7), finished_run(tmp_path, method, 0, 0.8, settings={"batch_size": 64})]
    assert {row.arm for row in export(runs).table} == {method, f"{method} (batch_size=64)"}
