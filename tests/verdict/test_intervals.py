import pytest

from xmodal_core.verdict.intervals import half_width, mean_and_half


def test_the_half_width_is_the_t_quantile_times_the_standard_error() -> None:
    """t(0.975, 2) = 4.3027 and t(0.975, 1) = 12.7062."""
    assert half_width(1.0, 3) == pytest.approx(4.3027 / 3**0.5, abs=1e-4)
    assert mean_and_half([1.0, 2.0, 3.0]) == pytest.approx((2.0, half_width(1.0, 3)))
    assert mean_and_half([0.0, 2.0]) == pytest.approx((1.0, 12.7062), abs=1e-4)


def test_one_value_has_no_width() -> None:
    assert mean_and_half([0.5]) == (0.5, None)
