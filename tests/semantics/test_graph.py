"""The label graph against answers known by hand, and against the released rule where that one fails."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.semantics.encoders import NameVectors
from xmodal_core.semantics.graph import (
    class_edges,
    class_similarity,
    label_graph,
    memberships,
    near_duplicates,
    symmetric,
    wired,
)


def clusters(n_classes: int, n_prompts: int = 20, size: int = 64, seed: int = 0) -> NameVectors:
    """Sentences of a class around a common direction, all of them around one: raw cosines are high, as in BERT."""
    rng = np.random.default_rng(seed)
    means = rng.normal(size=(n_classes, 1, size)) + 2
    drawn = means + 0.3 * rng.normal(size=(2, n_classes, n_prompts, size))
    drawn /= np.linalg.norm(drawn, axis=3, keepdims=True)
    nodes, held_out = drawn.astype(np.float32)
    return NameVectors(nodes, held_out, np.ones(n_classes, dtype=bool), "clusters")


def released_graph(nodes: np.ndarray, ratio: float = 0.003) -> np.ndarray:
    """The second-stage rule as released: the largest entries of all similarities, a fixed share of them."""
    flat = nodes.reshape(-1, nodes.shape[-1])
    similarity = flat @ flat.T
    threshold = np.sort(similarity, axis=None)[int((1 - ratio) * similarity.size)]
    return np.where(similarity >= threshold, similarity, 0)


def test_symmetric_normalisation_by_hand() -> None:
    two = torch.tensor([[1.0, 0.5], [0.5, 1.0]])
    assert torch.allclose(symmetric(two), torch.tensor([[2 / 3, 1 / 3], [1 / 3, 2 / 3]]))
    path = torch.tensor([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
    expected = torch.tensor([[0.5, 0.4082, 0], [0.4082, 0.3333, 0.4082], [0, 0.4082, 0.5]])
    assert torch.allclose(symmetric(path), expected, atol=1e-4)


@settings(deadline=None, max_examples=20)
@given(st.integers(2, 12), st.integers(1, 4), st.integers(0, 100))
def test_every_graph_is_symmetric_and_its_normalisation_contracts(n_classes: int, n_prompts: int, seed: int) -> None:
    adjacency = label_graph(clusters(n_classes, n_prompts, 8, seed), 3)
    normalised = symmetric(adjacency)
    assert torch.equal(adjacency, adjacency.T)
    assert adjacency.min() >= 0
    assert torch.linalg.eigvalsh(normalised.double()).abs().max() <= 1 + 1e-5


@pytest.mark.parametrize("n_classes", [2, 5, 10, 16])
def test_few_classes_isolate_nodes_under_the_released_rule_and_never_under_ours(n_classes: int) -> None:
    vectors = clusters(n_classes)
    with np.errstate(divide="ignore"):
        assert np.isinf(released_graph(vectors.nodes).sum(axis=1) ** -0.5).any()
    ours = label_graph(vectors, 3)
    assert (ours.diagonal() == 1).all()
    assert torch.isfinite(symmetric(ours)).all()
    assert ((ours > 0).sum(dim=1) >= 20).all()  # every sentence of the same class


def test_each_class_is_wired_to_its_nearest_and_either_direction_counts() -> None:
    similarity = np.array([[1, 0.9, 0.1, -0.2], [0.9, 1, 0.5, -0.3], [0.1, 0.5, 1, -0.4], [-0.2, -0.3, -0.4, 1]])
    # nearest: 0 -> 1, 1 -> 0, 2 -> 1, 3 -> 0; the last is negative and weighs nothing
    expected = np.zeros((4, 4))
    expected[0, 1] = expected[1, 0] = 0.9
    expected[1, 2] = expected[2, 1] = 0.5
    assert np.array_equal(class_edges(similarity, 1), expected)
    assert not class_edges(similarity, 0).any()
    assert np.array_equal(class_edges(similarity, 99), (similarity - np.eye(4)).clip(0))


def test_two_classes_are_opposite_after_centring_so_the_graph_relates_nothing() -> None:
    vectors = clusters(2, 3)
    assert class_similarity(vectors.means)[0, 1] == pytest.approx(-1)
    assert not label_graph(vectors, 3)[:3, 3:].any()


def test_raw_cosines_are_centred_and_equal_vectors_are_found() -> None:
    means = np.array([[1, 0.1, 0], [1, 0, 0.1], [1, -0.1, -0.1]])
    similarity = class_similarity(means)
    assert similarity.min() < -0.5  # raw cosines are all above 0.97
    assert not class_similarity(np.ones((3, 4)))[np.triu_indices(3, 1)].any()
    unit = np.array([[1.0, 0], [0, 1], [1, 1e-3]])
    assert near_duplicates(unit / np.linalg.norm(unit, axis=1, keepdims=True)) == {0, 2}


def test_a_datum_adds_one_unit_of_mass_to_its_labels_however_many_sentences() -> None:
    adjacency = label_graph(clusters(3, 4), 3)
    members = memberships(torch.tensor([0, 2, 2]), 3)
    whole = wired(adjacency, members)
    assert torch.equal(whole, whole.T)
    assert torch.equal(whole[:12, :12], adjacency)
    assert torch.equal(whole[:12, 12].nonzero().flatten(), torch.arange(4))
    assert whole[:12, 12:].sum(dim=0).tolist() == [1, 1, 1]
    assert torch.equal(whole[12:, 12:], torch.tensor([[1.0, 0, 0], [0, 1, 1], [0, 1, 1]]))


def test_several_labels_share_the_mass_and_none_has_none() -> None:
    members = memberships(torch.tensor([[1, 0, 1], [0, 0, 0]]), 3)
    assert members.tolist() == [[0.5, 0, 0.5], [0, 0, 0]]
    assert wired(label_graph(clusters(3, 2), 3), members)[:6, 6:].sum(dim=0).tolist() == [1, 0]
