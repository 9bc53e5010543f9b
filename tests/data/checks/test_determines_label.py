import numpy as np

from tests.data.checks.checked import warnings
from xmodal_core.data.checks.determines_label import check_determines_label
from xmodal_core.data.dataset import Task
from xmodal_core.data.reading import Reading

RNG = np.random.default_rng(0)
KINDS = RNG.integers(0, 3, 120)
NOISE = RNG.normal(size=(120, 3))


def test_a_code_of_the_class_among_noise_gives_it_away():
    (one,) = warnings(check_determines_label, np.column_stack([NOISE, np.array([7, 2, 5])[KINDS]]), KINDS)
    assert "'d'" in one.message
    assert "100.0%" in one.message
    assert one.mends == Reading(drop=("d",))


def test_a_number_of_files_of_one_class_each_gives_it_away():
    files = KINDS + 3 * RNG.integers(0, 5, 120)  # fifteen files, each of one class, in no order
    assert len(warnings(check_determines_label, np.column_stack([NOISE, files]), KINDS)) == 1


def test_a_good_feature_and_several_good_ones_do_not():
    good = KINDS + RNG.normal(size=120) * 0.25  # about nineteen of twenty
    assert not warnings(check_determines_label, np.column_stack([NOISE, good]), KINDS)
    apart = KINDS[:, None] * 10 + NOISE[:, :2]
    assert not warnings(check_determines_label, np.column_stack([NOISE[:, :1], apart]), KINDS)


def test_what_a_person_keeps_is_not_doubted():
    table = np.column_stack([NOISE, np.array([7, 2, 5])[KINDS]])
    assert not warnings(check_determines_label, table, KINDS, number=("d",))


def test_a_number_to_predict_in_another_unit_gives_it_away():
    target = NOISE[:, 0] * 3 + 1
    table = np.column_stack([NOISE[:, 1:], target * 2.54])
    (one,) = warnings(check_determines_label, table, target, task=Task.REGRESSION)
    assert "correlation of 1.0000" in one.message
    blurred = np.column_stack([NOISE[:, 1:], target + 0.7 * NOISE[:, 1]])
    assert not warnings(check_determines_label, blurred, target, task=Task.REGRESSION)
