import numpy as np
import pytest

from xmodal_core.gap.knn import balanced_mean
from xmodal_core.reuse.diagnostics.probe import probe_credit


def clouds(n: int, seed: int, d: int = 6, apart: float = 6.0) -> tuple[np.ndarray, np.ndarray]:
    """Three Gaussian classes on three axes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    return rng.normal(size=(n, d)) + apart * np.eye(3, d)[labels], labels + 5  # labels need not start at 0


def test_separated_classes_are_all_named_and_noise_is_at_chance():
    assert probe_credit(*clouds(150, 0), *clouds(90, 1)).mean() > 0.98
    noise, asked = clouds(300, 2, apart=0.0), clouds(900, 3, apart=0.0)
    assert balanced_mean(probe_credit(*noise, *asked), asked[1]) == pytest.approx(1 / 3, abs=0.06)


def test_constant_features_share_the_credit_and_a_label_outside_the_bank_is_missed():
    bank_labels, query_labels = np.array([0, 1, 2] * 4), np.array([0, 1, 2, 7])
    credit = probe_credit(np.ones((12, 3)), bank_labels, np.ones((4, 3)), query_labels)
    np.testing.assert_allclose(credit, [1 / 3, 1 / 3, 1 / 3, 0])


def test_shift_and_scale_of_single_features_mean_nothing():
    (x, y), (q, z) = clouds(90, 0, apart=2.0), clouds(60, 1, apart=2.0)
    scale, shift = np.array([1e-6, 1, 1e6, 3, 5, 7]), np.arange(6) * 10
    np.testing.assert_array_equal(probe_credit(x, y, q, z), probe_credit(x * scale + shift, y, q * scale + shift, z))


def test_hyperplanes_see_what_neighbours_do_not():
    """One informative direction among thirty noisy ones that are ten times larger."""
    rng = np.random.default_rng(0)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(n) % 2
        noise = 10 * rng.normal(size=(n, 30))
        return np.column_stack([2.0 * labels + 0.2 * rng.normal(size=n), noise]), labels

    bank, query = draw(400), draw(200)
    assert probe_credit(*bank, *query).mean() > 0.95


def test_bad_input_is_refused(refusal):
    x, y = clouds(9, 0)
    refusal(lambda: probe_credit(x, y, x[:, :2], y), "(9, 2)")
    refusal(lambda: probe_credit(x * np.nan, y, x, y), "diverged")
    refusal(lambda: probe_credit(x, y * 0, x, y), "one class")
    refusal(lambda: probe_credit(x, y, x[:0], y[:0]), "(0, 6)")
