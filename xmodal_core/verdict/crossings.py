"""Where two arms change places along an axis, with the interval of that place.

Between neighbouring levels each paired difference d[s, i] is continued in a straight line against the logarithm of the
axis. At a place x its mean is m(x), and h(x) is the half width of its interval, over seeds and test rows as everywhere.
The crossing is where m is zero, and its 95 % interval is every place that zero cannot be ruled out for,

    { x : |m(x)| <= h(x) },     with two levels, on seeds alone, the roots of a quadratic in log x.

It is a crossing only if zero is ruled out on either side of that stretch, with opposite signs; otherwise it is not
shown. An estimate of the place with its standard error would be wrong where the arms nearly run along each other: the
place has no finite variance then, and this stretch is open.

Reference: Fieller, J. R. Stat. Soc. B 16, 1954, 175 (a ratio's interval by inversion of a test of zero).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from xmodal_core.values import JsonValue
from xmodal_core.verdict.axes import Axis
from xmodal_core.verdict.contrasts import LEAST_PAIRS
from xmodal_core.verdict.differences import Yardstick
from xmodal_core.verdict.levels import Level, pair_named, paired, seeds_and_rows
from xmodal_core.verdict.lines import Line, straight

CROSSED = ("A - C", "B - A", "M - D")  # does pretraining pay, does crossing pay, does either beat the simple baseline?
_DIGITS = 2
_TINY = 1e-6  # what halving leaves of a whole number


@dataclass(frozen=True)
class Crossing(JsonValue):
    """Where the paired difference of two arms is zero.

    Attributes:
        role: the question, for instance "A - C".
        axis: the name of the axis.
        levels, means: where it was measured, ascending, and the mean differences there.
        n_pairs: seeds that have both arms at all of them.
        unit: what 0.01 of a mean is called.
        shown: zero is ruled out on either side, with opposite signs.
        text: all of it in a sentence.
        at: where the mean is zero; None where it is nowhere, or at several places of which none is shown.
        low, high: ends of the 95 % interval of `at`; None beyond the levels, and without one.
        n_rows: test rows in the interval, or groups of them; None where it is over seeds alone.
    """

    role: str
    axis: str
    levels: tuple[int, ...]
    means: tuple[float, ...]
    n_pairs: int
    unit: str
    shown: bool
    text: str
    at: float | None = None
    low: float | None = None
    high: float | None = None
    n_rows: int | None = None


def crossings(
    levels: Sequence[Level], by: Yardstick, titles: Mapping[str, str] | None, axis: Axis
) -> tuple[Crossing, ...]:
    """Of every question of `CROSSED` that two levels can answer: the crossings that are shown, or why there is none.

    Args:
        levels: of one axis, in any order, no two at the same place.
        by: what differences are counted in.
        titles: what arms are called in sentences.
        axis: what the levels differ in.
    """
    ordered = sorted((level for level in levels if level.at > 0), key=lambda level: level.at)
    return tuple(one for role in CROSSED for one in crossings_of(role, ordered, by, titles, axis))


def crossings_of(
    role: str, levels: Sequence[Level], by: Yardstick, titles: Mapping[str, str] | None, axis: Axis
) -> list[Crossing]:
    """Of one question; empty unless two levels have both arms.

    Args:
        role: the question.
        levels: ascending; those with too few seeds are left out where two others have enough.
        by: see `crossings`.
        titles: see `crossings`.
        axis: see `crossings`.
    """
    pairs = {level.at: len(own[0].by_seed) for level in levels if (own := paired(role, (level,), by))}
    enough = [at for at, n in pairs.items() if n >= LEAST_PAIRS]
    used = [level for level in levels if level.at in (enough if len(enough) > 1 else pairs)]
    if len(used) < 2:
        return []
    found, name = paired(role, used, by), f"{pair_named(role, used, titles)} ({role})"
    n = len(found[0].by_seed) if found else 0
    means = tuple(float(own.by_seed.mean()) for own in found or ())
    base = Crossing(role, axis.name, tuple(level.at for level in used), means, n, by.unit, False, "")
    if found is None or n < LEAST_PAIRS:
        told = f"{n} of {LEAST_PAIRS} seeds have both arms at {_listed(base.levels)} {axis.name}."
        return [replace(base, text=f"Whether {name} changes sign cannot be told: {told}")]
    line = straight(base.levels, found)
    over = line.spread(0.0)
    base = replace(base, n_rows=over.n_rows or None)
    measured = f"over {seeds_and_rows(n, over.n_rows, over.grouped)}, measured at {_listed(base.levels)}"
    shown = []
    for sign, low, high in line.changes():
        one = _placed(replace(base, shown=True), line, _middle(line.zeros, low, high), low, high)
        shown.append(replace(one, text=_shown_in_words(one, sign, name, measured)))
    return shown or [_not_shown(base, name, measured, line)]


def _placed(base: Crossing, line: Line, at: float, low: float | None, high: float | None) -> Crossing:
    """With places of a line as values of the axis."""
    ends = [None if place is None else line.value(place) for place in (low, high)]
    return replace(base, at=line.value(at), low=ends[0], high=ends[1])


def _middle(zeros: Sequence[float], low: float, high: float) -> float:
    """The one, or the middle one, of the zeros between two places of opposite sign, which are odd in number."""
    own = [zero for zero in zeros if low <= zero <= high] or [(low + high) / 2]  # none: rounding, at a single point
    return own[len(own) // 2]


def _not_shown(base: Crossing, name: str, measured: str, line: Line) -> Crossing:
    start, zeros = f"A crossing of {name} is not shown: the mean", line.zeros
    amounts = f"{_listed([f'{100 * mean:+.1f}' for mean in base.means])} {base.unit} {measured} {base.axis}."
    if not zeros:
        return replace(base, text=f"{start} does not change sign, {amounts}")
    before = [end for _, _, end in line.stretches if end <= zeros[0]]
    after = [begin for _, begin, _ in line.stretches if begin >= zeros[-1]]
    if len(zeros) > 1 or (before and after):
        return replace(base, text=f"{start} changes sign within noise, {amounts}")
    ends = before[-1] if before else None, after[0] if after else None
    found = _placed(base, line, zeros[0], *ends)
    return replace(
        found,
        text=f"{start} is zero at about {_rounded(found.at or 0.0):,} {base.axis}, but the 95 % interval of that "
        f"place, {_interval_in_words(found)} {measured}, is open.",
    )


def _shown_in_words(found: Crossing, sign: int, name: str, measured: str) -> str:
    before, after = ("below", "above") if sign > 0 else ("above", "below")
    return (
        f"{name} changes sign at about {_rounded(found.at or 0.0):,} {found.axis}, 95 % interval "
        f"{_interval_in_words(found)} {measured}: {before} zero before, {after} it after."
    )


def _interval_in_words(found: Crossing) -> str:
    """Ends rounded outwards, never beyond the levels."""
    first, last = found.levels[0], found.levels[-1]
    low = f"before {first:,}" if found.low is None else f"{max(_rounded(found.low, math.floor), first):,}"
    high = f"beyond {last:,}" if found.high is None else f"{min(_rounded(found.high, math.ceil), last):,}"
    return f"{low} to {high}"


def _rounded(value: float, to_whole: Callable[[float], int] = round) -> int:
    """To two digits."""
    unit = 10 ** max(0, math.floor(math.log10(max(value, 1.0))) + 1 - _DIGITS)
    return to_whole(value / unit - _TINY if to_whole is math.ceil else value / unit + _TINY) * unit


def _listed(values: Sequence[object]) -> str:
    """For instance "90, 300 and 1,000"."""
    words = [f"{value:,}" if isinstance(value, int) else str(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
