import numpy as np
import pytest

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError
from xmodal_core.gap.target_knn import TargetKnnSettings, target_knn

ANY = gaussian(5, 2, 0)


def test_five_points_on_a_line_are_judged_as_counted_by_hand():
    target = embedding([[0.0], [1.0], [2.1], [10.0], [11.0]], [0, 0, 1, 1, 1])
    # k = 1: 0 -> 1 right, 1 -> 0 right, 2.1 -> 1 wrong, 10 -> 11 right, 11 -> 10 right.
    reading = target_knn(ANY, target, TargetKnnSettings(k=1))
    assert reading.value == pytest.approx((1 + 2 / 3) / 2)
    assert reading.detail["accuracy_unbalanced"] == pytest.approx(0.8)
    assert reading.detail["chance"] == 0.5
    assert reading.detail["majority_share"] == pytest.approx(0.6)
    assert reading.detail["smallest_class"] == 2


def test_separate_classes_read_one_and_shuffled_labels_about_chance():
    target = gaussian(200, 5, 0, n_classes=4, separation=30.0)
    assert target_knn(ANY, target, TargetKnnSettings()).value == 1.0
    shuffled = embedding(target.features, np.random.default_rng(0).permutation(target.labels))
    assert target_knn(ANY, shuffled, TargetKnnSettings()).value == pytest.approx(0.25, abs=0.08)


def test_a_majority_class_alone_does_not_look_like_knowledge():
    labels = (np.arange(200) < 20).astype(int)
    target = embedding(np.random.default_rng(0).normal(size=(200, 4)), labels)
    reading = target_knn(ANY, target, TargetKnnSettings())
    assert reading.detail["accuracy_unbalanced"] > 0.85
    assert reading.value == pytest.approx(0.5, abs=0.06)


def test_identical_rows_of_two_classes_earn_chance_not_an_accident_of_order():
    target = embedding(np.zeros((10, 2)), [0] * 5 + [1] * 5)
    # Every other row ties: 4 own against 5 foreign votes, so each row is out-voted.
    assert target_knn(ANY, target, TargetKnnSettings(k=3)).value == 0.0


def test_rows_of_one_class_are_refused():
    with pytest.raises(DataError, match="scans has rows of one class"):
        target_knn(ANY, gaussian(10, 2, 0, name="scans"), TargetKnnSettings())
