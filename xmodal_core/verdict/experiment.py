"""Which arm stands for which role of the micro-experiment, and the contrasts between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xmodal_core.verdict.contrasts import Contrast, Scores, Yardstick, contrast

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
class Experiment:
    """Which arm stands for which role, and the contrasts between them.

    Attributes:
        arms: role (A, B, C, S, D, and M for the better of A and B) -> arm, for the roles that were run.
        contrasts: question -> contrast, in the order of the questions.
    """

    arms: dict[str, str]
    contrasts: dict[str, Contrast] = field(default_factory=dict)

    def get(self, question: str) -> Contrast | None:
        """The contrast that answers a question; None where an arm, or a shared seed, is missing."""
        return self.contrasts.get(question)


def experiment(
    scores: Scores,
    by: Yardstick | None = None,
    *,
    roles: Mapping[str, str],
    validation: Scores | None = None,
) -> Experiment:
    """Choose an arm for every role and contrast them.

    Args:
        scores: per arm, test score by seed.
        by: what differences are counted in.
        roles: the letter that each arm stands for, of `ROLES`; arms that are left out, or have another one, stand for
            none, such as a crossing method with shuffled names.
        validation: per arm, validation score by seed; it chooses between arms of one role, and between A and B.
    """
    judge = validation if validation and all(validation.get(arm) for arm in scores) else scores

    def best(arms: Sequence[str]) -> str | None:
        return max(arms, key=lambda arm: sum(judge[arm].values()) / len(judge[arm]), default=None)

    candidates = {role: [arm for arm in scores if scores[arm] and roles.get(arm) == role] for role in _ORDER}
    arms = {role: arm for role, own in candidates.items() if (arm := best(own)) is not None}
    if {"A", "B"} <= set(arms):  # with one of them untried, nothing is known of the better one
        arms["M"] = str(best([arms["A"], arms["B"]]))
    found = {}
    for question in QUESTIONS:
        first, second = question.split(" - ")
        made = contrast(arms.get(first, ""), arms.get(second, ""), scores, by, question)
        if made is not None:
            found[question] = made
    return Experiment(arms, found)
