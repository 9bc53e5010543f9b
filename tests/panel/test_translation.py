import numpy as np
import pytest

from xmodal_core.embedding import Embedding, Space
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.panel.translation import READ, Translation, changed, class_counts, lab_readings, translated


def side(seed: int, shift: float = 0.0, scale: float = 1.0, n: int = 60) -> Embedding:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    centres = np.eye(5)[labels] * 6
    x = (scale * (rng.normal(size=(n, 5)) + centres) + shift).astype(np.float32)
    return Embedding(x, labels, np.arange(n).astype(str), ("a", "b", "c"), Space.BODY, f"cloud {seed}")


SOURCE, TARGET = side(0), side(1, shift=40.0, scale=2.0)
BEFORE = lab_readings(SOURCE, TARGET)


def after(**what):
    return lab_readings(SOURCE, translated(SOURCE, TARGET, Translation(**what)))


def moved(**what) -> set[str]:
    return {name for name, is_moved in changed(BEFORE, after(**what)).items() if is_moved}


def test_nothing_asked_for_changes_nothing():
    assert translated(SOURCE, TARGET, Translation()) is TARGET
    assert translated(SOURCE, TARGET, Translation(scale=1.0, slide=0.0)) is TARGET
    assert set(BEFORE) == set(READ)


def test_sliding_all_the_way_makes_the_means_equal_and_halfway_halves_their_distance():
    x = SOURCE.features.astype(float).mean(axis=0)
    before = TARGET.features.astype(float).mean(axis=0)
    whole, half = (translated(SOURCE, TARGET, Translation(slide=s)).features.mean(axis=0) for s in (1.0, 0.5))
    assert whole == pytest.approx(x, abs=1e-9)
    assert half == pytest.approx((x + before) / 2, abs=1e-9)


def test_scaling_multiplies_every_distance_from_its_own_mean_and_leaves_the_mean():
    y = TARGET.features.astype(float)
    scaled = translated(SOURCE, TARGET, Translation(scale=0.5)).features
    assert scaled.mean(axis=0) == pytest.approx(y.mean(axis=0))
    np.testing.assert_allclose(scaled - scaled.mean(axis=0), 0.5 * (y - y.mean(axis=0)), atol=1e-9)


def test_a_slide_moves_what_looks_at_places_and_not_whether_classes_part():
    assert moved(slide=1.0) == {"otdd", "sliced", "centroid", "knn"}
    assert after(slide=1.0)["centroid"] < 0.01 < BEFORE["centroid"]


def test_shuffled_labels_leave_every_reading_without_labels_exactly_as_it_was():
    shuffled = after(shuffled=True)
    for name in ("sliced", "centroid", "knn"):
        assert shuffled[name] == BEFORE[name]
    assert moved(shuffled=True) == {"otdd", "target_knn"}
    assert shuffled["target_knn"] < BEFORE["target_knn"]


def test_a_dropped_class_is_gone_and_the_other_rows_are_the_same():
    kept = translated(SOURCE, TARGET, Translation(dropped="b"))
    assert class_counts(kept) == {"a": 20, "c": 20}
    assert class_counts(TARGET) == {"a": 20, "b": 20, "c": 20}
    np.testing.assert_array_equal(kept.features, TARGET.features[TARGET.labels != 1])


def test_with_a_single_class_left_what_needs_two_is_left_out():
    two = translated(SOURCE, TARGET, Translation(dropped="b"))
    one = translated(SOURCE, two, Translation(dropped="a"))
    assert "target_knn" not in lab_readings(SOURCE, one)
    with pytest.raises(DataError, match="no class but c"):
        translated(SOURCE, one, Translation(dropped="c"))


@pytest.mark.parametrize("what", [{"slide": 1.1}, {"slide": -0.1}, {"scale": 0.0}, {"scale": 11.0}])
def test_what_cannot_be_is_refused(what):
    with pytest.raises(SettingsError):
        Translation(**what)
