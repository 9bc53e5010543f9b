"""Rank correlations worked out by hand, and what is said of them."""

import numpy as np
import pytest
from scipy import stats

from xmodal_core.verdict.contrasts import Contrast
from xmodal_core.verdict.gains import Gain, Together, gains_sentence, together


def of(gaps, means) -> list[Gain]:
    return [
        Gain(f"set {i}", "body", gap, 100, Contrast("a", "c", mean, None, 3, "better", None, "A - C"))
        for i, (gap, mean) in enumerate(zip(gaps, means, strict=True))
    ]


def test_a_perfect_order_of_five_is_two_orders_of_120():
    assert together(of([1, 2, 3, 4, 5], [0.5, 0.4, 0.3, 0.2, 0.1])) == Together(-1.0, 2 / 120, 5)


def test_four_are_too_few_whatever_their_order():
    assert together(of([1, 2, 3, 4], [4, 3, 2, 1])).p == 2 / 24  # once in twelve
    assert gains_sentence(of([1, 2, 3, 4], [4, 3, 2, 1])).startswith("Cannot say: 4 data sets, and it takes 5.")
    assert gains_sentence(of([1], [1])).startswith("Cannot say: 1 data set, and it takes 5.")
    assert gains_sentence([]).startswith("Cannot say: 0 data sets")


@pytest.mark.parametrize("n", [6, 12])
def test_rho_is_that_of_scipy_with_ties_and_p_lies_near_it(n):
    rng = np.random.default_rng(n)
    gaps, means = rng.integers(0, 5, n).tolist(), rng.integers(0, 5, n).tolist()
    found = together(of(gaps, means))
    expected = stats.spearmanr(gaps, means)
    assert found.rho == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue, abs=0.08)


def test_equal_gaps_say_nothing():
    assert together(of([1] * 6, range(6))) == Together(None, None, 6)
    assert gains_sentence(of([1] * 6, range(6))) == "Cannot say: all gaps, or all gains, of the 6 data sets are equal."


def test_what_chance_gives_is_no_order_and_what_is_shown_has_its_direction():
    assert "No order is shown" in gains_sentence(of([1, 2, 3, 4, 5], [3, 1, 2, 5, 4]))
    assert "the less pretraining gains" in gains_sentence(of(range(7), [-i for i in range(7)]))
    assert "the more pretraining gains" in gains_sentence(of(range(7), range(7)))
