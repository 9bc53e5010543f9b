import pytest

from xmodal_core.data.dataset import Task
from xmodal_core.scores import SCORES
from xmodal_core.verdict.axes import STEPS
from xmodal_core.verdict.contrasts import INCONCLUSIVE
from xmodal_core.verdict.differences import yardstick
from xmodal_core.verdict.levels import Level, across_levels, change
from xmodal_core.verdict.tuning import WentOn, tuning_sentence

ARMS = {"A": "finetune", "C": "scratch"}


def size(n: int, *points: float, answer: str = INCONCLUSIVE, questions: tuple[str, ...] = ("A - C",)) -> Level:
    """Fine-tuning above scratch by so many points, one a seed."""
    scratch = {seed: 0.5 + 0.01 * seed for seed in range(len(points))}
    tuned = {seed: scratch[seed] + p / 100 for seed, p in enumerate(points)}
    return Level(n, {"finetune": tuned, "scratch": scratch}, answer, ARMS, questions)


def test_a_change_is_the_paired_difference_of_differences() -> None:
    """Changes 1, 2, 3 points: mean 2, sd 1, half width 4.3027 / sqrt(3) = 2.484."""
    c = change("A - C", size(50, 0, 0, 0), size(200, 1, 2, 3), yardstick())
    assert c is not None
    assert (c.mean, c.means) == (pytest.approx(0.02), pytest.approx((0.0, 0.02)))
    assert c.interval == pytest.approx((-0.00484, 0.04484), abs=1e-5)
    assert not c.shown
    assert "change +2.0, 95 % interval -0.5 to +4.5 over 3 seeds alone: not shown." in c.text
    assert change("A - C", size(50, 0, 0, 0), size(200, 2, 2, 2.1), yardstick()).shown  # type: ignore[union-attr]


def test_no_change_at_all_is_not_shown_by_rounding() -> None:
    c = change("A - C", size(50, 0.1, 0.7, 0.3), size(200, 0.1, 0.7, 0.3), yardstick())
    assert c is not None
    assert not c.shown


def test_errors_change_relative_to_their_own_size() -> None:
    """R^2: 0.4 to 0.2 of error is half, 0.2 to 0.1 is half again: no change."""
    small = Level(50, {"finetune": {0: 0.8, 1: 0.8}, "scratch": {0: 0.6, 1: 0.6}}, "", ARMS)
    large = Level(200, {"finetune": {0: 0.9, 1: 0.9}, "scratch": {0: 0.8, 1: 0.8}}, "", ARMS)
    c = change("A - C", small, large, yardstick(SCORES[Task.REGRESSION]))
    assert c is not None
    assert c.means == pytest.approx((0.5, 0.5))
    assert c.unit == "% of the error"


def test_rows_that_would_settle_it_follow_the_line_against_log_rows() -> None:
    """2 points more for 4 times the rows, sd 1: 2 + 2 s - 2.484 > 1 from s = 0.742, and 200 * 4^0.742 = 560."""
    found = across_levels([size(200, 1, 2, 3), size(50, -1, 0, 1)], yardstick())
    assert found is not None
    assert found.rows_needed == 560
    assert "About 560 training rows would settle finetune against scratch (A - C), above the margin" in found.rows
    assert "which two sizes cannot test (followed to 800 rows)" in found.rows


def test_a_falling_advantage_is_settled_below_the_margin() -> None:
    """1 point less for 4 times the rows, sd 0.2: 1.2 - s + 0.497 < 1 from s = 0.697, and 200 * 4^0.697 = 526."""
    found = across_levels([size(50, 2.0, 2.2, 2.4), size(200, 1.0, 1.2, 1.4)], yardstick())
    assert found is not None
    assert found.rows_needed == 530
    assert "below the margin" in found.rows


@pytest.mark.parametrize(
    ("small", "large", "words"),
    [
        ((2, -1, 1), (1, 2, 3), "may be none"),  # changes -1, 3, 2
        ((0.5, 1.5, 2.5), (1, 2, 3), "settles nothing by 800 training rows"),  # 2 + 0.5 - 2.484 < 1
        ((0, 0), (1, 3), "2 of 3 seeds have both arms at both sizes"),
    ],
)
def test_rows_are_not_extrapolated_without_grounds(
    small: tuple[float, ...], large: tuple[float, ...], words: str
) -> None:
    found = across_levels([size(50, *small), size(200, *large)], yardstick())
    assert found is not None
    assert found.rows_needed is None
    assert words in found.rows


def test_budgets_have_words_of_their_own_and_say_what_was_held() -> None:
    found = across_levels([size(200, 1, 2, 3), size(50, -1, 0, 1)], yardstick(), None, STEPS, 80)
    assert found is not None
    assert found.sentence == (
        "With 80 training rows, the answer is the same with 50 and with 200 steps on labels: inconclusive."
    )
    assert found.rows.startswith(
        "With 80 training rows: About 560 steps on labels would settle finetune against scratch"
    )
    assert "which two budgets cannot test (followed to 800 steps)" in found.rows
    assert found.rows_rule.startswith("Steps are extrapolated only if at least 3 seeds have both arms at both budgets")
    assert (found.axis, found.changes[0].axis) == ("steps on labels", "steps on labels")


def test_levels_of_which_two_things_change_are_not_paired() -> None:
    found = across_levels([size(200, 1, 2, 3), size(50, -1, 0, 1)], yardstick(), paired_changes=False)
    assert found is not None
    assert (found.changes, found.rows, found.rows_needed) == ((), "", None)
    assert found.sentence != ""


def test_one_size_says_nothing_of_rows_and_a_settled_answer_needs_none() -> None:
    alone = across_levels([size(200, 1, 2, 3)], yardstick())
    assert alone is not None
    assert (alone.sentence, alone.changes) == ("", ())
    assert "cannot be told from one size" in alone.rows
    settled = across_levels([size(200, 9, 9, 9, answer="full fine-tuning is enough", questions=())], yardstick())
    assert settled is not None
    assert settled.rows == ""
    assert across_levels([], yardstick()) is None


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (("a", "a"), "The answer is the same with 50 and with 1,200 training rows: a."),
        (("a", "b"), "differs with size: with 50 training rows it is: a; with 1,200 training rows it is: b."),
        (("a", INCONCLUSIVE), "it is: inconclusive. So a change of the answer with size is not shown."),
    ],
)
def test_one_sentence_says_how_the_answer_changes(answers: tuple[str, str], sentence: str) -> None:
    found = across_levels([size(1200, 1, 1, answer=answers[1]), size(50, 1, 1, answer=answers[0])], yardstick())
    assert found is not None
    assert found.sentence.endswith(sentence)


def test_an_arm_that_validation_chose_at_one_size_only_is_named() -> None:
    small, large = size(50, 1, 1, 1), size(200, 2, 2, 2)
    large = Level(200, {**large.scores, "orca": large.scores["finetune"]}, "", {"A": "orca", "C": "scratch"})
    c = change("A - C", small, large, yardstick())
    assert c is not None
    assert c.text.startswith("finetune, then orca against scratch (A - C)")


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ({"finetune": [None], "scratch": [None]}, "were not tuned: every arm ran at its method's default"),
        ({"finetune": [0.01], "scratch": [None]}, "were not tuned: every arm ran at one rate"),
        ({"finetune": [None, 0.01], "scratch": [0.1, 0.2]}, "Every arm was given 2 learning rates"),
        ({"finetune": [None, 0.01], "scratch": [0.1]}, "not tuned equally"),
        ({"finetune": [None], "simple": [None]}, "The simple baseline searches one setting of its own"),
    ],
)
def test_equal_chances_are_told_or_denied(rates: dict[str, list[float | None]], words: str) -> None:
    assert words in tuning_sentence(rates, searching=["simple"])


def test_what_went_on_to_a_larger_budget_is_told() -> None:
    two = {"finetune": [None, 0.01], "scratch": [None, 0.1]}
    moved = WentOn(300, {"finetune": 1, "scratch": 2}, 100, True)
    assert tuning_sentence(two, went_on=moved).startswith(
        "Every arm was given 2 learning rates at 100 steps, and the validation rows chose; 1 to 2 of them went on "
        "to 300."
    )
    unknown = WentOn(300, {"finetune": 1, "scratch": 1})
    assert "2 learning rates at smaller budgets; 1 of them went on to 300, nobody has kept on which grounds." in (
        tuning_sentence(two, went_on=unknown)
    )
    unequal = {"finetune": [None, 0.01], "scratch": [None]}
    assert "rates tried: finetune 2, scratch 1; at 300 steps finetune 1, scratch 1." in (
        tuning_sentence(unequal, went_on=unknown)
    )


def test_four_rates_an_arm_are_what_is_asked_for() -> None:
    assert "4 or more are asked for" in tuning_sentence({"finetune": [1e-3, 2e-3]})
    assert "asked for" not in tuning_sentence({"finetune": [1e-3, 2e-3, 3e-3, 4e-3]})
    assert tuning_sentence({"simple": [None]}, searching=["simple"]) == ""
