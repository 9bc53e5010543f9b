import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gap.clouds import embedding, gaussian, unlike_sides
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap.otdd import OtddSettings, otdd
from xmodal_core.gap.transport import optimal_coupling, solve

CASES = ("digits_halves", "digits_04_59", "digits_cancer64", "iris_imbalanced", "translation")
VARIANTS = {
    "half/gauss": OtddSettings(),
    "half/gauss_diag": OtddSettings(labels="diagonal"),
    "half/exact": OtddSettings(labels="exact"),
    "half/means_sq": OtddSettings(labels="means"),
    "half/nolabel": OtddSettings(lambda_y=0.0),
    "half/gauss lx=.5": OtddSettings(lambda_x=0.5),
    "half/gauss ly=10": OtddSettings(lambda_y=10.0),
}


@pytest.mark.parametrize(("case", "variant"), list(itertools.product(CASES, VARIANTS)))
def test_reference_values_of_exact_transport_are_reproduced(case, variant, oracles):
    expected = json.loads((oracles / "otdd" / "refs.json").read_text())[case]["pot_exact"][variant]
    with np.load(oracles / "otdd" / f"{case}.npz", allow_pickle=False) as arrays:
        source, target = (embedding(arrays[f"X{side}"], arrays[f"y{side}"]) for side in (1, 2))
    reading = otdd(source, target, VARIANTS[variant])
    assert reading.detail["half"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("labels", ["gaussian", "diagonal", "means", "exact"])
@pytest.mark.parametrize("permuted", [False, True])
def test_a_translated_copy_is_twice_the_squared_shift_away_whatever_its_labels_are_called(labels, permuted):
    source = gaussian(90, 6, seed=0, n_classes=3, separation=8.0)
    shift = np.array([1, 2, 0, 0, 0, 0])  # |c|^2 = 5, so the squared distance is 10
    renamed = (source.labels + 1) % 3 if permuted else source.labels
    target = embedding(source.features.astype(np.float64) + shift, renamed)
    reading = otdd(source, target, OtddSettings(labels=labels))
    assert reading.detail["squared"] == pytest.approx(10.0, rel=1e-8)
    assert reading.detail["feature_part"] == pytest.approx(5.0, rel=1e-8)
    assert reading.value == pytest.approx(10.0**0.5, rel=1e-8)
    assert reading.detail["half"] == pytest.approx(5.0, rel=1e-8)


def test_every_part_of_a_two_by_two_problem_is_as_worked_out_by_hand():
    source = embedding([[0.0], [2.0]], [0, 1], class_names=("low", "high"))
    target = embedding([[3.0], [0.0]], [0, 1], class_names=("far", "near"))
    reading = otdd(source, target, OtddSettings())
    # Point masses: both d_Z^2 parts are the squared distance; 0 -> 0 costs 0, 2 -> 3 costs 1 + 1, half the mass each.
    assert reading.value == pytest.approx(1.0)
    assert reading.detail["feature_part"] == pytest.approx(0.5)
    assert reading.detail["label_part"] == pytest.approx(0.5)
    assert reading.detail["class_distance"] == [[3.0, 0.0], [1.0, 2.0]]
    assert reading.detail["coupling_by_class"] == [[0.0, 0.5], [0.5, 0.0]]
    assert reading.detail["class_names"] == {"source": ["low", "high"], "target": ["far", "near"]}
    assert reading.detail["single_sample_classes"] == {"source": ["low", "high"], "target": ["far", "near"]}


@given(seed=st.integers(0, 10**6), n=st.integers(2, 5), lambda_y=st.sampled_from([0.0, 1.0, 3.0]))
@settings(deadline=None, max_examples=20)
def test_the_value_is_the_best_over_all_matchings(seed, n, lambda_y):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 3)), rng.normal(size=(n, 3)) + 1
    labels = np.arange(n) % 2
    reading = otdd(embedding(x, labels), embedding(y, labels), OtddSettings(labels="means", lambda_y=lambda_y))
    w = np.array(reading.detail["class_distance"]) ** 2
    cost = ((x[:, None] - y) ** 2).sum(-1) + lambda_y * w[np.ix_(labels, labels)]
    best = min(cost[np.arange(n), list(order)].mean() for order in itertools.permutations(range(n)))
    assert reading.detail["squared"] == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("m", [60, 45])
def test_parts_add_up_bounds_meet_and_mass_is_conserved(m):
    source, target = gaussian(60, 7, 0, n_classes=4, separation=3.0), gaussian(m, 7, 1, shift=1.0, n_classes=3)
    detail = otdd(source, target, OtddSettings()).detail
    assert detail["feature_part"] + detail["label_part"] == pytest.approx(detail["squared"], rel=1e-12)
    assert detail["lower"] == pytest.approx(detail["upper"], rel=1e-9)
    assert detail["upper"] ** 2 == pytest.approx(detail["squared"], rel=1e-12)
    coupling = np.array(detail["coupling_by_class"])
    np.testing.assert_allclose(coupling.sum(axis=1), np.full(4, 0.25), rtol=1e-9)
    np.testing.assert_allclose(coupling.sum(axis=0), np.full(3, 1 / 3), rtol=1e-9)
    assert detail["solver"] == ("assignment" if m == 60 else "network simplex")
    assert (detail["n_source"], detail["n_target"]) == (60, m)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e5])
@pytest.mark.parametrize("labels", ["gaussian", "diagonal", "means", "exact"])
def test_a_cloud_far_from_the_origin_is_at_distance_zero_from_itself(scale, labels):
    cloud = gaussian(60, 12, seed=3, n_classes=5, shift=7.0, separation=2.0)
    cloud = embedding(cloud.features * scale, cloud.labels)
    assert otdd(cloud, cloud, OtddSettings(labels=labels)).value < 1e-6 * scale


def test_a_small_class_is_kept_and_named():
    source = gaussian(30, 4, 0, n_classes=2, separation=5.0)
    lonely = np.where(np.arange(30) == 4, 2, source.labels)
    reading = otdd(embedding(source.features, lonely), source, OtddSettings())
    assert reading.detail["single_sample_classes"] == {"source": ["class 2"], "target": []}
    assert np.array(reading.detail["coupling_by_class"])[2].sum() == pytest.approx(1 / 30)


def test_an_open_duality_gap_is_reported_as_bounds_and_never_as_exact(monkeypatch):
    def worse(cost, *masses):
        plan = optimal_coupling(cost, *masses)
        return type(plan)(plan.rows, np.roll(plan.columns, 1), plan.mass, plan.lower, plan.solver)

    monkeypatch.setattr(solve, "optimal_coupling", worse)
    clouds = gaussian(20, 3, 0), gaussian(20, 3, 1)
    reading = otdd(*clouds, OtddSettings())
    assert reading.detail["lower"] < reading.detail["upper"] == reading.value
    assert reading.detail["solver"].startswith("sinkhorn")
    with pytest.raises(DataError, match="exact solver stopped"):
        otdd(*clouds, OtddSettings(solver="exact"))


def test_unknown_label_distances_are_refused():
    with pytest.raises(SettingsError, match="gaussian, diagonal, means, exact"):
        OtddSettings(labels="sinkhorn")


def test_weights_that_count_a_row_twice_are_a_row_given_twice():
    source, target = unlike_sides(30, 25, 3, 7)
    twice = embedding(np.r_[source.features, source.features[:10]], np.r_[source.labels, source.labels[:10]])
    object.__setattr__(source, "weights", np.r_[np.full(10, 2.0), np.ones(20)])
    for labels in ("means", "exact"):  # a covariance divides by n - 1, which copies change
        chosen = OtddSettings(labels=labels)
        assert otdd(source, target, chosen).value == pytest.approx(otdd(twice, target, chosen).value, rel=1e-9)


def test_weights_that_are_not_positive_are_refused():
    source, target = unlike_sides(30, 25, 3, 7)
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


def test_debiasing_goes_with_sinkhorn_alone():
    with pytest.raises(SettingsError, match="debias goes with the solver sinkhorn"):
        OtddSettings(debias=True, solver="exact")
