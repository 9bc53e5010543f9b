from dataclasses import replace

from xmodal_core.figures.against_n import curve_figure, curve_sentence, curve_table
from xmodal_core.gap.against_n import CurvePoint
from xmodal_core.gap.base import GapReading

FALLING = [CurvePoint(50, 10.0, 0.5, 6.0), CurvePoint(100, 8.0, 0.25, 4.0)]
READING = GapReading(7.0, "units", 3.0, None, None, None, 150, 0, {}, None)


def test_value_and_floor_are_drawn_with_the_scatter_of_the_draws():
    value, floor = curve_figure(FALLING).data
    assert (list(value.x), list(value.y), list(value.error_y.array)) == ([50, 100], [10.0, 8.0], [0.5, 0.25])
    assert (list(floor.y), floor.line.dash, floor.error_y.array) == ([6.0, 4.0], "dash", None)


def test_the_reading_itself_stands_hollow_at_its_own_n():
    figure = curve_figure(FALLING, READING)
    assert [(t.x[0], t.y[0], t.marker.symbol) for t in figure.data[2:]] == [
        (150, 7.0, "diamond-open"),
        (150, 3.0, "circle-open"),
    ]
    assert list(figure.layout.xaxis.tickvals) == [50, 100, 150]


BIAS = "what moves with n is finite-sample bias, so compare values at equal n only."


def test_without_a_floor_there_is_no_line_and_no_word_of_it():
    bare = [replace(point, floor=None) for point in FALLING]
    assert [trace.name for trace in curve_figure(bare).data] == ["value"]
    assert curve_sentence("otdd", bare) == f"From n = 50 to n = 100 OTDD falls, 10 to 8: {BIAS}"


def test_a_fall_beyond_the_scatter_is_told_beside_the_floor_at_its_own_sizes():
    assert curve_sentence("otdd", [*FALLING, replace(FALLING[1], n=200, floor=None)]) == (
        "From n = 50 to n = 200 OTDD falls, 10 to 8; its floor, where there is no gap, goes from 6 at n = 50 to 4 at "
        f"n = 100: {BIAS}"
    )
    rising = [replace(FALLING[1], n=50), replace(FALLING[0], n=100)]
    assert "OTDD rises, 8 to 10" in curve_sentence("otdd", rising)


def test_a_change_within_the_scatter_is_no_trend():
    flat = [FALLING[0], replace(FALLING[1], value=9.5)]
    assert "does not move beyond the scatter of the draws, 10 to 9.5" in curve_sentence("otdd", flat)


def test_one_size_is_no_trend():
    assert curve_sentence("otdd", FALLING[:1]).endswith("n = 50, which shows no trend.")


def test_the_table_has_every_number():
    assert curve_table(FALLING) == {"n": [50, 100], "value": [10.0, 8.0], "sd": [0.5, 0.25], "floor": [6.0, 4.0]}
