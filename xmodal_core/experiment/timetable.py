"""The runs of a design in the order in which they are trained, and how long all of it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xmodal_core.experiment.design import Design, Part, Pool, Trial
from xmodal_core.experiment.halving import FACTOR, rungs
from xmodal_core.experiment.pace import Pace
from xmodal_core.runs.plan import Choice

_PROCESSES = 2  # one after the other: the experiment's own, then those that train


@dataclass(frozen=True)
class Turn:
    """One run to come.

    Attributes:
        trials: what it may be; several where the validation rows choose before it begins.
        seed, part: of the run.
        round: counted from 0. What is in one round trains side by side, and waits for the rounds before.
        title: whom it stands for.
    """

    trials: tuple[Trial, ...]
    seed: int
    part: Part
    round: int
    title: str

    def choice(self, design: Design) -> Choice | None:
        """The run; None as long as it is not chosen."""
        return design.choice(self.trials[0], self.seed, self.part) if len(self.trials) == 1 else None


def turns(design: Design) -> list[Turn]:
    """Every run of a design, in order."""
    found: list[Turn] = []
    for part in design.parts():
        for pool in design.pools():
            if len(pool.trials) > 1:
                found += _choosing(design, part, pool, _after(found))
        last = _after(found)
        for seed in design.seeds:
            for pool in design.pools():
                if len(pool.trials) == 1 or seed != design.seeds[0]:  # the chosen one has had its first seed
                    found.append(Turn(pool.trials, seed, part, last, pool.title))
    return found


def _choosing(design: Design, part: Part, pool: Pool, first: int) -> list[Turn]:
    """The runs of a pool that are held against each other, rung by rung."""
    found, left, seed = [], len(pool.trials), design.seeds[0]
    for k, steps in enumerate(rungs(left, part.label_steps)):
        rung = Part(part.train_rows, steps)
        trials = [(trial,) for trial in pool.trials] if not k else [pool.trials] * left
        found += [Turn(one, seed, rung, first + k, pool.title) for one in trials]
        left = -(-left // FACTOR)
    return found


def _after(found: Sequence[Turn]) -> int:
    return found[-1].round + 1 if found else 0


def seconds_of(turn: Turn, design: Design, paces: Mapping[str, Pace]) -> float | None:
    """How long a run takes; of what is not chosen yet the mean of what it may be. None where a pace is not known.

    Args:
        turn: the run.
        design: that it is one of.
        paces: by arm.
    """
    arms = [trial.arm for trial in turn.trials]
    if any(arm not in paces or paces[arm].failed for arm in arms):
        return None
    budgets = [design.choice(trial, turn.seed, turn.part).budget for trial in turn.trials]
    times = [
        paces[arm].seconds([(name.removesuffix("_steps"), n) for name, n in budget.items()])
        for arm, budget in zip(arms, budgets, strict=True)
    ]
    return sum(times) / len(times)


def seconds_in_all(
    every: Sequence[Turn], design: Design, paces: Mapping[str, Pace], lanes: int, *, begun: bool = False
) -> float | None:
    """How long runs take in so many lanes, round after round; None where a pace is not known.

    Args:
        every: the runs that are left.
        design: that they are of.
        paces: by arm.
        lanes: runs that are trained at once.
        begun: whether its processes are there.
    """
    rounds: dict[int, list[float]] = {}
    for turn in every:
        time = seconds_of(turn, design, paces)
        if time is None:
            return None
        rounds.setdefault(turn.round, []).append(time)
    load = 0.0 if begun else _PROCESSES * max((pace.load_s for pace in paces.values()), default=0.0)
    return load + sum(in_lanes(times, lanes) for times in rounds.values())


def in_lanes(times: Sequence[float], lanes: int) -> float:
    """When the last of some jobs is done, where each in its turn goes to the lane that is free first."""
    ends = [0.0] * max(1, lanes)
    for time in times:
        ends[ends.index(min(ends))] += time
    return max(ends)
