"""Entropic transport: its potentials, its bounds around the exact value, and its divergence."""

import numpy as np
import pytest

from tests.gap.clouds import embedding, unlike_sides
from xmodal_core.gap.labelled_pair import labelled_pair
from xmodal_core.gap.otdd import OtddSettings, otdd
from xmodal_core.gap.transport.sinkhorn import sinkhorn


def test_potentials_have_the_asked_marginals_even_between_far_classes_of_unequal_size():
    ground = labelled_pair(
        embedding(
            np.r_[np.zeros((60, 2)), np.full((40, 2), 30.0)] + unlike_sides(100, 9, 2, 0)[0].features,
            [0] * 60 + [1] * 40,
        ),
        embedding(
            np.r_[np.zeros((50, 2)), np.full((50, 2), 30.0)] + unlike_sides(100, 9, 2, 1)[0].features,
            [0] * 50 + [1] * 50,
        ),
        "gaussian",
    ).ground
    found = sinkhorn(ground.dense(), ground.a, ground.b, ground.edges, 0.01, 1e-6, 500)
    plan = ground.a[:, None] * ground.b * np.exp((found.f[:, None] + found.g - ground.dense()) / found.eps)
    np.testing.assert_allclose(plan.sum(axis=1), ground.a, atol=1e-6)
    np.testing.assert_allclose(plan.sum(axis=0), ground.b, atol=1e-6)


def test_one_sinkhorn_pass_gives_bounds_around_the_exact_value():
    source, target = unlike_sides(700, 600, 6, 3)
    exact = otdd(source, target, OtddSettings(solver="exact")).value
    bounds = otdd(source, target, OtddSettings(solver="sinkhorn", reg=0.3)).detail
    rounding = 1e-12 * exact  # as for the certificate: either bound may be reached
    assert bounds["lower"] - rounding <= exact <= bounds["upper"] + rounding
    assert bounds["upper"] - bounds["lower"] < 0.1 * exact


def test_the_divergence_is_zero_for_a_cloud_and_itself_and_tends_to_otdd():
    source, target = unlike_sides(120, 120, 3, 5)
    assert otdd(source, source, OtddSettings(debias=True)).value == 0
    fine = otdd(source, target, OtddSettings(debias=True, reg=0.02))
    assert fine.detail["misplaced"] < 1e-3
    assert fine.value == pytest.approx(otdd(source, target, OtddSettings()).value, rel=0.03)


def test_the_divergence_between_two_points_is_their_cost():
    # One point a side: every OT_eps is its cost, and the self terms vanish.
    one, other = embedding([[0.0, 0.0]], [0]), embedding([[3.0, 4.0]], [0])
    reading = otdd(one, other, OtddSettings(debias=True, reg=1.0))
    assert reading.detail["squared"] == pytest.approx(50.0)  # 25 for the features, 25 for the labels
