"""Positions of bodies between their own floor and their own ceiling, as they are drawn and told."""

import pytest

from tests.readings import accuracy, reading
from xmodal_core.figures.bodies import placed_metrics, positions_alt, positions_figure
from xmodal_core.gap.base import GapReading
from xmodal_core.panel.bodies import BodiesReport, OfBody
from xmodal_core.panel.points import CloudPoints, Points
from xmodal_core.panel.report import GapReport


def of_body(body: str, **readings: GapReading) -> OfBody:
    cloud = CloudPoints(xy=[], labels=[], uid=[], mixing=[])
    points = Points(cloud, cloud, (0.0, 0.0), "")
    return OfBody(body, "s", GapReport("s", "t", "embedder", body, readings, points, 100, 0, "cpu", 1.0))


def both() -> BodiesReport:
    one = of_body("one", otdd=reading(), target_knn=accuracy(), knn=reading(value=4.0, interval=None))
    return BodiesReport((one, OfBody("none", "s", refused="No."), of_body("<b>two", otdd=reading(value=8.0))))


def test_every_body_has_a_mark_in_the_row_of_a_metric_with_its_interval():
    figure = positions_figure(both())
    one, two = figure.data
    assert list(one.x) == [50, 25]
    assert list(two.x) == [75]
    assert list(one.error_x.array) == pytest.approx([6.25, 0])
    assert list(figure.layout.yaxis.ticktext) == ["OTDD", "kNN index"]
    assert [round(y) for y in one.y] == list(figure.layout.yaxis.tickvals) == [1, 0]
    assert round(two.y[0]) == 1
    assert two.y[0] != one.y[0]
    assert two.name == "&lt;b&gt;two"
    assert one.marker.symbol != two.marker.symbol


def test_readings_without_both_anchors_have_no_place_in_it():
    assert placed_metrics(both()) == ["otdd", "knn"]
    assert placed_metrics(BodiesReport((of_body("one", target_knn=accuracy()),))) == []


def test_the_same_in_words():
    assert positions_alt(both()) == (
        "From floor to ceiling. OTDD: one 50 % [44, 56], <b>two 75 % [44, 56]; kNN index: one 25 %."
    )
    assert "No reading" in positions_alt(BodiesReport(()))
