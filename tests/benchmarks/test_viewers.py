import pytest

from benchmarks.viewers import p95


@pytest.mark.parametrize(("seconds", "expected"), [([3.0], 3.0), ([1.0, 2.0], 1.95), (list(range(1, 22)), 20.0)])
def test_the_95th_percentile_lies_where_19_of_20_are_below(seconds, expected):
    assert p95(seconds) == pytest.approx(expected)
