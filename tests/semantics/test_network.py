"""The label network and its two losses against answers known by hand."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.semantics.test_graph import clusters
from xmodal_core.data.store import cache_root
from xmodal_core.semantics.graph import memberships
from xmodal_core.semantics.network import (
    LabelNetwork,
    cached_label_network,
    class_anchors,
    direction_loss,
    read_alone,
    read_wired,
    train_label_network,
    unit_logit_loss,
)


@pytest.fixture(scope="module")
def five() -> LabelNetwork:
    return train_label_network(clusters(5, 4), 3, seed=0)


def read(network: LabelNetwork, wire: str, points: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    n_classes = network.w2.shape[1]
    shares = memberships(labels, n_classes)
    if wire == "label":
        return read_wired(network, network.nodes @ network.w1, points, shares)
    return read_alone(network, class_anchors(network, n_classes), points, shares)


def test_the_regression_loss_by_hand() -> None:
    h, g = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 2.0]])
    assert direction_loss(h, g).item() == pytest.approx(0.632456, abs=1e-6)
    assert direction_loss(7 * h, g).item() == pytest.approx(0.632456, abs=1e-6)
    assert direction_loss(h, 2 * h).item() == pytest.approx(0, abs=1e-5)
    assert direction_loss(h, -h).item() == pytest.approx(2)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_the_regression_loss_is_bounded_and_moves_the_feature_only(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    h, g = (torch.randn(6, 5, generator=generator).requires_grad_() for _ in range(2))
    loss = direction_loss(h, g)
    assert 0 <= loss.item() <= 2
    loss.backward()
    assert g.grad is None
    assert h.grad is not None
    assert h.grad.abs().max() > 0
    # only the direction counts: no gradient along the feature
    assert torch.allclose((h * h.grad).sum(dim=1), torch.zeros(6), atol=1e-6)


@pytest.mark.parametrize(("n_classes", "floor"), [(2, 0.2176), (10, 1.4199)])
def test_cross_entropy_of_unit_length_logits_has_a_floor(n_classes: int, floor: float) -> None:
    labels = torch.arange(n_classes)
    best = torch.eye(n_classes) - 1 / n_classes
    assert unit_logit_loss(50 * best, labels, 1.0).item() == pytest.approx(floor, abs=1e-4)
    drawn = torch.randn(200, n_classes, n_classes, generator=torch.Generator().manual_seed(0))
    assert min(unit_logit_loss(100 * (best + 0.1 * d), labels, 1.0).item() for d in drawn) >= floor - 1e-4


def test_the_network_learns_to_name_sentences_it_never_saw() -> None:
    vectors = clusters(6, 4, seed=1)
    assert train_label_network(vectors, 3, seed=0).held_out.item() == 1.0
    strangers = dataclasses.replace(vectors, held_out=np.roll(vectors.held_out, 1, axis=0))
    assert train_label_network(strangers, 3, seed=0).held_out.item() == 0.0


@pytest.mark.parametrize("n_classes", [2, 3, 16])
def test_it_is_finite_from_two_classes_on(n_classes: int) -> None:
    network = train_label_network(clusters(n_classes, 2), 3, seed=0)
    assert all(torch.isfinite(t).all() for t in network.tensors().values())


def test_label_edges_give_the_class_away_and_without_them_zero_says_nothing(five: LabelNetwork) -> None:
    labels = torch.arange(5).repeat(4)
    nothing = torch.zeros(20, five.w1.shape[0])
    leaked = read(five, "label", nothing, labels)[1]
    assert (leaked.argmax(dim=1) == labels).float().mean() == 1.0
    alone = read(five, "none", nothing, labels)[1]
    assert (alone == alone[0]).all()
    assert (alone.argmax(dim=1) == labels).float().mean().item() == pytest.approx(0.2)
    assert unit_logit_loss(alone, labels).item() == pytest.approx(np.log(5))


def test_read_alone_a_feature_is_named_by_what_it_is(five: LabelNetwork) -> None:
    labels = torch.arange(5)
    means = five.nodes.unflatten(0, (5, -1)).mean(dim=1)
    right = read(five, "none", means, labels)[1].argmax(dim=1)
    wrong = read(five, "none", means.roll(1, dims=0), labels)[1].argmax(dim=1)
    assert (right == labels).all()
    assert not (wrong == labels).any()


@pytest.mark.parametrize("wire", ["none", "label"])
def test_the_scale_of_a_feature_is_irrelevant_and_its_gradient_flows(five: LabelNetwork, wire: str) -> None:
    points = torch.randn(8, five.w1.shape[0], generator=torch.Generator().manual_seed(0))
    labels = torch.arange(8) % 5
    small, large = (read(five, wire, scale * points, labels) for scale in (1, 64))
    assert torch.allclose(small[0], large[0], atol=1e-6)
    assert torch.allclose(small[1], large[1], atol=1e-5)
    points.requires_grad_()
    regression, logits = read(five, wire, points, labels)
    for loss in (regression, unit_logit_loss(logits, labels)):
        (gradient,) = torch.autograd.grad(loss, points, retain_graph=True)
        assert gradient.abs().max() > 0
    assert not any(t.requires_grad for t in five.tensors().values())


@pytest.mark.parametrize("wire", ["none", "label"])
def test_relabelling_the_classes_permutes_the_logits_and_leaves_the_losses(five: LabelNetwork, wire: str) -> None:
    order = torch.tensor([3, 0, 4, 1, 2])  # new class c is the old class order[c]
    nodes = (order.unsqueeze(1) * 4 + torch.arange(4)).flatten()
    renamed = LabelNetwork(
        five.nodes[nodes], five.adjacency[nodes][:, nodes], five.w1, five.w2[:, order], five.held_out
    )
    points = torch.randn(9, five.w1.shape[0], generator=torch.Generator().manual_seed(1))
    labels = torch.arange(9) % 5
    now = torch.argsort(order)[labels]
    before, after = read(five, wire, points, labels), read(renamed, wire, points, now)
    assert torch.allclose(after[1], before[1][:, order], atol=1e-5)
    assert torch.allclose(after[0], before[0], atol=1e-6)
    assert unit_logit_loss(after[1], now).item() == pytest.approx(unit_logit_loss(before[1], labels).item(), abs=1e-5)


def test_several_labels_are_anchored_between_their_classes(five: LabelNetwork) -> None:
    anchors = class_anchors(five, 5)
    shares = memberships(torch.tensor([[1, 0, 1, 0, 0]]), 5)
    points = torch.randn(1, five.w1.shape[0], generator=torch.Generator().manual_seed(2))
    mixed, logits = read_alone(five, anchors, points, shares)
    layer = torch.nn.functional.leaky_relu(torch.nn.functional.normalize(points) @ five.w1, 0.2)
    assert mixed.item() == pytest.approx(direction_loss(layer, (anchors[:1] + anchors[2:3]) / 2).item())
    assert unit_logit_loss(0 * logits, torch.tensor([[1, 0, 1, 0, 0]])).item() == pytest.approx(np.log(2))


def test_equal_seeds_give_equal_bits_and_the_cache_gives_them_back(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = clusters(3, 2, seed=7)
    first, again = (train_label_network(vectors, 3, seed=4) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first.tensors().values(), again.tensors().values(), strict=True))
    assert not torch.equal(first.w1, train_label_network(vectors, 3, seed=5).w1)
    made = cached_label_network(vectors, 3, 4)
    monkeypatch.setattr("xmodal_core.semantics.network.train_label_network", None)  # a second training would fail
    kept = cached_label_network(vectors, 3, 4)
    assert all(torch.equal(a, b) for a, b in zip(made.tensors().values(), kept.tensors().values(), strict=True))
    assert torch.equal(made.w1, first.w1)


def test_a_damaged_cache_entry_is_made_anew() -> None:
    vectors = clusters(3, 2, seed=8)
    folder: Path = cache_root() / "semantics"
    before = set(folder.glob("*")) if folder.exists() else set()
    good = cached_label_network(vectors, 3, 0)
    (entry,) = set(folder.glob("*")) - before
    entry.write_bytes(b"damaged")
    assert torch.equal(cached_label_network(vectors, 3, 0).w1, good.w1)
