import numpy as np
import pytest

from xmodal_core.data.dataset import Task
from xmodal_core.runs.row_scores import RowScores
from xmodal_core.scores import SCORES
from xmodal_core.verdict import rules
from xmodal_core.verdict.contrasts import INCONCLUSIVE, contrast, sentence
from xmodal_core.verdict.differences import yardstick
from xmodal_core.verdict.roles import cast
from xmodal_core.verdict.rules import REUSE_NOT_SHOWN, Verdict

ROLES = {"finetune": "A", "scratch": "C", "stat_matched": "S", "simple": "D", "orca": "B", "mona": "B", "pare": "B"}


def verdict(scores: dict[str, dict[int, float]], margin: float | None = None) -> Verdict:
    return rules.verdict(scores, margin, roles=ROLES, validation=scores)


def by_seed(*values: float) -> dict[int, float]:
    return dict(enumerate(values))


def around(mean: float, spread: float = 0.001) -> dict[int, float]:
    """Three seeds whose differences to another such arm vary a little."""
    return by_seed(mean - spread * mean, mean, mean + spread * mean)


def test_interval_is_the_paired_t_interval() -> None:
    """Differences 1, 2, 3 points: mean 2, sd 1, t(0.975, 2) = 4.3027, half width 4.3027 / sqrt(3)."""
    c = contrast("a", "b", {"a": by_seed(0.51, 0.62, 0.73), "b": by_seed(0.50, 0.60, 0.70)})
    assert c is not None
    assert c.mean == pytest.approx(0.02)
    assert c.interval == pytest.approx((0.02 - 0.0248414, 0.02 + 0.0248414), abs=1e-6)
    assert c.reading == "inconclusive"
    assert "over 3 seeds alone: inconclusive." in sentence(c)


def test_a_difference_that_is_close_to_the_margin_takes_more_seeds_than_one_that_is_far() -> None:
    scores = {"a": by_seed(0.525, 0.63, 0.75), "b": by_seed(0.50, 0.60, 0.70)}  # differences 2.5, 3, 5
    near, far = (contrast("a", "b", scores, yardstick(margin=m)) for m in (0.018, 0.01))
    assert near is not None
    assert far is not None
    assert far.pairs_needed is not None
    assert near.pairs_needed is not None
    assert 3 < far.pairs_needed < near.pairs_needed


def test_rows_on_which_arms_differ_by_chance_keep_a_sure_looking_difference_open() -> None:
    """Three seeds agree on two rows of 40: 5 points with no spread over seeds, but two rows are two rows."""
    right = np.ones(40)
    right[:2] = 0
    ids = np.arange(40, dtype=np.uint64)
    rows = {
        "a": {s: RowScores(ids, np.ones(40)) for s in range(3)},
        "b": {s: RowScores(ids[::-1], right[::-1]) for s in range(3)},
    }
    scores = {"a": by_seed(1.0, 1.0, 1.0), "b": by_seed(0.95, 0.95, 0.95)}
    alone, whole = contrast("a", "b", scores), contrast("a", "b", scores, rows=rows)
    assert alone is not None
    assert whole is not None
    assert (alone.reading, alone.n_rows) == ("better", None)
    assert (whole.reading, whole.n_rows, whole.mean) == ("inconclusive", 40, pytest.approx(0.05))
    assert "over 3 seeds and 40 test rows: inconclusive. More test rows are needed, not seeds" in sentence(whole)


@pytest.mark.parametrize(("difference", "reading"), [(0.1, "better"), (-0.1, "worse"), (0.0, "equal")])
def test_a_clear_difference_is_called_what_it_is(difference: float, reading: str) -> None:
    b = [0.5, 0.6, 0.7]
    a = [v + difference + e for v, e in zip(b, (0.001, -0.001, 0.0), strict=True)]
    c = contrast("a", "b", {"a": by_seed(*a), "b": by_seed(*b)})
    assert c is not None
    assert c.reading == reading


def test_one_seed_decides_nothing_and_neither_do_two() -> None:
    c = contrast("a", "b", {"a": by_seed(0.9), "b": by_seed(0.1)})
    assert c is not None
    assert c.reading == "inconclusive"
    assert "one seed" in sentence(c)
    two = contrast("a", "b", {"a": by_seed(0.9, 0.9), "b": by_seed(0.1, 0.1)})
    assert two is not None
    assert (two.interval, two.reading) == (pytest.approx((0.8, 0.8)), "inconclusive")


def test_only_shared_seeds_are_compared() -> None:
    assert contrast("a", "b", {"a": {0: 0.5}, "b": {1: 0.5}}) is None


def test_errors_are_compared_as_shares_of_the_second_arms_error() -> None:
    """R^2 0.92 against 0.9: an error of 0.08 instead of 0.1 is 20 % less."""
    for task, better, worse in ((Task.REGRESSION, 0.92, 0.9), (Task.DENSE, -0.08, -0.1)):
        by = yardstick(SCORES[task])
        c = contrast("a", "b", {"a": by_seed(*[better] * 3), "b": by_seed(*[worse] * 3)}, by)
        assert c is not None
        assert (by.margin, c.mean) == (0.02, pytest.approx(0.2))
        assert "+20.0 % of the error" in sentence(c)
    assert yardstick(SCORES[Task.MULTILABEL]).margin == 0.01


GOOD, MIDDLE, BAD = around(0.9), around(0.7), around(0.5)
A_C = {"finetune": GOOD, "scratch": BAD}


@pytest.mark.parametrize(
    ("table", "answer"),
    [
        ({"finetune": MIDDLE, "scratch": BAD, "orca": GOOD}, "align first, with orca"),
        ({"finetune": BAD, "scratch": BAD, "mona": GOOD}, "align first, with mona"),
        (A_C | {"orca": GOOD}, "full fine-tuning is enough"),
        (A_C | {"orca": BAD}, "full fine-tuning is enough"),
        (A_C, INCONCLUSIVE),  # no crossing method was run
        ({"finetune": BAD, "scratch": GOOD, "orca": BAD}, "train from scratch"),
        ({"finetune": GOOD, "scratch": GOOD, "orca": GOOD}, "train from scratch"),
        ({"finetune": BAD, "scratch": GOOD}, INCONCLUSIVE),  # crossing might have helped
        ({"finetune": MIDDLE, "scratch": BAD, "orca": MIDDLE, "simple": GOOD}, "use the simple baseline"),
        ({"finetune": MIDDLE, "scratch": BAD, "orca": GOOD, "simple": MIDDLE}, "align first, with orca"),
        (A_C | {"orca": by_seed(0.5, 0.9, 0.99)}, INCONCLUSIVE),
        ({"orca": GOOD}, INCONCLUSIVE),
        ({}, INCONCLUSIVE),
    ],
)
def test_verdict_follows_its_rule(table: dict[str, dict[int, float]], answer: str) -> None:
    assert verdict(table).answer == answer


def test_the_answer_is_the_first_line_that_holds_and_every_line_is_told() -> None:
    found = verdict(A_C | {"orca": GOOD})
    assert [line.holds for line in found.rules] == [None, False, True, False]  # no simple baseline was run
    assert [line.answer for line in found.rules if line.holds] == [found.answer]
    assert found.rules[2].found[0].startswith("A - C: finetune against scratch: +40.0 points")
    assert any("a simple baseline (D)" in change for change in found.changes)


def test_a_gap_cannot_enter_and_two_seeds_give_no_advice() -> None:
    pair = {"finetune": by_seed(0.5, 0.5), "scratch": by_seed(0.9, 0.9), "orca": by_seed(0.5, 0.5)}
    assert verdict(pair).answer == INCONCLUSIVE


def test_inconclusive_says_how_many_seeds_it_would_take() -> None:
    """Differences of A and C 2.5, 3, 5 points, of B and A none."""
    a = by_seed(0.525, 0.63, 0.75)
    found = verdict({"finetune": a, "scratch": by_seed(0.50, 0.60, 0.70), "orca": a})
    assert found.answer == INCONCLUSIVE
    assert found.seeds_needed is not None
    assert f"About {found.contrasts[0].pairs_needed} seeds would settle it" in found.why
    # to leave the margin takes no more than to be better, worse or equal
    assert found.seeds_needed <= (found.contrasts[0].pairs_needed or 0)


def test_a_wider_margin_changes_the_answer_where_it_says_so() -> None:
    """About 2 points above fine-tuning: differences 1.782, 2 and 2.218 points, interval 1.46 to 2.54."""
    table = {"finetune": MIDDLE, "scratch": BAD, "orca": around(0.72, 0.004)}
    found = verdict(table)
    assert found.answer == "align first, with orca"
    assert "With a margin above 1.46 points the answer would be: inconclusive." in found.changes
    assert verdict(table, 0.0145).answer == "align first, with orca"
    assert verdict(table, 0.0147).answer == INCONCLUSIVE
    assert verdict(table, 0.0255).answer == "full fine-tuning is enough"


@pytest.mark.parametrize(
    ("stats", "words"),
    [
        (GOOD, REUSE_NOT_SHOWN),
        (MIDDLE, "Knowledge reuse is shown: finetune against stat_matched: +20.0 points"),
        (by_seed(0.5, 0.9, 0.99), "knowledge reuse is open"),
        (None, "only their scale, is open"),
    ],
)
def test_reuse_is_claimed_only_against_random_weights_of_the_same_statistics(
    stats: dict[int, float] | None, words: str
) -> None:
    found = verdict(A_C | ({} if stats is None else {"stat_matched": stats}))
    assert words in found.reuse
    if stats is MIDDLE:
        assert "50 % of the gain" in found.reuse  # 20 of 40 points


def test_a_baseline_that_the_rule_does_not_read_is_no_crossing_method() -> None:
    found = rules.verdict(A_C | {"bitfit": around(0.99)}, roles=ROLES | {"bitfit": ""})
    assert found.answer == INCONCLUSIVE
    assert set(found.arms.values()) == {"finetune", "scratch"}


def test_without_a_gain_over_scratch_nothing_is_said_of_reuse() -> None:
    assert verdict({"finetune": BAD, "scratch": GOOD, "stat_matched": BAD}).reuse == ""


def test_arms_of_one_role_are_judged_on_the_seeds_that_all_of_them_have() -> None:
    """Over its own three seeds pare leads by the luck of seed 2; on seeds 0 and 1 orca does."""
    scores = {"finetune": MIDDLE, "orca": by_seed(0.5, 0.5), "pare": by_seed(0.5, 0.5, 0.5)}
    validation = {"finetune": MIDDLE, "orca": by_seed(0.6, 0.6), "pare": by_seed(0.5, 0.5, 0.99)}
    assert cast(scores, roles=ROLES, validation=validation).arms["B"] == "orca"
    apart = validation | {"orca": {7: 0.6}}
    found = cast(scores, roles=ROLES, validation=apart)
    assert "B" not in found.arms
    assert found.undecided == {"B": ("orca", "pare")}


def test_a_role_for_which_nothing_chooses_is_told_and_is_not_called_missing() -> None:
    scores = {"finetune": GOOD, "scratch": BAD, "orca": GOOD, "pare": BAD}
    found = rules.verdict(scores, roles=ROLES)
    assert found.answer == INCONCLUSIVE
    assert "Whether orca or pare stands for a crossing method (B) is not chosen" in found.why
    assert any("not chosen" in doubt for doubt in found.doubts or ())
    assert not any("a crossing method (B)" in text for text in found.changes)


def test_validation_rows_choose_the_arm_of_a_role_and_controls_stand_for_none() -> None:
    scores = {"finetune": MIDDLE, "orca": GOOD, "pare": BAD, "lsg (control=random)": around(0.99)}
    free = cast(scores, roles=ROLES)
    assert (free.arms, free.undecided) == ({"A": "finetune"}, {"B": ("orca", "pare")})  # test rows choose nothing
    validation = scores | {"pare": around(0.95)}
    judged = cast(scores, roles=ROLES, validation=validation)
    assert (judged.arms["B"], judged.arms["M"]) == ("pare", "pare")
    c = judged.get("B - A")
    assert c is not None
    assert c.mean == pytest.approx(-0.2)  # of the test scores
