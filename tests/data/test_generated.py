import numpy as np

from xmodal_core.data.dataset import Modality
from xmodal_core.data.generated import _pressure, darcy, vowels
from xmodal_core.data.targets import Task


def test_pressure_in_one_kind_of_rock_is_that_of_the_series_solution():
    """-lap u = 1 on the unit square, 0 on its edge: the middle has 0.0736713 (Fourier series)."""
    middle = _pressure(np.ones((16, 16)))[7:9, 7:9].mean() / 1000
    assert abs(middle - 0.0736713) < 0.01 * 0.0736713


def test_rock_that_lets_water_through_twice_as_well_has_half_the_pressure():
    stone = np.where(np.arange(256).reshape(16, 16) % 3 == 0, 3.0, 12.0)
    np.testing.assert_allclose(_pressure(2 * stone), _pressure(stone) / 2, rtol=1e-10)


def test_darcy_is_a_field_with_a_target_on_every_cell():
    data = darcy(n=12)
    assert (data.modality, data.task, data.cells) == (Modality.FIELD, Task.DENSE, (16, 16))
    assert set(np.unique(data.inputs)) == {3.0, 12.0}
    assert data.targets.min() > 0
    np.testing.assert_array_equal(data.inputs, darcy(n=12).inputs)


def test_a_vowel_has_its_energy_where_its_formants_are():
    """The second formant of heed (2290 Hz) lies far above that of hawed (840 Hz); rows begin at the top."""
    data = vowels(n_per_class=12)
    assert data.inputs.shape == (84, 1, 32, 32)
    names = np.array(data.class_names)[data.targets]
    mean = {name: data.inputs[names == name, 0].mean(axis=(0, 2)) for name in ("heed", "hawed")}
    top, middle = slice(4, 12), slice(14, 22)  # bands of 1.5 to 2.9 kHz, and of 0.5 to 1.2 kHz
    assert mean["heed"][top].mean() > mean["hawed"][top].mean() + 0.05
    assert mean["hawed"][middle].mean() > mean["heed"][middle].mean() + 0.05
