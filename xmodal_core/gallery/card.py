"""What is told of an item at a glance, all of it read from what was measured and trained."""

from dataclasses import dataclass

from xmodal_core.values import JsonValue
from xmodal_core.verdict.rules import ANSWERS

SCHEMA = 1
_SHORT = {  # at most five words, by the role that an answer names
    "D": "A simple model does better",
    "B": "Pretraining helps, aligned first",
    "A": "Pretraining helps here",
    "C": "Pretraining does not help here",
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
        margin: the difference that does not matter in it.
        gain: 95 % interval of what full fine-tuning gains over training from scratch; None where it is not known.
        score: what its runs are judged by.
        pretrained, scratch, simple: mean test scores: of the better way with the pretrained body, of the same network
            from scratch, of a simple model.
        pretrained_interval: 95 % interval of the first.
        chance: test score of always naming the most frequent class; None where there are no classes.
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
    margin: float
    gain: tuple[float, float] | None
    score: str
    pretrained: float
    scratch: float
    simple: float
    pretrained_interval: tuple[float, float] | None = None
    chance: float | None = None


def in_five_words(card: Card) -> str:
    """What came of an item, for somebody who knows none of the terms.

    The verdict's answer where there is one; else what its contrast of fine-tuning with scratch says alone, beside
    what a simple model reaches. Before either: whether anything was learnt.
    """
    low = card.pretrained if card.pretrained_interval is None else card.pretrained_interval[0]
    if card.chance is not None and low <= card.chance:
        return "No better than guessing"
    role = next((role for role, text in ANSWERS.items() if card.answer.startswith(text)), None)
    if role is not None:
        return _SHORT[role]
    if card.gain is not None and card.gain[0] > card.margin:
        return _SHORT["A"] if card.pretrained > card.simple else "Beats scratch, not simple models"
    if card.gain is not None and card.gain[1] < card.margin:
        return _SHORT["C"]
    return OPEN
