"""The gap in one sentence that needs no term: how far the target lies on the way from no gap to no relation.

One reading speaks, the first of `SPEAKERS` that has a floor, a ceiling and an interval; the others say beside it
whether they agree. "Cannot say" is an answer. The bounds of near and far are those of the triage: conventions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from xmodal_core.embedding import Space
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading
from xmodal_core.gap.interval import MIN_ROWS_FOR_INTERVAL
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.triage import FAR, NEAR, place
from xmodal_core.panel.words import interval_text, number, shuffled_mark, title

SPEAKERS = ("otdd", "sliced", "knn")
SAME, CLOSE, BETWEEN, APART, UNRELATED, UNKNOWN = "same", "close", "between", "apart", "unrelated", "unknown"
SAME_KIND, NO_RELATION = "same kind of data", "no relation"
_WIDEST = 0.5  # of the way; an interval wider than this tells nothing
_FRACTIONS = (
    (0.05, "a twentieth of the way"),
    (0.1, "a tenth of the way"),
    (0.2, "a fifth of the way"),
    (0.25, "a quarter of the way"),
    (1 / 3, "a third of the way"),
    (0.4, "two fifths of the way"),
    (0.5, "half of the way"),
    (0.6, "three fifths of the way"),
    (2 / 3, "two thirds of the way"),
    (0.75, "three quarters of the way"),
    (0.8, "four fifths of the way"),
    (0.9, "nine tenths of the way"),
    (1.0, "all of the way"),
)


@dataclass(frozen=True)
class GapSentence:
    """What a panel says in one sentence, and what that rests on.

    Attributes:
        level: same | close | between | apart | unrelated | unknown.
        text: the sentence.
        numbers: the reading behind it with its anchors, interval, n and seed; empty where none speaks.
        beside: what shuffled labels and the other readings add; empty where nothing does.
        metric: the reading that speaks; None where none can be placed.
    """

    level: str
    text: str
    numbers: str = ""
    beside: str = ""
    metric: str | None = None


def gap_sentence(report: GapReport) -> GapSentence:
    """The sentence of a report, of all its readings or of those taken so far."""
    readings = report.readings
    name = next((s for s in SPEAKERS if s in readings and place(s, readings[s]) is not None), None)
    if name is None:
        speaks = next((s for s in SPEAKERS if s in readings), None)
        return GapSentence(UNKNOWN, _unplaced(report, speaks), "" if speaks is None else _numbers(speaks, report))
    placed = place(name, readings[name])
    assert placed is not None
    level = level_of(placed)
    beside = " ".join(filter(None, (_shuffled(name, readings[name]), _others(name, readings))))
    return GapSentence(level, _text(level, placed, report), _numbers(name, report), beside, name)


def level_of(placed: tuple[float, float, float]) -> str:
    """How far that is: value and interval ends as shares of the way from floor to ceiling."""
    _, low, high = placed
    if low <= 0 and high < FAR:
        return SAME
    if high - low > _WIDEST:
        return UNKNOWN
    if high < NEAR:
        return CLOSE
    if high >= 1:
        return UNRELATED
    return APART if low > FAR else BETWEEN


def of_the_way(share: float) -> str:
    """A share of the way in words: the nearest fraction that people say."""
    return min(_FRACTIONS, key=lambda fraction: abs(fraction[0] - share))[1]


def _text(level: str, placed: tuple[float, float, float], report: GapReport) -> str:
    yours, known = f"Your data ({report.target})", _known(report)
    share, low, high = placed
    way = f"from “{SAME_KIND}” to “{NO_RELATION}”"
    texts = {
        SAME: f"{yours} cannot be told from {known}: they lie as near each other as two samples of the same data do.",
        CLOSE: f"{yours} look close to {known}: about {of_the_way(share)} {way}.",
        BETWEEN: f"{yours} look neither close to {known} nor far from it: about {of_the_way(share)} {way}.",
        APART: f"{yours} look far from {known}: about {of_the_way(share)} {way}.",
        UNRELATED: f"{yours} look unrelated to {known}: {of_the_way(min(share, 1.0))} {way}, as far off as through an "
        "entrance that was never trained.",
        UNKNOWN: f"Cannot say how far {yours[0].lower()}{yours[1:]} are from {known}: on these {report.n} rows a side "
        f"anything from {of_the_way(max(low, 0.0))} to {of_the_way(min(high, 1.0))} is possible {way}.",
    }
    return texts[level]


def _known(report: GapReport) -> str:
    if report.space == Space.RAW:
        return f"the source ({report.source})"
    return f"what the network knows ({report.source})"


def _unplaced(report: GapReport, speaks: str | None) -> str:
    """Why nothing can be said, and where something is known after all, that."""
    reading = None if speaks is None else report.readings[speaks]
    if reading is None:
        return "Cannot say yet how far your data are: none of the readings that can tell has been taken."
    if reading.interval is None:
        few = f"it takes {MIN_ROWS_FOR_INTERVAL} rows a side to know how sure the number is, and here are {reading.n}"
        why = few if reading.n < MIN_ROWS_FOR_INTERVAL else "the number has no interval on these rows"
    elif reading.floor is None:
        why = "the source has too few rows to show what “no gap” looks like"
    elif reading.ceiling is None:
        apart = not reading.interval[0] <= reading.floor <= reading.interval[1]
        told = "can be told from" if apart else "cannot be told from"
        return (
            f"Your data ({report.target}) {told} {_known(report)}, but not how far they are: raw inputs go through no "
            f"network, so there is no “{NO_RELATION}” to hold the number against."
        )
    else:
        why = f"“{SAME_KIND}” and “{NO_RELATION}” lie too close together here to place anything between them"
    return f"Cannot say how far your data ({report.target}) are from {_known(report)}: {why}."


def _numbers(name: str, report: GapReport) -> str:
    reading = report.readings[name]
    parts = [f"{title(name)} {number(reading.value)} {interval_text(reading)}"]
    if (placed := place(name, reading)) is not None:
        parts[0] += f", {100 * placed[0]:.0f} % of the way [{100 * placed[1]:.0f}, {100 * placed[2]:.0f}]"
    if reading.floor is not None:
        parts.append(f"{SAME_KIND} (floor) {number(reading.floor)}")
    if reading.ceiling is not None:
        parts.append(f"{NO_RELATION} (ceiling) {number(reading.ceiling)}")
    return f"{'; '.join(parts)}; n = {reading.n} a side, seed {reading.seed}."


def _shuffled(name: str, reading: GapReading) -> str:
    """Whether the number knows the target's classes at all."""
    shuffled = shuffled_mark(name, reading)
    if shuffled is None or reading.interval is None:
        return ""
    low, high = reading.interval
    if low <= shuffled <= high:
        return f"With your labels shuffled it reads {number(shuffled)}, the same: it is not about your classes."
    way = "up to" if shuffled > reading.value else "down to"
    return f"With your labels shuffled it goes {way} {number(shuffled)}: your classes count in it."


def _others(name: str, readings: Mapping[str, GapReading]) -> str:
    """How far apart the other readings between the clouds place the same data."""
    placed = {
        other: found[0]
        for other, reading in readings.items()
        if other != name and not METRICS[other].target_only and (found := place(other, reading)) is not None
    }
    if not placed:
        return ""
    least, most = min(placed, key=placed.__getitem__), max(placed, key=placed.__getitem__)
    said = f"{len(placed)} other {'reading places' if len(placed) == 1 else 'readings place'} it at "
    if len(placed) == 1:
        return f"{said}{100 * placed[least]:.0f} % ({title(least)})."
    return f"{said}{100 * placed[least]:.0f} % ({title(least)}) to {100 * placed[most]:.0f} % ({title(most)})."
