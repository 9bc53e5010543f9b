"""ORCA's embedders as released: exact divisors, its initial weights, its filters for other channels, and refusals."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.families import native, saved
from tests.tiny import TinyFiles, tiny_dataset
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.model.crossmodal import load_body, make_model
from xmodal_core.model.embedders.base import Embedder
from xmodal_core.model.settings import ModelSettings

RELEASED = ModelSettings(compat="released")


def series(channels: int, length: int) -> LabelledDataset:
    inputs = np.random.default_rng(0).normal(3, 2, (12, channels, length))
    return make_dataset("s", Modality.SERIES, inputs, np.arange(12) % 2, ["a", "b"])


def embedder(data: LabelledDataset, where: str, tokens: int | None = None, **options: str) -> Embedder:
    return make_model(data, load_body(where, settings=RELEASED, tokens=tokens), **options).embedder.eval()


@pytest.mark.parametrize(
    ("length", "most", "tokens"), [(1000, 64, 50), (46, 512, 46), (1024, 32, 32), (3840, 8, 8), (37, 24, 1)]
)
def test_a_series_is_cut_by_the_smallest_length_that_divides_it(length: int, most: int, tokens: int) -> None:
    """The release's own table: ECG, satellite, a diffusion-sorption field, drugs; and a prime."""
    from xmodal_core.model.tokens import exact_cut

    assert exact_cut(length, most) == (tokens, length // tokens)


@pytest.mark.parametrize("family", ["roberta", "bert"])
@pytest.mark.parametrize("init", ["pretrained", "random"])
def test_series_are_projected_normed_and_placed(init: str, family: str, tmp_path: Path) -> None:
    data = series(2, 30)
    where = saved(family, tmp_path)
    layer = embedder(data, where, tokens=8, init=init)
    stem = load_body(where).stem
    assert (layer.n_tokens, layer.project.weight.shape) == (6, (16, 2, 5))
    assert not layer.project.bias.any()
    bound = 2**0.5 * (6 / (2 * 5 + 16 * 5)) ** 0.5  # Xavier's with the fans of a convolution
    assert layer.project.weight.abs().max().item() == pytest.approx(bound, rel=0.1)
    scaled = (torch.from_numpy(data.inputs) - layer.shift) / layer.scale
    patches = scaled.unfold(2, 5, 5)  # (n, c, l, 5)
    cut = torch.einsum("nclp,dcp->nld", patches, layer.project.weight)
    weight, bias = stem.norm if init == "pretrained" else (torch.ones(16), torch.zeros(16))
    expected = torch.nn.functional.layer_norm(cut, (16,), weight, bias) + stem.positions[:6]
    torch.testing.assert_close(layer(torch.from_numpy(data.inputs)), expected, rtol=1e-5, atol=1e-5)


def test_letters_are_channels_of_a_series(files: TinyFiles) -> None:
    data = tiny_dataset(Modality.SEQUENCE)  # of 20 letters
    layer = embedder(data, files.text_body, tokens=7)
    assert layer.n_tokens == 5
    assert layer(torch.from_numpy(data.inputs[:3])).shape == (3, 5, 16)


def test_a_table_of_numbers_is_one_token(files: TinyFiles, refusal) -> None:
    data = tiny_dataset(Modality.TABULAR)
    layer = embedder(data, files.text_body)
    assert (layer.n_tokens, layer.project.weight.shape) == (1, (16, 7, 1))
    rows = torch.from_numpy(data.inputs)
    train = data.inputs[data.rows("train")]
    scaled = torch.from_numpy((data.inputs - train.mean(0)) / train.std(0))
    torch.testing.assert_close(layer.content(rows)[:, 0], scaled @ layer.project.weight[..., 0].T, rtol=1e-4, atol=1e-4)
    counts = (0,) * 6 + (3,)
    inputs = data.inputs.copy()
    inputs[:, 6] = np.arange(60) % 3
    mixed = make_dataset("m", Modality.TABULAR, inputs, data.targets, data.class_names, category_counts=counts)
    refusal(lambda: embedder(mixed, files.text_body), "m has categories", "compat")


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.FIELD])
@pytest.mark.parametrize("channels", [1, 2, 3, 7])
def test_filters_are_repeated_and_cut_off_in_their_own_size(channels: int, modality: Modality, tmp_path: Path) -> None:
    own = native("swin")
    inputs = np.resize(own.inputs, (12, channels, 16, 16))
    data = make_dataset("i", modality, inputs, own.targets, own.class_names)
    where = saved("swin", tmp_path)
    layer, (weight, bias) = embedder(data, where), load_body(where).stem.patch
    for k in range(channels):
        assert torch.equal(layer.project.weight[:, k], weight[:, k % 3])
    assert torch.equal(layer.project.bias, bias)
    fresh = embedder(data, where, init="random")
    assert fresh.project.weight.std().item() == pytest.approx(0.02, rel=0.3)
    assert not fresh.project.bias.any()


def tokens_of(layer: Embedder, data: LabelledDataset) -> Tensor:
    return layer(layer.prepare(data, np.arange(4)))


def test_text_is_read_as_ever(files: TinyFiles) -> None:
    data = tiny_dataset(Modality.TEXT)
    ours = make_model(data, load_body(files.text_body)).embedder.eval()
    assert torch.equal(tokens_of(embedder(data, files.text_body), data), tokens_of(ours, data))


def test_bodies_that_the_release_has_no_embedder_for_are_refused(files: TinyFiles, refusal) -> None:
    refusal(lambda: embedder(tiny_dataset(Modality.IMAGE), files.text_body), "no patches of its own", "choose Swin")
    refusal(lambda: embedder(tiny_dataset(Modality.SERIES), files.body), "no text body", "choose RoBERTa")
