import numpy as np
import pytest

from xmodal_core.errors import DataError
from xmodal_core.reuse.diagnostics.matching import match_labels


def hard(z, n_source):
    return np.eye(n_source)[z]


def random_labels(m, n_source, seed, n_labels=10):
    rng = np.random.default_rng(seed)
    return hard(rng.integers(0, n_source, m), n_source), rng.integers(0, n_labels, m)


def test_random_labels_read_zero_where_scoring_on_the_same_samples_reads_0_90():
    posterior, y = random_labels(200, 1000, 0)
    in_sample = (posterior.T @ np.eye(10)[y]).max(axis=1).sum() / 200
    assert in_sample == pytest.approx(0.90, abs=0.03)
    found = match_labels(posterior, y, n_permutations=50)
    assert abs(found.many_to_one.accuracy - 0.1) < 0.07
    assert abs(found.many_to_one.kappa) < 0.07
    assert found.many_to_one.p > 0.05


@pytest.mark.parametrize("n_source", [20, 1000])
def test_random_labels_are_at_chance_however_many_source_classes(n_source):
    posterior, y = random_labels(2000, n_source, 1)
    found = match_labels(posterior, y, n_permutations=30)
    assert found.many_to_one.kappa == pytest.approx(0.0, abs=0.05)
    assert found.many_to_one.discrepancy == pytest.approx(1.0, abs=0.05)
    assert found.many_to_one.chance == pytest.approx(0.1, abs=0.02)
    assert found.information - found.information_chance == pytest.approx(0.0, abs=0.05)
    assert found.information < 0.02


def test_renamed_labels_are_recognised_in_full():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 5, 600)
    posterior = hard(rng.permutation(8)[y], 8)
    found = match_labels(posterior, y)
    for match in (found.many_to_one, found.one_to_one):
        assert match.accuracy == 1.0
        assert match.kappa == pytest.approx(1.0)
        assert match.discrepancy == pytest.approx(0.0)
        assert match.p == 1 / 200
    # Smoothing with one sample per label: P(right | z) = (60 + 1) / (60 + 5) for about 60 of 300 a label.
    assert found.information == pytest.approx(1 - np.log(65 / 61) / np.log(5), abs=0.005)
    assert found.information_p == 1 / 200


def test_two_source_classes_per_label_match_many_to_one_and_half_of_them_one_to_one():
    y = np.arange(400) % 4
    posterior = hard(2 * y + np.arange(400) // 4 % 2, 8)
    found = match_labels(posterior, y)
    assert found.many_to_one.accuracy == 1.0
    assert found.one_to_one.accuracy == 1.0  # unmatched source classes have no vote
    halved = posterior / 2 + hard(np.full(400, 0), 8) / 2  # half of every vote goes to a class of label 0
    assert match_labels(halved, y).many_to_one.accuracy == pytest.approx((0.25 + 1) / 2)


def test_a_known_share_of_right_answers_is_kappa():
    """70 % of answers are right, the rest uniform over 10 labels: accuracy .73, kappa .7."""
    rng = np.random.default_rng(3)
    y = rng.integers(0, 10, 4000)
    answered = np.where(rng.random(4000) < 0.7, y, rng.integers(0, 10, 4000))
    found = match_labels(hard(answered, 10), y, n_permutations=50)
    assert found.many_to_one.accuracy == pytest.approx(0.73, abs=0.02)
    assert found.many_to_one.kappa == pytest.approx(0.7, abs=0.025)
    assert found.one_to_one.kappa == pytest.approx(0.7, abs=0.025)


def test_skewed_labels_earn_no_credit_for_the_commonest():
    rng = np.random.default_rng(0)
    y = (rng.random(2000) < 0.1).astype(int)
    found = match_labels(hard(rng.integers(0, 5, 2000), 5), y, n_permutations=50)
    assert found.many_to_one.accuracy == pytest.approx(0.9, abs=0.02)
    assert found.many_to_one.kappa == pytest.approx(0.0, abs=0.05)


def test_fewer_source_classes_than_labels_are_matched_many_to_one_only():
    y = np.arange(300) % 3
    found = match_labels(hard(np.minimum(y, 1), 2), y, n_permutations=20)
    assert found.one_to_one is None
    assert found.many_to_one.accuracy == pytest.approx(2 / 3, abs=0.01)


def test_names_of_labels_and_order_of_source_classes_do_not_matter_and_the_seed_settles_the_rest():
    posterior, y = random_labels(300, 12, 5, n_labels=3)
    posterior = 0.5 * posterior + 0.5 * hard(y, 12)
    found = match_labels(posterior, y, n_permutations=20)
    assert found == match_labels(posterior, y, n_permutations=20)
    renamed = match_labels(posterior[:, ::-1], 10 + y, n_permutations=20)
    assert renamed.many_to_one.kappa == pytest.approx(found.many_to_one.kappa)
    assert renamed.information == pytest.approx(found.information)


def test_what_cannot_be_matched_is_refused():
    with pytest.raises(DataError, match="fewer than two labels with two samples"):
        match_labels(np.full((5, 3), 1 / 3), np.array([0, 0, 0, 0, 1]))
    with pytest.raises(DataError, match="expected the output of a softmax"):
        match_labels(np.full((4, 3), 1.0), np.array([0, 0, 1, 1]))
