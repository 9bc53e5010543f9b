"""Two arms over the seeds that both have: the paired difference, its interval, and what may be called of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from xmodal_core.values import JsonValue
from xmodal_core.verdict.advice import PRIOR_MARGINS, advice
from xmodal_core.verdict.crossed import Spread
from xmodal_core.verdict.differences import Rows, Scores, Yardstick, differences, yardstick

LEAST_PAIRS = 3  # an interval of two differences says next to nothing
INCONCLUSIVE = "inconclusive"
_MOSTLY = 0.5


@dataclass(frozen=True)
class Contrast(JsonValue):
    """Paired difference of two arms' test scores, first minus second, in units of a yardstick.

    Attributes:
        interval: 95 % interval of the mean, over seeds and test rows, see `crossed`; over seeds alone where runs have
            kept no rows; None with fewer than two pairs.
        n_pairs: seeds.
        reading: better | worse | equal | inconclusive, about the first against the second.
        pairs_needed: seeds with which an inconclusive reading would be another one with a chance of 80 %, see `advice`;
            those there are where it is another one already; None where none would do, or it cannot be told.
        role: which question it answers, for instance "A - C"; empty for one that decides nothing.
        n_rows: test rows in the interval, or groups of them; None where it is over seeds alone.
        rows_needed: test rows, or groups, that would do where seeds would not, with `rows_at_seeds` seeds.
        grouped: whether they are groups; None where there are none.
        rows_share: of the squared half width, which no more seeds make smaller; None without rows.
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
    n_rows: int | None = None
    rows_needed: int | None = None
    rows_at_seeds: int | None = None
    grouped: bool | None = None
    rows_share: float | None = None

    @property
    def low(self) -> float:
        """Lower end; minus infinity where there are too few pairs."""
        return self.interval[0] if self.interval and self.n_pairs >= LEAST_PAIRS else -math.inf

    @property
    def high(self) -> float:
        """Upper end; infinity where there are too few pairs."""
        return self.interval[1] if self.interval and self.n_pairs >= LEAST_PAIRS else math.inf


def contrast(
    first: str, second: str, scores: Scores, by: Yardstick | None = None, role: str = "", rows: Rows | None = None
) -> Contrast | None:
    """Compare two arms over the seeds that both have.

    Args:
        first: an arm's name.
        second: the arm that it is held against.
        scores: per arm, test score by seed, higher is better.
        by: what differences are counted in.
        role: the question that it answers.
        rows: per arm, the same row by row.

    Returns:
        None when no seed is shared.

    Reference: region of practical equivalence as in Kruschke 2018; the interval as in `crossed`.
    """
    by = by or yardstick()
    found = differences(first, second, scores, by, rows)
    return None if found is None else read(first, second, found.spread, by, role)


def read(first: str, second: str, found: Spread, by: Yardstick, role: str = "") -> Contrast:
    """What may be called of a paired difference with this mean and spread."""
    half, n = found.half, found.n_seeds
    made = Contrast(first, second, found.mean, None, n, INCONCLUSIVE, None, role, by.unit)
    if half is None:
        return made
    ends = found.mean - half, found.mean + half
    over = replace(
        made,
        interval=ends,
        n_rows=found.n_rows or None,
        grouped=found.grouped or None,
        rows_share=found.rows_share,
    )
    reading = reading_of(found, by.margin)
    if reading != INCONCLUSIVE:
        return replace(over, reading=reading, pairs_needed=n)
    told = advice(found, lambda low, high: ~is_open(low, high, by.margin), LEAST_PAIRS, prior=PRIOR_MARGINS * by.margin)
    return replace(over, pairs_needed=told.seeds, rows_needed=told.rows, rows_at_seeds=told.at_seeds)


def reading_of(found: Spread, margin: float) -> str:
    """Where the whole interval lies: better | worse | equal | inconclusive, or too few seeds to say."""
    if found.half is None or found.n_seeds < LEAST_PAIRS:
        return INCONCLUSIVE
    low, high = found.mean - found.half, found.mean + found.half
    if low > margin:
        return "better"
    if high < -margin:
        return "worse"
    if low >= -margin and high <= margin:
        return "equal"
    return INCONCLUSIVE


def is_open(low: np.ndarray, high: np.ndarray, margin: float) -> np.ndarray:
    """Which of these intervals are inconclusive, with enough seeds."""
    return np.asarray((low <= margin) & (high >= -margin) & ((low < -margin) | (high > margin)))


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
    over = f"{c.n_pairs} seeds and {rows_in_words(c.n_rows, c.grouped)}" if c.n_rows else f"{c.n_pairs} seeds alone"
    text = f"{first} against {second}: {amount}, 95 % interval {low:+.1f} to {high:+.1f} over {over}: {c.reading}."
    return f"{text} {_advised(c)}" if c.reading == INCONCLUSIVE else text


def rows_in_words(n_rows: int, grouped: bool | None) -> str:
    """So many test rows, or groups of them."""
    return f"{n_rows:,} {'groups of ' if grouped else ''}test rows"


def _advised(c: Contrast) -> str:
    if c.n_pairs < LEAST_PAIRS:
        return f"Fewer than {LEAST_PAIRS} seeds decide nothing; run more."
    if c.pairs_needed is not None:
        return f"About {c.pairs_needed} seeds would settle it at this spread."
    if c.rows_needed is not None:
        rows = rows_in_words(c.rows_needed, c.grouped)
        return f"More test rows are needed, not seeds: about {rows} with {c.rows_at_seeds} seeds."
    if c.rows_share is not None and c.rows_share > _MOSTLY:
        return "More test rows are needed, not seeds: the interval is mostly theirs; how many cannot be told."
    more = "Neither more seeds nor more test rows are" if c.n_rows else "More seeds are not"
    return f"{more} likely to settle it: the difference lies near the margin, or its spread is too wide to tell."
