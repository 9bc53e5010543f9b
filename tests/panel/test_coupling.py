import numpy as np
import pytest

from xmodal_core.embedding import Embedding, Space
from xmodal_core.gap import METRICS
from xmodal_core.panel.coupling import drawn_coupling, where_to


def side(x, labels) -> Embedding:
    names = ("a", "b", "c")
    return Embedding(np.asarray(x, float), np.asarray(labels), np.arange(len(x)).astype(str), names, Space.BODY, "t")


def test_points_on_a_line_go_in_order_whatever_the_order_of_rows():
    """Sources 0, 10, 20 and targets 21, 1, 11 with one class a side: 0 to 1, 10 to 11, 20 to 21, at cost 1 each."""
    found = drawn_coupling(side([[10], [0], [20]], [0, 0, 0]), side([[21], [1], [11]], [0, 0, 0]))
    pairs = sorted(zip(found.source_rows.tolist(), found.target_rows.tolist(), strict=True))
    assert pairs == [(0, 2), (1, 1), (2, 0)]
    assert found.features == pytest.approx([1, 1, 1])
    assert found.mass == pytest.approx([1 / 3] * 3)


def test_rows_are_those_of_the_embeddings_though_the_problem_sorts_by_class():
    rng = np.random.default_rng(0)
    source, target = (side(rng.normal(size=(30, 4)) + s, rng.integers(0, 3, 30)) for s in (0, 5))
    found = drawn_coupling(source, target)
    squared = ((source.features[found.source_rows] - target.features[found.target_rows]) ** 2).sum(axis=1)
    assert found.features == pytest.approx(squared)
    reading = METRICS["otdd"].statistic(source, target, METRICS["otdd"].settings_type())
    assert found.value == pytest.approx(reading.value)
    by_class = np.zeros((3, 3))
    np.add.at(by_class, (source.labels[found.source_rows], target.labels[found.target_rows]), found.mass)
    assert by_class == pytest.approx(np.array(reading.detail["coupling_by_class"]))


def test_pairs_of_a_class_and_where_they_go():
    source, target = side([[0], [1], [10], [11]], [0, 0, 1, 1]), side([[0], [1], [10], [11]], [2, 2, 0, 0])
    found = drawn_coupling(source, target)
    pairs = found.of(None, np.flatnonzero(target.labels == 2))
    assert sorted(found.source_rows[pairs].tolist()) == [0, 1]
    assert where_to(found, pairs, source.labels, "source") == {0: 1.0}
    assert len(found.of(None, None)) == len(found.mass)
    assert where_to(found, found.of(np.array([0]), None), target.labels, "target") == {2: 1.0}


def test_the_weight_of_labels_is_respected():
    source, target = side([[0], [1], [10], [11]], [0, 0, 1, 1]), side([[5], [6], [7], [8]], [0, 0, 1, 1])
    assert drawn_coupling(source, target, {"lambda_y": 0.0}).labels == pytest.approx(np.zeros(4))
    assert drawn_coupling(source, target).labels.sum() > 0
