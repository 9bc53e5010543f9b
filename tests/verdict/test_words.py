"""Sentences about a comparison, each by hand."""

from dataclasses import replace

import pytest

from tests.results import a_row
from xmodal_core.verdict import rules
from xmodal_core.verdict.levels import AcrossLevels
from xmodal_core.verdict.rules import Verdict
from xmodal_core.verdict.words import (
    contrast_lines,
    interval_in_words,
    margin_in_words,
    mean_in_words,
    plain_answer,
    rows_lines,
    seeds_sentence,
    stands_in_words,
)

NEAR = {0: 0.51, 1: 0.62, 2: 0.73}, {0: 0.50, 1: 0.60, 2: 0.70}  # 1, 2, 3 points apart


def verdict(scores: dict[str, dict[int, float]], margin: float | None = None) -> Verdict:
    return rules.verdict(scores, margin, roles={"finetune": "A", "orca": "B", "scratch": "C"}, validation=scores)


def test_one_seed_has_no_deviation_and_no_interval() -> None:
    several = a_row("orca", (0.8, 0.9), sd=0.0707, interval=(0.2147, 1.4853))
    assert (mean_in_words(several), interval_in_words(several)) == (
        "0.8500 ± 0.0707",
        "0.215 to 1.000",
    )  # a share ends at 1
    alone = a_row("orca", (0.8,))
    assert (mean_in_words(alone), interval_in_words(alone)) == ("0.8000", "none, one seed")


def test_an_open_answer_says_how_many_seeds_settle_it_and_a_settled_one_says_nothing() -> None:
    a, c = NEAR
    near = verdict({"finetune": a, "scratch": c, "orca": a})
    assert seeds_sentence(near).startswith(f"To settle the answer: about {near.seeds_needed} seeds an arm")
    rows = replace(near, seeds_needed=None, rows_needed=1200, rows_at_seeds=6)
    assert "more test rows, not more seeds; about 1,200" in seeds_sentence(rows)
    assert seeds_sentence(verdict({})) == ""
    good, bad = {s: 0.9 + s / 1000 for s in range(3)}, {s: 0.5 + s / 1000 for s in range(3)}
    assert seeds_sentence(verdict({"finetune": good, "scratch": bad, "orca": good})) == ""


def test_a_contrast_is_told_once_behind_the_questions_that_it_answers() -> None:
    a, c = NEAR
    lines = contrast_lines(verdict({"finetune": a, "scratch": c, "orca": {0: 0.4, 1: 0.5, 2: 0.6}}))
    assert [line.split(":")[0] for line in lines] == ["B - A", "B - C", "A - C, M - C"]
    assert len({line.split(": ", 1)[1] for line in lines}) == 3


def test_lines_of_the_rule_stand_in_words_and_the_margin_has_its_unit() -> None:
    found = verdict({"finetune": {s: 0.9 for s in range(3)}, "scratch": {s: 0.5 for s in range(3)}}, 0.025)
    assert margin_in_words(found) == "2.5 points"
    assert [stands_in_words(line) for line in found.rules] == ["not enough arms"] * 4


@pytest.mark.parametrize(("rows", "lines"), [("", []), ("About 560.", ["About 560.", "Only if."])])
def test_the_rule_of_rows_stands_behind_what_it_says(rows: str, lines: list[str]) -> None:
    assert rows_lines(AcrossLevels("", (), rows, None, "Only if.")) == lines
    assert rows_lines(None) == []


@pytest.mark.parametrize(
    ("means", "said"),
    [
        ({"finetune": 0.9, "orca": 0.9, "scratch": 0.8}, "Yes, the pretrained transformer helps, and simply"),
        ({"finetune": 0.8, "orca": 0.9, "scratch": 0.8}, "most of all when the gap is crossed first (ORCA)."),
        ({"finetune": 0.8, "orca": 0.8, "scratch": 0.8}, "No, pretraining does not help here"),
        ({"finetune": 0.8, "orca": 0.8, "scratch": 0.8, "simple": 0.9}, "No transformer is needed here"),
        ({"finetune": 0.9, "scratch": 0.8}, "The pretrained transformer helps; which way of using it is best is"),
        ({"finetune": 0.9}, "Inconclusive: too few methods"),
        ({"finetune": 0.9, "orca": 0.8}, "Inconclusive: training from scratch and plain fine-tuning"),
    ],
)
def test_the_answer_in_plain_words_says_no_more_than_the_rule(means, said):
    scores = {arm: {seed: mean + 1e-4 * seed for seed in range(3)} for arm, mean in means.items()}
    roles = {"finetune": "A", "orca": "B", "scratch": "C", "simple": "D"}
    answer = rules.verdict(scores, roles=roles, validation=scores)
    assert said in plain_answer(answer, {"orca": "ORCA"})


def test_one_seed_is_told_to_decide_nothing():
    scores = {"finetune": {0: 0.9}, "scratch": {0: 0.1}}
    said = plain_answer(verdict(scores))
    assert said == "Inconclusive: every method has to be run at least 3 times, and that has not happened yet."
