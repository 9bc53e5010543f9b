"""The source head: slopes of its loss against differences, its start, and what it leaves alone."""

import hashlib

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from tests.tiny import TinyFiles, tiny_dataset
from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.named import load_named
from xmodal_core.methods.stages import source_head
from xmodal_core.methods.stages.source_head import SourceHead, fit_head, fit_logistic, losses_and_slopes, slope_penalty
from xmodal_core.model.crossmodal import CrossModalModel, load_body, source_model
from xmodal_core.model.predictor import started


def digest(module: nn.Module) -> str:
    return hashlib.blake2b(b"".join(t.numpy().tobytes() for t in module.state_dict().values())).hexdigest()


@pytest.fixture
def sides(files: TinyFiles) -> dict[str, tuple[LabelledDataset, CrossModalModel]]:
    """Images behind a ViT, and sentences of unequal lengths behind a BERT."""
    images, text = tiny_dataset(Modality.IMAGE, n=90), load_named(files.data(Modality.TEXT, n=90))
    return {
        "image": (images, source_model(images, load_body(files.body)).eval()),
        "text": (text, source_model(text, load_body(files.text_body)).eval()),
    }


def test_the_penalty_is_the_mean_squared_excess_of_a_norm() -> None:
    """Gradients (.3, .4) and (.6, .8) at tau = .4: .01 and .36."""
    slopes = torch.tensor([[0.3, 0.4], [0.6, 0.8]]).norm(dim=1)
    assert slope_penalty(slopes, 0.4).item() == pytest.approx(0.185)
    assert slope_penalty(slopes, 1.0).item() == 0.0


@pytest.mark.parametrize("kind", ["image", "text"])
def test_a_slope_is_that_of_shifting_all_real_tokens_together(
    kind: str, sides: dict[str, tuple[LabelledDataset, CrossModalModel]]
) -> None:
    source, side = sides[kind]
    side.double()
    inputs = side.embedder.prepare(source, np.arange(3))
    inputs = inputs.double() if inputs.is_floating_point() else inputs
    mask, labels = side.embedder.mask(inputs), torch.tensor([0, 1, 2])
    head = nn.Linear(side.body.output_size, 3).double()
    losses, slopes = losses_and_slopes(side, head, inputs, labels)
    tokens = side.embedder(inputs).detach()
    real = torch.ones(tokens.shape[:2], dtype=torch.bool) if mask is None else mask
    brute, size = torch.zeros(3, tokens.shape[2], dtype=torch.float64), 1e-5
    for axis in range(tokens.shape[2]):
        both = []
        for sign in (1, -1):
            moved = tokens.clone()
            moved[..., axis] += sign * size * real
            with torch.no_grad():
                both.append(cross_entropy(head(side.encode(moved, mask)), labels, reduction="none"))
        brute[:, axis] = (both[0] - both[1]) / (2 * size)
    torch.testing.assert_close(slopes, brute.norm(dim=1), rtol=1e-5, atol=1e-9)
    with torch.no_grad():
        torch.testing.assert_close(losses, cross_entropy(head(side.features(inputs)), labels, reduction="none"))


def test_the_start_is_the_optimum_of_the_regression() -> None:
    rng = torch.Generator().manual_seed(0)
    features, labels = torch.randn(60, 4, generator=rng), torch.arange(60) % 3
    features[:, 0] += labels
    head = started("standard", 4, nn.Linear(4, 3))
    fit_logistic(head, features, labels)
    weight, bias = head.parameters()
    loss = cross_entropy(head(features), labels) + source_head._DECAY / 2 * weight.square().sum()
    slopes = torch.autograd.grad(loss, [weight, bias])
    assert max(float(slope.abs().max()) for slope in slopes) < 1e-3
    assert loss.item() < np.log(3) - 0.1


def test_fitting_trains_the_head_alone_and_the_penalty_flattens_it(
    sides: dict[str, tuple[LabelledDataset, CrossModalModel]],
) -> None:
    source, side = sides["image"]
    before = digest(side)
    _, plain = fit_head(source, side, SourceHead(head_steps=0), 64, 0)
    head, flat = fit_head(source, side, SourceHead(head_steps=60, penalty_weight=1000.0), 64, 0)
    assert digest(side) == before
    assert not any(p.requires_grad for p in head.parameters())
    assert plain["head_slope_limit"] == flat["head_slope_limit"] > 0
    assert plain["head_steep_share"] == pytest.approx(0.5, abs=0.05)  # tau is their median
    assert flat["head_steep_share"] < plain["head_steep_share"] - 0.1
    assert flat["head_accuracy"] >= 0.5


def test_a_random_head_is_never_trained_and_a_fitted_one_beats_it(
    sides: dict[str, tuple[LabelledDataset, CrossModalModel]],
) -> None:
    source, side = sides["image"]
    head, facts = fit_head(source, side, SourceHead(source_head="random"), 64, 3)
    assert torch.equal(head[-1].weight, source_head.new_head(source, side, 3)[-1].weight)
    assert fit_head(source, side, SourceHead(), 64, 3)[1]["head_accuracy"] > facts["head_accuracy"]
