"""The same experiment at several numbers of training rows: how the answer changes, and whether more would settle it.

Two sizes give two points of every contrast. What they cannot give is the shape of the line between and beyond them, so
rows are extrapolated only under the rule that is told with the number, and otherwise said to be unknown.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xmodal_core.values import JsonValue
from xmodal_core.verdict.contrasts import INCONCLUSIVE, LEAST_PAIRS, called, rows_in_words
from xmodal_core.verdict.differences import Differences, Rows, Scores, Yardstick, differences

ROWS_RULE = (
    f"Rows are extrapolated only if at least {LEAST_PAIRS} seeds have both arms at both sizes and the change between "
    "the sizes has a 95 % interval without zero. Each seed's difference is then continued in a straight line against "
    "the logarithm of the rows, which two sizes cannot test, and no farther than the factor between them. It is "
    "settled where the 95 % interval of the continued differences lies on one side of the margin."
)
_CHANGES = ("A - C", "B - A")
_STEPS = 400  # of the search along the line
_DIGITS = 2
_ZERO = 1e-9  # what rounding leaves of no change at all


@dataclass(frozen=True)
class Size:
    """One experiment: its training rows, its test scores by arm and seed, and its answer.

    Attributes:
        arms: role -> arm, as `verdict` found them.
        open: questions that keep the answer from being conclusive.
        rows: test scores by arm and seed, row by row, as far as they were kept.
    """

    n_train: int
    scores: Scores
    answer: str
    arms: Mapping[str, str]
    open: Sequence[str] = ()
    rows: Rows | None = None


@dataclass(frozen=True)
class Change(JsonValue):
    """How a contrast moves between two sizes, over the seeds that have both arms at both.

    Attributes:
        role: the question, for instance "A - C".
        rows: training rows, fewer first.
        means: of the paired differences at either size.
        mean, interval: of each seed's change, with its 95 % interval, see `crossed`; None with fewer than two seeds.
        shown: the interval is of enough seeds and leaves zero out.
        n_rows: test rows in the interval, or groups of them; None where it is over seeds alone.
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


@dataclass(frozen=True)
class AcrossSizes(JsonValue):
    """How the answer changes with training rows, and what may be said of more.

    Attributes:
        sentence: the answer at every size; empty with one size.
        changes: of contrasts between the two largest sizes.
        rows: how many rows would settle a largest size that is inconclusive; empty where it is not.
        rows_needed: the number, where one may be said.
        rows_rule: on what conditions rows are extrapolated.
    """

    sentence: str
    changes: tuple[Change, ...]
    rows: str
    rows_needed: int | None
    rows_rule: str = ROWS_RULE


def across_sizes(sizes: Sequence[Size], by: Yardstick, titles: Mapping[str, str] | None = None) -> AcrossSizes | None:
    """How the answer changes with training rows; None without runs.

    Args:
        sizes: in any order, no two of the same number of rows.
        by: what differences are counted in.
        titles: what arms are called in sentences.
    """
    ordered = sorted(sizes, key=lambda size: size.n_train)
    if not ordered:
        return None
    pair = (ordered[-2], ordered[-1]) if len(ordered) > 1 else None
    changes = [] if pair is None else [c for role in _CHANGES if (c := change(role, *pair, by, titles)) is not None]
    return AcrossSizes(_sentence(ordered) if pair else "", tuple(changes), *_rows(pair, ordered[-1], by, titles))


def _sentence(sizes: Sequence[Size]) -> str:
    answers = [size.answer for size in sizes]
    rows = [f"{size.n_train:,}" for size in sizes]
    if len(set(answers)) == 1:
        joined = " and with ".join(rows)
        return f"The answer is the same with {joined} training rows: {answers[0]}."
    told = "; ".join(f"with {n} training rows it is: {answer}" for n, answer in zip(rows, answers, strict=True))
    tail = " So a change of the answer with size is not shown." if INCONCLUSIVE in answers else ""
    return f"The answer differs with size: {told}.{tail}"


def change(
    role: str, small: Size, large: Size, by: Yardstick, titles: Mapping[str, str] | None = None
) -> Change | None:
    """The paired change of a contrast from one size to a larger; None where arms or shared seeds are missing.

    Reference: difference in differences, paired by seed and test row, with the interval of `crossed`.
    """
    found = _differences(role, small, large, by)
    if found is None:
        return None
    before, after = found
    moved = after.since(before).spread
    n, mean, half = moved.n_seeds, moved.mean, moved.half
    interval = None if half is None else (mean - half, mean + half)
    shown = n >= LEAST_PAIRS and interval is not None and (interval[0] > _ZERO or interval[1] < -_ZERO)
    means = before.spread.mean, after.spread.mean
    rows = small.n_train, large.n_train
    text = (
        f"{_pair_named(role, small, large, titles)} ({role}): {_amount(means[0])} {by.unit} with {rows[0]:,} training "
    )
    text += f"rows, {_amount(means[1])} with {rows[1]:,}; change {_amount(mean)}, "
    if interval is None:
        text += "on one seed, which decides nothing."
    else:
        over = f"{n} seeds and {rows_in_words(moved.n_rows, moved.grouped)}" if moved.n_rows else f"{n} seeds alone"
        text += f"95 % interval {_amount(interval[0])} to {_amount(interval[1])} over {over}: "
        text += "shown." if shown else "not shown."
    return Change(role, rows, means, mean, interval, n, by.unit, shown, text, moved.n_rows or None)


def _rows(
    pair: tuple[Size, Size] | None, largest: Size, by: Yardstick, titles: Mapping[str, str] | None
) -> tuple[str, int | None]:
    """What may be said of how many rows would settle the open questions, and the number where one may be said."""
    if not largest.open:
        return "", None
    if pair is None:
        return "How many training rows would settle it cannot be told from one size; run a second one.", None
    texts, numbers = [], []
    for role in largest.open:
        text, needed = _rows_of(role, *pair, by, titles)
        texts.append(text)
        numbers.append(needed)
    known = [n for n in numbers if n is not None]
    return " ".join(texts), max(known) if len(known) == len(numbers) else None


def _rows_of(
    role: str, small: Size, large: Size, by: Yardstick, titles: Mapping[str, str] | None
) -> tuple[str, int | None]:
    moved, found = change(role, small, large, by), _differences(role, small, large, by)
    which = f"{_pair_named(role, small, large, titles)} ({role})"
    if moved is None or found is None or moved.n_pairs < LEAST_PAIRS or moved.interval is None:
        n = 0 if moved is None else moved.n_pairs
        return (
            f"Rows cannot be extrapolated for {which}: {n} of {LEAST_PAIRS} seeds have both arms at both sizes.",
            None,
        )
    ends = " to ".join(_amount(end) for end in moved.interval)
    if not moved.shown:
        return (
            f"Rows cannot be extrapolated for {which}: its change from {small.n_train:,} to {large.n_train:,} rows, "
            f"95 % interval {ends} {by.unit}, may be none.",
            None,
        )
    factor = large.n_train / small.n_train
    farthest = round(large.n_train * factor)
    crossing = _settled_at(*found, math.log(factor), by.margin)
    if crossing is None:
        return f"For {which}, the line through both sizes settles nothing by {farthest:,} training rows.", None
    where, side = crossing
    needed = _rounded_up(large.n_train * math.exp(where))
    return (
        f"About {needed:,} training rows would settle {which}, {side} the margin, with as many seeds: if it went on "
        f"changing as from {small.n_train:,} to {large.n_train:,} rows, in a straight line against log rows, which two "
        f"sizes cannot test (followed to {farthest:,} rows).",
        needed,
    )


def _settled_at(before: Differences, after: Differences, span: float, margin: float) -> tuple[float, str] | None:
    """First distance in log rows beyond the larger size where the continued interval leaves the margin; which side."""
    for step in range(1, _STEPS + 1):
        share = step / _STEPS
        found = after.continued(before, share).spread
        if found.half is not None and found.mean - found.half > margin:
            return share * span, "above"
        if found.half is not None and found.mean + found.half < margin:
            return share * span, "below"
    return None


def _differences(role: str, small: Size, large: Size, by: Yardstick) -> tuple[Differences, Differences] | None:
    """Paired differences at both sizes, in units of the yardstick, over the seeds that all four arms have."""
    names = role.split(" - ")
    arms = [size.scores.get(size.arms.get(name, ""), {}) for size in (small, large) for name in names]
    seeds = sorted(set.intersection(*(set(scores) for scores in arms)))
    if not seeds:
        return None
    before, after = (
        differences(size.arms[names[0]], size.arms[names[1]], size.scores, by, size.rows, seeds)
        for size in (small, large)
    )
    return None if before is None or after is None else (before, after)


def _pair_named(role: str, small: Size, large: Size, titles: Mapping[str, str] | None) -> str:
    """The two arms in words; of either size, where validation rows chose differently."""
    words = []
    for name in role.split(" - "):
        own = dict.fromkeys(called(size.arms.get(name, name), titles) for size in (small, large))
        words.append(", then ".join(own))
    return " against ".join(words)


def _amount(value: float) -> str:
    return f"{100 * value:+.1f}"


def _rounded_up(value: float) -> int:
    unit = 10 ** max(0, math.floor(math.log10(value)) + 1 - _DIGITS)
    return math.ceil(value / unit) * unit
