"""What counts as progress of distortion: a collapse does not, whatever the distortion says."""

import math

import pytest
import torch

from xmodal_core.methods.stages.progress import UNREAD, Change, Reading, reading_of, said

LABELS = torch.arange(40) % 4


def answers(sharpness: float, told: float) -> torch.Tensor:
    """Answers over four classes: `told` draws each to its label, `sharpness` all of them to class 0."""
    logits = told * torch.eye(4)[LABELS]
    logits[:, 0] += sharpness
    return logits.softmax(dim=1)


START = reading_of(answers(0.0, 0.5), LABELS)


def test_a_collapse_lowers_the_distortion_and_is_no_progress() -> None:
    change = Change(START, reading_of(answers(12.0, 0.5), LABELS))
    assert change.fall > 1.0  # of log 4 = 1.386
    assert change.progress == 0.0
    assert change.is_collapse
    assert "collapse onto fewer source classes" in change.in_words()
    assert "no progress" in change.in_words()
    assert "choose distortion information" in change.in_words()


def test_answers_that_come_to_name_the_labels_are_progress() -> None:
    """Certain answers, a class for each label: H(Y_s | Y_t) = 0, H(Y_s) = log 4."""
    now = reading_of(answers(0.0, 60.0), LABELS)
    assert (now.distortion, now.answers) == pytest.approx((0.0, math.log(4)), abs=1e-6)
    change = Change(START, now)
    assert not change.is_collapse
    assert change.progress == pytest.approx(now.information - START.information)
    assert change.progress > 0.8
    assert "tell" in change.in_words()
    assert "no progress" not in change.in_words()


def test_a_fall_that_is_mostly_collapse_counts_for_what_was_learned_alone() -> None:
    change = Change(Reading(1.4, 1.5, 0.01, 1.6), Reading(0.4, 0.6, 0.01, 0.7))
    assert change.fall == pytest.approx(1.0)
    assert change.progress == pytest.approx(0.1)
    assert change.is_collapse
    assert "tell the labels 0.10 nats more, so this fall is no progress" in change.in_words()


def test_entropy_may_fall_somewhat_while_the_labels_are_learned() -> None:
    change = Change(Reading(1.4, 1.5, 0.01, 1.6), Reading(0.4, 1.2, 0.01, 1.3))
    assert change.progress == pytest.approx(0.7)
    assert not change.is_collapse


def test_within_noise_nothing_is_progress_and_nothing_a_collapse() -> None:
    same = Change(Reading(1.40, 1.50, 0.02, 1.6), Reading(1.38, 1.51, 0.02, 1.6))
    assert same.progress == 0.0
    assert not same.is_collapse
    assert "no better than before" in same.in_words()


def test_where_answers_hardly_differ_a_hundredth_of_a_nat_is_still_nothing() -> None:
    """Without noise: a fall and a gain of .008 nats."""
    same = Change(Reading(1.400, 1.40, 0.0, 1.4), Reading(1.392, 1.40, 0.0, 1.4))
    assert same.progress == 0.0
    assert not same.is_collapse


def test_the_stage_says_what_its_last_reading_shows() -> None:
    first = {"head_accuracy": 0.9} | START.metrics("start")
    collapsed = reading_of(answers(12.0, 0.5), LABELS).metrics("heldout")
    learned = reading_of(answers(0.0, 60.0), LABELS).metrics("heldout")
    assert said([first]) == ("", True)
    assert said([first | learned, {}, collapsed, {}])[1] is False
    sentence, is_fine = said([first | collapsed, learned])
    assert is_fine
    assert "nats more of the labels" in sentence


def test_without_held_out_rows_it_is_said_that_nothing_is_known() -> None:
    assert said([{"head_accuracy": 0.9}]) == (UNREAD, False)
    assert said([{"objective": 1.0}]) == ("", True)  # another method
    assert said([]) == ("", True)
