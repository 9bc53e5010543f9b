"""Scalings: answers worked out by hand, order kept, and numbers that are hard to divide by."""

import numpy as np
import pytest
import torch
from torch import Tensor

from xmodal_core.model.embedders.scaling import few_rows, make_level, make_scaling, own_units

MONOTONE = ["range", "channel", "log", "quantile"]


def series(*rows: list[float]) -> np.ndarray:
    """(n, 1, t)."""
    return np.array(rows, dtype=np.float32)[:, None]


def scaled(name: str, train: np.ndarray, samples: np.ndarray | None = None) -> Tensor:
    return make_scaling(name, train)(torch.from_numpy(train if samples is None else samples))


def test_a_sample_in_its_own_units_has_lost_its_level_and_its_size() -> None:
    found = scaled("sample", series([1, 3, 5], [10, 30, 50], [7, 7, 7]))
    one = (3 / 2) ** 0.5  # deviation of 1 3 5 is sqrt(8 / 3)
    torch.testing.assert_close(found, torch.tensor([[[-one, 0, one]], [[-one, 0, one]], [[0, 0, 0]]]))


@pytest.mark.parametrize("unit", [1e-30, 1.0, 1e30])
def test_own_units_do_not_depend_on_the_unit(unit: float) -> None:
    train = np.random.default_rng(0).normal(2, 3, (5, 2, 20))
    plain, other = (scaled("sample", (train * factor).astype(np.float32)) for factor in (1.0, unit))
    torch.testing.assert_close(plain, other, rtol=1e-4, atol=1e-5)


def test_rounding_of_a_level_is_no_variation() -> None:
    assert scaled("sample", np.full((2, 1, 1000), 0.1, dtype=np.float32)).abs().max() == 0


def test_logarithm_in_units_of_the_median() -> None:
    found = scaled("log", series([-2, 0, 2], [1, 2, 6]), series([0, 2, -2], [6, 14, -30]))  # median of |x| is 2
    expected = np.sign([[0, 1, -1], [1, 1, -1]]) * np.log([[1, 2, 2], [4, 8, 16]])
    torch.testing.assert_close(found[:, 0], torch.tensor(expected, dtype=torch.float32))


def test_where_most_numbers_are_zero_the_unit_is_the_median_of_the_others() -> None:
    assert make_scaling("log", series([0, 0, 0, 0, 3, 5, 4])).unit.item() == 4
    assert make_scaling("log", series([0, 0, 0])).unit.item() == 1


def test_normal_scores_are_the_quantiles_of_the_normal_distribution() -> None:
    train = np.random.default_rng(0).exponential(size=(2000, 1, 5)).astype(np.float32)
    shares = np.array([0.05, 0.5, 0.8413447, 0.97725])
    places = -np.log(1 - shares)  # where an exponential distribution has these shares below it
    found = scaled("quantile", train, places.astype(np.float32).reshape(1, 1, 4))
    torch.testing.assert_close(found.flatten(), torch.tensor([-1.645, 0.0, 1.0, 2.0]), atol=0.06, rtol=0)


def test_normal_scores_are_flat_beyond_the_training_rows_and_linear_between() -> None:
    scaling = make_scaling("quantile", series([0, 1]))  # every knot at another place, q at q
    found = scaling(torch.tensor([[[-1e30, 0, 0.5, 1, 1e30]]])).flatten()
    end = 2.660  # the quantile of 1 - .5 / 128
    torch.testing.assert_close(found, torch.tensor([-end, -end, 0.0, end, end]), atol=1e-3, rtol=0)
    inside = scaling(torch.tensor([[[0.7]]])).item()
    assert inside == pytest.approx(0.5244, abs=0.01)  # .7 of a normal distribution lies below


def test_a_frequent_number_has_the_mean_score_of_its_quantiles() -> None:
    scaling = make_scaling("quantile", series([0, 1] * 500))
    low, high = scaling(torch.tensor([[[0.0, 1.0]]])).flatten().tolist()
    assert low == pytest.approx(-high, abs=0.05)
    assert high == pytest.approx(0.7979, abs=0.05)  # the mean of the upper half of a normal distribution
    assert make_scaling("quantile", series([3, 3]))(torch.tensor([[[2.0, 3, 4]]])).abs().max() < 1e-6


@pytest.mark.parametrize("name", MONOTONE)
def test_order_is_kept(name: str) -> None:
    rng = np.random.default_rng(1)
    train = np.stack([rng.standard_cauchy((50, 30)), rng.integers(0, 4, (50, 30))], axis=1).astype(np.float32)
    scaling = make_scaling(name, train)
    rising = np.sort(np.concatenate([train[:, :1].ravel(), rng.normal(size=500)])).astype(np.float32)
    found = scaling(torch.from_numpy(np.stack([rising, rising])[None]))
    assert torch.isfinite(found).all()
    assert (found.diff(dim=2) >= 0).all()
    within = (rising > np.quantile(train[:, 0], 0.05)) & (rising < np.quantile(train[:, 0], 0.95))
    distinct = np.unique(rising[within][::5])
    assert (scaling(torch.from_numpy(np.stack([distinct] * 2)[None]))[0, 0].diff() > 0).all()


@pytest.mark.parametrize("shape", [(40,), (3, 7), (2, 5, 6)])
def test_channels_are_scaled_apart_whatever_the_number_of_axes(shape: tuple[int, ...]) -> None:
    train = np.random.default_rng(0).normal(size=(30, *shape)).astype(np.float32)
    for name in ("log", "quantile"):
        whole = scaled(name, train)
        assert whole.shape == train.shape
        last = scaled(name, train[:, -1:])
        torch.testing.assert_close(whole[:, -1:], last)


def test_the_level_that_own_units_take_away_is_told_by_a_map_that_starts_at_zero() -> None:
    train = series([1, 3, 5], [10, 30, 50], [5, 7, 9])
    level = make_level("sample", train, 4)
    assert level is not None
    samples = torch.from_numpy(train)
    assert level(samples).abs().max() == 0
    mean, deviation = (values.flatten() for values in own_units(samples))
    assert mean.tolist() == [3, 30, 7]
    torch.testing.assert_close(deviation, torch.tensor([1.0, 10.0, 1.0]) * (8 / 3) ** 0.5)
    torch.testing.assert_close(level.levels(samples)[:, 1], torch.tensor([2.0, 11.0, 2.0]).log())
    assert all(make_level(name, train, 4) is None for name in MONOTONE)


def test_what_is_fitted_reads_rows_from_first_to_last() -> None:
    rows = few_rows(np.arange(5001))
    assert (len(rows), rows[0], rows[-1]) == (2000, 0, 5000)
