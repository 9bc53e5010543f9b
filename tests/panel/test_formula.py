import pytest

from tests.readings import reading
from xmodal_core.panel.formula import formula_lines, largest_flow, pair_line

DETAIL = {
    "squared": 25.0,
    "feature_part": 16.0,
    "label_part": 9.0,
    "coupling_by_class": [[0.1, 0.4], [0.4, 0.1]],
    "class_distance": [[1.0, 2.0], [3.0, 40000.0]],
}


def test_the_parts_add_up_to_the_square_of_the_value():
    symbols, numbers = formula_lines(reading(value=5.0, detail=DETAIL))
    assert r"\lambda_x = 1,\; \lambda_y = 1" in symbols
    assert r"\underbrace{16}_{\text{samples}} + \underbrace{9}_{\text{classes}} = 25" in numbers
    assert numbers.endswith(r"\sqrt{25} = 5")


def test_weights_that_were_asked_for_are_shown():
    assert r"\lambda_y = 0.5" in formula_lines(reading(detail=DETAIL), {"lambda_y": 0.5})[0]


@pytest.mark.parametrize("asked", [{"p": 1}, {"compat": "microsoft"}, {"debias": True}])
def test_what_the_formula_does_not_describe_has_none(asked):
    assert formula_lines(reading(detail=DETAIL), asked) == []


def test_the_pair_of_classes_with_most_mass_is_the_first_of_equals():
    assert largest_flow(DETAIL) == (0, 1)
    assert pair_line(DETAIL, (0, 1)).startswith(r"W_2(y, y') = 2,\qquad W_2^2(y, y') = 4,")
    assert r"P_{ij} = 40\,\%" in pair_line(DETAIL, (0, 1))
    assert r"1.6 \cdot 10^{9}" in pair_line(DETAIL, (1, 1)) or r"1\,600\,000\,000" in pair_line(DETAIL, (1, 1))
