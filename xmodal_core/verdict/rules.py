"""From finished runs to what the data show: paired contrasts against a margin, "inconclusive" included.

Five arms under equal conditions decide, after Matsoukas et al. (arXiv 2203.01825) and the tuned baselines of arXiv
2411.02796: A full fine-tuning, B a crossing method, C from scratch, S random weights with pretrained statistics,
D a simple baseline. Runs of two arms that share a seed (and the data, the body and the split) are a pair. Which of
several arms stands for a role is chosen on the validation rows of the seeds that all have, never on the test rows.

No gap enters: a distance between two data sets is a reason to try something, not a result.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xmodal_core.scores import ACCURACY, ScoreKind
from xmodal_core.values import JsonValue
from xmodal_core.verdict.advice import PRIOR_MARGINS, Advice, advice
from xmodal_core.verdict.contrasts import (
    INCONCLUSIVE,
    LEAST_PAIRS,
    Contrast,
    called,
    sentence,
)
from xmodal_core.verdict.differences import Rows, Scores, Yardstick, yardstick
from xmodal_core.verdict.doubts import doubts, not_chosen
from xmodal_core.verdict.roles import ROLES, Cast, cast

ANSWERS = {  # by the role that each of them names
    "D": "use the simple baseline",
    "B": "align first",
    "A": "full fine-tuning is enough",
    "C": "train from scratch",
}
REUSE_NOT_SHOWN = "Initialisation helps, knowledge reuse not shown"
RULE = (
    "In this order. Use the simple baseline, if the better of fine-tuning and crossing is below it. Align first, if "
    "the crossing method is better than both fine-tuning and scratch by more than the margin. Full fine-tuning is "
    "enough, if it is better than scratch by more than the margin and crossing is not. Train from scratch, if the "
    "better of fine-tuning and crossing does not exceed it by the margin. Otherwise inconclusive. Each claim has to "
    f"hold for the whole 95 % interval of the paired difference, over at least {LEAST_PAIRS} seeds and over "
    "the test rows."
)

_Parts = tuple[tuple[str, Callable[[Contrast], bool]], ...]  # questions, and what has to be true of their contrasts


@dataclass(frozen=True)
class Rule(JsonValue):
    """One line of the rule: what it would answer, on what condition, and how that stands.

    Attributes:
        holds: None where arms that it needs were not run.
        needs: questions that it reads.
        found: the contrasts that answer them, in words.
    """

    answer: str
    condition: str
    holds: bool | None
    needs: tuple[str, ...]
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict(JsonValue):
    """One answer, every line of the rule by which it was reached, and what would change it.

    Attributes:
        why: the contrasts that the answer rests on, or what keeps it open.
        margin: the difference that does not matter, in units of the score's yardstick.
        unit: what 0.01 of it is called.
        score: name of the kind of score.
        rule: the whole rule in words.
        rules: its lines, in order.
        arms: role -> arm; see `Cast`.
        contrasts: in the order of the questions.
        sentences: the contrasts in words, each pair of arms once.
        reuse: what may be said about reuse of source knowledge; empty where nothing may.
        open: questions that keep the answer from being conclusive.
        seeds_needed: about how many an arm would settle it, see `advice`; None where it is settled, where seeds would
            not settle it, or where it cannot be told.
        changes: what would change the answer.
        tuning: whether the arms were given equal chances; empty where nobody has told.
        rows_needed, rows_at_seeds: about how many test rows would settle it, with how many seeds, where seeds would
            not.
        undecided: role -> arms between which nothing chooses, see `Cast`; None where there are none.
        budgets: which arms saw how many labelled samples, where that is not the same; None where it is.
        doubts: what else has to be known before the answer is believed, see `doubts`; None where there is nothing.
    """

    answer: str
    why: str
    margin: float
    unit: str
    score: str
    rule: str
    rules: tuple[Rule, ...]
    arms: dict[str, str]
    contrasts: tuple[Contrast, ...]
    sentences: tuple[str, ...]
    reuse: str
    open: tuple[str, ...]
    seeds_needed: int | None
    changes: tuple[str, ...]
    tuning: str = ""
    rows_needed: int | None = None
    rows_at_seeds: int | None = None
    undecided: dict[str, tuple[str, ...]] | None = None
    budgets: str | None = None
    doubts: tuple[str, ...] | None = None


def rules(run: Cast, margin: float, titles: Mapping[str, str] | None = None) -> list[Rule]:
    """Every line of the rule with how it stands; the first that holds is the answer."""
    crossing = called(run.arms.get("B", ""), titles) or "a crossing method"
    lines: list[tuple[str, str, _Parts]] = [
        (ANSWERS["D"], "the better of A and B is below D", (("M - D", lambda c: c.high < 0),)),
        (
            f"{ANSWERS['B']}, with {crossing}",
            "B is above A, and above C, by more than the margin",
            (("B - A", lambda c: c.low > margin), ("B - C", lambda c: c.low > margin)),
        ),
        (
            ANSWERS["A"],
            "A is above C by more than the margin, and B is not above A by it",
            (("A - C", lambda c: c.low > margin), ("B - A", lambda c: c.high <= margin)),
        ),
        (
            ANSWERS["C"],
            "the better of A and B is not above C by the margin",
            (("M - C", lambda c: c.high < margin),),
        ),
    ]
    return [_rule(run, titles, *line) for line in lines]


def _rule(run: Cast, titles: Mapping[str, str] | None, answer: str, condition: str, parts: _Parts) -> Rule:
    found = [run.get(question) for question, _ in parts]
    known = [test(c) for c, (_, test) in zip(found, parts, strict=True) if c is not None]
    holds = False if False in known else None if len(known) < len(parts) else True
    lines = tuple(f"{c.role}: {sentence(c, titles)}" for c in found if c is not None)
    return Rule(answer, condition, holds, tuple(question for question, _ in parts), lines)


def verdict(
    scores: Scores,
    margin: float | None = None,
    titles: Mapping[str, str] | None = None,
    kind: ScoreKind = ACCURACY,
    *,
    roles: Mapping[str, str],
    validation: Scores | None = None,
    rows: Rows | None = None,
) -> Verdict:
    """One answer, every line of the rule by which it was reached, and what would change it.

    Args:
        scores: per arm, test score by seed, all of one target and one kind of score.
        margin: the difference that does not matter, in units of the yardstick; its default when None.
        titles: what arms are called in sentences.
        kind: of score, which decides the yardstick.
        roles: see `cast`.
        validation: see `cast`.
        rows: see `cast`.
    """
    by = yardstick(kind, margin)
    run = cast(scores, by, roles=roles, validation=validation, rows=rows)
    lines = rules(run, by.margin, titles)
    answer = _answer(lines)
    blocking = _blocking(run, by.margin)
    is_open = answer == INCONCLUSIVE
    needed = _needed(run, blocking, by.margin) if is_open else Advice(None)
    return Verdict(
        answer=answer,
        why=_why(run, lines, blocking, titles),
        margin=by.margin,
        unit=by.unit,
        score=kind.name,
        rule=RULE,
        rules=tuple(lines),
        arms=run.arms,
        contrasts=tuple(run.contrasts.values()),
        sentences=tuple(sentence(c, titles) for c in _distinct(run)),
        reuse=reuse_sentence(run, titles),
        open=tuple(c.role for c in blocking) if is_open else (),
        seeds_needed=needed.seeds,
        changes=tuple(changes(run, by, answer, titles)),
        rows_needed=needed.rows,
        rows_at_seeds=needed.at_seeds,
        undecided=run.undecided or None,
        doubts=tuple(doubts(run, titles)) or None,
    )


def _answer(lines: Sequence[Rule]) -> str:
    return next((line.answer for line in lines if line.holds), INCONCLUSIVE)


def leading_arm(answer: Verdict) -> str | None:
    """The arm that an answer names; None where it is inconclusive."""
    role = next((role for role, text in ANSWERS.items() if answer.answer.startswith(text)), "")
    return answer.arms.get(role)


def _why(run: Cast, lines: Sequence[Rule], blocking: Sequence[Contrast], titles: Mapping[str, str] | None) -> str:
    held = next((line for line in lines if line.holds), None)
    if held is not None:
        blocking = [c for question in held.needs if (c := run.get(question)) is not None]
    said = [sentence(c, titles) for c in blocking]
    for question in ("A - C", "B - A", "B - C") if held is None else ():
        if question not in run.contrasts:
            first, second = question.split(" - ")
            known = run.get("A - C")
            said = [] if known is None or known in blocking else [sentence(known, titles)]
            unchosen = [not_chosen(run, role, titles) for role in (first, second) if role in run.undecided]
            if unchosen:
                return " ".join([*said, *unchosen])
            return " ".join([*said, f"No seed has both {ROLES[first]} and {ROLES[second]}; run both."])
    return " ".join(said)


def _blocking(run: Cast, margin: float) -> list[Contrast]:
    """Contrasts whose interval straddles the margin, or has too few pairs: of the first questions, else of the rest."""
    for questions in (("A - C", "B - A"), ("B - C", "M - C")):
        found = [c for question in questions if (c := run.get(question)) and c.low <= margin <= c.high]
        if found:
            return found
    return []


def _needed(run: Cast, blocking: Sequence[Contrast], margin: float) -> Advice:
    """What would take every blocking contrast off the margin, which is what the rule asks; the most that one needs."""
    told = []

    def leaves(low: np.ndarray, high: np.ndarray) -> np.ndarray:
        return np.asarray((low > margin) | (high < margin))

    for c in blocking:
        if c.n_pairs < 2:
            return Advice(None)
        told.append(advice(run.spreads[c.role], leaves, LEAST_PAIRS, prior=PRIOR_MARGINS * margin))
    if not told or any(a.seeds is None and a.rows is None for a in told):
        return Advice(None)
    needs_rows = [a for a in told if a.seeds is None]
    if needs_rows:
        return max(needs_rows, key=lambda a: a.rows or 0)
    return max(told, key=lambda a: a.seeds or 0)


def reuse_sentence(run: Cast, titles: Mapping[str, str] | None = None) -> str:
    """What may be said about reuse of source knowledge: nothing without random weights of pretrained statistics.

    Reference: (pretrained - stats) / (pretrained - random), Matsoukas et al., CVPR 2022, arXiv 2203.01825.
    """
    gain, over_stats = run.get("A - C"), run.get("A - S")
    if gain is None or gain.low <= 0:
        return ""
    if over_stats is None:
        return (
            "Pretrained weights help; whether their knowledge is reused, or only their scale, is open without the arm "
            f"of {ROLES['S']}."
        )
    if over_stats.reading in ("equal", "worse"):
        return f"{REUSE_NOT_SHOWN}: {sentence(over_stats, titles)}"
    if over_stats.reading == INCONCLUSIVE:
        return f"Pretrained weights help; knowledge reuse is open: {sentence(over_stats, titles)}"
    text = f"Knowledge reuse is shown: {sentence(over_stats, titles)}"
    if gain.unit == over_stats.unit == "points":  # shares of two different errors have no ratio
        text += f" That is {100 * over_stats.mean / gain.mean:.0f} % of the gain over random weights."
    return text


def changes(run: Cast, by: Yardstick, answer: str, titles: Mapping[str, str] | None = None) -> list[str]:
    """What would change the answer: arms that are missing, and the nearest margins at which it is another one."""
    missing = [role for role in ("A", "B", "C", "D", "S") if role not in run.arms and role not in run.undecided]
    found = [f"Not run: {', '.join(f'{ROLES[role]} ({role})' for role in missing)}."] if missing else []
    ends = {abs(end) for c in run.contrasts.values() for end in (c.low, c.high) if math.isfinite(end)}
    for word, points in (("above", sorted(e for e in ends if e >= by.margin)), ("below", _falling(ends, by.margin))):
        for end in points:
            beyond = end * (1 + 1e-9) + 1e-12 if word == "above" else end * (1 - 1e-9)
            other = _answer(rules(run, beyond, titles))
            if other != answer and beyond > 0:
                found.append(f"With a margin {word} {100 * end:.3g} {by.unit} the answer would be: {other}.")
                break
    return found


def _falling(ends: Collection[float], margin: float) -> list[float]:
    return sorted((e for e in ends if e <= margin), reverse=True)


def _distinct(run: Cast) -> list[Contrast]:
    """Contrasts by the arms that they compare: M is A or B again."""
    return list({(c.first, c.second): c for c in reversed(run.contrasts.values())}.values())[::-1]
