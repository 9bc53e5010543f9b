import io

import numpy as np

from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading

RNG = np.random.default_rng(0)
STEPS = np.arange(40)


def codes(ends: np.ndarray, **said: str) -> list[str]:
    series = RNG.normal(size=(30, 2, 40)) * (ends[:, None, None] > STEPS)
    stream = io.BytesIO()
    np.savez(stream, X=series, y=np.arange(30) % 2)
    found = read(stream.getvalue(), "t.npz", Reading(modality="series", **said)).understanding  # type: ignore[arg-type]
    assert found is not None
    return [warning.code for warning in found.warnings]


def test_series_that_end_in_zeros_after_different_steps_are_told_of() -> None:
    assert codes(RNG.integers(10, 36, 30)) == ["unequal-lengths"]


def test_one_common_end_a_few_zeros_and_what_was_said_are_no_doubt() -> None:
    assert codes(np.full(30, 30)) == []
    assert codes(RNG.integers(38, 41, 30)) == []
    assert codes(np.where(np.arange(30) < 3, 20, 40)) == []
    assert codes(RNG.integers(10, 36, 30), length="pad") == []
