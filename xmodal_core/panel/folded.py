"""Readings that look at the same thing in one row, with their spread: fifteen numbers are four questions."""

from collections.abc import Mapping
from dataclasses import dataclass

from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading
from xmodal_core.gap.protocol import percent_of_ceiling
from xmodal_core.panel.words import interval_text, number, ordered, title

QUESTIONS = {  # what is asked, by the metrics that answer it
    "How far must samples move, classes and all?": ("otdd", "sotdd"),
    "How far apart do the clouds lie?": ("centroid", "mmd", "energy", "frechet", "sliced"),
    "Can one tell which side a sample is from?": ("knn", "c2st", "coverage"),
    "Can the target's classes be told apart here?": ("target_knn", "linear_probe", "logme", "h_score", "gbc"),
}
_NAMES = {  # in plain words, beside the name that the field uses
    "otdd": "moving samples and classes",
    "sotdd": "the same along random lines",
    "centroid": "distance of the two middles",
    "mmd": "can a smooth function tell",
    "energy": "mean distance across",
    "frechet": "distance as two bell shapes",
    "sliced": "moving samples along random lines",
    "knn": "whose neighbours are mine",
    "c2st": "can a classifier tell the sides",
    "coverage": "how much of the source is reached",
    "target_knn": "do neighbours share a class",
    "linear_probe": "can a line tell the classes",
    "logme": "evidence of the classes",
    "h_score": "spread between the classes",
    "gbc": "overlap of the classes",
}


@dataclass(frozen=True)
class Row:
    """One question and the readings that answer it.

    Attributes:
        question: in plain words.
        metrics: that were asked, in the order of `METRICS`; read or refused.
        shares: percent of the way from floor to ceiling, by metric that has both; clipped nowhere.
        answer: what they say together.
    """

    question: str
    metrics: tuple[str, ...]
    shares: Mapping[str, float]
    answer: str


def plain_name(name: str) -> str:
    """What a metric looks at, in words that need no term, with its name."""
    return f"{title(name)}: {_NAMES[name]}" if name in _NAMES else title(name)


def folded(readings: Mapping[str, GapReading], refused: Mapping[str, str] | None = None) -> list[Row]:
    """A row a question that was asked; metrics that no question names have one of their own."""
    asked = ordered({*readings, *(refused or {})})
    rows = []
    for question, members in QUESTIONS.items():
        if found := [name for name in asked if name in members]:
            rows.append(_row(question, found, readings))
    known = {name for members in QUESTIONS.values() for name in members}
    return rows + [_row(METRICS[name].meaning, [name], readings) for name in asked if name not in known]


def share_of_way(name: str, reading: GapReading) -> float | None:
    """Percent of the way from floor to ceiling; None of what has no ceiling, or none of its own."""
    return None if METRICS[name].target_only else percent_of_ceiling(reading)


def beyond_anchor(reading: GapReading) -> bool | None:
    """Whether the whole interval lies off the floor or chance; None where that is not known."""
    if reading.floor is None or reading.interval is None:
        return None
    return not reading.interval[0] <= reading.floor <= reading.interval[1]


def _row(question: str, names: list[str], readings: Mapping[str, GapReading]) -> Row:
    taken = {name: readings[name] for name in names if name in readings}
    shares = {name: share for name, reading in taken.items() if (share := share_of_way(name, reading)) is not None}
    return Row(question, tuple(names), shares, _answer(taken, shares, target_only=METRICS[names[0]].target_only))


def _answer(taken: Mapping[str, GapReading], shares: Mapping[str, float], *, target_only: bool) -> str:
    if not taken:
        return "not measured"
    if len(taken) == 1:
        ((name, reading),) = taken.items()
        way = f", {shares[name]:.0f} % of the way" if name in shares else ""
        return f"{number(reading.value)} {interval_text(reading)}{way}"
    if len(shares) > 1:
        low, high = min(shares.values()), max(shares.values())
        same = f"{low:.0f} to {high:.0f} %" if round(low) != round(high) else f"{low:.0f} %"
        return f"{same} of the way ({len(shares)} readings)"
    told = [beyond_anchor(reading) for reading in taken.values()]
    yes, known = sum(one is True for one in told), sum(one is not None for one in told)
    against = "above chance or shuffled labels" if target_only else "off the floor"
    return f"{yes} of {known} readings are {against}" if known else f"{len(taken)} readings, none can be placed"
