import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.errors import DataError
from xmodal_core.reuse.diagnostics.leep import leep, nce

SKEWED = np.repeat([0, 1, 2], [10, 20, 70])
ENTROPY = 0.8018186  # -(.1 ln .1 + .2 ln .2 + .7 ln .7)


def test_a_source_that_knows_nothing_reads_the_negative_entropy_of_the_labels():
    assert leep(np.full((100, 7), 1 / 7), SKEWED) == pytest.approx(-ENTROPY, abs=1e-7)
    assert nce(np.zeros(100, int), SKEWED) == pytest.approx(-ENTROPY, abs=1e-7)


def test_a_source_class_per_label_reads_zero():
    renamed = np.array([4, 0, 2])[SKEWED]
    assert leep(np.eye(5)[renamed], SKEWED) == 0.0
    assert nce(renamed, SKEWED) == 0.0
    finer = SKEWED * 2 + np.arange(100) % 2  # two source classes per label still give it away
    assert nce(finer, SKEWED) == 0.0


def test_values_worked_out_by_hand():
    # z = 0: labels a a b, z = 1: label b.  H(Y|Z) = 3/4 (2/3 ln 3/2 + 1/3 ln 3)
    z, y = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    expected = -0.75 * (2 / 3 * np.log(1.5) + np.log(3) / 3)
    assert nce(z, y) == pytest.approx(expected)
    assert leep(np.eye(2)[z], y) == pytest.approx(expected)
    # Two samples (.8, .2) and (.4, .6) of labels a and b: P(a|0) = 2/3, P(a|1) = 1/4.
    soft = leep(np.array([[0.8, 0.2], [0.4, 0.6]]), np.array([0, 1]))
    assert soft == pytest.approx((np.log(0.8 * 2 / 3 + 0.2 / 4) + np.log(0.4 / 3 + 0.6 * 3 / 4)) / 2)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=20)
def test_leep_lies_between_the_label_entropy_and_zero_and_names_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    posterior, y = rng.dirichlet(np.ones(4), size=30), rng.integers(0, 3, 30)
    share = np.bincount(y) / 30
    entropy = -(share[share > 0] * np.log(share[share > 0])).sum()
    value = leep(posterior, y)
    assert -entropy - 1e-12 <= value <= 0
    assert leep(posterior[:, rng.permutation(4)], 7 - y) == pytest.approx(value)
    answers = posterior.argmax(1)
    assert nce(answers, y) == pytest.approx(leep(np.eye(4)[answers], y))


def test_what_is_no_posterior_is_refused():
    with pytest.raises(DataError, match=r"\(3, 2\) and labels \(4,\)"):
        leep(np.full((3, 2), 0.5), np.zeros(4, int))
    for wrong in (np.full((4, 2), 0.7), np.array([[1.5, -0.5]] * 4), np.full((4, 2), np.nan)):
        with pytest.raises(DataError, match="expected the output of a softmax"):
            leep(wrong, np.zeros(4, int))
    with pytest.raises(DataError, match="one of each per sample"):
        nce(np.zeros(3, int), np.zeros(4, int))
