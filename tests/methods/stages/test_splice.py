"""Which tokens are replaced by which, and a mix that has the values and gradients of its formula."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.errors import SettingsError
from xmodal_core.methods.stages.splice import (
    Gate,
    Selection,
    gated,
    mix,
    noisy,
    pare_loss,
    relaxed_subset,
    released_frozen,
    released_sampled,
    select,
    splice,
    spliced_mask,
    width_adapter,
)
from xmodal_core.model.seeding import seeded


def test_selection_takes_the_top_of_the_source_and_the_bottom_of_the_target_in_raster_order() -> None:
    source, target = torch.tensor([[0.1, 0.9, 0.5, 0.7]]), torch.tensor([[0.3, 0.9, 0.1, 0.8]])
    chosen = select(source, target, 2)
    assert chosen.source.tolist() == [[1, 3]]
    assert chosen.target.tolist() == [[0, 2]]


def test_splice_matches_the_papers_figure() -> None:
    """Source patches 2 and 4 go to target slots 1 and 4 (1-based), rank by rank."""
    target, source = torch.arange(4.0).view(1, 4, 1), 10 + torch.arange(4.0).view(1, 4, 1)
    chosen = select(torch.tensor([[0.0, 1, 0.5, 2]]), torch.tensor([[-1.0, 5, 6, -2]]), 2)
    assert splice(target, source, chosen).flatten().tolist() == [11, 1, 2, 13]


@given(st.integers(1, 5), st.integers(1, 12), st.integers(1, 12), st.data())
@settings(deadline=None, max_examples=40)
def test_splice_is_a_copy_with_exactly_k_replacements(
    batch: int, n_source: int, n_target: int, data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, min(n_source, n_target)))
    rng = torch.Generator().manual_seed(data.draw(st.integers(0, 1000)))
    target = torch.rand(batch, n_target, 3, generator=rng)
    source = 2 + torch.rand(batch, n_source, 3, generator=rng)
    before = target.clone()
    chosen = select(source.mean(-1), target.mean(-1), k)
    mixed = splice(target, source, chosen)
    assert torch.equal(target, before)
    assert ((mixed >= 2).all(-1).sum(1) == k).all()
    assert torch.equal(mixed[mixed < 2].sort().values, target[(mixed < 2)].sort().values)
    if k == 0:
        assert torch.equal(mixed, target)
    if k == n_target == n_source:
        assert torch.equal(mixed, source)


def test_padding_of_the_source_is_chosen_last() -> None:
    mask = torch.tensor([[True, True, False, False]])
    assert select(torch.tensor([[0.0, 1, 9, 9]]), torch.zeros(1, 4), 2, mask).source.tolist() == [[0, 1]]


@pytest.mark.parametrize("k", [0, 2, 4])
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_gate_learns_whatever_k_and_noise(k: int, noise: float) -> None:
    gate, rng = Gate(3), torch.Generator().manual_seed(0)
    tokens, source = torch.randn(2, 4, 3, generator=rng), torch.randn(2, 4, 3, generator=rng)
    t, s = gate(tokens), gate(source)
    chosen = select(noisy(s, noise, rng), noisy(t, noise, rng), k)
    mixed = mix(tokens, source, replace(chosen, source_weight=torch.sigmoid(s), target_weight=torch.sigmoid(t)))
    mixed.square().sum().backward()
    assert gate.score.weight.grad is not None
    assert gate.score.weight.grad.abs().sum() > 0


def test_weights_change_no_value() -> None:
    tokens, source = torch.randn(2, 5, 3), torch.randn(2, 5, 3)
    chosen = select(torch.randn(2, 5), torch.randn(2, 5), 2)
    weighted = replace(chosen, source_weight=torch.rand(2, 5), target_weight=torch.rand(2, 5))
    assert torch.equal(mix(tokens, source, weighted), splice(tokens, source, chosen))


def test_noise_draws_without_replacement_in_proportion_to_exp_logits() -> None:
    """Gumbel top-1: logits log 3 and 0 are chosen 3 to 1."""
    logits = torch.tensor([[3.0, 1.0]]).log().expand(20_000, -1)
    first = noisy(logits, 1.0, torch.Generator().manual_seed(0)).argmax(1)
    assert (first == 0).float().mean().item() == pytest.approx(0.75, abs=0.015)


def test_loss_mixes_by_the_share_of_replaced_tokens() -> None:
    one, two, four = (torch.tensor(v) for v in (1.0, 2.0, 4.0))
    assert pare_loss(one, two, four, 0.25, 1.0).item() == pytest.approx(1 + 0.75 * 2 + 0.25 * 4)
    assert pare_loss(one, two, four, 0.25, 0.0).item() == 1


@pytest.mark.parametrize("k", [-1, 4])
def test_more_tokens_than_a_sample_has_are_refused_in_one_sentence(k: int) -> None:
    with pytest.raises(SettingsError, match=r"expected 0 to 3, .*; choose fewer\.$"):
        select(torch.zeros(1, 3), torch.zeros(1, 8), k)


def test_the_gate_learns_from_the_tokens_that_are_mixed_and_from_no_others() -> None:
    """d L / d weight of a token is <d L / d token, token> where it ended up in the mix, and 0 where it did not."""
    rng = torch.Generator().manual_seed(0)
    tokens, source = torch.randn(1, 3, 2, generator=rng), torch.randn(1, 4, 2, generator=rng)
    source_logits, target_logits = torch.randn(1, 4, generator=rng), torch.randn(1, 3, generator=rng)
    source_logits.requires_grad_(), target_logits.requires_grad_()
    chosen = gated(source_logits, target_logits, 2, 0.0, rng)
    mix(tokens, source, chosen).square().sum().backward()
    slope = torch.sigmoid(source_logits) * (1 - torch.sigmoid(source_logits))
    expected = torch.zeros(1, 4).scatter(
        1, chosen.source, (2 * source.square().sum(-1) * slope).gather(1, chosen.source)
    )
    torch.testing.assert_close(source_logits.grad, expected.detach())
    assert target_logits.grad is not None
    assert (target_logits.grad[0] != 0).tolist() == [i not in chosen.target[0].tolist() for i in range(3)]


def test_real_tokens_of_a_mix_are_those_that_stayed_and_those_that_came() -> None:
    chosen = Selection(source=torch.tensor([[0, 2]]), target=torch.tensor([[1, 3]]))
    target, source = torch.tensor([[True, True, False, False]]), torch.tensor([[True, True, False]])
    assert spliced_mask(target, source, chosen, 4).tolist() == [[True, True, False, False]]  # in: 0 (real), 2 (padding)
    assert spliced_mask(None, source, chosen, 4).tolist() == [[True, True, True, False]]
    assert spliced_mask(target, None, chosen, 4).tolist() == [[True, True, False, True]]
    assert spliced_mask(None, None, chosen, 4) is None


def test_rules_choose_the_bottom_or_the_top_of_the_target_or_ignore_the_gate() -> None:
    source, target = torch.tensor([[0.1, 0.9, 0.5, 0.7]]), torch.tensor([[0.3, 0.9, 0.1, 0.8]])
    rng = torch.Generator().manual_seed(0)
    assert gated(source, target, 2, 0.0, rng, rule="gate").target.tolist() == [[0, 2]]
    assert gated(source, target, 2, 0.0, rng, rule="gate_inverted").target.tolist() == [[1, 3]]
    free = gated(source.expand(400, -1), target.expand(400, -1), 2, 0.0, rng, rule="random")
    assert free.source_weight is None
    assert torch.bincount(free.target.flatten(), minlength=4).float() == pytest.approx([200] * 4, abs=50)


def test_source_tokens_of_another_width_are_refused_by_the_splice_and_taken_through_an_adapter() -> None:
    tokens, source, chosen = torch.zeros(2, 5, 8), torch.randn(2, 3, 4), select(torch.zeros(2, 3), torch.zeros(2, 5), 3)
    with pytest.raises(SettingsError, match="expected equal widths"):
        splice(tokens, source, chosen)
    adapted = width_adapter(4, 8)(source)
    assert splice(tokens, adapted, chosen).shape == (2, 5, 8)
    torch.testing.assert_close(adapted.norm(dim=2), source.norm(dim=2))  # wider: lengths are kept
    assert torch.equal(width_adapter(4, 4)(source), source)


def graph_size(k: int, compat: str) -> int:
    """Nodes that autograd keeps for one mix of 12 tokens."""
    rng = torch.Generator().manual_seed(0)
    gate, tokens, source = Gate(3), torch.randn(2, 12, 3, generator=rng), torch.randn(2, 12, 3, generator=rng)
    logits = gate(source), gate(tokens)
    chosen = gated(*logits, k, 1.0, rng) if compat == "ours" else released_sampled(*logits, k, rng)
    seen, todo = set(), [mix(tokens, source, chosen).grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            todo += [parent for parent, _ in node.next_functions]
    return len(seen)


def test_what_a_mix_costs_does_not_depend_on_k_where_the_released_one_takes_a_softmax_per_token() -> None:
    assert graph_size(1, "ours") == graph_size(11, "ours") < 30
    assert graph_size(6, "released") > 12 * 3


def test_relaxed_subset_starts_as_a_softmax_sums_to_k_and_may_exceed_one() -> None:
    scores = torch.tensor([[0.2, 1.0, -0.5]])
    torch.testing.assert_close(relaxed_subset(scores, 1, 0.9), torch.softmax(scores / 0.9, 1))
    assert relaxed_subset(scores, 0).tolist() == [[0, 0, 0]]
    many = relaxed_subset(torch.randn(3, 40, generator=torch.Generator().manual_seed(0)), 26)
    assert many.sum(1).tolist() == pytest.approx([26] * 3, rel=1e-5)
    assert many.max() > 1


@pytest.mark.parametrize("k", [0, 3, 6])
def test_released_sampling_inserts_k_tokens_keeps_the_rest_and_teaches_the_gate(k: int) -> None:
    with seeded(0):
        gate = Gate(3)
    rng = torch.Generator().manual_seed(0)
    tokens, source = torch.randn(2, 6, 3, generator=rng), 50 + torch.randn(2, 6, 3, generator=rng)
    chosen = released_sampled(gate(source / 50), gate(tokens), k, rng)  # tokens near 50 would saturate its sigmoid
    mixed = mix(tokens, source, chosen)
    assert ((mixed > 25).all(-1).sum(1) == k).all()
    torch.testing.assert_close(mixed, splice(tokens, source, chosen), rtol=0, atol=0)
    mixed.square().sum().backward()
    assert gate.score.weight.grad is not None
    assert gate.score.weight.grad.abs().sum() > 0


def test_released_noise_swamps_the_gate() -> None:
    """2000 of 3136 tokens, scores of deviation .135: the sample shares .671 with the gate's own choice; chance .638."""
    rng = torch.Generator().manual_seed(0)
    logits = 0.57 * torch.randn(4, 3136, generator=rng)
    assert torch.sigmoid(logits).std().item() == pytest.approx(0.135, abs=0.005)
    sampled = relaxed_subset(noisy(torch.sigmoid(logits), 1.0, rng), 2000).topk(2000).indices
    marked = torch.zeros(4, 3136).scatter(1, sampled, 1.0)
    overlap = marked.gather(1, logits.topk(2000).indices).mean().item()
    assert overlap == pytest.approx(0.671, abs=0.01)


def test_released_second_phase_replaces_the_top_of_the_target_best_into_weakest_and_teaches_nothing() -> None:
    source = torch.tensor([[0.1, 0.9, 0.5, 0.7]], requires_grad=True)
    target = torch.tensor([[0.3, 0.9, 0.1, 0.8]], requires_grad=True)
    chosen = released_frozen(source, target, 2)
    assert chosen.source.tolist() == [[1, 3]]
    assert chosen.target.tolist() == [[3, 1]]
    assert not mix(torch.zeros(1, 4, 2), torch.ones(1, 4, 2), chosen).requires_grad


def test_a_selection_without_weights_mixes_like_a_splice() -> None:
    tokens, source = torch.randn(2, 4, 3), torch.randn(2, 4, 3)
    chosen = Selection(torch.tensor([[0], [3]]), torch.tensor([[1], [2]]))
    assert torch.equal(mix(tokens, source, chosen), splice(tokens, source, chosen))


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
