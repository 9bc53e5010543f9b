import numpy as np
import pytest

from xmodal_core.data.counting import counting_step


@pytest.mark.parametrize(
    ("values", "step"),
    [
        (np.arange(20), 1),
        (np.arange(20)[::-1] * 10, 10),
        (np.arange(20) * 0.25, 0.25),
        (np.round(np.arange(20) / 3, 2), 1 / 3),  # rounded
        (np.arange(10) + 2**60, 1),
        (np.arange(9), 0),  # too few
        (np.array([*range(19), 1000]), 0),  # gaps
        (np.array([*range(19), 18]), 0),  # a repeat
        (np.array([np.nan, *range(19)]), 0),
        (np.arange(20.0) ** 2 / 3, 0),
    ],
)
def test_the_step_of_a_counter_is_found(values: np.ndarray, step: float) -> None:
    assert counting_step(values) == pytest.approx(step, abs=1e-3)
