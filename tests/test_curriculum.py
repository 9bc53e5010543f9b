import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.curriculum import Gate, noisy, pare_loss, patches_at, select, splice, straight_through


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


@pytest.mark.parametrize(("order", "first", "last"), [("easy_to_hard", 6, 0), ("hard_to_easy", 0, 6), ("fixed", 3, 3)])
def test_schedule_runs_between_its_ends(order: str, first: int, last: int) -> None:
    ks = [patches_at(p, 10, 20, 0.6, 0.0, order) for p in (0.0, 0.5, 1.0)]
    assert (ks[0], ks[-1]) == (first, last)
    assert ks in (sorted(ks), sorted(ks, reverse=True))


def test_schedule_of_the_released_configuration() -> None:
    """CIFAR-100: int(2000 - 1500 * ep / 60) of 3136 tokens gives 2000 at the start and 525 at epoch 59."""
    start, end = 2000 / 3136, 500 / 3136
    assert patches_at(0.0, 3136, 3136, start, end) in (1999, 2000)
    assert abs(patches_at(59 / 60, 3136, 3136, start, end) - 525) <= 1


@pytest.mark.parametrize("k", [0, 2, 4])
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_gate_learns_whatever_k_and_noise(k: int, noise: float) -> None:
    gate, rng = Gate(3), torch.Generator().manual_seed(0)
    tokens, source = torch.randn(2, 4, 3, generator=rng), torch.randn(2, 4, 3, generator=rng)
    t, s = gate(tokens), gate(source)
    chosen = select(noisy(s, noise, rng), noisy(t, noise, rng), k)
    mixed = splice(straight_through(tokens, t), straight_through(source, s), chosen)
    mixed.square().sum().backward()
    assert gate.score.weight.grad is not None
    assert gate.score.weight.grad.abs().sum() > 0


def test_straight_through_changes_no_value() -> None:
    tokens = torch.randn(2, 5, 3)
    assert torch.equal(straight_through(tokens, torch.randn(2, 5)), tokens)


def test_noise_draws_without_replacement_in_proportion_to_exp_logits() -> None:
    """Gumbel top-1: logits log 3 and 0 are chosen 3 to 1."""
    logits = torch.tensor([[3.0, 1.0]]).log().expand(20_000, -1)
    first = noisy(logits, 1.0, torch.Generator().manual_seed(0)).argmax(1)
    assert (first == 0).float().mean().item() == pytest.approx(0.75, abs=0.015)


def test_loss_mixes_by_the_share_of_replaced_tokens() -> None:
    one, two, four = (torch.tensor(v) for v in (1.0, 2.0, 4.0))
    assert pare_loss(one, two, four, 0.25, 1.0).item() == pytest.approx(1 + 0.75 * 2 + 0.25 * 4)
    assert pare_loss(one, two, four, 0.25, 0.0).item() == 1
