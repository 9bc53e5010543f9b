import base64
import re

import pytest

from tests.readings import reading
from xmodal_core.figures.way import can_be_drawn, interval_shares, small_ruler, way_alt, way_figure


def labels(figure) -> dict[str, float]:
    return {re.sub("<[^>]+>", " ", note.text).strip(): note.x for note in figure.layout.annotations}


def test_every_mark_stands_at_its_share_of_the_way_in_plain_words():
    figure = way_figure("otdd", reading(shuffled=8.0), "digits")
    assert labels(figure) == {
        "same kind of data  2": 0.0,
        "no relation  10": 1.0,
        "× labels shuffled 8": 0.75,
        "◆ your data  6 [5.5, 6.5]": 0.5,
    }
    bar = figure.data[-1].error_x
    assert (bar.array[0], bar.arrayminus[0]) == (0.0625, 0.0625)


def test_what_lies_beyond_an_end_widens_the_ruler():
    low, high = way_figure("otdd", reading(value=14.0, interval=(13.0, 15.0)), "d").layout.xaxis.range
    assert low < 0
    assert high > 1.625


def test_an_index_ends_at_one_without_a_ceiling_and_a_distance_cannot_be_drawn():
    alone = reading(value=0.5, floor=0.0, ceiling=None, interval=(0.4, 0.6))
    assert can_be_drawn("knn", alone)
    assert not can_be_drawn("otdd", alone)
    assert not can_be_drawn("otdd", reading(floor=10.0))
    assert labels(way_figure("knn", alone, "d"))["no relation  1"] == 1.0


def test_the_ruler_in_words_has_every_number():
    assert way_alt("otdd", reading(shuffled=7.0)) == (
        "Ruler: your data 6 [5.5, 6.5] by OTDD; same kind of data 2, no relation 10, labels shuffled 7."
    )


def test_a_target_name_is_not_read_as_markup():
    assert "<b>x" not in str(way_figure("otdd", reading(), "<b>x").data[-1].hovertemplate)


@pytest.mark.parametrize(("share", "x"), [(0.0, 10), (50.0, 80), (100.0, 150), (130.0, 150), (-20.0, 10)])
def test_a_small_ruler_marks_the_share_and_stays_inside(share, x):
    head, _, body = small_ruler({"knn": share}).partition(",")
    assert head == "data:image/svg+xml;base64"
    drawn = base64.b64decode(body).decode()
    assert re.search(rf'points="{x}(\.0)?,', drawn)


def test_interval_ends_of_a_falling_reading_are_given_in_order():
    """Coverage falls from 1 to 0: 0.4 to 0.6 is 40 to 60 % of the way."""
    falling = reading(value=0.5, floor=1.0, ceiling=0.0, interval=(0.4, 0.6))
    assert interval_shares(falling) == pytest.approx((40.0, 60.0))
    assert interval_shares(reading(ceiling=None)) is None
