"""Alignment objectives against closed forms, finite differences and each other."""

import numpy as np
import pytest
import torch

from xmodal_core.objectives import OBJECTIVES
from xmodal_core.objectives.joint_otdd import JointOtdd, class_moments, label_distance
from xmodal_core.objectives.per_class import PerClassSinkhorn
from xmodal_core.objectives.sinkhorn import entropic_cost, half_squared_distance


def two_clouds(n: int = 24, m: int = 18, d: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(n, d)), rng.normal(size=(m, d)) + 1
    return torch.from_numpy(source), torch.arange(n) % 3, torch.from_numpy(target), torch.arange(m) % 2


def test_entropic_cost_agrees_with_pot() -> None:
    import ot

    source, _, target, _ = two_clouds()
    cost = half_squared_distance(source, target)
    n, m = cost.shape
    plan = ot.sinkhorn(np.full(n, 1 / n), np.full(m, 1 / m), cost.numpy(), 0.5, method="sinkhorn_log", stopThr=1e-12)
    entropy = 0.5 * np.sum(plan * (np.log(plan) - np.log(1 / n / m)))
    assert float(entropic_cost(cost, 0.5)) == pytest.approx((plan * cost.numpy()).sum() + entropy, rel=1e-3)


def test_label_distance_of_commuting_gaussians_is_closed_form() -> None:
    """W2^2 = |m - m'|^2 + sum (s - s')^2 for diagonal covariances: exact, samples on the axes."""
    axes = torch.eye(2, dtype=torch.float64)
    points = torch.cat([axes, -axes])  # covariance diag(2/3, 2/3) with ddof 1
    a = class_moments(points, torch.zeros(4))
    b = class_moments(2 * points + torch.tensor([3.0, 4.0]), torch.zeros(4))
    spread = (2 / 3) ** 0.5
    assert label_distance(a, b).item() == pytest.approx(25 + 2 * (2 * spread - spread) ** 2)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_gradient_matches_finite_differences(name: str) -> None:
    source, source_labels, target, labels = two_clouds()
    objective = OBJECTIVES[name](source, source_labels, 0.2)
    eps = objective.first_eps(target, labels)
    x = target.clone().requires_grad_()
    objective(x, labels, eps).backward()
    direction = torch.from_numpy(np.random.default_rng(1).normal(size=target.shape))
    h = 1e-4
    with torch.no_grad():
        numeric = (objective(target + h * direction, labels, eps) - objective(target - h * direction, labels, eps)) / (
            2 * h
        )
    assert (x.grad * direction).sum().item() == pytest.approx(float(numeric), rel=2e-2)


@pytest.mark.parametrize("name", ["otdd", "mmd"])
def test_objective_is_least_where_the_target_is_the_source(name: str) -> None:
    source, labels, _, _ = two_clouds()
    objective = OBJECTIVES[name](source, labels, 0.2)
    eps = objective.first_eps(source + 1, labels)
    same, moved = float(objective(source, labels, eps)), float(objective(source + 1, labels, eps))
    assert same < moved
    if name == "otdd":  # debiased: zero at equality; the unbiased MMD of a set with itself is below zero
        assert abs(same) < 0.05 * abs(moved)


def test_joint_objective_sees_labels_and_the_released_one_does_not() -> None:
    """At T = S with labels shuffled, label-aware OTDD rises and the released per-class sum falls (collapse)."""
    rng = np.random.default_rng(0)
    labels = torch.arange(60) % 3
    source = torch.from_numpy(rng.normal(size=(60, 2))) + 6 * torch.nn.functional.one_hot(labels, 3)[:, :2].double()
    shuffled = labels[torch.from_numpy(rng.permutation(60))]
    joint, released = JointOtdd(source, labels, 0.05), PerClassSinkhorn(source, labels, 0.05)
    eps = joint.first_eps(source, labels)
    assert float(joint(source, shuffled, eps)) > float(joint(source, labels, eps)) + 1
    assert float(released(source, shuffled, eps)) < float(released(source, labels, eps)) - 1


def test_released_objective_ignores_source_labels_in_its_gradient() -> None:
    source, labels, target, target_labels = two_clouds()
    gradients = []
    for source_labels in (labels, labels.flip(0)):
        x = target.clone().requires_grad_()
        PerClassSinkhorn(source, source_labels, 0.1)(x, target_labels, 0.5).backward()
        gradients.append(x.grad)
    assert torch.equal(*gradients)
