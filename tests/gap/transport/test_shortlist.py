"""Exact transport by a shortlist of pairs, held against the dense exact answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian, unlike_sides
from xmodal_core.gap.labelled_pair import labelled_pair
from xmodal_core.gap.otdd import OtddSettings, otdd
from xmodal_core.gap.transport import optimal_coupling, solve
from xmodal_core.gap.transport.shortlist import shortlist_coupling

SEEDS = st.integers(0, 10**6)


@given(seed=SEEDS, n=st.integers(2, 90), m=st.integers(2, 90), weighted=st.booleans())
@settings(deadline=None, max_examples=25)
def test_the_shortlist_finds_the_dense_optimum_and_its_bounds_are_ordered(seed, n, m, weighted):
    source, target = unlike_sides(n, m, 3, seed)
    if weighted:
        rng = np.random.default_rng(seed)
        source, target = (embedding(e.features, e.labels) for e in (source, target))
        object.__setattr__(source, "weights", rng.uniform(0.2, 2, n))
        object.__setattr__(target, "weights", rng.uniform(0.2, 2, m))
    ground = labelled_pair(source, target, "gaussian").ground
    cost = ground.dense(np.float32)
    plan = shortlist_coupling(ground, cost, solve.potentials(ground, cost))
    value = float(plan.mass @ sum(ground.of_pairs(plan.rows, plan.columns)))
    dense = ground.dense()
    best = optimal_coupling(dense, ground.a, ground.b)
    expected = float(best.mass @ dense[best.rows, best.columns])
    assert plan.lower <= value + 1e-9
    assert plan.lower <= expected + 1e-9 * dense.max()
    assert value == pytest.approx(expected, rel=1e-7, abs=1e-9 * dense.max())
    np.testing.assert_allclose(np.bincount(plan.rows, plan.mass, n), ground.a, atol=1e-9)
    np.testing.assert_allclose(np.bincount(plan.columns, plan.mass, m), ground.b, atol=1e-9)


@pytest.mark.parametrize("shift", [0.0, 1e5])
def test_large_equal_sides_are_solved_to_the_certificate_however_far_apart(shift):
    source, target = gaussian(900, 5, 0, n_classes=4, separation=3), gaussian(900, 5, 1, n_classes=3, separation=3)
    target = embedding(target.features.astype(np.float64) + shift, target.labels)
    reading = otdd(source, target, OtddSettings(solver="exact"))
    ground = labelled_pair(source, target, "gaussian").ground
    best = optimal_coupling(ground.without_shift()[0].dense())
    cost = float(best.mass @ sum(ground.of_pairs(*[np.asarray(p) for p in (best.rows, best.columns)])))
    assert reading.detail["solver"] == "shortlist"
    assert reading.detail["lower"] == reading.detail["upper"] == reading.value
    assert reading.value == pytest.approx(labelled_pair(source, target, "gaussian").distance(cost), rel=1e-9)
