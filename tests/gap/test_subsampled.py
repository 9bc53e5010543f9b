"""Transport between subsamples: its error, its bounds on the value of all rows, and where it is not needed."""

import numpy as np
import pytest

from tests.gap.clouds import unlike_sides
from xmodal_core.gap import subsampled
from xmodal_core.gap.otdd import OtddSettings, otdd


def test_subsamples_state_their_error_and_bound_the_value_of_all_rows(monkeypatch):
    monkeypatch.setattr(subsampled, "ROWS", 150)
    source, target = unlike_sides(3000, 2500, 3, 11)
    reading = otdd(source, target, OtddSettings(solver="subsample"))
    whole = otdd(source, target, OtddSettings()).value
    assert reading.detail["n_subsample"] == 150
    assert 0 < reading.standard_error < 0.1 * reading.value
    assert reading.detail["lower"] < whole < reading.detail["upper"]
    assert reading.detail["lower"] > 0.7 * whole
    assert np.sum(reading.detail["coupling_by_class"]) == pytest.approx(1)
    assert otdd(source, source, OtddSettings(solver="subsample")).value == 0


def test_rows_that_fit_into_one_subsample_are_solved_at_once():
    source, target = unlike_sides(100, 90, 3, 13)
    reading = otdd(source, target, OtddSettings(solver="subsample"))
    assert reading.standard_error is None
    assert reading.value == otdd(source, target, OtddSettings()).value


def test_a_short_side_against_a_long_one_is_bounded_without_sampling_the_short_one(monkeypatch):
    monkeypatch.setattr(subsampled, "ROWS", 150)
    source, target = unlike_sides(60, 2000, 3, 17)
    detail = otdd(source, target, OtddSettings(solver="subsample")).detail
    whole = otdd(source, target, OtddSettings()).value
    assert detail["lower"] <= whole <= detail["upper"]
