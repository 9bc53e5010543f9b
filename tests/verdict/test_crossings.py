"""Sentences about crossings, each of a case that was worked out by hand."""

import pytest

from xmodal_core.verdict.axes import STEPS
from xmodal_core.verdict.crossings import Crossing, crossings, crossings_of
from xmodal_core.verdict.differences import yardstick
from xmodal_core.verdict.levels import Level


def level(at: int, *points: float, first: str = "finetune") -> Level:
    """An arm above scratch by so many points, one a seed."""
    scratch = {seed: 0.5 + 0.01 * seed for seed in range(len(points))}
    own = {seed: scratch[seed] + p / 100 for seed, p in enumerate(points)}
    return Level(at, {first: own, "scratch": scratch}, "", {"A": first, "C": "scratch"})


def only(*levels: Level) -> Crossing:
    (found,) = crossings_of("A - C", levels, yardstick(), {"finetune": "Fine-tuning", "scratch": "Scratch"}, STEPS)
    return found


def test_a_crossing_is_told_with_its_interval_and_both_sides() -> None:
    """t from 0.315836 to 0.684164 (see test_lines): 100 * 16^t is 240.1 to 666.4, told outwards to two digits."""
    found = only(level(100, -5, -4, -3), level(1600, 4, 5, 3))
    assert found.shown
    assert (found.at, found.low, found.high) == pytest.approx((400, 240.06, 666.5), rel=1e-3)
    assert found.text == (
        "Fine-tuning against Scratch (A - C) changes sign at about 400 steps on labels, 95 % interval 240 to 670 over "
        "3 seeds alone, measured at 100 and 1,600: below zero before, above it after."
    )
    falling = only(level(100, 5, 4, 3), level(1600, -4, -5, -3))
    assert falling.text.endswith("above zero before, below it after.")


def test_an_open_end_is_said_to_be_open() -> None:
    """Half width 2.48: -4 at 100 rules zero out, 1 at 1,600 does not; -4 + 5 t + 2.48 = 0 at t = 0.3032."""
    found = only(level(100, -5, -4, -3), level(1600, 0, 1, 2))
    assert (found.shown, found.high) == (False, None)
    assert (found.at, found.low) == pytest.approx((100 * 16**0.8, 100 * 16**0.303172), rel=1e-4)
    assert (
        "the mean is zero at about 920 steps on labels, but the 95 % interval of that place, 230 to beyond 1,600 over"
        in (found.text)
    )
    assert "before 100 to beyond 1,600" in only(level(100, -2, -1, 0), level(1600, 0, 1, 2)).text


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        (
            (level(100, 1, 2, 3), level(300, 4, 5, 6)),
            "is not shown: the mean does not change sign, +2.0 and +5.0 points over 3 seeds alone, measured at 100 and",
        ),
        (
            (level(100, -1, 0, -2), level(300, 1, 2, 0), level(900, -1, 0, -2)),
            "is not shown: the mean changes sign within noise, -1.0, +1.0 and -1.0 points",
        ),
        (
            (level(100, -5, -5), level(300, 5, 5)),
            "cannot be told: 2 of 3 seeds have both arms at 100 and 300 steps on labels.",
        ),
    ],
)
def test_what_is_not_shown_says_what_is_known(levels: tuple[Level, ...], words: str) -> None:
    found = only(*levels)
    assert not found.shown
    assert (found.at, found.low, found.high) == (None, None, None)
    assert words in found.text


def test_a_level_of_one_seed_does_not_take_the_others_theirs() -> None:
    found = only(level(100, -5, -4, -3), level(1600, 4, 5, 3), level(9000, 1))
    assert (found.levels, found.n_pairs, found.shown) == ((100, 1600), 3, True)


def test_arms_may_cross_twice_and_are_named_where_another_one_was_chosen() -> None:
    levels = [level(10, -3, -3, -3), level(40, 1, 1, 1, first="orca"), level(160, -3, -3, -3)]
    found = crossings(levels[::-1], yardstick(), None, STEPS)
    assert [one.at for one in found] == pytest.approx([10 * 4**0.75, 40 * 4**0.25])
    assert found[0].text.startswith("finetune, then orca against scratch (A - C) changes sign")
    assert crossings(levels[:1], yardstick(), None, STEPS) == ()
