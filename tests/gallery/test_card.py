from dataclasses import replace

import pytest

from xmodal_core.gallery.card import OPEN, SCHEMA, Card, Mark, in_five_words
from xmodal_core.verdict.contrasts import INCONCLUSIVE
from xmodal_core.verdict.rules import ANSWERS

CARD = Card(
    schema=SCHEMA,
    name="digits",
    version="0.1.0",
    made="2026-11-27T12:00:00+00:00",
    command="python scripts/gallery.py digits",
    seeds=(0, 1, 2),
    gap="abc",
    run="orca-0-abc",
    mark=Mark("otdd", 20.0, 4.0, 25.0, (19.0, 21.0), 500),
    aligned=(20.0, 8.0),
    answer=INCONCLUSIVE,
    margin=0.01,
    gain=(-0.02, 0.05),
    score="accuracy",
    pretrained=0.95,
    scratch=0.9,
    simple=0.93,
    pretrained_interval=(0.93, 0.97),
    chance=0.1,
)


def test_a_card_comes_back_from_json_as_it_was():
    assert Card.from_json(CARD.to_json()) == CARD


@pytest.mark.parametrize("role", ANSWERS)
def test_every_answer_of_the_rule_has_its_own_words_and_five_at_most(role):
    said = in_five_words(replace(CARD, answer=f"{ANSWERS[role]}, with ORCA"))
    assert said not in (OPEN, "No better than guessing")
    assert len(said.split()) <= 5
    others = {in_five_words(replace(CARD, answer=text)) for other, text in ANSWERS.items() if other != role}
    assert said not in others


def test_without_an_answer_the_gain_over_scratch_speaks_where_its_whole_interval_does():
    assert in_five_words(CARD) == OPEN
    assert in_five_words(replace(CARD, gain=(0.02, 0.05))) == "Pretraining helps here"
    assert in_five_words(replace(CARD, gain=(0.02, 0.05), simple=0.95)) == "Beats scratch, not simple models"
    assert in_five_words(replace(CARD, gain=(-0.05, 0.005))) == "Pretraining does not help here"
    assert in_five_words(replace(CARD, gain=None)) == OPEN


def test_what_may_be_guessing_is_called_so_whatever_is_better_than_what():
    guessed = replace(CARD, pretrained=0.11, pretrained_interval=(0.09, 0.13), gain=(0.02, 0.03))
    assert in_five_words(guessed) == "No better than guessing"
    assert in_five_words(replace(guessed, chance=None, simple=0.1)) == "Pretraining helps here"
