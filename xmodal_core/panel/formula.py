r"""OTDD's formula with the numbers of one measurement, as LaTeX: what it is made of, and one pair of classes in it."""

from collections.abc import Mapping
from typing import Any

from xmodal_core.gap.base import GapReading

SYMBOLS = (
    r"\mathrm{OTDD}^2 = \min_{P} \sum_{i,j} P_{ij} \left( \lambda_x \lVert x_i - x'_j \rVert^2 "
    r"+ \lambda_y W_2^2(y_i, y'_j) \right)"
)


def formula_lines(reading: GapReading, settings: Mapping[str, Any] | None = None) -> list[str]:
    """The formula in symbols, then with numbers; no line where the exponent is not 2 or parts are not known.

    Args:
        reading: of OTDD.
        settings: what was asked of it; weights that are not 1 are shown.
    """
    detail, asked = reading.detail, settings or {}
    if asked.get("p", 2) != 2 or asked.get("compat", "none") != "none" or "label_part" not in detail:
        return []
    if asked.get("debias"):
        return []
    features, labels, squared = detail["feature_part"], detail["label_part"], detail["squared"]
    weights = (
        rf"\lambda_x = {_tex(float(asked.get('lambda_x', 1)))},\; \lambda_y = {_tex(float(asked.get('lambda_y', 1)))}"
    )
    return [
        SYMBOLS + rf",\qquad {weights}",
        rf"\mathrm{{OTDD}}^2 = \underbrace{{{_tex(features)}}}_{{\text{{samples}}}} + "
        rf"\underbrace{{{_tex(labels)}}}_{{\text{{classes}}}} = {_tex(squared)},\qquad "
        rf"\mathrm{{OTDD}} = \sqrt{{{_tex(squared)}}} = {_tex(reading.value)}",
    ]


def largest_flow(detail: Mapping[str, Any]) -> tuple[int, int]:
    """Source and target class between which most mass is moved."""
    mass = detail["coupling_by_class"]
    cells = [(share, -i, -j) for i, row in enumerate(mass) for j, share in enumerate(row)]
    _, i, j = max(cells)
    return -i, -j


def pair_line(detail: Mapping[str, Any], pair: tuple[int, int]) -> str:
    """The label distance of two classes, its square, and the mass between them."""
    i, j = pair
    distance, mass = float(detail["class_distance"][i][j]), float(detail["coupling_by_class"][i][j])
    return (
        rf"W_2(y, y') = {_tex(distance)},\qquad W_2^2(y, y') = {_tex(distance**2)},\qquad "
        rf"\sum_{{i \in y, j \in y'}} P_{{ij}} = {_tex(100 * mass)}\,\%"
    )


def _tex(value: float) -> str:
    """Four significant digits, thin spaces between thousands."""
    text = f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"
    if "e" in text:
        digits, _, exponent = text.partition("e")
        return rf"{digits} \cdot 10^{{{int(exponent)}}}"
    return text.replace(",", r"\,")
