"""Alignment objectives against closed forms, finite differences and each other."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.objectives import OBJECTIVES
from xmodal_core.objectives.divergence import SinkhornDivergence
from xmodal_core.objectives.joint_otdd import Classes, JointOtdd, label_distance, nuclear_norm
from xmodal_core.objectives.mmd import Mmd
from xmodal_core.objectives.per_class import PerClassSinkhorn
from xmodal_core.objectives.sinkhorn import entropic_cost, entropic_self_cost, half_squared_distance
from xmodal_core.objectives.sliced import Sliced

by_name = pytest.mark.parametrize("name", OBJECTIVES)

# rows of source and target classes, features: few-sample classes, a class with one row, unequal sizes
SHAPES = {
    "fewer features than rows of a class": ([12, 9, 10], [8, 11], 3),
    "more features than rows": ([6, 4], [5, 3, 6], 20),
    "a class with one row on each side": ([1, 7, 8], [6, 1, 5], 5),
    "one target class": ([5, 5, 5], [9], 6),
    "more target rows than source rows": ([4, 3], [12, 15], 4),
}


def clouds(source_counts, target_counts, d, seed=0):
    rng = np.random.default_rng(seed)
    sides = []
    for counts, offset in ((source_counts, 0.0), (target_counts, 1.0)):
        labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
        features = rng.normal(size=(len(labels), d)) * rng.uniform(0.3, 2, d) + 2 * rng.normal(size=(9, d))[labels]
        sides += [torch.from_numpy(features + offset), torch.from_numpy(labels)]
    return tuple(sides)


def two_clouds():
    return clouds([9, 8, 7], [10, 8], 4)


def distances_of_labels(x, y, x_to, y_to):
    a, b = Classes.of(x, y), Classes.of(x_to, y_to)
    return label_distance(a, b, a.features @ b.features.T)


def gradient(objective, target, labels, eps):
    x = target.clone().requires_grad_()
    objective(x, labels, eps).backward()
    return x.grad


def test_entropic_cost_agrees_with_pot():
    import ot

    source, _, target, _ = two_clouds()
    cost = half_squared_distance(source, target)
    n, m = cost.shape
    plan = ot.sinkhorn(np.full(n, 1 / n), np.full(m, 1 / m), cost.numpy(), 0.5, method="sinkhorn_log", stopThr=1e-13)
    entropy = 0.5 * np.sum(plan * (np.log(plan) - np.log(1 / n / m)))
    assert float(entropic_cost(cost, 0.5)) == pytest.approx((plan * cost.numpy()).sum() + entropy, rel=1e-9)


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 40),
    m=st.integers(1, 40),
    share=st.sampled_from([10.0, 0.3, 0.05, 0.01]),
    single=st.booleans(),
)
@settings(deadline=None, max_examples=40)
def test_the_plan_has_both_marginals_whatever_the_entropy(seed, n, m, share, single):
    rng = np.random.default_rng(seed)
    dtype = torch.float32 if single else torch.float64
    x, y = (torch.from_numpy(rng.normal(size=(k, 5)) * rng.choice([1, 4], (k, 1))).to(dtype) for k in (n, m))
    cost = half_squared_distance(x, y)
    eps = share * max(float(cost.median()), 1e-3)
    cost.requires_grad_()
    entropic_cost(cost, eps).backward()
    tolerance = 1e-3 if single else 1e-7
    assert cost.grad.sum(1).numpy() == pytest.approx(np.full(n, 1 / n), rel=tolerance)
    assert cost.grad.sum(0).numpy() == pytest.approx(np.full(m, 1 / m), rel=tolerance)


def test_one_outlier_far_from_everything_does_not_stall_the_solver():
    rng = np.random.default_rng(0)
    x, y = torch.from_numpy(rng.normal(size=(300, 5))), torch.from_numpy(rng.normal(size=(60, 5)))
    y[7] = 50.0
    cost = half_squared_distance(x, y)
    eps = 0.01 * float(cost.median())
    cost.requires_grad_()
    entropic_cost(cost, eps).backward()
    assert cost.grad.sum(0).numpy() == pytest.approx(np.full(60, 1 / 60), rel=1e-6)


@pytest.mark.parametrize("share", [1.0, 0.05, 1e-3])
def test_a_cloud_against_itself_costs_the_same_by_both_solvers(share):
    source, *_ = two_clouds()
    cost = half_squared_distance(source, source)
    eps = share * float(cost.median())
    one, other = cost.clone().requires_grad_(), cost.clone().requires_grad_()
    symmetric, general = entropic_self_cost(one, eps), entropic_cost(other, eps)
    assert symmetric.item() == pytest.approx(general.item(), rel=1e-10)
    symmetric.backward(), general.backward()
    assert one.grad.numpy() == pytest.approx(other.grad.numpy(), rel=1e-6, abs=1e-9)


def test_label_distance_of_commuting_gaussians_is_closed_form():
    """W2^2 = |m - m'|^2 + sum (s - s')^2 for diagonal covariances: exact, samples on the axes."""
    axes = torch.eye(2, dtype=torch.float64)
    points = torch.cat([axes, -axes])  # covariance diag(2/3, 2/3) with ddof 1
    distance = distances_of_labels(points, torch.zeros(4), 2 * points + torch.tensor([3.0, 4.0]), torch.zeros(4))
    spread = (2 / 3) ** 0.5
    assert distance.item() == pytest.approx(25 + 2 * (2 * spread - spread) ** 2)


def bures_wasserstein(x, y):
    """W2^2 of the Gaussians fitted to two clouds, by the square roots of their covariances."""

    def root(matrix):
        values, vectors = np.linalg.eigh(matrix)
        return vectors * np.sqrt(values.clip(0)) @ vectors.T

    first, second = (np.cov(z.T) if len(z) > 1 else np.zeros((z.shape[1],) * 2) for z in (x, y))
    cross = np.trace(root(root(first) @ second @ root(first)))
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(first) + np.trace(second) - 2 * cross


@pytest.mark.parametrize("shape", SHAPES)
def test_label_distances_are_those_of_the_textbook(shape):
    source, source_labels, target, labels = clouds(*SHAPES[shape])
    a, b = Classes.of(source, source_labels), Classes.of(target, labels)
    for one, other in ((a, b), (b, a), (b, b)):
        classes = [np.split(side.features.numpy(), np.cumsum(side.counts)[:-1]) for side in (one, other)]
        expected = [[bures_wasserstein(x, y) for y in classes[1]] for x in classes[0]]
        found = label_distance(one, other, one.features @ other.features.T)
        assert found.numpy() == pytest.approx(np.array(expected), abs=1e-5)


def test_nuclear_norm_and_polar_factor_of_a_known_matrix():
    rng = np.random.default_rng(0)
    u, v = np.linalg.qr(rng.normal(size=(6, 3)))[0], np.linalg.qr(rng.normal(size=(4, 3)))[0]
    matrix = torch.from_numpy(u @ np.diag([3.0, 1.0, 1e-3]) @ v.T)
    for flip in (False, True):  # tall and wide
        x = (matrix.T if flip else matrix)[None].clone().requires_grad_()
        norm = nuclear_norm(x)
        norm.sum().backward()
        assert norm.item() == pytest.approx(4.001, rel=1e-9)
        assert (x.grad[0].T if flip else x.grad[0]).numpy() == pytest.approx(u @ v.T, abs=1e-8)


@by_name
@pytest.mark.parametrize("shape", SHAPES)
def test_gradient_is_that_of_central_differences(name, shape):
    source, source_labels, target, labels = clouds(*SHAPES[shape])
    objective = OBJECTIVES[name](source, source_labels, 0.2)
    eps = objective.first_eps(target, labels)
    exact = gradient(objective, target, labels, eps)
    h = 1e-7 if name == "sliced" else 1e-4  # its slope jumps where two projected rows change places
    for seed in range(3):
        direction = torch.from_numpy(np.random.default_rng(seed).normal(size=target.shape))
        ahead, behind = (float(objective(target + step * direction, labels, eps)) for step in (h, -h))
        assert float((exact * direction).sum()) == pytest.approx(
            (ahead - behind) / (2 * h), rel=1e-6, abs=1e-7 * float(exact.norm())
        )


@by_name
def test_plain_gradient_steps_lower_the_objective(name):
    source, source_labels, target, labels = two_clouds()
    objective = OBJECTIVES[name](source.float(), source_labels, 0.1)
    target = target.float()
    eps = objective.first_eps(target, labels)
    values = []
    for _ in range(6):
        values.append(float(objective(target, labels, eps)))
        step = gradient(objective, target, labels, eps)
        target = target - 0.1 * step / step.norm()
    assert np.all(np.diff(values) < 0)


@by_name
def test_every_objective_has_the_same_face_and_keeps_the_callers_tensors(name):
    source, source_labels, target, labels = two_clouds()
    before = source.clone(), target.clone()
    objective = OBJECTIVES[name](source.float(), source_labels, 0.1)
    eps = objective.first_eps(target.float(), labels)
    assert isinstance(eps, float)
    assert eps >= 0
    value = objective(target.float(), labels, eps)
    assert value.shape == ()
    assert value.dtype == torch.float32
    assert float(value) == float(objective(target.float(), labels, eps))  # a resumed run repeats its steps bit for bit
    assert torch.equal(source, before[0])
    assert torch.equal(target, before[1])


@by_name
@pytest.mark.parametrize("broken", [np.nan, np.inf, 1e30])
def test_features_that_have_diverged_give_a_loss_that_says_so(name, broken):
    source, source_labels, target, labels = two_clouds()
    objective = OBJECTIVES[name](source.float(), source_labels, 0.1)
    target = target.float()
    eps = objective.first_eps(target, labels)
    target[3] = broken
    if name != "mmd" or np.isnan(broken):  # to a kernel, infinitely far is only far
        assert not torch.isfinite(objective(target, labels, eps))


@by_name
def test_single_precision_far_from_the_origin_keeps_its_digits(name):
    source, source_labels, target, labels = two_clouds()
    double = OBJECTIVES[name](source, source_labels, 0.1)
    eps = double.first_eps(target, labels)
    single = OBJECTIVES[name]((source + 50).float(), source_labels, 0.1)
    expected = gradient(double, target, labels, eps)
    found = gradient(single, (target + 50).float(), labels, eps)
    assert found.numpy() == pytest.approx(expected.numpy(), abs=1e-2 * float(expected.abs().max()))


@pytest.mark.parametrize("shape", SHAPES)
def test_debiased_otdd_of_the_source_with_itself_is_zero(shape):
    source, labels, *_ = clouds(*SHAPES[shape])
    objective = JointOtdd(source, labels, 0.05)
    eps = objective.first_eps(source, labels)
    scale = float(objective(source + 1, labels, eps))
    assert float(objective(source, labels, eps)) == pytest.approx(0.0, abs=1e-6 * scale)
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(labels)))
    assert float(objective(source[order], labels[order], eps)) == pytest.approx(0.0, abs=1e-6 * scale)


def test_renaming_target_classes_changes_nothing_and_dealing_them_anew_does():
    source, labels, *_ = two_clouds()
    objective = JointOtdd(source, labels, 0.05)
    eps = objective.first_eps(source, labels)
    moved = source + 1
    value = float(objective(moved, labels, eps))
    assert float(objective(moved, 7 - labels, eps)) == pytest.approx(value, rel=1e-9)
    assert float(objective(moved, labels.roll(5), eps)) > 1.01 * value


def test_translation_costs_half_of_its_square_twice_once_for_features_and_once_for_labels():
    """S(D, D + c) = |c|^2 / 2 for points and as much for labels: the debiased divergence is exact here."""
    source, labels, *_ = two_clouds()
    shift = torch.tensor([1.0, -2.0, 0.0, 0.5], dtype=torch.float64)
    objective = JointOtdd(20 * source, labels, 1e-3)
    far = objective(20 * source + shift, labels, objective.first_eps(20 * source, labels))
    assert float(far) == pytest.approx(float(shift.square().sum()), rel=1e-3)


@pytest.mark.parametrize("name", ["otdd", "sinkhorn", "mmd", "sliced"])
def test_objective_is_least_where_the_target_is_the_source(name):
    source, labels, *_ = two_clouds()
    objective = OBJECTIVES[name](source, labels, 0.2)
    eps = objective.first_eps(source + 1, labels)
    rng = np.random.default_rng(0)
    here = float(objective(source, labels, eps))
    for other in (source + 1, 2 * source, source + torch.from_numpy(rng.normal(size=source.shape))):
        assert here < float(objective(other, labels, eps))


def test_joint_objective_sees_labels_and_the_released_one_does_not():
    """At T = S with labels shuffled, label-aware OTDD rises and the released per-class sum falls (collapse)."""
    rng = np.random.default_rng(0)
    labels = torch.arange(60) % 3
    source = torch.from_numpy(rng.normal(size=(60, 2))) + 6 * torch.nn.functional.one_hot(labels, 3)[:, :2].double()
    shuffled = labels[torch.from_numpy(rng.permutation(60))]
    joint, released = JointOtdd(source, labels, 0.05), PerClassSinkhorn(source, labels, 0.05)
    eps = joint.first_eps(source, labels)
    assert float(joint(source, shuffled, eps)) > float(joint(source, labels, eps)) + 1
    assert float(released(source, shuffled, eps)) < float(released(source, labels, eps)) - 1


def test_released_objective_ignores_source_labels_in_its_gradient():
    source, labels, target, target_labels = two_clouds()
    gradients = [
        gradient(PerClassSinkhorn(source, source_labels, 0.1), target, target_labels, 0.5)
        for source_labels in (labels, labels.flip(0))
    ]
    assert torch.equal(*gradients)


@pytest.mark.parametrize("kind", [Mmd, Sliced])
def test_an_objective_without_labels_does_not_look_at_them(kind):
    source, labels, target, target_labels = two_clouds()
    one = kind(source, labels, 0.1)(target, target_labels, 0.0)
    assert torch.equal(one, kind(source, labels.flip(0), 0.1)(target, target_labels.flip(0), 0.0))


def test_the_label_free_divergence_is_zero_at_home_and_half_the_square_of_a_shift_away_whatever_the_labels():
    source, labels, *_ = two_clouds()
    shift = torch.tensor([1.0, -2.0, 0.0, 0.5], dtype=torch.float64)
    one = SinkhornDivergence(20 * source, labels, 1e-3)
    eps = one.first_eps(20 * source, labels)
    assert float(one(20 * source, labels, eps)) == pytest.approx(0.0, abs=1e-6)
    assert float(one(20 * source + shift, labels, eps)) == pytest.approx(float(shift.square().sum()) / 2, rel=1e-3)


def test_the_label_free_divergence_is_the_released_objective_of_one_label_and_sees_no_other():
    source, labels, target, target_labels = two_clouds()
    found = gradient(SinkhornDivergence(source, labels, 0.1), target, target_labels, 0.5)
    dealt = gradient(SinkhornDivergence(source, labels.flip(0), 0.1), target, target_labels.flip(0), 0.5)
    released = gradient(PerClassSinkhorn(source, labels, 0.1), target, torch.full_like(target_labels, 4), 0.5)
    assert torch.equal(found, dealt)
    assert torch.equal(found, released)
    assert not torch.equal(found, gradient(PerClassSinkhorn(source, labels, 0.1), target, target_labels, 0.5))


@pytest.mark.parametrize(("n", "m"), [(30, 30), (30, 12), (12, 30), (7, 1), (1, 7)])
def test_sliced_distance_on_a_line_is_exact_for_any_two_sizes(n, m):
    """One feature: every direction is the line itself, and d = 1 leaves the scale alone."""
    from ot import wasserstein_1d

    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(n, 1)), rng.normal(size=(m, 1)) * 2 + 1
    found = Sliced(torch.from_numpy(x), torch.zeros(n), 0.1)(torch.from_numpy(y), torch.zeros(m), 0.0)
    assert float(found) == pytest.approx(float(wasserstein_1d(x[:, 0], y[:, 0], p=2)), rel=1e-10)


def test_sliced_distance_of_a_shift_is_its_square_at_any_width():
    rng = np.random.default_rng(0)
    for d in (2, 30):
        x, shift = torch.from_numpy(rng.normal(size=(40, d))), torch.from_numpy(rng.normal(size=d))
        value = Sliced(x, torch.zeros(40), 0.1)(x + shift, torch.zeros(40), 0.0)
        assert float(value) == pytest.approx(float(shift.square().sum()), rel=0.15)  # 500 directions, sd of u'c ^2
