"""The mix of two modalities has the values and gradients of its formula, written out in plain tensor operations."""

import pytest
import torch

from xmodal_core.methods.stages.splice import Selection, mix, splice


def _carrying(tokens: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return tokens * (1 + (weight - weight.detach())).unsqueeze(-1)


def _written_out(target: torch.Tensor, source: torch.Tensor, chosen: Selection) -> torch.Tensor:
    target, source = _carrying(target, chosen.target_weight), _carrying(source, chosen.source_weight)
    mixed = target.clone()
    for sample, (places, chosen_places) in enumerate(zip(chosen.target, chosen.source, strict=True)):
        for place, chosen_place in zip(places, chosen_places, strict=True):
            mixed[sample, place] = source[sample, chosen_place]
    return mixed


def _sides(k: int) -> tuple[list[torch.Tensor], Selection]:
    rng = torch.Generator().manual_seed(k)
    shapes = (2, 5, 3), (2, 7, 3), (2, 5), (2, 7)  # target, source, and the weight of each
    leaves = [torch.randn(shape, generator=rng, dtype=torch.float64, requires_grad=True) for shape in shapes]
    places = [torch.stack([torch.randperm(n, generator=rng)[:k] for _ in range(2)]) for n in (7, 5)]
    return leaves, Selection(*places, source_weight=leaves[3], target_weight=leaves[2])


@pytest.mark.parametrize("k", [0, 1, 3, 5])
def test_value_and_all_four_gradients_follow_the_formula(k: int) -> None:
    leaves, chosen = _sides(k)
    upstream = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(9), dtype=torch.float64)
    mixed, formula = mix(*leaves[:2], chosen), _written_out(*leaves[:2], chosen)
    assert torch.equal(mixed, formula)
    ours = torch.autograd.grad(mixed, leaves, upstream)
    theirs = torch.autograd.grad(formula, leaves, upstream, materialize_grads=True)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def test_tokens_that_lie_transposed_in_memory_are_mixed_alike() -> None:
    """As a convolution leaves them."""
    leaves, chosen = _sides(3)
    target, source = (x.detach().transpose(1, 2).contiguous().transpose(1, 2) for x in leaves[:2])
    assert not target.is_contiguous()
    assert torch.equal(mix(target, source, chosen), mix(*leaves[:2], chosen))


def test_only_what_asks_for_a_gradient_gets_one() -> None:
    leaves, chosen = _sides(3)
    target, source = leaves[0].detach().requires_grad_(), leaves[1].detach()
    splice(target, source, chosen).sum().backward()
    assert target.grad is not None
    assert target.grad.sum() == 2 * (5 - 3) * 3  # the kept tokens
    assert leaves[2].grad is None
    assert not splice(target.detach(), source, chosen).requires_grad
