import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.errors import DataError
from xmodal_core.reuse.diagnostics.cka import cka, cka_per_layer


def features(n, d, seed):
    return np.random.default_rng(seed).normal(size=(n, d))


def test_independent_features_read_zero_where_the_plain_estimator_reads_its_bias():
    pairs = [(features(100, 768, 2 * i), features(100, 768, 2 * i + 1)) for i in range(40)]
    assert np.mean([cka(x, y) for x, y in pairs]) == pytest.approx(0.0, abs=0.005)
    assert np.mean([cka(x, y, debiased=False) for x, y in pairs]) == pytest.approx(1 / (1 + 100 / 768), abs=0.005)


@given(seed=st.integers(0, 10**6), debiased=st.booleans(), scale=st.sampled_from([3.0, 1e-6, 1e6]))
@settings(deadline=None, max_examples=20)
def test_rotation_scale_and_offset_change_nothing(seed, debiased, scale):
    x = features(12, 5, seed)
    rotation = np.linalg.qr(features(5, 5, seed + 1))[0]
    assert cka(x, scale * x @ rotation + 2 * scale, debiased) == pytest.approx(1.0, abs=1e-9)
    y = features(12, 3, seed + 2)
    assert cka(x @ rotation, y, debiased) == pytest.approx(cka(x, y, debiased), abs=1e-9)


@given(seed=st.integers(0, 10**6), debiased=st.booleans())
@settings(deadline=None, max_examples=20)
def test_it_is_symmetric_at_most_one_and_blind_to_a_common_row_order(seed, debiased):
    x, y = features(9, 4, seed), features(9, 2, seed + 1)
    value = cka(x, y, debiased)
    assert value <= 1 + 1e-12
    assert cka(y, x, debiased) == pytest.approx(value, abs=1e-12)
    order = np.random.default_rng(seed).permutation(9)
    assert cka(x[order], y[order], debiased) == pytest.approx(value, abs=1e-9)


def hsic_by_definition(x, y):
    """Mean over all ordered quadruples of distinct rows of K_ij L_ij + K_ij L_kl - 2 K_ij L_ik: the U-statistic."""
    k, m, n = x @ x.T, y @ y.T, len(x)
    total, count = 0.0, 0
    for i, j, p, q in np.ndindex(n, n, n, n):
        if len({i, j, p, q}) == 4:
            total += k[i, j] * m[i, j] + k[i, j] * m[p, q] - 2 * k[i, j] * m[i, p]
            count += 1
    return total / count


def test_the_debiased_value_is_the_ratio_of_u_statistics():
    x, y = features(7, 3, 0), features(7, 3, 1) + features(7, 3, 0)
    expected = hsic_by_definition(x, y) / np.sqrt(hsic_by_definition(x, x) * hsic_by_definition(y, y))
    assert cka(x, y) == pytest.approx(expected, rel=1e-9)


def test_single_precision_far_from_the_origin_keeps_its_digits():
    x, y = features(50, 8, 0), features(50, 8, 0) + 0.3 * features(50, 8, 1)
    far = (x + 50).astype(np.float32), (y - 50).astype(np.float32)
    assert cka(*far) == pytest.approx(cka(x, y), abs=1e-5)


def test_layers_are_compared_in_order():
    before = [features(20, 4, 0), features(20, 6, 1)]
    after = [before[0] * 2, features(20, 6, 2)]
    first, second = cka_per_layer(before, after)
    assert first == pytest.approx(1.0)
    assert second == cka(before[1], after[1]) < 0.7


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DataError, match=r"\(5, 2\) and \(6, 2\)"):
        cka(features(5, 2, 0), features(6, 2, 0))
    with pytest.raises(DataError, match="Found 3 rows, expected at least 4"):
        cka(features(3, 2, 0), features(3, 2, 1))
    with pytest.raises(DataError, match="do not vary"):
        cka(np.full((6, 2), 0.1), features(6, 2, 1))
    with pytest.raises(DataError, match="2 layers before and 1 after"):
        cka_per_layer([features(5, 2, 0)] * 2, [features(5, 2, 0)])
