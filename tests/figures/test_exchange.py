"""Tiles are the sample in the order of its tokens, and what is exchanged is what the gate's scores say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiny import tiny_dataset
from xmodal_core.data.dataset import Modality, make_dataset
from xmodal_core.figures.exchange import exchanged, orders, tiles


def quarters(values):
    """An image of 2 x 2 pixels, once for each of six rows."""
    images = np.tile(np.array(values, np.float32)[None, None], (6, 1, 1, 1))
    images[5] = [[0, 1], [0, 0]]  # so that the scale goes from 0 to 1
    return make_dataset("q", Modality.IMAGE, images, np.arange(6) % 2, ["a", "b"])


def test_four_tokens_of_an_image_are_its_quarters_and_the_mix_has_the_sources_pixels_where_it_was_replaced():
    target = tiles(quarters([[0.0, 0.2], [0.4, 0.6]]), 0, 4)
    source = tiles(quarters([[1.0, 0.8], [0.6, 0.2]]), 0, 4)
    assert [tile[0, 0, 0] for tile in target.pictures] == [0, 51, 102, 153]
    chosen, replaced = (
        order[:2] for order in orders(np.array([0.1, 0.9, 0.2, 0.8]), np.array([0.5, 0.1, 0.2, 0.9]), 4)
    )
    assert (sorted(chosen), sorted(replaced)) == ([1, 3], [1, 2])
    mixed = exchanged(target.pictures, source.pictures, np.sort(chosen), np.sort(replaced))  # in raster order
    assert np.array_equal(mixed[0], target.pictures[0])
    assert np.array_equal(mixed[1], source.pictures[1])
    assert np.array_equal(mixed[2], source.pictures[3])
    assert np.array_equal(mixed[3], target.pictures[3])


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**31 - 1))
@settings(deadline=None, max_examples=40)
def test_no_token_exchanged_is_the_target_and_all_are_the_source(n_source, n_target, seed):
    rng = np.random.default_rng(seed)
    source, target = (rng.integers(0, 256, (n, 2, 2, 3)).astype(np.uint8) for n in (n_source, n_target))
    one, other = orders(rng.random(n_source), rng.random(n_target), n_source)
    assert np.array_equal(exchanged(target, source, one[:0], other[:0]), target)
    k = min(n_source, n_target)
    mixed = exchanged(target, source, np.sort(one[:k]), np.sort(other[:k]))
    if n_source == n_target:
        assert np.array_equal(mixed, source)
    assert sorted(one.tolist()) == list(range(n_source))


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
