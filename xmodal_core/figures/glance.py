"""A comparison at a glance, as one small SVG: samples of the source, samples of the target, and the gap on its ruler.

A page of eight of these has to be there at once; eight plotly figures would not be.
"""

import base64
from html import escape

from xmodal_core.figures.base import NEUTRAL, SOURCE, TARGET
from xmodal_core.panel.words import number

WIDTH, HEIGHT = 300, 126
_STRIP = (132, 44)  # width and height of three pictures
_LINE_Y = 98
_FROM, _TO = 14, 286  # of the ruler
_FONT = "font-family='Source Sans Pro, Inter, DejaVu Sans, sans-serif' font-size='11'"
_INKS = {"light": ("#14161B", SOURCE.colour, TARGET.colour), "dark": ("#FAFAFA", "#56B4E9", "#F28E2B")}
_WIDE_LETTER = 6.2  # pixels


def glance(
    source: tuple[str, bytes | None],
    target: tuple[str, bytes | None],
    gap: tuple[float, float, float | None, tuple[float, float] | None],
    theme: str = "light",
) -> str:
    """The picture as SVG, without any text of a person's.

    Args:
        source: name, and a PNG of three samples beside each other.
        target: likewise.
        gap: value, floor, ceiling and 95 % interval of a reading that grows with the gap.
        theme: light or dark.
    """
    ink, blue, orange = _INKS["dark" if theme == "dark" else "light"]
    parts = [
        *_side(source, SOURCE.glyph, blue, 0),
        *_side(target, TARGET.glyph, orange, WIDTH - _STRIP[0]),
        f"<path d='M141 26 h14 m-5 -5 l5 5 l-5 5' fill='none' stroke='{ink}' stroke-width='1.6'/>",
        *_ruler(gap, ink, blue, orange),
    ]
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' height='{HEIGHT}'>"
    return f"{head}{''.join(parts)}</svg>"


def glance_alt(
    source: str, target: str, gap: tuple[float, float, float | None, tuple[float, float] | None], n: int
) -> str:
    """The same in words and numbers."""
    value, floor, ceiling, interval = gap
    told = f"{source} and {target}: gap {number(value)}"
    if interval is not None:
        told += f", 95 % interval {number(interval[0])} to {number(interval[1])}"
    told += f"; {number(floor)} where there is none"
    if ceiling is not None:
        told += f", {number(ceiling)} at an untrained embedder"
    return f"{told}; OTDD, n = {n} a side."


def _side(side: tuple[str, bytes | None], glyph: str, colour: str, left: int) -> list[str]:
    name, picture = side
    width, height = _STRIP
    frame = f"<rect x='{left + 0.5}' y='4.5' width='{width - 1}' height='{height}' fill='none' stroke='{colour}'/>"
    text = f"<text x='{left}' y='64' fill='{colour}' {_FONT}>{glyph} {escape(name)}</text>"
    if picture is None:
        return [frame, text]
    uri = "data:image/png;base64," + base64.b64encode(picture).decode()
    place = f"x='{left}' y='4' width='{width}' height='{height}' preserveAspectRatio='none'"
    return [f"<image {place} href='{uri}'/>", frame, text]


def _ruler(
    gap: tuple[float, float, float | None, tuple[float, float] | None], ink: str, blue: str, orange: str
) -> list[str]:
    value, floor, ceiling, interval = gap
    marks = [v for v in (value, floor, ceiling, *(interval or ())) if v is not None]
    low, high = min(marks), max(marks)
    span = high - low or abs(high) or 1.0

    def place(number: float) -> float:
        return round(_FROM + 12 + (number - low) / span * (_TO - _FROM - 24), 1)

    y = _LINE_Y
    parts = [f"<path d='M{_FROM} {y} H{_TO}' stroke='{NEUTRAL}'/>"]
    parts += _tick(place(floor), f"no gap {number(floor)}", blue, _anchor(place(floor)))
    if ceiling is not None:
        parts += _tick(place(ceiling), f"untrained {number(ceiling)}", ink, _anchor(place(ceiling)))
    if interval is not None:
        ends = place(interval[0]), place(interval[1])
        parts.append(f"<path d='M{ends[0]} {y} H{ends[1]}' stroke='{orange}' stroke-width='3'/>")
    x = place(value)
    parts.append(f"<path d='M{x} {y - 6} l6 6 l-6 6 l-6 -6 z' fill='{orange}'/>")
    label = f"gap {number(value)}"
    half = len(label) * _WIDE_LETTER / 2
    middle = min(max(x, half), WIDTH - half)
    parts.append(
        f"<text x='{middle}' y='{y - 11}' text-anchor='middle' fill='{ink}' font-weight='600' {_FONT}>{label}</text>"
    )
    return parts


def _anchor(x: float) -> str:
    """Labels of the two ends lie inside the picture and away from each other."""
    return "start" if x < WIDTH / 2 else "end"


def _tick(x: float, label: str, colour: str, anchor: str) -> list[str]:
    shift = -12 if anchor == "start" else 12
    y = _LINE_Y
    return [
        f"<path d='M{x} {y - 7} V{y + 7}' stroke='{colour}' stroke-width='2'/>",
        f"<text x='{x + shift}' y='{y + 20}' text-anchor='{anchor}' fill='{colour}' {_FONT}>{label}</text>",
    ]
