from math import e, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.gap.otdd import OtddSettings, otdd
from xmodal_core.gap.sotdd import SotddSettings, moment_coefficients, sotdd, truncated_poisson

DEFAULT = SotddSettings()
MANY = SotddSettings(n_projections=20000, n_moments=1)


def first_order(r):
    """Chance of r under a Poisson law of rate 1 without zero."""
    return 1 / (factorial(r) * (e - 1))


def test_two_points_read_the_expectation_over_all_projections():
    # In units of s = |a - b| / 2 the points are -1 and 1, and t = +-1: a(x) = u0 t x + u1 (t x)^r / r!. They differ
    # by 2 (u0 + u1 / r!) up to sign for odd r, 2 u0 for even r; E u0^2 = E u1^2 = 1/2 and E u0 u1 = 0.
    squared = 4 * 0.5 * (1 + sum(first_order(r) / factorial(r) ** 2 for r in (1, 3, 5, 7)))
    reading = sotdd(embedding([[2.0]]), embedding([[8.0]]), MANY)
    assert reading.detail["scale"] == pytest.approx(3)
    assert reading.value == pytest.approx(3 * squared**0.5, rel=0.02)
    assert reading.value == pytest.approx(3 * squared**0.5, abs=4 * reading.detail["projection_error"])


def test_one_class_against_two_on_the_same_points_reads_the_expectation_over_all_projections():
    # Points -1, 1 twice: as one class and as two. Moments of odd order: 0 for the one class, -+1 for the two; of
    # even order: 1 for all. So for odd r the positions are -+u0 against -+(u0 + u1 / r!), for even r the same.
    angle = (np.arange(20000) + 0.5) * 2 * np.pi / 20000
    u0, u1 = np.cos(angle), np.sin(angle)
    squared = sum(first_order(r) * ((np.abs(u0 + u1 / factorial(r)) - np.abs(u0)) ** 2).mean() for r in (1, 3, 5, 7))
    points = [[-1.0], [1.0]]
    assert sotdd(embedding(points, [0, 1]), embedding(points, [0, 0]), MANY).value == pytest.approx(
        squared**0.5, rel=0.02
    )


def test_orders_follow_poisson_laws_without_zero():
    rates = np.arange(1, 6)
    draws = truncated_poisson(rates, 40000, np.random.default_rng(0))
    assert draws.min() == 1
    assert draws.mean(axis=0) == pytest.approx(rates / (1 - np.exp(-rates)), rel=0.01)
    assert (draws[:, 0] == 1).mean() == pytest.approx(first_order(1), abs=0.01)


def test_weights_of_one_projection_have_unit_length_before_the_factorials():
    coefficients = moment_coefficients(3000, 1, 4)
    weights = coefficients * [factorial(r) for r in range(coefficients.shape[1])]
    assert (weights**2).sum(axis=1) == pytest.approx(np.ones(3000))
    assert (weights[:, 0] ** 2).mean() == pytest.approx(0.5, abs=0.03)


def test_labels_alone_make_a_distance_and_equal_data_none():
    cloud = gaussian(200, 5, 0, n_classes=4, separation=4.0)
    dealt = cloud.relabelled(np.random.default_rng(0).permutation(cloud.labels))
    assert sotdd(cloud, cloud, DEFAULT).value == 0
    assert sotdd(cloud, dealt, DEFAULT).value > 0.05


@given(seed=st.integers(0, 10**6), factor=st.sampled_from([1e-8, 0.5, 1e6]), origin=st.floats(-50, 50))
@settings(deadline=None, max_examples=8)
def test_the_distance_moves_with_the_unit_and_not_with_the_origin(seed, factor, origin):
    source = gaussian(30, 4, seed, n_classes=3, separation=2.0)
    target = gaussian(20, 4, seed + 1, n_classes=2, shift=1.0)
    moved = [embedding((e.features.astype(float) + origin) * factor, e.labels) for e in (source, target)]
    assert sotdd(*moved, DEFAULT).value == pytest.approx(factor * sotdd(source, target, DEFAULT).value, rel=1e-6)


def test_it_ranks_pairs_nearly_as_otdd_does():
    source = gaussian(150, 6, 0, n_classes=3, separation=3.0)
    pairs = [gaussian(150, 6, i, n_classes=1 + i % 5, separation=2.0, shift=0.3 * (i % 7)) for i in range(1, 21)]
    ours = [sotdd(source, t, DEFAULT).value for t in pairs]
    theirs = [otdd(source, t, OtddSettings()).value for t in pairs]
    ranks = [np.argsort(np.argsort(v)) for v in (ours, theirs)]
    assert np.corrcoef(*ranks)[0, 1] > 0.8


def test_values_of_other_seeds_scatter_as_the_stated_error_says():
    source, target = gaussian(60, 4, 0, n_classes=2, separation=3.0), gaussian(60, 4, 1, n_classes=3, shift=1.0)
    readings = [sotdd(source, target, SotddSettings(n_projections=200, seed=s)) for s in range(40)]
    stated = np.mean([r.detail["projection_error"] for r in readings])
    assert 0.4 * stated < np.std([r.value for r in readings]) < 1.5 * stated


@pytest.mark.parametrize("p", [1, 2, 3])
def test_a_wider_shift_reads_larger_whatever_the_power(p):
    source = gaussian(100, 5, 0, n_classes=2, separation=2.0)
    values = [
        sotdd(source, gaussian(80, 5, 1, n_classes=3, shift=s), SotddSettings(p=p)).value for s in (0, 1, 3, 10, 100)
    ]
    assert values == sorted(values)
