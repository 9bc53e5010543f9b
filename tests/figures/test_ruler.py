import pytest

from tests.readings import accuracy, reading
from xmodal_core.figures.ruler import ruler_alt, ruler_figure


def labels(figure) -> dict[str, float]:
    return {note.text: note.x for note in figure.layout.annotations}


def test_the_ruler_draws_every_mark_at_its_value():
    figure = ruler_figure("otdd", reading(shuffled=7.0))
    assert labels(figure) == {"floor 2": 2.0, "ceiling 10": 10.0, "× shuffled labels 7": 7.0, "6": 6.0}
    assert [trace.x[0] for trace in figure.data[1:]] == [2.0, 10.0, 7.0, 6.0]
    bar = figure.data[-1].error_x
    assert (bar.array[0], bar.arrayminus[0]) == (0.5, 0.5)
    low, high = figure.layout.xaxis.range
    assert low < 2.0
    assert high > 10.0


def test_the_ruler_leaves_out_what_is_missing():
    figure = ruler_figure("otdd", reading(floor=None, ceiling=None, interval=None))
    assert list(labels(figure)) == ["6"]
    low, high = figure.layout.xaxis.range
    assert low < 6.0 < high


def test_shuffled_labels_are_marked_once_where_they_are_the_floor():
    figure = ruler_figure("target_knn", accuracy(detail={}, shuffled=0.1))
    assert list(labels(figure)) == ["shuffled labels 0.1", "0.3"]


@pytest.mark.parametrize(
    ("floor", "ceiling", "hang"),
    [(2.0, 10.0, ["center", "center"]), (2.0, 2.1, ["right", "left"]), (2.1, 2.0, ["left", "right"])],
)
def test_labels_of_close_anchors_point_away_from_each_other(floor, ceiling, hang):
    figure = ruler_figure("otdd", reading(floor=floor, ceiling=ceiling))
    assert [note.xanchor for note in figure.layout.annotations[:2]] == hang


def test_shuffled_labels_have_a_lane_of_their_own():
    figure = ruler_figure("otdd", reading(floor=6.0, ceiling=6.0, shuffled=6.0))
    lanes = {note.text: note.yshift for note in figure.layout.annotations}
    assert len(set(lanes.values())) == 3
    assert lanes["floor 6"] == lanes["ceiling 6"]


def test_the_ruler_in_words_has_every_number():
    said = ruler_alt("otdd", reading(shuffled=7.0))
    assert said.startswith("OTDD 6 [5.5, 6.5], floor 2, ceiling 10, shuffled labels 7. Above the floor")
