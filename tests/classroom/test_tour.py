"""The tour: what is right is read from numbers, here from numbers that are known."""

import pytest

from tests.readings import reading
from tests.results import a_result
from xmodal_core.classroom.shown import Shown
from xmodal_core.classroom.tour import TOURS, place
from xmodal_core.glossary import GLOSSARY
from xmodal_core.verdict.contrasts import Contrast

SAME, DIGITS, VOWELS, SHUFFLED, PLAY, FOLLOWED = TOURS["gap"]


@pytest.mark.parametrize("step", TOURS["gap"])
def test_a_step_is_one_sentence_one_question_and_words_that_have_entries(step):
    assert step.question.endswith("?")
    assert 2 <= len(step.answers) <= 3
    assert len(set(step.answers)) == len(step.answers)
    assert len(step.sentence) <= 120
    assert set(step.terms) <= set(GLOSSARY)
    assert step.tell({}) is None, "nothing is known without numbers"


@pytest.mark.parametrize(("value", "where"), [(2.0, 0.0), (6.0, 0.5), (10.0, 1.0), (12.0, 1.25)])
def test_the_place_of_a_reading_is_its_share_of_the_way_from_floor_to_ceiling(value, where):
    assert place(reading(value=value)) == where
    assert place(reading(value=value, ceiling=None)) is None


@pytest.mark.parametrize(("value", "right"), [(1.0, 0), (2.5, 0), (3.0, 1), (6.0, 1), (9.5, 2), (14.0, 2)])
def test_the_gap_lies_at_the_floor_between_or_at_the_ceiling(value, right):
    told = SAME.tell({"same": Shown(gap=reading(value=value))})
    assert told.right == right
    assert "n = 100" in told.text
    assert DIGITS.tell({"same": Shown(gap=reading(value=value))}) is None


@pytest.mark.parametrize(("interval", "right"), [((1.0, 2.0), 0), ((5.0, 6.0), 1), ((7.0, 8.0), 2)])
def test_farther_is_where_intervals_do_not_overlap(interval, right):
    told = VOWELS.tell({"digits": Shown(gap=reading()), "vowels": Shown(gap=reading(interval=interval))})
    assert told.right == right
    assert ("do not overlap" in told.text) == (right != 1)
    assert "[5.5, 6.5]" in told.text.replace("5.50", "5.5").replace("6.50", "6.5")


def shuffled(last, score):
    results = [a_result("orca", seed, score, n_test=300) for seed in range(3)]
    return SHUFFLED.tell({"shuffled": Shown(falls=[10.0, last], results=results)})


def test_a_gap_that_falls_may_leave_guesses():
    assert shuffled(5.0, 0.34).right == 1  # three classes: a third is a guess
    assert shuffled(5.0, 0.60).right == 0
    assert shuffled(9.9, 0.34).right == 2
    assert "34% of the answers" in shuffled(5.0, 0.34).text
    assert "guessing among 3 gives 33%" in shuffled(5.0, 0.34).text


@pytest.mark.parametrize(("last", "right"), [(50.0, 0), (99.0, 1), (120.0, 2)])
def test_the_gap_falls_stays_or_rises(last, right):
    told = PLAY.tell({"digits": Shown(falls=[100.0, 70.0, last], told_apart=(0.5, 0.75))})
    assert told.right == right
    assert "3 steps" in told.text
    assert "50% of the time before, 75% after" in told.text


@pytest.mark.parametrize(("called", "right"), [("better", 0), ("worse", 2), ("equal", 1), ("inconclusive", 1)])
def test_what_followed_is_what_the_contrast_is_called(called, right):
    gain = Contrast("orca", "finetune", 0.015, (-0.01, 0.04), 3, called, None, "B - A")
    results = [a_result("orca", score=0.9), a_result("finetune", score=0.885)]
    told = FOLLOWED.tell({"digits": Shown(results=results, gain=gain)})
    assert told.right == right
    assert "90.0% and 88.5%" in told.text
    assert "3 seeds" in told.text
    assert "+1.5 points, 95 % interval [-1.0, +4.0]" in told.text
