from tests.readings import accuracy, reading
from xmodal_core.gap import METRICS
from xmodal_core.panel.folded import QUESTIONS, beyond_anchor, folded, plain_name, share_of_way


def test_every_metric_answers_one_question_and_has_plain_words():
    members = [name for names in QUESTIONS.values() for name in names]
    assert sorted(members) == sorted(METRICS)
    assert all(": " in plain_name(name) for name in METRICS)


def test_readings_that_ask_the_same_are_one_row_with_their_spread():
    """(6 - 2) / 8 and (4 - 2) / 8 of the way."""
    rows = folded({"knn": reading(), "mmd": reading(), "energy": reading(value=4.0)})
    assert [row.metrics for row in rows] == [("mmd", "energy"), ("knn",)]
    assert rows[0].answer == "25 to 50 % of the way (2 readings)"
    assert rows[0].shares == {"mmd": 50.0, "energy": 25.0}
    assert rows[1].answer == "6 [5.5, 6.5], 50 % of the way"


def test_scores_of_the_target_count_how_many_lie_off_chance():
    rows = folded({"target_knn": accuracy(), "linear_probe": accuracy(interval=(0.05, 0.5)), "logme": accuracy()})
    assert [row.answer for row in rows] == ["2 of 3 readings are above chance or shuffled labels"]
    assert not rows[0].shares


def test_what_refused_the_rows_keeps_its_place():
    (row,) = folded({}, {"otdd": "No."})
    assert (row.metrics, row.answer) == (("otdd",), "not measured")


def test_a_share_of_the_way_takes_a_ceiling_and_two_sides():
    assert share_of_way("knn", reading()) == 50.0
    assert share_of_way("knn", reading(ceiling=None)) is None
    assert share_of_way("target_knn", reading()) is None
    assert [beyond_anchor(reading(**change)) for change in ({}, {"interval": (1.0, 3.0)}, {"floor": None})] == [
        True,
        False,
        None,
    ]
