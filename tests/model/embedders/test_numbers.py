"""Encodings of numbers: equation 1 of the paper by hand, few values and none that differ."""

import numpy as np
import pytest
import torch

from xmodal_core.model.embedders.numbers import make_numbers


def test_a_line_is_the_number_itself() -> None:
    numbers = torch.tensor([[1.0, -2.0]])
    assert make_numbers("linear", np.zeros((3, 2)))(numbers).tolist() == [[[1.0], [-2.0]]]


def test_pieces_are_those_of_the_paper() -> None:
    """Sixteen rows make two bins; edges at 0, 1 (the median) and 5."""
    train = np.array([[0.0]] * 7 + [[1.0]] * 2 + [[5.0]] * 7, dtype=np.float32)
    found = make_numbers("piecewise", train)(torch.tensor([[-1.0], [0.0], [0.5], [1.0], [3.0], [5.0], [9.0]]))
    expected = [[-1, 0], [0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [1, 2]]
    torch.testing.assert_close(found[:, 0], torch.tensor(expected))


def test_features_of_few_values_have_fewer_bins_and_the_rest_stay_zero() -> None:
    rng = np.random.default_rng(0)
    train = np.stack([rng.normal(size=400), rng.integers(0, 2, 400), np.full(400, 3.0)], axis=1).astype(np.float32)
    encoding = make_numbers("piecewise", train)
    assert encoding.codes == 48
    found = encoding(torch.from_numpy(train))
    assert found.shape == (400, 3, 48)
    assert torch.equal(found[:, 1, 0], torch.from_numpy(train[:, 1]))
    assert found[:, 1, 1:].abs().max() == 0
    assert found[:, 2].abs().max() == 0
    assert encoding(torch.tensor([[0.0, 0.0, 3.5]]))[0, 2].tolist() == [0.5] + [0.0] * 47


def test_pieces_keep_order_and_tell_every_number_apart() -> None:
    train = np.random.default_rng(0).standard_cauchy((1000, 1)).astype(np.float32)
    rising = torch.linspace(-40, 40, 999).unsqueeze(1)
    found = make_numbers("piecewise", train)(rising)[:, 0]
    assert (found.diff(dim=0) >= 0).all()
    assert (found.sum(dim=1).diff() > 0).all()


def test_the_map_behind_codes_starts_by_how_much_they_vary() -> None:
    """Of t bins, the i-th is 1 for a share 1 - i / t of the rows: variances add up to nearly t / 6."""
    train = np.random.default_rng(0).normal(size=(2000, 1)).astype(np.float32)
    assert make_numbers("piecewise", train).size(train) == pytest.approx((48 / 6) ** 0.5, rel=0.05)
    assert make_numbers("linear", train).size(train) == 1
    assert make_numbers("piecewise", 0 * train).size(0 * train) == 1


def test_waves_are_sine_and_cosine_of_learned_frequencies() -> None:
    torch.manual_seed(0)
    waves = make_numbers("periodic", np.zeros((3, 500), dtype=np.float32))
    assert waves.frequencies.std().item() == pytest.approx(0.1, rel=0.02)
    with torch.no_grad():
        waves.frequencies[0, :2] = torch.tensor([0.25, 1.0])
    found = waves(torch.full((1, 500), 1.0))[0, 0].detach()
    torch.testing.assert_close(found[:2], torch.tensor([1.0, 0.0]), atol=1e-6, rtol=0)  # sin of a quarter and a whole
    torch.testing.assert_close(found[48:50], torch.tensor([0.0, 1.0]), atol=1e-6, rtol=0)
    assert found.square().sum().item() == pytest.approx(48)
