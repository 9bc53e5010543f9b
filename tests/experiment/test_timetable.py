"""What is trained when, and how long that takes: worked out by hand."""

import pytest

from xmodal_core.experiment.conduct import planned_runs
from xmodal_core.experiment.design import Design, Part, Trial
from xmodal_core.experiment.pace import Pace, StagePace
from xmodal_core.experiment.timetable import in_lanes, seconds_in_all, seconds_of, turns

STEPS = {"align_steps": 10, "curriculum_steps": 0, "refine_steps": 20}
DESIGN = Design("wine", "fractal-vit", "fractals", ("finetune", "simple"), (0, 1), rates=(0.5, 2.0), steps=STEPS)
# a run of finetune: 1 to prepare, 2 to set up, 20 steps of 0.1, 10 readings of 0.05, 1 for the rows, a save of 0.5
PACES = {
    "finetune": Pace(4.0, 1.0, {"refine": StagePace(2.0, 0.1, 0.05)}, 0.01, 100, 0.5, 10**9),
    "simple": Pace(4.0, 1.0, {"refine": StagePace(0.0, 0.05)}),  # 1 and 20 steps of 0.05
}


def test_turns_follow_each_other_as_the_experiment_trains_them() -> None:
    part = Part(0, 20)
    found = [(turn.trials, turn.seed, turn.part, turn.round) for turn in turns(DESIGN)]
    slow, fast, simple = Trial("finetune", 0.5), Trial("finetune", 2.0), Trial("simple", 1.0)
    assert found == [
        ((slow,), 0, part, 0),
        ((fast,), 0, part, 0),
        ((simple,), 0, part, 1),  # the chosen rate of finetune has had its first seed
        ((slow, fast), 1, part, 1),
        ((simple,), 1, part, 1),
    ]


@pytest.mark.parametrize(
    "design",
    [
        DESIGN,
        Design(
            "wine", "fractal-vit", "fractals", ("finetune", "orca", "pare", "scratch"), (0, 1, 2), budgets=(60, 285)
        ),
        Design("wine", "fractal-vit", "fractals", ("orca",), (3,), rows=(0, 20), rates=(0.25, 0.5, 1.0, 2.0)),
        Design("wine", "minilm", arms=("simple",), seeds=(0,)),
    ],
)
def test_there_are_as_many_turns_as_planned_runs(design: Design) -> None:
    assert len(turns(design)) == planned_runs(design)


def test_a_run_takes_the_sum_of_its_parts_and_an_open_one_the_mean_of_what_it_may_be() -> None:
    every = turns(DESIGN)
    times = [seconds_of(turn, DESIGN, PACES) for turn in every]
    assert times == pytest.approx([7.0, 7.0, 2.0, 7.0, 2.0])
    assert seconds_of(every[0], DESIGN, {"simple": PACES["simple"]}) is None
    assert seconds_of(every[0], DESIGN, PACES | {"finetune": Pace(failed="Out of memory.")}) is None


def test_all_of_it_is_round_after_round_in_lanes_with_the_libraries_loaded_twice() -> None:
    every = turns(DESIGN)
    assert seconds_in_all(every, DESIGN, PACES, 1) == pytest.approx(2 * 4 + 14 + 11)
    assert seconds_in_all(every, DESIGN, PACES, 2) == pytest.approx(2 * 4 + 7 + 7)  # 7 beside 2 + 2
    assert seconds_in_all(every[2:], DESIGN, PACES, 2, begun=True) == pytest.approx(7)
    assert seconds_in_all(every, DESIGN, {}, 2) is None


def test_a_job_goes_to_the_lane_that_is_free_first() -> None:
    assert in_lanes([3, 1, 1, 4], 2) == 6  # 3 | 1 1 4
    assert in_lanes([5], 4) == 5
    assert in_lanes([], 2) == 0
