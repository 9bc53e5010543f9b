"""The compiled passes over a cost matrix, against plain NumPy."""

import numpy as np
import pytest

from xmodal_core.gap.transport.kernel import exponential_sums, nearest_pairs, strips


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_one_pass_gives_the_sums_of_the_exponentials(kind):
    rng = np.random.default_rng(0)
    cost = rng.random((130, 2100)).astype(kind) * 5
    f, g = rng.normal(size=130), rng.normal(size=2100)
    edges = strips(np.array([0, 7, 2100]))
    rows, columns = exponential_sums(cost, f, g, 0.3, edges)
    kernel = np.exp((f[:, None] + g - cost) / 0.3)
    tolerance = 2e-5 if kind is np.float32 else 1e-12  # the argument itself is rounded to single precision
    np.testing.assert_allclose(rows.sum(axis=1), kernel.sum(axis=1), rtol=tolerance)
    np.testing.assert_allclose(rows[:, 0], kernel[:, :7].sum(axis=1), rtol=tolerance)
    np.testing.assert_allclose(columns, kernel.sum(axis=0), rtol=tolerance)


def test_pairs_hold_the_nearest_columns_of_every_row_and_rows_of_every_column():
    rng = np.random.default_rng(1)
    cost, f, g = rng.random((40, 30)), rng.normal(size=40), rng.normal(size=30)
    pairs = set(zip(*nearest_pairs(cost, f, g, 3), strict=True))
    reduced = cost - f[:, None] - g
    for i in range(40):
        assert {(i, j) for j in np.argsort(reduced[i])[:3]} <= pairs
    for j in range(30):
        assert {(i, j) for i in np.argsort(reduced[:, j])[:3]} <= pairs
    assert len(pairs) <= 3 * 70
