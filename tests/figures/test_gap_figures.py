import pytest

from xmodal_core.figures.gap import (
    caveat,
    class_distance_caption,
    class_distance_figure,
    class_distance_table,
    finding,
    headline,
    number,
    numbers_line,
    p_text,
    readings_table,
    ruler_alt,
    ruler_figure,
    title,
)
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import GapReading

HOSTILE = "<a href='https://evil.example'>b</a>"


def reading(**changes) -> GapReading:
    values = {
        "value": 6.0,
        "unit": "units",
        "floor": 2.0,
        "ceiling": 10.0,
        "interval": (5.5, 6.5),
        "p": None,
        "n": 100,
        "seed": 0,
        "detail": {"floor_n": 100},
    }
    return GapReading(**(values | changes))


def test_halfway_between_floor_and_ceiling_is_said_in_percent():
    assert finding("otdd", reading()) == "Above the floor; 50 % of the way to an untrained embedder."


def test_an_interval_that_covers_the_floor_claims_nothing():
    assert finding("otdd", reading(interval=(1.9, 10.1))) == "Not distinguishable from the floor at this n."
    assert finding("otdd", reading(interval=(2.0, 10.0))) == "Not distinguishable from the floor at this n."


def test_below_the_floor_is_called_below():
    assert finding("otdd", reading(value=1.0, interval=(0.5, 1.5), ceiling=None)) == "Below the floor."


def test_accuracy_is_held_against_chance():
    assert finding("target_knn", reading(value=0.3, floor=0.1, ceiling=None, interval=(0.2, 0.4))) == "Above chance."
    assert "chance" in finding("target_knn", reading(value=0.3, floor=0.1, ceiling=None, interval=(0.05, 0.4)))


def test_without_interval_or_floor_nothing_is_claimed():
    assert "cannot be told" in finding("otdd", reading(interval=None))
    assert "cannot be placed" in finding("otdd", reading(floor=None))


def test_a_floor_on_other_rows_is_told():
    assert caveat(reading()) is None
    assert caveat(reading(detail={"floor_n": 50})).startswith("The floor is measured at n = 50, the value at n = 100")
    assert caveat(reading(detail={"floor_n": None})) is None


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0.0123456, "0.0123"), (-0.5, "−0.5"), (12345.6, "12,346"), (1e-9, "1e−09")]
)
def test_numbers_have_three_digits(value, shown):
    assert number(value) == shown


def test_p_values_are_quoted_as_they_can_be():
    assert [p_text(p) for p in (None, 0.0, 0.0321)] == ["–", "< 0.001", "0.032"]


def test_the_line_of_numbers_has_each_that_exists():
    line = numbers_line("knn", reading(p=0.5))
    assert line == "Value 6 [5.5, 6.5], floor 2, ceiling 10, p 0.500, n = 100 a side, seed 0"
    baselines = {"raw_inputs": 0.9, "random_network": 0.3}
    accuracy = reading(value=0.5, floor=0.1, ceiling=None, interval=None, detail=baselines)
    assert numbers_line("target_knn", accuracy) == (
        "Value 0.5 no interval below 20 rows, chance 0.1, raw inputs 0.9, random network 0.3, n = 100 rows, seed 0"
    )


def test_the_headline_is_the_first_reading_with_its_anchor():
    assert headline({"otdd": reading(), "knn": reading(value=1.0)}) == "OTDD 6 [5.5, 6.5], floor 2"
    assert headline({}) == ""


def test_the_ruler_draws_every_anchor_at_its_value():
    figure = ruler_figure(reading())
    drawn = {trace.text[0]: trace.x[0] for trace in figure.data if trace.text}
    assert drawn == {"floor 2": 2.0, "ceiling 10": 10.0, "6": 6.0}
    bar = figure.data[-1].error_x
    assert (bar.array[0], bar.arrayminus[0]) == (0.5, 0.5)
    low, high = figure.layout.xaxis.range
    assert low < 2.0
    assert high > 10.0


def test_the_ruler_leaves_out_what_is_missing():
    figure = ruler_figure(reading(floor=None, ceiling=None, interval=None))
    assert [trace.text[0] for trace in figure.data if trace.text] == ["6"]
    low, high = figure.layout.xaxis.range
    assert low < 6.0 < high


@pytest.mark.parametrize(("floor", "ceiling", "side"), [(2.0, 10.0, "bottom left"), (10.0, 2.0, "bottom right")])
def test_labels_of_the_anchors_point_away_from_each_other(floor, ceiling, side):
    figure = ruler_figure(reading(floor=floor, ceiling=ceiling))
    assert next(t.textposition for t in figure.data if t.text and t.text[0].startswith("floor")) == side


def test_the_ruler_in_words_has_every_number():
    assert ruler_alt("otdd", reading()).startswith("OTDD 6 [5.5, 6.5], floor 2, ceiling 10. Above the floor")


def test_the_table_has_a_row_a_reading_and_its_limits():
    table = readings_table({"otdd": reading(), "knn": reading(interval=None, p=0.5)})
    assert table["metric"] == ["OTDD", "kNN index"]
    assert table["95 % low"] == [5.5, None]
    assert table["p"] == ["–", "0.500"]
    assert table["cannot tell"][0] == METRICS["otdd"].blind_to
    assert readings_table({}) == {}


def test_every_metric_has_a_title():
    assert all(title(name) != name for name in METRICS)


def test_class_distances_keep_names_that_repeat_and_escape_them():
    names = {"source": [HOSTILE, "s"], "target": ["t", "t"]}
    detail = {"class_distance": [[1.0, 2.0], [0.5, 4.0]], "class_names": names}
    figure = class_distance_figure(detail)
    assert [list(row) for row in figure.data[0].z] == [[1.0, 2.0], [0.5, 4.0]]
    assert list(figure.layout.xaxis.ticktext) == ["t", "t"]
    assert "<a" not in figure.to_json()
    assert class_distance_table(detail)["distance"] == [1.0, 2.0, 0.5, 4.0]
    assert class_distance_caption(detail) == "Nearest pair: s and t, at 0.5."
