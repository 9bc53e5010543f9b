"""What would settle a question, held against experiments that are drawn one by one."""

import math

import numpy as np
import pytest

from xmodal_core.verdict.advice import CHANCE, MOST_SEEDS, advice, chance
from xmodal_core.verdict.crossed import Spread, over_seeds

MARGIN = 0.01
FLAT = math.inf


def leaves_the_margin(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.asarray((low > MARGIN) | (high < MARGIN))


def test_the_chance_is_that_of_seeds_drawn_one_by_one() -> None:
    """Seen 1, 2, 4, 5 points; six more each time, of a mean and a deviation that are drawn from what was seen."""
    seen = np.array([0.01, 0.02, 0.04, 0.05])
    rng, settled = np.random.default_rng(1), 0
    for _ in range(2000):
        sd = np.sqrt(seen.var(ddof=1) * 3 / rng.chisquare(3))
        mean = rng.normal(seen.mean(), sd / 2)
        half = over_seeds(all_seeds := np.concatenate([seen, rng.normal(mean, sd, 6)])).half or 0
        settled += bool(leaves_the_margin(all_seeds.mean() - half, all_seeds.mean() + half))
    assert chance(over_seeds(seen), 10, 1.0, leaves_the_margin, FLAT) == pytest.approx(settled / 2000, abs=0.04)


def test_the_advised_number_is_the_first_that_is_enough() -> None:
    found = over_seeds([0.0, 0.02, 0.04, 0.06, 0.03])
    told = advice(found, leaves_the_margin, 3, FLAT)
    assert told.seeds is not None
    assert chance(found, told.seeds, 1.0, leaves_the_margin, FLAT) >= CHANCE
    assert chance(found, told.seeds - 1, 1.0, leaves_the_margin, FLAT) < CHANCE


def test_where_the_rows_are_what_is_uncertain_rows_are_advised_and_they_do_it() -> None:
    """2 points, the margin 1 away, and 2 either way over rows with every seed of the world."""
    few = Spread(0.02, 5, 1e-6, 1e-4, 300)
    told = advice(few, leaves_the_margin, 3, FLAT)
    assert told.seeds is None
    assert told.rows is not None
    assert told.rows > 300
    assert chance(few, MOST_SEEDS, 1.0, leaves_the_margin, FLAT) < CHANCE
    assert chance(few, told.at_seeds or 0, told.rows / 300, leaves_the_margin, FLAT) >= CHANCE


def test_without_rows_nothing_is_said_of_them_and_what_lies_on_the_margin_is_never_settled() -> None:
    told = advice(over_seeds([0.005, 0.01, 0.015]), leaves_the_margin, 3, FLAT)
    assert (told.seeds, told.rows) == (None, None)


def test_one_more_seed_is_the_least_that_is_advised() -> None:
    told = advice(over_seeds([0.3, 0.31]), leaves_the_margin, 3, FLAT)
    assert told.seeds is not None
    assert told.seeds >= 3


def test_what_few_seeds_show_far_out_is_not_believed_whole() -> None:
    """0, 10 and 20 points at three seeds, where differences are of a few points in general."""
    found = over_seeds([0.0, 0.1, 0.2])
    chances = [chance(found, 12, 1.0, leaves_the_margin, prior) for prior in (FLAT, 0.05)]
    assert chances[1] < chances[0] - 0.1
