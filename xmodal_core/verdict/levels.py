"""The same experiment at several levels of one axis: how the answer changes, and whether more would settle it.

A level is a number of training rows, or of steps on labels. Two levels give two points of every contrast. What they
cannot give is the shape of the line between and beyond them, so an axis is extrapolated only under the rule that is
told with the number, and otherwise more is said to be unknown.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xmodal_core.values import JsonValue
from xmodal_core.verdict.axes import ROWS, Axis
from xmodal_core.verdict.contrasts import INCONCLUSIVE, LEAST_PAIRS, called, rows_in_words
from xmodal_core.verdict.differences import Differences, Rows, Scores, Yardstick, differences

_CHANGES = ("A - C", "B - A")
_STEPS = 400  # of the search along the line
_DIGITS = 2
_ZERO = 1e-9  # what rounding leaves of no difference at all


@dataclass(frozen=True)
class Level:
    """One experiment: where it stands on an axis, its test scores by arm and seed, and its answer.

    Attributes:
        at: training rows, or steps on labels.
        arms: role -> arm, as `verdict` found them.
        open: questions that keep the answer from being conclusive.
        rows: test scores by arm and seed, row by row, as far as they were kept.
    """

    at: int
    scores: Scores
    answer: str
    arms: Mapping[str, str]
    open: Sequence[str] = ()
    rows: Rows | None = None


@dataclass(frozen=True)
class Change(JsonValue):
    """How a contrast moves between two levels, over the seeds that have both arms at both.

    Attributes:
        role: the question, for instance "A - C".
        rows: the levels, fewer first: training rows, or what `axis` says.
        means: of the paired differences at either level.
        mean, interval: of each seed's change, with its 95 % interval, see `crossed`; None with fewer than two seeds.
        shown: the interval is of enough seeds and leaves zero out.
        n_rows: test rows in the interval, or groups of them; None where it is over seeds alone.
        axis: the name of another axis than training rows; None for these.
    """

    role: str
    rows: tuple[int, int]
    means: tuple[float, float]
    mean: float
    interval: tuple[float, float] | None
    n_pairs: int
    unit: str
    shown: bool
    text: str
    n_rows: int | None = None
    axis: str | None = None


@dataclass(frozen=True)
class AcrossLevels(JsonValue):
    """How the answer changes along an axis, and what may be said of more.

    Attributes:
        sentence: the answer at every level; empty with one level.
        changes: of contrasts between the two largest levels.
        rows: how many rows, or steps, would settle a largest level that is inconclusive; empty where it is not.
        rows_needed: the number, where one may be said.
        rows_rule: on what conditions the axis is extrapolated.
        axis: the name of another axis than training rows; None for these.
        other: the level of the other axis at which all of this is, where that has several.
    """

    sentence: str
    changes: tuple[Change, ...]
    rows: str
    rows_needed: int | None
    rows_rule: str
    axis: str | None = None
    other: int | None = None


def across_levels(
    levels: Sequence[Level],
    by: Yardstick,
    titles: Mapping[str, str] | None = None,
    axis: Axis = ROWS,
    other: int | None = None,
    paired_changes: bool = True,
) -> AcrossLevels | None:
    """How the answer changes along an axis; None without runs.

    Args:
        levels: in any order, no two at the same place.
        by: what differences are counted in.
        titles: what arms are called in sentences.
        axis: what the levels differ in.
        other: the level of the other axis that all of them share, where there are several.
        paired_changes: whether they share it; else answers stand side by side, and nothing is extrapolated.
    """
    ordered = sorted(levels, key=lambda level: level.at)
    if not ordered:
        return None
    where = axis.where(other)
    pair = (ordered[-2], ordered[-1]) if len(ordered) > 1 else None
    found = [change(role, *pair, by, titles, axis) for role in _CHANGES] if pair and paired_changes else []
    told, needed = _more(pair, ordered[-1], by, titles, axis) if paired_changes else ("", None)
    return AcrossLevels(
        answers_sentence([(level.at, level.answer) for level in ordered], axis, where) if pair else "",
        tuple(c for c in found if c is not None),
        f"{where}: {told}" if where and told else told,
        needed,
        rule_of(axis),
        None if axis is ROWS else axis.name,
        other,
    )


def rule_of(axis: Axis) -> str:
    """On what conditions an axis is extrapolated."""
    return (
        f"{axis.short.capitalize()} are extrapolated only if at least {LEAST_PAIRS} seeds have both arms at both "
        f"{axis.level}s and the change between the {axis.level}s has a 95 % interval without zero. Each seed's "
        f"difference is then continued in a straight line against the logarithm of the {axis.short}, which two "
        f"{axis.level}s cannot test, and no farther than the factor between them. It is settled where the 95 % "
        "interval of the continued differences lies on one side of the margin."
    )


def answers_sentence(answers: Sequence[tuple[int, str]], axis: Axis, where: str = "") -> str:
    """The answer at every place of an axis, two or more, behind what was held."""
    start = f"{where}, the answer" if where else "The answer"
    if len({answer for _, answer in answers}) == 1:
        joined = " and with ".join(f"{at:,}" for at, _ in answers)
        return f"{start} is the same with {joined} {axis.name}: {answers[0][1]}."
    told = "; ".join(f"with {at:,} {axis.name} it is: {answer}" for at, answer in answers)
    is_open = any(answer == INCONCLUSIVE for _, answer in answers)
    tail = f" So a change of the answer with {axis.level} is not shown." if is_open else ""
    return f"{start} differs with {axis.level}: {told}.{tail}"


def change(
    role: str,
    small: Level,
    large: Level,
    by: Yardstick,
    titles: Mapping[str, str] | None = None,
    axis: Axis = ROWS,
) -> Change | None:
    """The paired change of a contrast from one level to a larger; None where arms or shared seeds are missing.

    Reference: difference in differences, paired by seed and test row, with the interval of `crossed`.
    """
    found = paired(role, (small, large), by)
    if found is None:
        return None
    before, after = found
    moved = after.since(before).spread
    n, mean, half = moved.n_seeds, moved.mean, moved.half
    interval = None if half is None else (mean - half, mean + half)
    shown = n >= LEAST_PAIRS and interval is not None and (interval[0] > _ZERO or interval[1] < -_ZERO)
    means = before.spread.mean, after.spread.mean
    rows = small.at, large.at
    text = (
        f"{pair_named(role, (small, large), titles)} ({role}): {_amount(means[0])} {by.unit} with {rows[0]:,} "
        f"{axis.name}, {_amount(means[1])} with {rows[1]:,}; change {_amount(mean)}, "
    )
    if interval is None:
        text += "on one seed, which decides nothing."
    else:
        over = seeds_and_rows(n, moved.n_rows, moved.grouped)
        text += f"95 % interval {_amount(interval[0])} to {_amount(interval[1])} over {over}: "
        text += "shown." if shown else "not shown."
    named = None if axis is ROWS else axis.name
    return Change(role, rows, means, mean, interval, n, by.unit, shown, text, moved.n_rows or None, named)


def seeds_and_rows(n_seeds: int, n_rows: int, grouped: bool) -> str:
    """What an interval is over, in words."""
    return f"{n_seeds} seeds and {rows_in_words(n_rows, grouped)}" if n_rows else f"{n_seeds} seeds alone"


def _more(
    pair: tuple[Level, Level] | None, largest: Level, by: Yardstick, titles: Mapping[str, str] | None, axis: Axis
) -> tuple[str, int | None]:
    """What may be said of how many more would settle the open questions, and the number where one may be said."""
    if not largest.open:
        return "", None
    if pair is None:
        return f"How many {axis.name} would settle it cannot be told from one {axis.level}; run a second one.", None
    texts, numbers = [], []
    for role in largest.open:
        text, needed = _more_of(role, *pair, by, titles, axis)
        texts.append(text)
        numbers.append(needed)
    known = [n for n in numbers if n is not None]
    return " ".join(texts), max(known) if len(known) == len(numbers) else None


def _more_of(
    role: str, small: Level, large: Level, by: Yardstick, titles: Mapping[str, str] | None, axis: Axis
) -> tuple[str, int | None]:
    moved, found = change(role, small, large, by), paired(role, (small, large), by)
    which = f"{pair_named(role, (small, large), titles)} ({role})"
    refused = f"{axis.short.capitalize()} cannot be extrapolated for {which}:"
    if moved is None or found is None or moved.n_pairs < LEAST_PAIRS or moved.interval is None:
        n = 0 if moved is None else moved.n_pairs
        return f"{refused} {n} of {LEAST_PAIRS} seeds have both arms at both {axis.level}s.", None
    if not moved.shown:
        ends = " to ".join(_amount(end) for end in moved.interval)
        return (
            f"{refused} its change from {small.at:,} to {large.at:,} {axis.short}, 95 % interval {ends} {by.unit}, "
            "may be none.",
            None,
        )
    factor = large.at / small.at
    farthest = round(large.at * factor)
    settled = _settled_at(found[0], found[1], math.log(factor), by.margin)
    if settled is None:
        return f"For {which}, the line through both {axis.level}s settles nothing by {farthest:,} {axis.name}.", None
    where, side = settled
    needed = _rounded_up(large.at * math.exp(where))
    return (
        f"About {needed:,} {axis.name} would settle {which}, {side} the margin, with as many seeds: if it went on "
        f"changing as from {small.at:,} to {large.at:,} {axis.short}, in a straight line against log {axis.short}, "
        f"which two {axis.level}s cannot test (followed to {farthest:,} {axis.short}).",
        needed,
    )


def _settled_at(before: Differences, after: Differences, span: float, margin: float) -> tuple[float, str] | None:
    """First distance in log beyond the larger level where the continued interval leaves the margin; which side."""
    for step in range(1, _STEPS + 1):
        share = step / _STEPS
        found = after.continued(before, share).spread
        if found.half is not None and found.mean - found.half > margin:
            return share * span, "above"
        if found.half is not None and found.mean + found.half < margin:
            return share * span, "below"
    return None


def paired(role: str, levels: Sequence[Level], by: Yardstick) -> list[Differences] | None:
    """Paired differences at every level, in units of the yardstick, over the seeds that have both arms at all.

    Returns:
        None where an arm is missing at a level, or no seed has everything.
    """
    names = role.split(" - ")
    arms = [level.scores.get(level.arms.get(name, ""), {}) for level in levels for name in names]
    seeds = sorted(set.intersection(*(set(scores) for scores in arms)))
    if not seeds:
        return None
    first, second = names
    found = [differences(x.arms[first], x.arms[second], x.scores, by, x.rows, seeds) for x in levels]
    return [one for one in found if one is not None]


def pair_named(role: str, levels: Sequence[Level], titles: Mapping[str, str] | None) -> str:
    """The two arms in words; of every level, where validation rows chose differently."""
    words = []
    for name in role.split(" - "):
        own = dict.fromkeys(called(level.arms.get(name, name), titles) for level in levels)
        words.append(", then ".join(own))
    return " against ".join(words)


def _amount(value: float) -> str:
    return f"{100 * value:+.1f}"


def _rounded_up(value: float) -> int:
    unit = 10 ** max(0, math.floor(math.log10(value)) + 1 - _DIGITS)
    return math.ceil(value / unit) * unit
