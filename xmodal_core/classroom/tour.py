"""The guided tour: six steps on finished runs that ship, each a sentence and a question; the answer is read, not known.

Nothing here says what is right: `Step.tell` finds it in the numbers of the workspace that is looked at, so that the
tour stays true when the runs are made again.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xmodal_core.gap.base import GapReading
from xmodal_core.panel.words import number

if TYPE_CHECKING:
    from xmodal_core.classroom.shown import Shown

SAME, DIGITS, VOWELS, SHUFFLED = "same", "digits", "vowels", "shuffled"  # items of the gallery
ALIGNED = DIGITS  # whose alignment is watched: enough rows that an accuracy can be read beside it
_NEAR_END = 0.1  # of the way from floor to ceiling
_MOVED = 0.05  # of what it was: less is no fall
_SIGMAS = 2.0


@dataclass(frozen=True)
class Reveal:
    """What came of it.

    Attributes:
        right: number of the answer that the numbers give, from 0.
        text: the numbers in a sentence or two.
    """

    right: int
    text: str


@dataclass(frozen=True)
class Step:
    """One step of a tour.

    Attributes:
        item: of the gallery, whose workspace is looked at.
        page: on which.
        title: two or three words.
        sentence: what is seen.
        question, answers: what is predicted.
        tell: what came of it, from the numbers of all items of the tour; None where they are not there.
        why: what to take along, true whatever the numbers are.
        terms: keys of the glossary.
    """

    item: str
    page: str
    title: str
    sentence: str
    question: str
    answers: tuple[str, ...]
    tell: Callable[[Mapping[str, "Shown"]], Reveal | None]
    why: str
    terms: tuple[str, ...] = ()


def place(reading: GapReading) -> float | None:
    """Where a reading lies between its floor, 0, and its ceiling, 1; None where it has not got both."""
    if reading.floor is None or reading.ceiling is None or reading.ceiling == reading.floor:
        return None
    return (reading.value - reading.floor) / (reading.ceiling - reading.floor)


def _where(item: str) -> Callable[[Mapping[str, "Shown"]], Reveal | None]:
    """Which of floor, between and ceiling the gap of an item lies at."""

    def tell(items: Mapping[str, "Shown"]) -> Reveal | None:
        reading = items[item].gap if item in items else None
        at = None if reading is None else place(reading)
        if reading is None or at is None:
            return None
        right = 0 if at < _NEAR_END else 2 if at > 1 - _NEAR_END else 1
        text = (
            f"The gap reads {number(reading.value)} (OTDD, n = {reading.n} a side). No gap at all would read "
            f"{number(reading.floor)}, an entrance that has learnt nothing {number(reading.ceiling)}"
        )
        return Reveal(right, f"{text}: {max(0.0, at):.0%} of the way." if at <= 1 else f"{text}: it is beyond.")

    return tell


def _against(item: str, other: str, names: tuple[str, str]) -> Callable[[Mapping[str, "Shown"]], Reveal | None]:
    """Whether the gap of one item is nearer than that of another, as large, or farther."""

    def tell(items: Mapping[str, "Shown"]) -> Reveal | None:
        readings = [items[name].gap if name in items else None for name in (item, other)]
        new, old = readings
        if new is None or old is None or new.interval is None or old.interval is None:
            return None
        right = 0 if new.interval[1] < old.interval[0] else 2 if new.interval[0] > old.interval[1] else 1
        parts = [
            f"{name} {number(each.value)} [{number(each.interval[0])}, {number(each.interval[1])}] (n = {each.n})"
            for name, each in zip(names, (new, old), strict=True)
            if each.interval is not None
        ]
        verb = "do not overlap" if right != 1 else "overlap"
        return Reveal(right, f"OTDD: {' and '.join(parts)} a side. The intervals {verb}.")

    return tell


def _nothing_learnt(items: Mapping[str, "Shown"]) -> Reveal | None:
    """Whether aligning lowers the gap of shuffled labels, and whether anything is learnt."""
    found = items.get(SHUFFLED)
    if found is None or len(found.falls) < 2 or not (scores := found.scores("orca")):
        return None
    result = next(each for each in found.results if each.method == "orca")
    chance = 1 / max(1, result.target.n_classes)
    mean, n = sum(scores) / len(scores), result.test.n * len(scores)
    above = mean > chance + _SIGMAS * math.sqrt(chance * (1 - chance) / n)
    right = 2 if _change(found.falls) > -_MOVED else 0 if above else 1
    return Reveal(
        right,
        f"Aligning took the gap of held-out rows from {number(found.falls[0])} to {number(found.falls[-1])}. After "
        f"training, {mean:.0%} of the answers are right ({len(scores)} seeds, {result.test.n} test rows each); "
        f"guessing among {result.target.n_classes} gives {chance:.0%}.",
    )


def _moved(items: Mapping[str, "Shown"]) -> Reveal | None:
    """Which way the gap went while it was aligned."""
    found = items.get(ALIGNED)
    if found is None or len(found.falls) < 2:
        return None
    change = _change(found.falls)
    right = 0 if change < -_MOVED else 2 if change > _MOVED else 1
    text = (
        f"Over {len(found.falls)} steps the gap of rows held out went from {number(found.falls[0])} to "
        f"{number(found.falls[-1])} ({change:+.0%})."
    )
    if found.told_apart is not None:
        before, after = found.told_apart
        text += f" Neighbours name the right class {before:.0%} of the time before, {after:.0%} after."
    return Reveal(right, text)


def _followed(items: Mapping[str, "Shown"]) -> Reveal | None:
    """Whether aligning first was worth anything on the test rows."""
    found = items.get(ALIGNED)
    gain = None if found is None else found.gain
    if found is None or gain is None or gain.interval is None:
        return None
    right = {"better": 0, "worse": 2}.get(gain.reading, 1)
    means = [sum(scores) / len(scores) for scores in (found.scores("orca"), found.scores("finetune")) if scores]
    scored = " and ".join(f"{mean:.1%}" for mean in means)
    return Reveal(
        right,
        f"With and without aligning first, {scored} of the test answers are right ({gain.n_pairs} seeds). The paired "
        f"difference is {100 * gain.mean:+.1f} points, 95 % interval [{100 * gain.interval[0]:+.1f}, "
        f"{100 * gain.interval[1]:+.1f}]: {gain.reading}.",
    )


def _change(series: Sequence[float]) -> float:
    """Relative change from the first to the last."""
    return (series[-1] - series[0]) / abs(series[0]) if series[0] else 0.0


_ENDS = ("At the floor: no gap", "Somewhere between", "At the ceiling")
_GAP_TOUR = (
    Step(
        SAME,
        "gap",
        "The same data twice",
        "Both sides are the same handwritten digits, ● and ◆.",
        "Where on the ruler does the gap lie?",
        _ENDS,
        _where(SAME),
        "A measure is worth something only beside its floor: what it reads where nothing is different.",
        ("gap", "floor"),
    ),
    Step(
        DIGITS,
        "gap",
        "Other pictures",
        "This network has only ever seen fractals (●). Now it meets handwritten digits (◆).",
        "Where does the gap lie now?",
        _ENDS,
        _where(DIGITS),
        "Two kinds of pictures can be far apart to a network, though both are pictures to you.",
        ("source", "target", "ceiling"),
    ),
    Step(
        VOWELS,
        "gap",
        "Spectrograms",
        "The same network meets voices, drawn as pictures of sound.",
        "Compared with the digits: how far are the voices from the fractals?",
        ("Nearer", "About as far", "Farther"),
        _against(VOWELS, DIGITS, ("voices", "digits")),
        "How far something is, is a question to a network and a measure, not to our own idea of what is alike.",
        ("spectrogram", "interval"),
    ),
    Step(
        SHUFFLED,
        "gap",
        "Shuffled labels",
        "The digits again, but every digit has got the label of another one.",
        "Aligning pushes the gap down all the same? And what is learnt?",
        ("Gap falls, answers get better", "Gap falls, answers are guesses", "Gap does not fall"),
        _nothing_learnt,
        "A gap says how alike data look, never whether there is anything to learn.",
        ("shuffled", "chance"),
    ),
    Step(
        ALIGNED,
        "align",
        "Watch the alignment",
        "The digits of step 2, with their own labels. Press play and watch ◆ move.",
        "What does the gap of rows held out do from the first step to the last?",
        ("It falls", "It stays", "It rises"),
        _moved,
        "What is pushed down is measured on rows that were not pushed; else falling would prove nothing.",
        ("align", "collapse"),
    ),
    Step(
        ALIGNED,
        "compare",
        "Did accuracy follow?",
        "The same runs, now by what counts: right answers on test rows nobody looked at.",
        "Is aligning first better than training at once?",
        ("Yes, better", "No difference we can be sure of", "No, worse"),
        _followed,
        "A smaller gap is a reason to try, not a result. Runs decide, with their seeds and intervals.",
        ("verdict", "contrast"),
    ),
)
TOURS: dict[str, tuple[Step, ...]] = {"gap": _GAP_TOUR}
