from xmodal_core.figures.base import BETWEEN, NEUTRAL, SOURCE, TARGET, escape
from xmodal_core.figures.clouds import MAX_CLASSES_NAMED, cloud_caption, cloud_figure

POINTS = {
    "source": [[0.0, 0.0], [1.0, 0.5]],
    "source_labels": ["a", "<b>b</b>"],
    "source_uid": ["s/0", "s/1"],
    "target": [[3.0, 0.0], [4.0, 1.0], [5.0, 2.0]],
    "target_labels": ["u", "v", "u"],
    "target_uid": ["t/0", "<i>t/1</i>", "t/2"],
    "explained": [0.5, 0.125],
    "horizontal": "mean difference",
}


def test_each_domain_has_its_colour_and_its_shape():
    source, target = cloud_figure(POINTS).data
    assert (source.name, source.marker.symbol, source.marker.color) == ("source", "circle", "#0072B2")
    assert (target.name, target.marker.symbol, target.marker.color) == ("target", "diamond", "#D55E00")
    assert list(target.x) == [3.0, 4.0, 5.0]
    assert len({mark.symbol for mark in (SOURCE, TARGET, BETWEEN)}) == 3


def test_equal_lengths_are_drawn_equally_long():
    assert cloud_figure(POINTS).layout.yaxis.scaleanchor == "x"


def test_colouring_by_class_leaves_the_other_side_grey_and_loses_no_point():
    source, u, v = cloud_figure(POINTS, "target class").data
    assert source.marker.color == NEUTRAL
    assert (u.name, list(u.x), v.name, list(v.x)) == ("u", [3.0, 5.0], "v", [4.0])
    assert {u.marker.symbol, v.marker.symbol} == {"diamond"}
    assert u.marker.color != v.marker.color
    assert sum(len(trace.x) for trace in cloud_figure(POINTS, "source class").data) == 5


def test_many_classes_do_not_flood_the_legend():
    labels = [f"c{i:02}" for i in range(30)]
    many = POINTS | {"target": [[0.0, 0.0]] * 30, "target_labels": labels, "target_uid": labels}
    figure = cloud_figure(many, "target class")
    assert sum(bool(trace.showlegend) for trace in figure.data) == MAX_CLASSES_NAMED + 1


def test_user_strings_are_no_markup():
    text = cloud_figure(POINTS, "source class").to_json()
    assert "<b>" not in text
    assert "<i>" not in text
    assert escape("a\n<b>") == "a &lt;b&gt;"
    assert escape("x" * 99, longest=10) == "x" * 9 + "…"


def test_the_caption_tells_shares_counts_and_the_limit():
    caption = cloud_caption(POINTS)
    assert "50% of the scatter" in caption
    assert "2 source and 3 target points" in caption
    assert "distances in 2-D are not the metric" in caption
