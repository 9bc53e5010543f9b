"""Which candidate goes on to the whole budget."""

from collections import Counter
from functools import partial

import pytest

from xmodal_core.experiment.halving import LEAST_STEPS, WORST, choose, rungs

QUALITY = [0.3, 0.9, 0.5, 0.1, 0.7, 0.2, 0.6, 0.4, 0.8]  # of nine candidates


def scored(quality: list[float], candidate: int, label_steps: int) -> float:
    """More steps are better for all alike."""
    return quality[candidate] + label_steps / 1e6


def test_up_to_two_candidates_have_the_whole_budget() -> None:
    assert rungs(1, 300) == rungs(2, 300) == [300]


def test_three_and_more_begin_with_a_third_and_nine_with_a_ninth() -> None:
    assert rungs(3, 300) == rungs(8, 300) == [100, 300]
    assert rungs(9, 300) == [33, 100, 300]


def test_no_rung_is_below_the_least() -> None:
    assert rungs(9, 3 * LEAST_STEPS) == [LEAST_STEPS, 3 * LEAST_STEPS]
    assert rungs(9, 3 * LEAST_STEPS - 1) == [3 * LEAST_STEPS - 1]


def test_of_nine_three_go_on_and_then_one() -> None:
    seen = choose(9, 300, partial(scored, QUALITY))
    assert Counter(one.label_steps for one in seen) == {33: 9, 100: 3, 300: 1}
    assert {one.candidate for one in seen if one.label_steps == 100} == {1, 8, 4}
    assert [(one.candidate, one.label_steps) for one in seen if one.chosen] == [(1, 300)]


def test_the_best_of_those_that_reach_the_whole_budget_is_chosen() -> None:
    """Of four at a third two go on; the one that was behind there is ahead at the end."""

    def late(candidate: int, label_steps: int) -> float:
        return {0: 0.8, 1: 0.7, 2: 0.1, 3: 0.2}[candidate] if label_steps < 300 else {0: 0.81, 1: 0.9}[candidate]

    seen = choose(4, 300, late)
    assert [(one.candidate, one.label_steps) for one in seen if one.chosen] == [(1, 300)]


@pytest.mark.parametrize("lanes", [1, 2])
def test_a_candidate_that_failed_is_the_last_and_stops_nothing(lanes: int) -> None:
    seen = choose(3, 300, partial(scored, [WORST, 0.4, 0.5]), lanes)
    assert [one.candidate for one in seen if one.chosen] == [2]
