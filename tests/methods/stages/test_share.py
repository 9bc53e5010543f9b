"""A curriculum goes from one end to the other in levels, and never beyond."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.methods.stages.share import ORDERS, patches_at, progress_at

NO_DRAW = torch.Generator()


@pytest.mark.parametrize(("order", "first", "last"), [("easy_to_hard", 6, 0), ("hard_to_easy", 0, 6), ("fixed", 3, 3)])
def test_schedule_runs_between_its_ends(order: str, first: int, last: int) -> None:
    ks = [patches_at(p, 10, 20, 0.6, 0.0, order) for p in (0.0, 0.5, 1.0)]
    assert (ks[0], ks[-1]) == (first, last)
    assert ks in (sorted(ks), sorted(ks, reverse=True))


def test_rounding_does_not_cost_the_last_step_a_token() -> None:
    assert 0.9 + (0.3 - 0.9) < 0.3
    assert patches_at(1.0, 10, 10, 0.9, 0.3) == 3


def test_schedule_of_the_released_configuration() -> None:
    """CIFAR-100: int(2000 - 1500 * ep / 60) of 3136 tokens gives 2000 at the start and 525 at epoch 59."""
    start, end = 2000 / 3136, 500 / 3136
    assert patches_at(0.0, 3136, 3136, start, end) in (1999, 2000)
    assert abs(patches_at(59 / 60, 3136, 3136, start, end) - 525) <= 1


def test_the_shares_that_the_page_on_pare_names_run_through_the_released_levels() -> None:
    """The last of 60 epochs is progress 1 here, and k = int(2000 - 1500 * 59 / 60) = 525 of 3136 there."""
    ours = [patches_at(progress_at(ep, 60, 1, "easy_to_hard", NO_DRAW), 3136, 3136, 0.638, 0.1675) for ep in range(60)]
    released = [int(2000 - 1500 * ep / 60) for ep in range(60)]
    assert (ours[0], ours[-1]) == (released[0], released[-1]) == (2000, 525)
    assert max(abs(one - other) for one, other in zip(ours, released, strict=True)) <= 1


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 50), st.integers(1, 50), st.sampled_from(ORDERS))
@settings(deadline=None, max_examples=40)
def test_no_schedule_leaves_its_ends_or_asks_for_more_tokens_than_there_are(
    one: float, other: float, n_source: int, n_target: int, order: str
) -> None:
    start, end, fewest = max(one, other), min(one, other), min(n_source, n_target)
    ks = [patches_at(i / 10, n_source, n_target, start, end, order) for i in range(11)]
    assert all(int(end * fewest) <= k <= int(start * fewest) for k in ks)
    if order != "random":
        assert ks in (sorted(ks), sorted(ks, reverse=True))


@pytest.mark.parametrize(
    ("total", "per_epoch", "levels"),
    [
        (6, 2, [0, 0.2, 0.4, 0.6, 0.8, 1]),  # three epochs are too few
        (20, 4, [0] * 4 + [0.25] * 4 + [0.5] * 4 + [0.75] * 4 + [1] * 4),
        (3, 40, [0, 0.5, 1]),
        (1, 40, [0]),
    ],
)
def test_it_rises_by_epochs_or_by_fifths_of_the_stage(total: int, per_epoch: int, levels: list[float]) -> None:
    assert [progress_at(step, total, per_epoch, "fixed", NO_DRAW) for step in range(total)] == levels


def test_a_random_order_draws_where_it_is() -> None:
    rng = torch.Generator().manual_seed(0)
    drawn = [progress_at(step, 99, 3, "random", rng) for step in range(99)]
    assert 0 <= min(drawn) < 0.1
    assert 0.9 < max(drawn) < 1
    assert drawn != sorted(drawn)
