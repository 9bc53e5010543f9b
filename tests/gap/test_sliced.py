import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.gap.sliced import SlicedSettings, directions, sliced, sliced_null, transport_cost

DEFAULT = SlicedSettings()


@pytest.mark.parametrize("d", [4, 64])
def test_a_shift_of_three_reads_three_over_root_d_before_the_factor_and_three_after(d):
    source, target = gaussian(3000, d, 0), gaussian(3000, d, 0)
    target.features[:, 1] += 3
    reading = sliced(source, target, DEFAULT)
    assert reading.detail["sliced"] == pytest.approx(3 / d**0.5, rel=0.03)
    assert reading.value == pytest.approx(3, rel=0.03)


def test_two_gaussians_read_the_closed_form_of_their_moments():
    # Along every direction N(0, 1) against N(<t, a>, 4): W2^2 = <t, a>^2 + (2 - 1)^2, on average |a|^2 / d + 1.
    source, target = gaussian(20000, 4, 0), gaussian(20000, 4, 1, spread=2.0, shift=1.5)
    assert sliced(source, target, SlicedSettings(n_projections=40)).value == pytest.approx(
        (4 * 1.5**2 + 4) ** 0.5, rel=0.02
    )


def test_points_on_a_line_read_the_number_worked_out_by_hand():
    # Quantile functions 0, 3 (halves) and 0, 3, 6 (thirds): they differ by 3 on (1/3, 1/2] and on (2/3, 1].
    one, other = embedding([[3.0], [0.0]]), embedding([[6.0], [0.0], [3.0]])
    assert sliced(one, other, DEFAULT).value == pytest.approx((9 * (1 / 6 + 1 / 3)) ** 0.5)


@given(seed=st.integers(0, 10**6), n=st.integers(1, 30), m=st.integers(1, 30), p=st.integers(1, 3))
@settings(deadline=None, max_examples=25)
def test_the_cost_along_a_line_is_that_of_optimal_transport(seed, n, m, p):
    import ot

    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, n)), rng.normal(size=(2, m))
    ours = transport_cost(np.sort(x), np.sort(y), p)
    theirs = [ot.wasserstein_1d(a, b, p=p) for a, b in zip(x, y, strict=True)]
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


def test_with_its_directions_a_public_implementation_gives_the_same_number():
    import ot

    source, target = gaussian(40, 6, 0), gaussian(25, 6, 1, shift=0.7)
    lines = directions(6, 500, 0)
    theirs = ot.sliced_wasserstein_distance(
        source.features.astype(float), target.features.astype(float), projections=lines.T.copy()
    )
    assert sliced(source, target, DEFAULT).detail["sliced"] == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize(("d", "n"), [(1, 7), (3, 7), (50, 20)])
def test_directions_are_unit_vectors_orthogonal_within_a_block(d, n):
    lines = directions(d, n, 3)
    block = lines[: min(d, n)]
    assert lines.shape == (n, d)
    assert np.linalg.norm(lines, axis=1) == pytest.approx(np.ones(n))
    assert block @ block.T == pytest.approx(np.eye(len(block)), abs=1e-12)


def test_other_seeds_give_other_directions_and_values_within_their_stated_error():
    source, target = gaussian(200, 300, 0), gaussian(200, 300, 1)
    target.features[:, 0] += 5
    readings = [sliced(source, target, SlicedSettings(n_projections=100, seed=s)) for s in range(30)]
    values = [r.value for r in readings]
    assert 0 < np.std(values) < 1.5 * np.mean([r.detail["projection_error"] for r in readings])


@pytest.mark.parametrize("m", [30, 45])
def test_the_null_holds_the_values_of_the_permuted_sides(m):
    source, target = gaussian(30, 3, 0), gaussian(m, 3, 1, shift=1.0)
    few = SlicedSettings(n_projections=20)
    null = sliced_null(source, target, few, 5, seed=8)
    pooled, rng = np.concatenate([source.features, target.features]), np.random.default_rng(8)
    for value in null:
        side = rng.permutation(np.arange(30 + m) < 30)
        assert value == pytest.approx(sliced(embedding(pooled[side]), embedding(pooled[~side]), few).value, rel=1e-6)
    assert null.max() < sliced(source, target, few).value


def test_values_without_a_gap_lie_evenly_in_their_null():
    few, ranks = SlicedSettings(n_projections=30), []
    for i in range(60):
        source, target = gaussian(25, 4, 2 * i), gaussian(25, 4, 2 * i + 1)
        ranks.append((sliced_null(source, target, few, 99, i) >= sliced(source, target, few).value).mean())
    assert np.mean(ranks) == pytest.approx(0.5, abs=4 * (1 / 12 / 60) ** 0.5)  # four standard errors of a uniform mean
