from xmodal_core.figures.layers import layers_figure, layers_sentence, layers_table
from xmodal_core.panel.layers import LayerGap, LayersReport


def report(last: float, error: float | None = 0.05) -> LayersReport:
    layers = (LayerGap("embedder", 0.9, 0.0, error, 1.0, 0.0, 8), LayerGap("1", last, -0.01, error, 0.5, 0.0, 8))
    return LayersReport(layers, 40, 3, "b", "s", "t")


def test_every_layer_is_a_place_with_its_interval_and_its_floor():
    figure = layers_figure(report(0.2))
    mmd, floor, knn = figure.data
    assert (list(mmd.y), list(floor.y), list(knn.y)) == ([0.9, 0.2], [0.0, -0.01], [1.0, 0.5])
    assert list(mmd.error_y.array) == [0.05, 0.05]
    assert list(figure.layout.xaxis.ticktext) == ["in", "1"]


def test_the_sentence_says_no_more_than_the_intervals_support():
    assert "the gap shrinks: MMD 0.9 ± 0.05 on entering, 0.2 ± 0.05 after block 1" in layers_sentence(report(0.2))
    assert "the gap grows" in layers_sentence(report(1.4))
    assert "does not change beyond its intervals" in layers_sentence(report(0.85))
    assert layers_sentence(report(0.2, None)).startswith("Too few rows to say")
    assert "n = 40 a side, seed 3" in layers_sentence(report(0.2))


def test_the_table_has_every_number():
    assert layers_table(report(0.2))["mmd"] == [0.9, 0.2]
