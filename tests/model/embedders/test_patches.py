"""Stems: as many tokens as the linear one, its filters in their place, and a larger view of the sample."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.families import native, saved
from tests.tiny import TinyFiles, tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.model.crossmodal import CrossModalModel, load_body, make_model
from xmodal_core.model.embedders.patches import make_stem
from xmodal_core.model.settings import STEMS, ModelSettings

WIDER = [stem for stem in STEMS if stem != "linear"]


def made(modality: Modality, where: str, stem: str, tokens: int | None = None) -> CrossModalModel:
    settings = ModelSettings(stem=stem, positions="none")
    return make_model(tiny_dataset(modality), load_body(where, tokens=tokens, settings=settings)).eval()


def test_an_overlapping_patch_of_four_reaches_two_places_to_either_side() -> None:
    stem = make_stem("overlap", 1, (4,), (4,), 64)
    assert stem.patch == (8,)
    weight = stem.around(torch.arange(1.0, 5.0).view(1, 1, 4), 0.0)
    assert weight.flatten().tolist() == [0, 0, 1, 2, 3, 4, 0, 0]
    assert stem(torch.ones(1, 1, 8)).flatten().tolist() == [0, 0] + [1] * 8 + [0, 0]
    drawn = stem.around(torch.zeros(500, 1, 4), 2.0)
    assert drawn[..., 2:6].abs().max() == 0
    assert drawn[..., [0, 1, 6, 7]].std().item() == pytest.approx(2, rel=0.1)


def test_a_patch_that_overlaps_already_is_widened_to_twice_its_stride_only() -> None:
    assert make_stem("overlap", 1, (16, 16), (10, 4), 64).patch == (20, 16)
    assert make_stem("overlap", 1, (16, 16), (8, 4), 64).margin == [0, 0, 0, 0]


def test_the_local_convolution_stands_beside_the_channels() -> None:
    torch.manual_seed(0)
    stem = make_stem("conv", 2, (4,), (4,), 64)
    channels = torch.randn(3, 2, 12)
    found = stem(channels)
    assert found.shape == (3, 34, 12)
    assert torch.equal(found[:, :2], channels)
    by_hand = F.gelu(F.conv1d(F.pad(channels, (3, 3)), stem.local.weight, stem.local.bias))
    torch.testing.assert_close(found[:, 2:], by_hand)


@pytest.mark.parametrize(("patch", "n_local"), [((84,), 32), ((168,), 16), ((9999,), 4), ((16, 16), 10)])
def test_long_patches_have_fewer_local_channels(patch: tuple[int, ...], n_local: int) -> None:
    assert make_stem("conv", 1, patch, patch, 384).channels == n_local + 1


def test_local_channels_whose_weights_start_at_zero_are_divided_by_the_root_of_their_number() -> None:
    """So that a step that moves all of these weights alike moves a token as far as one that moves the channels'."""
    stem = make_stem("conv", 1, (4,), (4,), 64)
    samples = torch.randn(2, 1, 12, generator=torch.Generator().manual_seed(0))
    stem.around(torch.ones(64, 1, 4), 0.1)
    whole = stem(samples)
    stem.around(torch.ones(64, 1, 4), 0.0)
    torch.testing.assert_close(stem(samples)[:, 1:], whole[:, 1:] / stem.n_local**0.5)  # type: ignore[attr-defined]
    assert torch.equal(stem(samples)[:, :1], samples)


def test_what_is_drawn_for_local_channels_weighs_as_much_as_the_patch_itself() -> None:
    torch.manual_seed(0)
    stem = make_stem("conv", 3, (8,), (8,), 64)
    filters = torch.nn.init.normal_(torch.empty(400, 3, 8), std=0.2)
    seen = stem(torch.randn(200, 3, 8))
    patch, local = stem.around(filters, 0.2).split([3, 32], dim=1)
    sizes = [F.conv1d(*pair).square().mean().item() for pair in ((seen[:, :3], patch), (seen[:, 3:], local))]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.3)


@pytest.mark.parametrize("stem", WIDER)
@pytest.mark.parametrize("family", ["vit", "swin", "beit", "audio-spectrogram-transformer"])
def test_a_body_with_filters_of_its_own_starts_with_its_own_tokens(family: str, stem: str, tmp_path: Path) -> None:
    data, where = native(family), saved(family, tmp_path)
    plain, wider = (make_model(data, load_body(where, settings=ModelSettings(stem=name))) for name in ("linear", stem))
    inputs = torch.from_numpy(data.inputs)
    assert wider.embedder.grid == plain.embedder.grid
    torch.testing.assert_close(wider.embedder(inputs), plain.embedder(inputs), atol=1e-5, rtol=1e-4)


def reach(model: CrossModalModel, inputs: Tensor, token: int) -> list[int]:
    """Places of the first axis that a token depends on."""
    inputs = inputs.clone().requires_grad_()
    content = model.embedder.content(inputs)[0, token].square().sum()
    (gradient,) = torch.autograd.grad(content, inputs)
    return gradient[0].abs().sum(dim=0).nonzero().flatten().tolist()


@pytest.mark.parametrize(("stem", "first", "last"), [("linear", 10, 14), ("overlap", 8, 17), ("conv", 7, 17)])
def test_a_token_of_a_series_sees_beyond_its_patch(stem: str, first: int, last: int, files: TinyFiles) -> None:
    model = made(Modality.SERIES, files.text_body, stem, tokens=6)  # six patches of five places
    assert model.embedder.n_tokens == 6
    assert reach(model, torch.randn(1, 2, 30), 2) == list(range(first, last + 1))


@pytest.mark.parametrize("stem", WIDER)
def test_the_linear_patch_of_a_series_is_contained_in_the_others(stem: str, files: TinyFiles) -> None:
    linear, wider = (made(Modality.SERIES, files.text_body, name, tokens=6).embedder for name in ("linear", stem))
    ahead = wider.ahead
    inside = ahead.around(torch.ones_like(linear.project.weight), 0.0) > 0
    assert inside.sum() == linear.project.weight.numel()
    assert not (ahead.around(linear.project.weight.detach(), 1.0)[~inside] == 0).any()


def test_old_names_of_weights_stay(files: TinyFiles) -> None:
    names = set(made(Modality.SERIES, files.text_body, "linear").embedder.state_dict())
    assert {"project.weight", "project.bias", "shift", "scale"} <= names
    assert not any(name.startswith(("ahead", "scaling", "level")) for name in names)


def test_letters_have_stems_too(files: TinyFiles) -> None:
    codes = np.arange(40).reshape(2, 20) % 5
    for stem in STEMS:
        model = made(Modality.SEQUENCE, files.text_body, stem, tokens=5)
        assert model.embedder(torch.from_numpy(codes)).shape == (2, 5, 16)
