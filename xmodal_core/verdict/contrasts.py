"""Two arms over the seeds that both have: the paired difference, its interval, and what may be called of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xmodal_core.scores import ACCURACY, ScoreKind
from xmodal_core.values import JsonValue
from xmodal_core.verdict.intervals import mean_and_half

LEAST_PAIRS = 3  # an interval of two differences says next to nothing
INCONCLUSIVE = "inconclusive"
_POWER_Z = 0.8416  # 80 % power
_LEVEL_Z = 1.96
_TINY = 1e-12

Scores = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True)
class Yardstick:
    """In what differences of a score are counted.

    Attributes:
        kind: of score: differences of the score itself, or shares of the second arm's mean error.
        margin: the difference that is of no practical interest.
    """

    kind: ScoreKind
    margin: float

    @property
    def unit(self) -> str:
        """What 0.01 is called."""
        return self.kind.unit

    def differences(self, first: Sequence[float], second: Sequence[float]) -> list[float]:
        """Paired differences, positive where the first is better."""
        best = self.kind.best
        size = 1.0 if best is None else max(best - sum(second) / len(second), _TINY)
        return [(a - b) / size for a, b in zip(first, second, strict=True)]


def yardstick(kind: ScoreKind = ACCURACY, margin: float | None = None) -> Yardstick:
    """The yardstick of a kind of score, with its usual margin unless another one is given."""
    return Yardstick(kind, kind.margin if margin is None else margin)


@dataclass(frozen=True)
class Contrast(JsonValue):
    """Paired difference of two arms' test scores, first minus second, in units of a yardstick.

    Attributes:
        interval: 95 % t interval of the mean; None with fewer than two pairs.
        reading: better | worse | equal | inconclusive, about the first against the second.
        pairs_needed: pairs for 80 % power at the margin, from the spread seen; None with fewer than two pairs.
        role: which question it answers, for instance "A - C"; empty for one that decides nothing.
    """

    first: str
    second: str
    mean: float
    interval: tuple[float, float] | None
    n_pairs: int
    reading: str
    pairs_needed: int | None
    role: str = ""
    unit: str = "points"

    @property
    def low(self) -> float:
        """Lower end; minus infinity where there are too few pairs."""
        return self.interval[0] if self.interval and self.n_pairs >= LEAST_PAIRS else -math.inf

    @property
    def high(self) -> float:
        """Upper end; infinity where there are too few pairs."""
        return self.interval[1] if self.interval and self.n_pairs >= LEAST_PAIRS else math.inf


def contrast(first: str, second: str, scores: Scores, by: Yardstick | None = None, role: str = "") -> Contrast | None:
    """Compare two arms over the seeds that both have.

    Args:
        first: an arm's name.
        second: the arm that it is held against.
        scores: per arm, test score by seed, higher is better.
        by: what differences are counted in.
        role: the question that it answers.

    Returns:
        None when no seed is shared.

    Reference: paired t interval; region of practical equivalence as in Kruschke 2018.
    """
    by = by or yardstick()
    seeds = sorted(set(scores.get(first, {})) & set(scores.get(second, {})))
    if not seeds:
        return None
    differences = by.differences([scores[first][s] for s in seeds], [scores[second][s] for s in seeds])
    n, (mean, half) = len(differences), mean_and_half(differences)
    if half is None:
        return Contrast(first, second, mean, None, n, INCONCLUSIVE, None, role, by.unit)
    # 8 s^2 / margin^2, of the paired differences' deviation s
    variance = sum((d - mean) ** 2 for d in differences) / (n - 1)
    needed = max(LEAST_PAIRS, math.ceil((_LEVEL_Z + _POWER_Z) ** 2 * variance / max(by.margin, _TINY) ** 2))
    found = Contrast(first, second, mean, (mean - half, mean + half), n, "", needed, role, by.unit)
    return replace(found, reading=_reading(found.low, found.high, by.margin))


def _reading(low: float, high: float, margin: float) -> str:
    if low > margin:
        return "better"
    if high < -margin:
        return "worse"
    if low >= -margin and high <= margin:
        return "equal"
    return INCONCLUSIVE


def called(arm: str, titles: Mapping[str, str] | None) -> str:
    """What an arm is called in sentences."""
    return (titles or {}).get(arm, arm)


def sentence(c: Contrast, titles: Mapping[str, str] | None = None) -> str:
    """A contrast in words, with its numbers."""
    first, second = called(c.first, titles), called(c.second, titles)
    amount = f"{100 * c.mean:+.1f} {c.unit}"
    if c.interval is None:
        return f"{first} against {second}: {amount} on one seed, which decides nothing; run more seeds."
    low, high = (100 * v for v in c.interval)
    text = (
        f"{first} against {second}: {amount}, 95 % interval {low:+.1f} to {high:+.1f}, {c.n_pairs} seeds: {c.reading}."
    )
    if c.reading != INCONCLUSIVE or c.pairs_needed is None:
        return text
    if c.pairs_needed > c.n_pairs:
        return f"{text} About {c.pairs_needed} seeds would settle it at this spread."
    return f"{text} The difference lies near the margin, so that more seeds settle it slowly."
