"""Which arm stands for which role of the rule, and the contrasts between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xmodal_core.verdict.contrasts import Contrast, read
from xmodal_core.verdict.crossed import Spread
from xmodal_core.verdict.differences import Rows, Scores, Yardstick, differences, yardstick

ROLES = {  # letters that methods state of themselves
    "A": "full fine-tuning",
    "B": "a crossing method",
    "C": "from scratch",
    "S": "random weights with pretrained statistics",
    "D": "a simple baseline",
}
_ORDER = ("A", "C", "S", "D", "B")  # in which `arms` tells them
QUESTIONS = ("A - C", "B - A", "B - C", "M - D", "M - C", "A - S")


@dataclass(frozen=True)
class Cast:
    """Which arm stands for which role, and the contrasts between them.

    Attributes:
        arms: role (A, B, C, S, D, and M for the better of A and B) -> arm, for the roles that one could be told for.
        contrasts: question -> contrast, in the order of the questions.
        spreads: question -> what its interval is made of.
        undecided: role -> arms between which nothing chooses: they share no seed with validation rows.
    """

    arms: dict[str, str]
    contrasts: dict[str, Contrast] = field(default_factory=dict)
    spreads: dict[str, Spread] = field(default_factory=dict)
    undecided: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def get(self, question: str) -> Contrast | None:
        """The contrast that answers a question; None where an arm, or a shared seed, is missing."""
        return self.contrasts.get(question)


def cast(
    scores: Scores,
    by: Yardstick | None = None,
    *,
    roles: Mapping[str, str],
    validation: Scores | None = None,
    rows: Rows | None = None,
) -> Cast:
    """Choose an arm for every role and contrast them.

    Between several arms of one role, and between A and B, the validation rows choose, over the seeds that all of them
    have: a mean over other seeds would compare draws. Test rows choose nothing, for what is chosen by them looks better
    on them than it is; where nothing else can choose, the role stays open.

    Args:
        scores: per arm, test score by seed.
        by: what differences are counted in.
        roles: the letter that each arm stands for, of `ROLES`; arms that are left out, or have another one, stand for
            none, such as a crossing method with shuffled names.
        validation: per arm, validation score by seed.
        rows: per arm, test scores by seed, row by row.
    """
    by = by or yardstick()
    arms: dict[str, str] = {}
    undecided: dict[str, tuple[str, ...]] = {}
    candidates = {role: [arm for arm in scores if scores[arm] and roles.get(arm) == role] for role in _ORDER}

    def settle(role: str, own: Sequence[str]) -> None:
        chosen = best(own, validation or {})
        if chosen is not None:
            arms[role] = chosen
        elif own:
            undecided[role] = tuple(own)

    for role, own in candidates.items():
        settle(role, own)
    if {"A", "B"} <= set(arms):  # with one of them untried, nothing is known of the better one
        settle("M", [arms["A"], arms["B"]])
    contrasts, spreads = {}, {}
    for question in QUESTIONS:
        first, second = (arms.get(role, "") for role in question.split(" - "))
        found = differences(first, second, scores, by, rows)
        if found is not None:
            spreads[question] = found.spread
            contrasts[question] = read(first, second, found.spread, by, question)
    return Cast(arms, contrasts, spreads, undecided)


def best(arms: Sequence[str], validation: Scores) -> str | None:
    """The arm of the best mean validation score over the seeds that all have; None where they share none.

    One arm alone needs no choice. Of equal ones the one with the most seeds, then the first.
    """
    if len(arms) < 2:
        return next(iter(arms), None)
    shared = set.intersection(*(set(validation.get(arm, {})) for arm in arms))
    if not shared:
        return None
    return max(arms, key=lambda arm: (sum(validation[arm][seed] for seed in sorted(shared)), len(validation[arm])))
