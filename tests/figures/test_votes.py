"""Bars of a class's answers."""

from xmodal_core.figures.votes import votes_alt, votes_figure, votes_table

ANSWERS, COUNTS = ("It falls", "It <b>stays</b>", "It rises"), (12, 0, 5)


def test_a_bar_an_answer_with_its_number_and_none_marked_before_it_is_revealed():
    figure = votes_figure(ANSWERS, COUNTS)
    (bars,) = figure.data
    assert list(bars.x) == [12, 0, 5]
    assert list(bars.text) == ["<b>12</b>", "<b>0</b>", "<b>5</b>"]
    assert len(set(bars.marker.color)) == 1
    texts = [note.text for note in figure.layout.annotations]
    assert texts[0] == "It falls"
    assert "<b>" not in texts[1]


def test_the_right_answer_differs_by_more_than_colour():
    figure = votes_figure(ANSWERS, COUNTS, right=2)
    (bars,) = figure.data
    assert bars.marker.color[2] != bars.marker.color[0] == bars.marker.color[1]
    assert list(bars.marker.line.width) == [0, 0, 5]
    assert figure.layout.annotations[2].text == "✓ It rises"


def test_it_is_told_in_words_and_as_a_table():
    alt = votes_alt("What does it do?", ANSWERS, COUNTS, right=0)
    assert alt.startswith("What does it do? 17 answers. It falls: 12;")
    assert alt.endswith("Right is: It falls.")
    assert "Right" not in votes_alt("Q?", ANSWERS, COUNTS)
    assert votes_table(ANSWERS, COUNTS, 0)["right"] == [True, False, False]
    assert set(votes_table(ANSWERS, COUNTS)) == {"answer", "chosen"}


def test_nobody_has_answered_yet():
    assert list(votes_figure(ANSWERS, (0, 0, 0)).data[0].x) == [0, 0, 0]
