"""A gap reading on its ruler: floor, value with its interval, ceiling, and what shuffled labels leave."""

from typing import TYPE_CHECKING

from xmodal_core.figures.base import NEUTRAL, SOURCE, TARGET, empty_figure
from xmodal_core.gap.base import GapReading
from xmodal_core.panel.words import finding, floor_name, interval_text, number, shuffled_mark, title

if TYPE_CHECKING:
    import plotly.graph_objects as go

_PAD = 0.3  # of the span, on either side: room for labels
_ABOVE, _FIRST_LANE, _SECOND_LANE = 17, -16, -30  # pixels between the line and the middle of a label


def ruler_figure(name: str, reading: GapReading) -> "go.Figure":
    """Floor, value with its 95 % interval, ceiling, and the value under shuffled labels on one line."""
    shuffled = shuffled_mark(name, reading)
    marks = (reading.floor, reading.value, reading.ceiling, shuffled, *(reading.interval or ()))
    places = [v for v in marks if v is not None]
    low, high = min(places), max(places)
    pad = _PAD * (high - low) or _PAD * (abs(high) or 1.0)
    figure = empty_figure(
        66 if shuffled is None else 80,
        showlegend=False,
        margin={"l": 4, "r": 4, "t": 2, "b": 2},
        yaxis={"visible": False, "range": [-1, 1] if shuffled is None else [-1.4, 1], "fixedrange": True},
        xaxis={"visible": False, "range": [low - pad, high + pad], "fixedrange": True},
    )
    figure.add_scatter(
        x=[low - pad, high + pad], y=[0, 0], mode="lines", line={"color": NEUTRAL, "width": 1}, hoverinfo="skip"
    )
    floor_anchor, ceiling_anchor = _anchors(reading, high - low)
    if reading.floor is not None:
        _add_tick(figure, reading.floor, floor_name(name, reading), SOURCE.colour, floor_anchor)
    if reading.ceiling is not None:
        _add_tick(figure, reading.ceiling, "ceiling", NEUTRAL, ceiling_anchor)
    if shuffled is not None:
        cross = {"symbol": "x-thin", "size": 9, "line": {"width": 2, "color": NEUTRAL}}
        _add_mark(figure, shuffled, f"× shuffled labels {number(shuffled)}", cross, _SECOND_LANE)
    diamond = {"symbol": TARGET.symbol, "size": 9, "color": TARGET.colour}
    _add_mark(figure, reading.value, number(reading.value), diamond, _ABOVE)
    figure.data[-1].update(
        error_x=_error_bar(reading),
        hovertemplate=f"value {number(reading.value)} {interval_text(reading)}<extra></extra>",
    )
    return figure


def _anchors(reading: GapReading, span: float) -> tuple[str, str]:
    """Where the labels of floor and ceiling hang: away from each other where the two are close."""
    if reading.floor is None or reading.ceiling is None or abs(reading.ceiling - reading.floor) > span / 2:
        return "center", "center"
    return ("right", "left") if reading.floor <= reading.ceiling else ("left", "right")


def _add_tick(figure: "go.Figure", value: float, name: str, colour: str, anchor: str) -> None:
    tick = {"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": colour}}
    _add_mark(figure, value, f"{name} {number(value)}", tick, _FIRST_LANE, anchor)


def _add_mark(
    figure: "go.Figure", value: float, text: str, marker: dict[str, object], lane: int, anchor: str = "center"
) -> None:
    figure.add_scatter(x=[value], y=[0], mode="markers", marker=marker, hovertemplate=f"{text}<extra></extra>")
    figure.add_annotation(x=value, y=0, yshift=lane, xanchor=anchor, text=text, showarrow=False)


def _error_bar(reading: GapReading) -> dict[str, object] | None:
    if reading.interval is None:
        return None
    low, high = reading.interval
    return {
        "type": "data",
        "array": [high - reading.value],
        "arrayminus": [reading.value - low],
        "thickness": 2,
        "width": 7,
    }


def ruler_alt(name: str, reading: GapReading) -> str:
    """The ruler in words and numbers."""
    marks = [f"{floor_name(name, reading)} {number(reading.floor)}"]
    if reading.ceiling is not None:
        marks.append(f"ceiling {number(reading.ceiling)}")
    if (shuffled := shuffled_mark(name, reading)) is not None:
        marks.append(f"shuffled labels {number(shuffled)}")
    return (
        f"{title(name)} {number(reading.value)} {interval_text(reading)}, {', '.join(marks)}. {finding(name, reading)}"
    )
