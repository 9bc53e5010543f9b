"""Which budget a comparison is headed by."""

from tests.results import a_row
from xmodal_core.verdict.at_level import ComparisonAtLevel
from xmodal_core.verdict.headline import headline, headline_note, readable, shared_budget
from xmodal_core.verdict.rules import verdict

ROLES = {"finetune": "A", "orca": "B", "scratch": "C", "simple": "D"}


def level(steps: int, *arms: str, seeds: int = 3, n_train: int = 80) -> ComparisonAtLevel:
    scores = {arm: dict.fromkeys(range(seeds), 0.5) for arm in arms}
    table = tuple(a_row(arm, tuple(own.values())) for arm, own in scores.items())
    return ComparisonAtLevel(n_train, table, verdict(scores, roles=ROLES, validation=scores), steps)


def test_a_level_counts_for_more_the_more_of_the_rule_it_can_read() -> None:
    levels = [
        level(1, "finetune"),
        level(1, "finetune", "frozen"),
        level(1, "finetune", "scratch", seeds=2),
        level(1, "finetune", "scratch"),
        level(1, "finetune", "scratch", "orca"),
    ]
    assert [readable(one) for one in levels] == [0, 1, 2, 3, 4]


def test_one_arm_that_went_on_does_not_hide_the_comparison_before_it() -> None:
    levels = [level(1000, "orca"), level(300, "finetune", "orca", "scratch"), level(90, "finetune", "orca", "scratch")]
    assert headline(levels).steps == 300
    assert headline_note(levels) == (
        "With 80 training rows the answer is that at 300 steps on labels: at 1,000 too few arms of the rule, or too "
        "few of their seeds, were run."
    )
    assert headline_note(levels[1:]) is None
    no_simple = [level(1000, "finetune", "orca", "scratch"), level(300, "finetune", "orca", "scratch", "simple")]
    assert headline(no_simple).steps == 1000  # an arm that has no part in the first questions holds nothing up


def test_rows_are_held_against_each_other_at_a_budget_that_all_of_them_have() -> None:
    arms = ("finetune", "orca", "scratch")
    whole = [level(1000, *arms), level(300, *arms), level(90, *arms)]
    few = [level(300, *arms, n_train=20), level(90, *arms, n_train=20)]
    assert shared_budget([whole, few]) == 300
    assert shared_budget([whole, [level(300, "orca", n_train=20), few[1]]]) == 90
    assert shared_budget([whole, [level(30, *arms, n_train=20)]]) is None
    assert shared_budget([]) is None
