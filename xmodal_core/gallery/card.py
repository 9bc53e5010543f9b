"""What is told of an item at a glance, all of it read from what was measured and trained."""

from dataclasses import dataclass

from xmodal_core.values import JsonValue
from xmodal_core.verdict.rules import ANSWERS

SCHEMA = 1
_SHORT = {  # by role that the answer names, at most five words
    "D": "A simple model does better",
    "B": "Pretraining helps, aligned first",
    "A": "Pretraining helps here",
    "C": "Nothing pretrained helps here",
}
OPEN = "Cannot say yet"


@dataclass(frozen=True)
class Mark(JsonValue):
    """A gap reading on its ruler; see `GapReading`."""

    metric: str
    value: float
    floor: float
    ceiling: float | None
    interval: tuple[float, float] | None
    n: int


@dataclass(frozen=True)
class Card(JsonValue):
    """An item at a glance.

    Attributes:
        schema: of this value.
        name: of the item.
        version: that made it.
        made: when, ISO 8601 in UTC.
        command: that makes it again.
        seeds: of its runs; its gap has the first.
        gap, run: names of the gap report and of the alignment that are opened first.
        mark: the gap.
        aligned: held-out OTDD at the first and the last step of that alignment.
        answer: the verdict's.
        score: what its runs are judged by.
        best, best_title: the highest mean test score of an arm with the pretrained body, and whose it is.
        majority: the score of always naming the most frequent class; None where there are no classes.
    """

    schema: int
    name: str
    version: str
    made: str
    command: str
    seeds: tuple[int, ...]
    gap: str
    run: str
    mark: Mark
    aligned: tuple[float, float]
    answer: str
    score: str
    best: float
    best_title: str
    majority: float | None = None


def in_five_words(answer: str) -> str:
    """A verdict's answer for somebody who knows none of the terms."""
    return next((_SHORT[role] for role, text in ANSWERS.items() if answer.startswith(text)), OPEN)
