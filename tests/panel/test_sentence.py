from dataclasses import replace

import pytest

from tests.panel.test_kept import REPORT
from tests.readings import reading
from xmodal_core.panel.sentence import gap_sentence, level_of, of_the_way


def said(readings, **changes):
    return gap_sentence(replace(REPORT, source="fractals", target="digits", readings=readings, **changes))


@pytest.mark.parametrize(
    ("placed", "level"),
    [
        ((0.02, -0.05, 0.09), "same"),
        ((0.1, 0.05, 0.15), "close"),
        ((0.44, 0.43, 0.45), "between"),
        ((0.66, 0.6, 0.72), "apart"),
        ((0.99, 0.95, 1.03), "unrelated"),
        ((1.2, 1.1, 1.3), "unrelated"),
        ((0.5, 0.2, 0.8), "unknown"),
        ((0.3, -0.1, 0.7), "unknown"),
    ],
)
def test_the_level_follows_from_where_the_whole_interval_lies(placed, level):
    assert level_of(placed) == level


def test_shares_are_said_as_people_say_them():
    shares = (0.04, 0.32, 0.44, 0.66, 0.99)
    assert [of_the_way(share).removesuffix(" of the way") for share in shares] == [
        "a twentieth",
        "a third",
        "two fifths",
        "two thirds",
        "all",
    ]


def test_two_thirds_of_the_way_with_its_numbers():
    """(8 - 2) / (11 - 2) = 2 / 3; the interval is 5.5 to 6.5 ninths."""
    found = said({"otdd": reading(value=8.0, ceiling=11.0, interval=(7.5, 8.5))})
    assert found.text == (
        "Your data (digits) look far from what the network knows (fractals): about two thirds of the way from "
        "“same kind of data” to “no relation”."
    ).replace("what the network knows", "the source")
    assert found.numbers == (
        "OTDD 8 [7.5, 8.5], 67 % of the way [61, 72]; same kind of data (floor) 2; no relation (ceiling) 11; "
        "n = 100 a side, seed 0."
    )
    assert "what the network knows (fractals)" in said({"otdd": reading()}, space="body").text


def test_the_first_reading_that_can_be_placed_speaks_and_the_others_stand_beside_it():
    found = said({"otdd": reading(floor=None), "knn": reading(), "mmd": reading(value=9.0)})
    assert found.metric == "knn"
    assert found.beside == "1 other reading places it at 88 % (MMD)."


def test_shuffled_labels_inside_the_interval_say_that_classes_do_not_count():
    same = said({"otdd": reading(shuffled=6.2)}).beside
    assert same == "With your labels shuffled it reads 6.2, the same: it is not about your classes."
    assert "goes up to 8: your classes count in it." in said({"otdd": reading(shuffled=8.0)}).beside


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"interval": None, "n": 12}, "it takes 20 rows a side to know how sure the number is, and here are 12"),
        ({"interval": None}, "the number has no interval on these rows"),
        ({"floor": None}, "the source has too few rows"),
        ({"ceiling": 2.5}, "lie too close together"),
        ({"interval": (3.0, 9.0)}, "anything from a tenth of the way to nine tenths of the way is possible"),
    ],
)
def test_where_nothing_can_be_said_the_reason_is(changes, why):
    found = said({"otdd": reading(**changes)})
    assert found.level == "unknown"
    assert found.text.startswith("Cannot say how far your data")
    assert why in found.text


def test_without_a_ceiling_it_is_told_apart_and_not_placed():
    found = said({"otdd": reading(ceiling=None)})
    assert found.text.startswith("Your data (digits) can be told from the source (fractals), but not how far they are")
    covered = said({"otdd": reading(ceiling=None, interval=(1.0, 11.0))})
    assert "cannot be told from" in covered.text


def test_without_any_reading_that_can_tell_it_says_so():
    assert said({"target_knn": reading()}).level == "unknown"
    assert "none of the readings that can tell has been taken" in said({}).text
