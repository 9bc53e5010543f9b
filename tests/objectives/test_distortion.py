"""Feature-label distortion against answers worked out by hand."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from xmodal_core.objectives.distortion import chance, distortion, entropy

LOG2, LOG4 = math.log(2), math.log(4)
SOFT = torch.tensor([[0.1, 0.2, 0.6, 0.1], [0.2, 0.1, 0.5, 0.2], [0.7, 0.1, 0.1, 0.1], [0.4, 0.3, 0.2, 0.1]])
PAIRS = torch.tensor([0, 0, 1, 1])


def one_hot(*classes: int) -> Tensor:
    return torch.eye(4, dtype=torch.float64)[list(classes)]


@pytest.mark.parametrize(
    ("answers", "conditional", "marginal"),
    [
        (one_hot(2, 2, 0, 0), 0.0, LOG2),  # a relabelling: the answer gives the label away
        (torch.full((4, 4), 0.25), LOG4, LOG4),  # answers that say nothing
        (one_hot(3, 3, 3, 3), 0.0, 0.0),  # the collapse: least distortion, and no information
        (one_hot(0, 1, 0, 1), LOG2, LOG2),  # certain answers that have nothing to do with the label
        (SOFT, 1.174019, 1.299825),
    ],
    ids=["relabelled", "uniform", "collapsed", "independent", "soft"],
)
def test_the_spec_s_tables_of_answers_have_their_entropies(
    answers: Tensor, conditional: float, marginal: float
) -> None:
    found = distortion(answers, PAIRS)
    assert found.conditional.item() == pytest.approx(conditional, abs=1e-6)
    assert found.marginal.item() == pytest.approx(marginal, abs=1e-6)
    assert found.information.item() == pytest.approx(marginal - conditional, abs=1e-6)


def test_it_is_the_entropy_of_mean_answers_not_the_mean_entropy_of_answers() -> None:
    assert entropy(SOFT).mean().item() == pytest.approx(1.132452, abs=1e-6)
    assert distortion(SOFT, torch.tensor([0, 0, 0, 1])).conditional.item() == pytest.approx(1.272484, abs=1e-6)


def test_the_slope_of_an_answer_is_that_of_its_group() -> None:
    """dH(pbar)/dp = -(log pbar + 1) / m, for the first two soft answers and m = 2."""
    group = SOFT[:2].clone().requires_grad_()
    distortion(group, torch.tensor([7, 7])).conditional.backward()
    expected = torch.tensor([0.448560, 0.448560, -0.201082, 0.448560])
    torch.testing.assert_close(group.grad, expected.expand(2, 4), atol=1e-6, rtol=0)


def test_certain_answers_have_finite_slopes() -> None:
    answers = one_hot(2, 2, 0, 0).requires_grad_()
    distortion(answers, PAIRS).conditional.backward()
    assert answers.grad is not None
    assert torch.isfinite(answers.grad).all()


def test_shares_of_labels_outweigh_the_balance_of_a_batch() -> None:
    """Label 0 is uniform over two answers, label 5 certain; 9 of 10 rows of the data are of label 5."""
    shares = torch.tensor([1, 0, 0, 0, 0, 9])
    found = distortion(one_hot(0, 1, 3, 3), torch.tensor([0, 0, 5, 5]), shares)
    assert found.conditional.item() == pytest.approx(0.1 * LOG2)
    assert found.marginal.item() == pytest.approx(-0.9 * math.log(0.9) - 0.1 * math.log(0.05))


@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(2, 5))
@settings(deadline=None, max_examples=30)
def test_names_of_source_and_target_labels_mean_nothing(seed: int, n_source: int, n_labels: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    answers = torch.rand(20, n_source, generator=rng, dtype=torch.float64).softmax(dim=1)
    labels = torch.randint(n_labels, (20,), generator=rng)
    found = distortion(answers, labels)
    renamed = torch.randperm(n_labels, generator=rng)[labels] * 3 + 1
    again = distortion(answers[:, torch.randperm(n_source, generator=rng)], renamed)
    torch.testing.assert_close(again.conditional, found.conditional)
    torch.testing.assert_close(again.marginal, found.marginal)
    assert found.information.item() >= -1e-12
    assert found.marginal.item() <= math.log(n_source) + 1e-12


def test_chance_reads_as_low_as_small_groups_do() -> None:
    """Answers that have nothing to do with ten labels: the plug-in reads .3 below their entropy at m = 8, and so does
    chance."""
    rng = torch.Generator().manual_seed(0)
    answers = torch.eye(8, dtype=torch.float64)[torch.randint(8, (80,), generator=rng)]
    labels = torch.arange(80) % 10
    found, dealt = distortion(answers, labels), chance(answers, labels, 99, seed=1)
    assert found.information.item() > 0.3
    assert abs(found.conditional.item() - dealt.mean().item()) < 3 * dealt.std().item()
    assert torch.equal(dealt, chance(answers, labels, 99, seed=1))
