from xmodal_core.figures.gains import gains_figure, gains_table
from xmodal_core.verdict.contrasts import Contrast
from xmodal_core.verdict.gains import Gain

GAINS = [
    Gain("<b>wine</b>", "fractal-vit", 9.0, 142, Contrast("a", "c", -0.01, (-0.03, 0.01), 3, "inconclusive", None, "")),
    Gain("digits", "minilm", 4.0, 400, Contrast("a", "c", 0.05, None, 1, "inconclusive", None, "")),
]


def test_a_point_a_data_set_with_its_interval_and_a_symbol_a_body():
    figure = gains_figure(GAINS, "OTDD", 0.01)
    first, second = figure.data
    assert (list(first.x), list(first.y)) == ([9.0], [-1.0])
    assert round(first.error_y.array[0], 9) == 2.0
    assert second.error_y.array[0] == 0.0
    assert first.marker.symbol != second.marker.symbol
    assert first.text == ("&lt;b&gt;wine&lt;/b&gt;",)


def test_the_table_begins_with_the_smallest_gap():
    table = gains_table(GAINS, "OTDD")
    assert table["data"] == ["digits", "<b>wine</b>"]
    assert table["gain, points"] == [5.0, -1.0]
    assert table["95 % low"] == [None, -3.0]
