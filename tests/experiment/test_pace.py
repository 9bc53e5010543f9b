import json
from dataclasses import replace

import pytest

from xmodal_core.experiment.pace import Pace, StagePace, pace_key, readings
from xmodal_core.runs.spec import RunSpec

SPEC = RunSpec("orca", "digits", "fractal-vit", "fractals", budget={"align_steps": 3, "refine_steps": 20})


def test_a_run_is_the_sum_of_its_parts() -> None:
    stages = {"align": StagePace(3.0, 0.5), "refine": StagePace(1.0, 0.2, 0.4)}
    pace = Pace(9.0, 2.0, stages, row_s=0.001, n_rows=1000, save_s=0.25)
    # 2 to prepare; 3 + 4 * 0.5; 1 + 20 * 0.2 + 10 * 0.4; two saves of 0.25; a second for the rows
    assert pace.seconds([("align", 4), ("refine", 20)]) == pytest.approx(2 + 5 + 9 + 0.5 + 1)
    # 600 steps: 1 + 120 + 4 of training are kept four times more on their way
    assert pace.seconds([("refine", 600)]) == pytest.approx(2 + 125 + 5 * 0.25 + 1)
    assert Pace.from_json(json.loads(json.dumps(pace.to_json()))) == pace


@pytest.mark.parametrize(("total", "n"), [(1, 1), (7, 7), (19, 19), (20, 10), (25, 13), (200, 10), (285, 11), (0, 0)])
def test_readings_are_counted_as_the_stage_takes_them(total: int, n: int) -> None:
    every = max(1, total // 10)
    assert readings("refine", total) == n == sum(not step % every or step == total for step in range(1, total + 1))
    assert readings("align", total) == 0


def test_a_pace_is_kept_under_what_determines_it() -> None:
    key = pace_key(SPEC, "abc", "cpu", 1)
    for same in (
        replace(SPEC, seed=5),
        replace(SPEC, settings={"learning_rate": 0.01}),
        replace(SPEC, budget={"align_steps": 9, "refine_steps": 90}),
    ):
        assert pace_key(same, "abc", "cpu", 1) == key
    others = [
        pace_key(replace(SPEC, settings={"batch_size": 8}), "abc", "cpu", 1),
        pace_key(replace(SPEC, target="wine"), "abc", "cpu", 1),
        pace_key(replace(SPEC, train_rows=50), "abc", "cpu", 1),
        pace_key(replace(SPEC, budget={"align_steps": 0, "refine_steps": 20}), "abc", "cpu", 1),
        pace_key(SPEC, "another file", "cpu", 1),
        pace_key(SPEC, "abc", "gpu 0", 1),
        pace_key(SPEC, "abc", "cpu", 2),
    ]
    assert len({key, *others}) == 1 + len(others)
    simple = RunSpec("simple", "wine", "minilm", budget={"refine_steps": 20})
    grown = replace(simple, budget={"refine_steps": 90})
    assert pace_key(simple, "", "cpu", 1) != pace_key(grown, "", "cpu", 1), "trees of all rounds grow in the first step"
