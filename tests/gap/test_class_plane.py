import numpy as np
import pytest

from xmodal_core.embedding import Embedding, Space
from xmodal_core.errors import DataError
from xmodal_core.gap.class_plane import class_plane


def side(features, labels) -> Embedding:
    n = len(features)
    names = tuple(f"c{k}" for k in range(int(max(labels)) + 1))
    return Embedding(np.asarray(features, float), np.asarray(labels), np.arange(n).astype(str), names, Space.BODY, "t")


def three_classes(apart: float, n: int = 120, d: int = 6, seed: int = 0) -> Embedding:
    """Classes along the third and fifth axis; the first has the largest spread of all and parts nothing."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    centres = np.zeros((3, d))
    centres[1, 2], centres[2, 4] = apart, apart
    x = rng.normal(size=(n, d)) + centres[labels]
    x[:, 0] *= 20
    return side(x, labels)


def test_the_plane_is_the_one_that_holds_the_class_centres():
    target = three_classes(30.0)
    plane = class_plane(target, target)
    assert plane.axes @ plane.axes.T == pytest.approx(np.eye(2), abs=1e-10)
    inside = np.linalg.norm(plane.axes[:, [2, 4]], axis=1)
    assert inside == pytest.approx([1, 1], abs=0.05)


def test_only_rows_that_did_not_choose_it_are_drawn_and_places_are_a_projection():
    target = three_classes(30.0)
    plane = class_plane(three_classes(0.0, seed=1), target)
    assert len(plane.held_out) == len(target) // 2 == len(plane.target)
    expected = (target.features[plane.held_out] - plane.origin) @ plane.axes.T
    np.testing.assert_allclose(plane.target, expected)
    assert plane.source.shape == (120, 2)


def test_labels_without_meaning_part_nothing_that_is_drawn():
    """More features than rows: the rows that choose part perfectly, the others not at all."""
    rng = np.random.default_rng(3)
    target = side(rng.normal(size=(80, 200)), rng.integers(0, 2, 80))
    plane = class_plane(target, target)
    labels = target.labels[plane.held_out]
    centres = [plane.target[labels == k, 0].mean() for k in (0, 1)]
    assert abs(centres[0] - centres[1]) < plane.target[:, 0].std()


def test_two_classes_have_one_direction_and_the_widest_beside_it():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 4)) * [1, 1, 5, 1]
    labels = np.arange(100) % 2
    x[labels == 1, 1] += 50
    plane = class_plane(side(x, labels), side(x, labels))
    assert abs(plane.axes[0, 1]) == pytest.approx(1, abs=0.02)
    assert abs(plane.axes[1, 2]) > 0.95


def test_a_single_class_has_no_plane():
    one = side(np.random.default_rng(0).normal(size=(20, 3)), np.zeros(20, int))
    with pytest.raises(DataError, match="expected at least 2"):
        class_plane(one, one)
