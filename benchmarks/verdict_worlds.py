"""Worlds in which the truth about two arms is known: what every seed of either answers on every row is drawn.

Whether arm a names row i right at seed s is whether

    level[a] + row[i] + own[a, i] + seed[a, s] + rest[a, s, i] > 0,        rest of variance 1, all normal,

where `row` is how hard a row is for everybody, `own` what an arm as such makes of it, and `seed` how one training
turned out. The true accuracy of an arm is then exactly Phi(level / sqrt(1 + all variances)). Relative errors are
exp(the same sum) around their true mean. Where rows come in groups, `own` and `row` are drawn once a group.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np

from xmodal_core.data.targets import Task
from xmodal_core.scores import ACCURACY, SCORES, ScoreKind


@dataclass(frozen=True)
class World:
    """How scores come about.

    Attributes:
        name: in tables.
        level: true accuracy, or true relative error, of the second arm.
        row, own, seed: standard deviations, see above; that of the rest is 1.
        kind: of score.
        group: rows that belong together.
    """

    name: str
    level: float
    row: float
    own: float
    seed: float
    kind: ScoreKind = ACCURACY
    group: int = 1
    rest: float = 1.0

    @property
    def sd(self) -> float:
        """Of the whole sum."""
        return math.hypot(self.row, self.own, self.seed, self.rest)


WORLDS = (
    World("usual", 0.85, row=1.5, own=0.6, seed=0.15),
    World("easy", 0.94, row=1.5, own=0.6, seed=0.15),
    World("unsteady", 0.85, row=1.5, own=0.3, seed=0.4),
    World("own rows", 0.75, row=2.0, own=3.0, seed=0.05),
    World("groups of 5", 0.85, row=1.5, own=0.6, seed=0.15, group=5),
    World("errors", 0.2, row=0.5, own=0.2, seed=0.05, kind=SCORES[Task.DENSE], rest=0.3),
)


@dataclass(frozen=True, eq=False)
class Draw:
    """One experiment of a world: its random parts, whatever the true difference is.

    Attributes:
        noise: (arms, S, N), the sum without the level.
        groups: (N,); None where every row is for itself.
    """

    world: World
    row: np.ndarray
    own: np.ndarray
    seed: np.ndarray
    rest: np.ndarray

    @cached_property
    def noise(self) -> np.ndarray:
        """The sum without the level, (arms, S, N)."""
        w = self.world
        n = self.rest.shape[2]
        of_rows = np.repeat(w.row * self.row + w.own * self.own, w.group, axis=1)[:, None, :n]
        return np.asarray(of_rows + w.seed * self.seed[:, :, None] + w.rest * self.rest)

    @property
    def groups(self) -> np.ndarray | None:
        """Which rows belong together, (N,)."""
        return None if self.world.group == 1 else np.arange(self.rest.shape[2]) // self.world.group


def draw(
    world: World, n_seeds: int, n_rows: int, rng: np.random.Generator, since: Draw | None = None, arms: int = 2
) -> Draw:
    """An experiment, or one with more seeds and rows than another, which stays what it was."""
    n_groups = math.ceil(n_rows / world.group)
    shapes = {"row": (1, n_groups), "own": (arms, n_groups), "seed": (arms, n_seeds), "rest": (arms, n_seeds, n_rows)}
    parts = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    if since is not None:
        for name, values in parts.items():
            old = getattr(since, name)
            values[tuple(slice(0, n) for n in old.shape)] = old
    return Draw(world, **parts)


def scored(found: Draw, difference: float) -> np.ndarray:
    """Scores (arms, S, N) of single rows, where the first arm is truly better by so much in units of the yardstick."""
    world, noise = found.world, found.noise
    better = np.array([difference, *[0.0] * (len(noise) - 1)])
    if world.kind.best is None:
        levels = np.array([NormalDist(0.0, world.sd).inv_cdf(accuracy) for accuracy in world.level + better])
        return np.asarray((levels[:, None, None] + noise > 0).astype(np.float64))
    return np.asarray(-world.level * (1 - better)[:, None, None] * np.exp(noise - world.sd**2 / 2))
