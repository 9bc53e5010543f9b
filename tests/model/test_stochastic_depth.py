"""Branches are dropped for whole samples, in training and inside `dropping` only, by draws that a seed makes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.families import saved
from xmodal_core.model.body import Body
from xmodal_core.model.crossmodal import load_body
from xmodal_core.model.families import FAMILIES
from xmodal_core.model.stochastic_depth import DropPath, dropping

DROPPING = [name for name, family in FAMILIES.items() if "drop_path_rate" in family.off]


def with_rate(family: str, rate: object, folder: Path) -> str:
    """A tiny checkpoint whose configuration has this rate."""
    where = saved(family, folder)
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"drop_path_rate": rate}))
    return where


def read(body: Body, seed: int | None) -> torch.Tensor:
    """What leaves the body for six samples, where branches are dropped by this seed; None drops nothing."""
    tokens = torch.randn(6, body.max_tokens, body.hidden_size, generator=torch.Generator().manual_seed(1))
    if seed is None:
        return body(tokens)
    with dropping(body, seed):
        return body(tokens)


def test_a_sample_loses_its_whole_branch_or_has_it_enlarged() -> None:
    place = DropPath(0.2).train()
    with dropping(place, 3):
        out = place(torch.ones(2000, 4, 2))
    assert torch.equal(out, out[:, :1, :1].expand_as(out))
    assert sorted(set(out.flatten().tolist())) == [0.0, 1.25]
    assert (out == 0).float().mean().item() == pytest.approx(0.2, abs=0.03)
    assert out.mean().item() == pytest.approx(1.0, abs=0.04)  # three standard errors of a share of .2


def test_nothing_is_dropped_outside_in_evaluation_or_after_an_error_inside() -> None:
    place, ones = DropPath(0.9).train(), torch.ones(50, 3)
    assert torch.equal(place(ones), ones)
    with dropping(place, 0):
        assert not torch.equal(place(ones), ones)
        assert torch.equal(place.eval()(ones), ones)
    with pytest.raises(RuntimeError), dropping(place, 0):
        place(torch.ones(50, 3, device="meta")).item()
    assert torch.equal(place.train()(ones), ones)


def test_draws_are_those_of_the_seed_and_the_global_generator_is_left_alone() -> None:
    place, ones = DropPath(0.5).train(), torch.ones(50, 1)
    state = torch.get_rng_state()
    found = []
    for seed in (1, 1, 2):
        with dropping(place, seed):
            found.append(place(ones))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("family", DROPPING)
def test_a_body_drops_as_often_as_its_configuration_says(family: str, tmp_path: Path) -> None:
    where = with_rate(family, 0.5, tmp_path)
    body, drawn = load_body(where).train(), load_body(where, pretrained=False)
    rates = [module.rate for module in body.modules() if isinstance(module, DropPath)]
    assert rates == ([0.5, 0.5] if family == "dinov2" else [0.0, 0.5])
    assert body.drop_path_rate == drawn.drop_path_rate == 0.5
    assert torch.equal(read(body, None), read(body, None))
    assert torch.equal(read(body, 0), read(body, 0))
    assert not torch.equal(read(body, 0), read(body, None))
    assert torch.equal(read(body.eval(), 0), read(body, None))


def test_the_families_that_have_stochastic_depth_are_found() -> None:
    assert set(DROPPING) == {"swin", "swinv2", "dinov2", "beit"}


@pytest.mark.parametrize("rate", [1.0, -0.1])
def test_a_rate_that_no_branch_can_have_is_refused(rate: float, tmp_path: Path, refusal: Callable[..., str]) -> None:
    where = with_rate("dinov2", rate, tmp_path)
    refusal(lambda: load_body(where), f"drop_path_rate {rate}", "from 0 to below 1")
