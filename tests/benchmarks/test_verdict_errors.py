"""The simulation of the verdict's errors: its worlds are what they say, and a small version keeps the promise."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.verdict_errors import PARTS, advised, answered, bootstrapped, picked, rates, resampled, rivals
from benchmarks.verdict_worlds import WORLDS, World, draw, scored

BY_NAME = {world.name: world for world in WORLDS}
DRAWS = 400
ROOM = 3 * math.sqrt(0.05 * 0.95 / DRAWS)  # three standard errors of a rate of 5 %


@pytest.mark.parametrize("world", [*WORLDS[:2], WORLDS[-1]], ids=lambda world: world.name)
def test_the_true_difference_is_what_was_asked_for(world: World) -> None:
    unit = 1.0 if world.kind.best is None else world.level
    first, second = scored(draw(world, 100, 20_000, np.random.default_rng(0)), 0.05).mean(axis=(1, 2))
    assert first - second == pytest.approx(0.05 * unit, abs=0.012 * unit)
    assert abs(second) == pytest.approx(world.level, abs=0.02)


def test_an_experiment_that_goes_on_stays_what_it_was() -> None:
    world, rng = BY_NAME["groups of 5"], np.random.default_rng(0)
    begun = draw(world, 3, 40, rng)
    further = draw(world, 5, 100, rng, begun)
    assert np.array_equal(further.noise[:, :3, :40], begun.noise)
    assert further.groups is not None
    assert further.groups.tolist()[:11] == [0] * 5 + [1] * 5 + [2]


@pytest.mark.parametrize(("name", "n_rows", "n_seeds"), [("own rows", 40, 5), ("usual", 212, 3), ("errors", 300, 3)])
def test_equal_arms_are_called_different_in_no_more_than_five_percent(name: str, n_rows: int, n_seeds: int) -> None:
    found = rates(BY_NAME[name], n_rows, n_seeds, DRAWS, np.random.default_rng(1))
    assert found["error"] <= 0.05 + ROOM
    assert found["missed"] <= 0.05 + ROOM
    assert found["margin"] <= 0.025 + ROOM


def test_an_interval_over_seeds_alone_is_often_wrong_where_rows_decide() -> None:
    found = rates(BY_NAME["own rows"], 40, 5, 100, np.random.default_rng(1))
    assert found["before"] > 0.25
    assert found["error"] <= 0.05 + 2 * ROOM


def test_the_best_of_several_equal_ways_is_flattered_and_called_better_in_no_more_than_five_percent() -> None:
    one, many = (picked(BY_NAME["usual"], 300, 3, ways, DRAWS, np.random.default_rng(0)) for ways in (1, 8))
    assert one <= many + ROOM
    assert many <= 0.05 + ROOM


def test_a_large_difference_is_seen_where_rows_and_seeds_suffice() -> None:
    assert rates(BY_NAME["usual"], 2000, 10, 40, np.random.default_rng(2))["power"] > 0.8


def test_resampled_means_have_the_mean_and_the_spread_of_resampled_rows() -> None:
    values = np.array([np.arange(50.0), np.zeros(50)])
    means = resampled(values, np.random.default_rng(0), 4000)
    assert means.shape == (4000, 2)
    assert means[:, 0].mean() == pytest.approx(24.5, abs=0.2)
    assert means[:, 0].std() == pytest.approx(np.arange(50).std() / math.sqrt(50), rel=0.05)
    assert not means[:, 1].any()


def test_the_bootstrap_of_two_seeds_is_too_short() -> None:
    low, high = bootstrapped(np.repeat([[0.0], [1.0]], 10, axis=1), np.random.default_rng(0))
    assert (low, high) == (0.0, 1.0)  # Student's interval is -5.9 to 6.9
    found = rivals(replace(BY_NAME["unsteady"], row=0.5), 300, 2, 100, np.random.default_rng(0))
    assert found["bootstrap"] > 0.2
    assert found["ours"] <= 0.05 + 2 * ROOM


def test_advised_seeds_settle_most_of_what_was_open() -> None:
    found = advised(BY_NAME["usual"], 2000, 5, 60, np.random.default_rng(0))
    assert found["n seeds"] > 10
    assert found["by seeds"] > 0.6


def test_verdicts_on_equal_arms_mostly_stay_open() -> None:
    found = answered(BY_NAME["usual"], 100, 3, 20, np.random.default_rng(0))
    assert found.get("inconclusive", 0) >= 17
    assert sum(found.values()) == 20


def test_every_part_is_told_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.verdict_errors.ROWS", (40,))
    monkeypatch.setattr("benchmarks.verdict_errors.SEEDS", (3,))
    told: list[str] = []
    found = [key for part in PARTS.values() for key in part(WORLDS[:1], 5, told.append)]
    assert {"usual 40 3", "rivals usual 300 2", "advice usual 2000 5", "verdicts 40 3"} <= set(found)
    assert any(line.startswith("    40      3") for line in told)
