"""Tiles are the sample in the order of its tokens, and what is exchanged is what the gate's scores say."""

import numpy as np
import pytest

from tests.tiny import tiny_dataset
from xmodal_core.data.dataset import Modality, make_dataset
from xmodal_core.figures.exchange import orders, tiles


def quarters(values):
    """An image of 2 x 2 pixels, once for each of six rows."""
    images = np.tile(np.array(values, np.float32)[None, None], (6, 1, 1, 1))
    images[5] = [[0, 1], [0, 0]]  # so that the scale goes from 0 to 1
    return make_dataset("q", Modality.IMAGE, images, np.arange(6) % 2, ["a", "b"])


def test_four_tokens_of_an_image_are_its_quarters():
    found = tiles(quarters([[0.0, 0.2], [0.4, 0.6]]), 0, 4)
    assert [tile[0, 0, 0] for tile in found.pictures] == [0, 51, 102, 153]
    assert all((tile == tile[0, 0]).all() for tile in found.pictures)
    assert (found.columns, found.crisp) == (2, True)


def test_the_highest_of_the_source_take_the_place_of_the_lowest_of_the_target():
    one, other = orders(np.array([0.1, 0.9, 0.2, 0.8]), np.array([0.5, 0.1, 0.2, 0.9]), 4)
    assert one.tolist() == [1, 3, 2, 0]
    assert other.tolist() == [1, 2, 0, 3]


def test_padding_comes_last_and_an_inverted_gate_gives_the_best_away():
    one, other = orders(np.array([0.1, 0.2, 0.9]), np.array([0.3, 0.7]), n_real=2, inverted=True)
    assert one.tolist() == [1, 0, 2]
    assert other.tolist() == [1, 0]


def test_stretches_of_a_wave_side_by_side_are_the_wave():
    series = np.zeros((6, 1, 30), np.float32)
    series[:, :, 15:] = 1
    data = make_dataset("w", Modality.SERIES, series, np.arange(6) % 2, ["a", "b"])
    found = tiles(data, 0, 10)
    height = found.pictures.shape[1]
    low, high = found.pictures[1], found.pictures[8]
    ink = [np.flatnonzero((tile < 200).any(axis=(1, 2))).mean() / height for tile in (high, low)]
    assert ink[0] < 0.25 < 0.75 < ink[1]  # counted from the top
    assert found.columns == 10


def test_words_are_tiles_and_what_is_behind_them_is_padding():
    found = tiles(tiny_dataset(Modality.TEXT), 0, 5, ["a", "few", "words"])
    assert (found.n_real, list(found.names)) == (3, ["a", "few", "words", "", ""])
    assert (found.pictures[0] < 100).any()
    assert (found.pictures[4] > 200).all()


@pytest.mark.parametrize("modality", list(Modality))
@pytest.mark.parametrize("n_tokens", [1, 4, 7])
def test_every_modality_has_a_tile_a_token(modality, n_tokens):
    found = tiles(tiny_dataset(modality), 1, n_tokens)
    assert found.pictures.shape[0] == n_tokens == len(found.names)
    assert found.pictures.dtype == np.uint8
