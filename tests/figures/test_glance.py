import re
from xml.etree import ElementTree

import pytest

from xmodal_core.figures.glance import HEIGHT, WIDTH, glance, glance_alt

GAP = (20.0, 4.0, 24.0, (19.0, 21.0))
SVG = "{http://www.w3.org/2000/svg}"


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_the_value_lies_between_floor_and_ceiling_where_it_belongs():
    picture = glance(("Fractals", b"png"), ("Digits", None), GAP)
    assert texts(picture) == ["● Fractals", "◆ Digits", "no gap 4", "untrained 24", "gap 20"]
    floor, ceiling = (float(x) for x in re.findall(r"d='M([\d.]+) 91 V105'", picture))
    value = float(re.findall(r"d='M([\d.]+) 92 l6 6", picture)[0])
    assert (value - floor) / (ceiling - floor) == pytest.approx((20 - 4) / (24 - 4), abs=0.01)


def test_the_source_is_blue_and_first_the_target_orange_in_light_and_lighter_in_the_dark():
    light, dark = (glance(("a", None), ("b", None), GAP, theme) for theme in ("light", "dark"))
    assert light.index("#0072B2") < light.index("#D55E00")
    assert "#56B4E9" in dark
    assert "#0072B2" not in dark


@pytest.mark.parametrize("gap", [(0.0, 0.0, None, None), (0.0, 3.0, 9.0, (-1.0, 1.0)), (5.0, 5.0, 5.0, (5.0, 5.0))])
def test_every_mark_stays_inside_whatever_the_numbers(gap):
    picture = ElementTree.fromstring(glance(("a", None), ("b", None), gap))
    assert picture.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    starts = [float(m) for path in picture.iter(f"{SVG}path") for m in re.findall(r"M([-\d.]+) ", path.get("d", ""))]
    assert starts
    assert all(0 <= x <= WIDTH for x in starts)


def test_names_are_text_and_not_markup():
    assert "<script>" not in glance(("<script>", None), ("b", None), GAP)


def test_the_same_in_words_has_every_number():
    said = glance_alt("Fractals", "Digits", GAP, 500)
    assert said == (
        "Fractals and Digits: gap 20, 95 % interval 19 to 21; 4 where there is none, 24 at an untrained embedder; "
        "OTDD, n = 500 a side."
    )
