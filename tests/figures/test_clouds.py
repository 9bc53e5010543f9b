from dataclasses import replace

from xmodal_core.figures.base import BETWEEN, NEUTRAL, SOURCE, TARGET, escape
from xmodal_core.figures.clouds import COLOURINGS, MAX_CLASSES_NAMED, cloud_caption, cloud_figure, colourings
from xmodal_core.panel.points import CloudPoints, Points

POINTS = Points(
    source=CloudPoints([[0.0, 0.0], [1.0, 0.5]], ["a", "<b>b</b>"], ["s/0", "s/1"], [0.0, 0.25]),
    target=CloudPoints(
        [[3.0, 0.0], [4.0, 1.0], [5.0, 2.0]], ["u", "v", "u"], ["t/0", "<i>t/1</i>", "t/2"], [1.0, 0.5, 0.0]
    ),
    explained=(0.5, 0.125),
    horizontal="mean difference",
)


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
    target = CloudPoints([[0.0, 0.0]] * 30, labels, labels, [0.5] * 30)
    figure = cloud_figure(replace(POINTS, target=target), "target class")
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


def test_a_plane_that_is_no_projection_has_no_unit_and_says_what_it_cannot_show():
    umap = replace(POINTS, explained=None, horizontal="UMAP 1")
    caption = cloud_caption(umap, "mixing")
    for limit in ("Distances between clusters", "densities", "sizes of clusters", "another seed", "No reading uses it"):
        assert limit in caption
    assert "2 source and 3 target points" in caption
    assert "Mixing: 0" in caption
    assert "scatter" not in caption
    for points, shown in ((umap, False), (POINTS, True)):
        for axis in (cloud_figure(points).layout.xaxis, cloud_figure(points).layout.yaxis):
            assert (axis.showticklabels, axis.showgrid) == (shown, shown)


def test_mixing_colours_both_sides_on_one_scale_and_keeps_their_shapes():
    source, target = cloud_figure(POINTS, "mixing").data
    assert (list(source.marker.color), list(target.marker.color)) == ([0.0, 0.25], [1.0, 0.5, 0.0])
    assert (source.marker.cmin, source.marker.cmax) == (target.marker.cmin, target.marker.cmax) == (0, 1)
    assert [source.marker.symbol, target.marker.symbol] == ["circle", "diamond"]
    assert [source.marker.showscale, target.marker.showscale] == [True, False]
    assert "mixing 0.25" in source.text[1]
    assert "Mixing: 0" in cloud_caption(POINTS, "mixing")


def test_mixing_is_offered_only_where_it_was_measured():
    assert colourings(POINTS) == COLOURINGS
    without = replace(POINTS, source=replace(POINTS.source, mixing=None), target=replace(POINTS.target, mixing=None))
    assert "mixing" not in colourings(without)
    assert len(cloud_figure(without).data) == 2


def test_a_chosen_class_stays_clear_and_the_rest_of_its_side_fades():
    rest, chosen, target = cloud_figure(POINTS, source_class="<b>b</b>").data
    assert (list(rest.x), list(chosen.x), list(target.x)) == ([0.0], [1.0], [3.0, 4.0, 5.0])
    assert rest.marker.opacity < chosen.marker.opacity == target.marker.opacity
    assert (rest.marker.color, chosen.marker.color) == (NEUTRAL, SOURCE.colour)
    both = cloud_figure(POINTS, source_class="a", target_class="u").data
    assert [len(trace.x) for trace in both] == [1, 1, 1, 2]
    assert "<b>" not in cloud_figure(POINTS, source_class="<b>b</b>").to_json()
