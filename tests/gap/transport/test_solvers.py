"""Every way of solving the transport, held against the dense exact answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap import subsampled
from xmodal_core.gap.labelled_pair import labelled_pair
from xmodal_core.gap.otdd import OtddSettings, otdd
from xmodal_core.gap.transport import optimal_coupling, solve
from xmodal_core.gap.transport.kernel import exponential_sums, nearest_pairs, strips
from xmodal_core.gap.transport.shortlist import shortlist_coupling
from xmodal_core.gap.transport.sinkhorn import sinkhorn

SEEDS = st.integers(0, 10**6)


def clouds(n, m, d, seed, classes=3):
    rng = np.random.default_rng(seed)
    source = gaussian(n, d, seed, n_classes=classes, separation=3.0)
    return source, gaussian(m, d, seed + 1, n_classes=classes + 1, shift=rng.normal(), separation=2.0)


def problem(n=90, m=80, d=4, seed=0):
    return labelled_pair(*clouds(n, m, d, seed), "gaussian").ground


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_one_pass_gives_the_sums_of_the_exponentials(kind):
    rng = np.random.default_rng(0)
    cost = rng.random((130, 2100)).astype(kind) * 5
    f, g = rng.normal(size=130), rng.normal(size=2100)
    edges = strips(np.array([0, 7, 2100]))
    rows, columns = exponential_sums(cost, f, g, 0.3, edges)
    kernel = np.exp((f[:, None] + g - cost) / 0.3)
    tolerance = 2e-5 if kind is np.float32 else 1e-12  # the argument itself is rounded to single precision
    np.testing.assert_allclose(rows.sum(axis=1), kernel.sum(axis=1), rtol=tolerance)
    np.testing.assert_allclose(rows[:, 0], kernel[:, :7].sum(axis=1), rtol=tolerance)
    np.testing.assert_allclose(columns, kernel.sum(axis=0), rtol=tolerance)


def test_a_pass_in_torch_gives_the_sums_of_the_compiled_one(monkeypatch):
    import torch

    from xmodal_core.gap.transport import passes

    monkeypatch.setattr(passes, "_BLOCK", 300)  # several bands of rows
    rng = np.random.default_rng(2)
    cost, f, g = rng.random((30, 40)).astype(np.float32), rng.normal(size=30), rng.normal(size=40)
    edges = strips(np.array([0, 11, 40]))
    for one, other in zip(
        passes.torch_passes(cost, edges, torch.device("cpu"))(f, g, 0.5),
        exponential_sums(cost, f, g, 0.5, edges),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, rtol=1e-5)


@pytest.mark.gpu
def test_the_divergence_on_a_gpu_is_the_one_on_the_cpu(monkeypatch):
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("needs CUDA")
    from xmodal_core.gap.transport import passes

    source, target = clouds(300, 280, 4, 1)
    on_cpu = otdd(source, target, OtddSettings(debias=True)).value
    monkeypatch.setattr(passes, "_WORTH_A_DEVICE", 0)
    assert otdd(source, target, OtddSettings(debias=True)).value == pytest.approx(on_cpu, rel=1e-6)


def test_pairs_hold_the_nearest_columns_of_every_row_and_rows_of_every_column():
    rng = np.random.default_rng(1)
    cost, f, g = rng.random((40, 30)), rng.normal(size=40), rng.normal(size=30)
    pairs = set(zip(*nearest_pairs(cost, f, g, 3), strict=True))
    reduced = cost - f[:, None] - g
    for i in range(40):
        assert {(i, j) for j in np.argsort(reduced[i])[:3]} <= pairs
    for j in range(30):
        assert {(i, j) for i in np.argsort(reduced[:, j])[:3]} <= pairs
    assert len(pairs) <= 3 * 70


def test_potentials_have_the_asked_marginals_even_between_far_classes_of_unequal_size():
    ground = labelled_pair(
        embedding(
            np.r_[np.zeros((60, 2)), np.full((40, 2), 30.0)] + clouds(100, 9, 2, 0)[0].features, [0] * 60 + [1] * 40
        ),
        embedding(
            np.r_[np.zeros((50, 2)), np.full((50, 2), 30.0)] + clouds(100, 9, 2, 1)[0].features, [0] * 50 + [1] * 50
        ),
        "gaussian",
    ).ground
    found = sinkhorn(ground.dense(), ground.a, ground.b, ground.edges, 0.01, 1e-6, 500)
    plan = ground.a[:, None] * ground.b * np.exp((found.f[:, None] + found.g - ground.dense()) / found.eps)
    np.testing.assert_allclose(plan.sum(axis=1), ground.a, atol=1e-6)
    np.testing.assert_allclose(plan.sum(axis=0), ground.b, atol=1e-6)


@given(seed=SEEDS, n=st.integers(2, 90), m=st.integers(2, 90), weighted=st.booleans())
@settings(deadline=None, max_examples=25)
def test_the_shortlist_finds_the_dense_optimum_and_its_bounds_are_ordered(seed, n, m, weighted):
    source, target = clouds(n, m, 3, seed)
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


def test_one_sinkhorn_pass_gives_bounds_around_the_exact_value():
    source, target = clouds(700, 600, 6, 3)
    exact = otdd(source, target, OtddSettings(solver="exact")).value
    bounds = otdd(source, target, OtddSettings(solver="sinkhorn", reg=0.3)).detail
    rounding = 1e-12 * exact  # as for the certificate: either bound may be reached
    assert bounds["lower"] - rounding <= exact <= bounds["upper"] + rounding
    assert bounds["upper"] - bounds["lower"] < 0.1 * exact


def test_the_divergence_is_zero_for_a_cloud_and_itself_and_tends_to_otdd():
    source, target = clouds(120, 120, 3, 5)
    assert otdd(source, source, OtddSettings(debias=True)).value == 0
    fine = otdd(source, target, OtddSettings(debias=True, reg=0.02))
    assert fine.detail["misplaced"] < 1e-3
    assert fine.value == pytest.approx(otdd(source, target, OtddSettings()).value, rel=0.03)


def test_the_divergence_between_two_points_is_their_cost():
    # One point a side: every OT_eps is its cost, and the self terms vanish.
    one, other = embedding([[0.0, 0.0]], [0]), embedding([[3.0, 4.0]], [0])
    reading = otdd(one, other, OtddSettings(debias=True, reg=1.0))
    assert reading.detail["squared"] == pytest.approx(50.0)  # 25 for the features, 25 for the labels


def test_weights_that_count_a_row_twice_are_a_row_given_twice():
    source, target = clouds(30, 25, 3, 7)
    twice = embedding(np.r_[source.features, source.features[:10]], np.r_[source.labels, source.labels[:10]])
    object.__setattr__(source, "weights", np.r_[np.full(10, 2.0), np.ones(20)])
    for labels in ("means", "exact"):  # a covariance divides by n - 1, which copies change
        chosen = OtddSettings(labels=labels)
        assert otdd(source, target, chosen).value == pytest.approx(otdd(twice, target, chosen).value, rel=1e-9)


def test_weights_that_are_not_positive_are_refused():
    source, target = clouds(30, 25, 3, 7)
    object.__setattr__(source, "weights", np.r_[0.0, np.ones(29)])
    with pytest.raises(DataError, match="weights that are not all above zero"):
        otdd(source, target, OtddSettings())


def test_equal_mass_for_classes_is_the_distance_of_a_balanced_copy():
    features = np.random.default_rng(0).normal(size=(30, 2))
    skewed = embedding(np.r_[features, features[20:]], [0] * 20 + [1] * 20)
    balanced = embedding(features, [0] * 20 + [1] * 10)
    target = gaussian(24, 2, 1, n_classes=2)
    chosen = OtddSettings(weighting="classes", labels="means")
    assert otdd(skewed, target, chosen).value == pytest.approx(otdd(balanced, target, chosen).value, rel=1e-9)


def test_the_first_power_is_worked_out_by_hand():
    source, target = embedding([[0.0], [2.0]], [0, 1]), embedding([[3.0], [0.5]], [0, 1])
    reading = otdd(source, target, OtddSettings(p=1, labels="means"))
    # 0 -> 0.5 and 2 -> 3: features 0.5 and 1, labels the same, half the mass each.
    assert reading.value == pytest.approx(1.5)
    assert reading.detail["feature_part"] == pytest.approx(0.75)
    with pytest.raises(SettingsError, match="no closed form"):
        OtddSettings(p=1)


def test_subsamples_state_their_error_and_bound_the_value_of_all_rows(monkeypatch):
    monkeypatch.setattr(subsampled, "ROWS", 150)
    source, target = clouds(3000, 2500, 3, 11)
    reading = otdd(source, target, OtddSettings(solver="subsample"))
    whole = otdd(source, target, OtddSettings()).value
    assert reading.detail["n_subsample"] == 150
    assert 0 < reading.standard_error < 0.1 * reading.value
    assert reading.detail["lower"] < whole < reading.detail["upper"]
    assert reading.detail["lower"] > 0.7 * whole
    assert np.sum(reading.detail["coupling_by_class"]) == pytest.approx(1)
    assert otdd(source, source, OtddSettings(solver="subsample")).value == 0


def test_rows_that_fit_into_one_subsample_are_solved_at_once():
    source, target = clouds(100, 90, 3, 13)
    reading = otdd(source, target, OtddSettings(solver="subsample"))
    assert reading.standard_error is None
    assert reading.value == otdd(source, target, OtddSettings()).value


def test_a_short_side_against_a_long_one_is_bounded_without_sampling_the_short_one(monkeypatch):
    monkeypatch.setattr(subsampled, "ROWS", 150)
    source, target = clouds(60, 2000, 3, 17)
    detail = otdd(source, target, OtddSettings(solver="subsample")).detail
    whole = otdd(source, target, OtddSettings()).value
    assert detail["lower"] <= whole <= detail["upper"]


def test_subsampling_a_solver_or_debiasing_an_exact_one_is_settled_before_anything_runs():
    with pytest.raises(SettingsError, match="debias goes with the solver sinkhorn"):
        OtddSettings(debias=True, solver="exact")
    with pytest.raises(DataError, match="choose fewer rows per side"):
        solve.check_size(30_000, 30_000)
