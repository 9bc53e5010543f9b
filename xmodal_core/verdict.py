"""From finished runs to what the data show: paired contrasts against a margin, "inconclusive" included.

Runs of two methods that share a seed (and the data, the body and the split) are a pair. The mean difference
gets a t interval over the pairs; it is called better or worse only when the whole interval lies beyond
zero by more than the margin, equal only when it lies inside the margin, and inconclusive otherwise.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy import stats

DEFAULT_MARGIN = 0.01
RULE = (
    "A crossing method better than fine-tuning: cross the gap first. Otherwise fine-tuning better than scratch: full "
    "fine-tuning is enough if every crossing method that was run is equal or worse, and whether to align first is "
    "open if one is inconclusive. Otherwise fine-tuning equal to or worse than scratch: train from scratch. "
    "Otherwise inconclusive."
)
_POWER_Z = 0.8416  # 80 % power
_LEVEL_Z = 1.96


@dataclass(frozen=True)
class Contrast:
    """Paired difference of test accuracy, first minus second.

    Attributes:
        interval: 95 % t interval of the mean; None with fewer than two pairs.
        reading: better | worse | equal | inconclusive, about the first against the second.
        pairs_needed: pairs for 80 % power at the margin, from the spread seen; None with fewer than two pairs.
    """

    first: str
    second: str
    mean: float
    interval: tuple[float, float] | None
    n_pairs: int
    reading: str
    pairs_needed: int | None


def contrast(
    first: str, second: str, accuracies: dict[str, dict[int, float]], margin: float = DEFAULT_MARGIN
) -> Contrast | None:
    """Compare two methods over the seeds that both have.

    Args:
        first: a method's name.
        second: the method that it is held against.
        accuracies: per method, test accuracy by seed.
        margin: differences below this are of no practical interest, in accuracy.

    Returns:
        None when no seed is shared.

    Reference: paired t interval; region of practical equivalence as in Kruschke 2018.
    """
    seeds = sorted(set(accuracies.get(first, {})) & set(accuracies.get(second, {})))
    if not seeds:
        return None
    differences = [accuracies[first][s] - accuracies[second][s] for s in seeds]
    n, mean = len(differences), sum(differences) / len(differences)
    if n < 2:
        return Contrast(first, second, mean, None, n, "inconclusive", None)
    sd = math.sqrt(sum((d - mean) ** 2 for d in differences) / (n - 1))
    half = float(stats.t.ppf(0.975, n - 1)) * sd / math.sqrt(n)
    low, high = mean - half, mean + half
    needed = max(2, math.ceil((_LEVEL_Z + _POWER_Z) ** 2 * sd**2 / margin**2))
    return Contrast(first, second, mean, (low, high), n, _reading(low, high, margin), needed)


def _reading(low: float, high: float, margin: float) -> str:
    if low > margin:
        return "better"
    if high < -margin:
        return "worse"
    if low >= -margin and high <= margin:
        return "equal"
    return "inconclusive"


def contrasts(accuracies: dict[str, dict[int, float]], margin: float = DEFAULT_MARGIN) -> list[Contrast]:
    """The questions that the app asks: does pretraining help, does alignment add to it, does the curriculum?"""
    pairs = [("finetune", "scratch"), *((m, "finetune") for m in ("orca", "pare", "orca_pare"))]
    found = (contrast(first, second, accuracies, margin) for first, second in pairs)
    return [c for c in found if c is not None]


def verdict(
    accuracies: dict[str, dict[int, float]], margin: float = DEFAULT_MARGIN, titles: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One answer, and `RULE`, by which it was reached; `titles` says what methods are called in its sentences."""
    found = {(c.first, c.second): c for c in contrasts(accuracies, margin)}
    crossing = [c for (_, second), c in found.items() if second == "finetune"]
    against_scratch = found.get(("finetune", "scratch"))
    answer, why = _answer(crossing, against_scratch, titles or {})
    return {
        "answer": answer,
        "why": why,
        "margin": margin,
        "rule": RULE,
        "contrasts": [asdict(c) for c in found.values()],
        "sentences": [sentence(c, titles) for c in found.values()],
    }


def _answer(
    crossing: Sequence[Contrast], against_scratch: Contrast | None, titles: Mapping[str, str]
) -> tuple[str, str]:
    winners = [c for c in crossing if c.reading == "better"]
    if winners:
        best = max(winners, key=lambda c: c.mean)
        return f"cross the gap first, with {titles.get(best.first, best.first)}", sentence(best, titles)
    if against_scratch is None:
        return "inconclusive", "No seed has both a fine-tuned and a from-scratch run; run both."
    if against_scratch.reading == "better":
        if crossing and all(c.reading in ("equal", "worse") for c in crossing):
            return "full fine-tuning is enough", sentence(against_scratch, titles)
        open_questions = [c for c in crossing if c.reading == "inconclusive"]
        tail = sentence(open_questions[0], titles) if open_questions else "No crossing method was run."
        return "pretraining helps; whether to align first is open", f"{sentence(against_scratch, titles)} {tail}"
    if against_scratch.reading in ("worse", "equal"):
        return "train from scratch", sentence(against_scratch, titles)
    return "inconclusive", sentence(against_scratch, titles)


def sentence(c: Contrast, titles: Mapping[str, str] | None = None) -> str:
    """A contrast in words, with its numbers."""
    first, second = ((titles or {}).get(name, name) for name in (c.first, c.second))
    points = f"{100 * c.mean:+.1f} points"
    if c.interval is None:
        return f"{first} against {second}: {points} on one seed, which decides nothing; run more seeds."
    low, high = (100 * v for v in c.interval)
    found = f"{points}, 95 % interval {low:+.1f} to {high:+.1f}, {c.n_pairs} seeds: {c.reading}."
    text = f"{first} against {second}: {found}"
    if c.reading == "inconclusive" and c.pairs_needed and c.pairs_needed > c.n_pairs:
        text += f" About {c.pairs_needed} seeds would settle it at this spread."
    return text
