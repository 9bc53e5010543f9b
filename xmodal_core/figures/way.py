"""The way from "same kind of data" to "no relation": a large ruler for the page, small ones for rows of a table."""

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING

from xmodal_core.figures.base import NEUTRAL, SOURCE, TARGET, empty_figure, escape
from xmodal_core.gap.base import GapReading
from xmodal_core.panel.sentence import NO_RELATION, SAME_KIND
from xmodal_core.panel.triage import FAR, NEAR, end_of_way
from xmodal_core.panel.words import interval_text, number, shuffled_mark, title

if TYPE_CHECKING:
    import plotly.graph_objects as go

_HEIGHT = 130
_LEFT, _RIGHT = -0.06, 1.06  # of the way; what lies beyond widens the ruler
_LABEL = 13
_EDGE = 0.22  # labels nearer to an end of the ruler than this hang inwards
_WIDTH, _TALL, _PAD = 160, 22, 10  # pixels of a small ruler


def way_figure(name: str, reading: GapReading, target: str, target_label: str = "your data") -> "go.Figure":
    """Floor, value with its interval, shuffled labels and ceiling on one line, each in plain words.

    Args:
        name: of the metric.
        reading: with a floor and a ceiling, which differ.
        target: what the value is called in its hover text.
        target_label: what stands over the value.
    """
    end = end_of_way(name, reading)
    assert reading.floor is not None
    assert end is not None
    shares = _shares(reading, end, shuffled_mark(name, reading))
    low, high = min(_LEFT, *(s - 0.06 for s in shares.values())), max(_RIGHT, *(s + 0.06 for s in shares.values()))
    figure = empty_figure(
        _HEIGHT,
        showlegend=False,
        hovermode="closest",
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        yaxis={"visible": False, "range": [-1.8, 1.05], "fixedrange": True},
        xaxis={"visible": False, "range": [low, high], "fixedrange": True},
    )
    _add_way(figure, low, high)
    _add(figure, 0.0, f"<b>{SAME_KIND}</b><br>{number(reading.floor)}", _tick(SOURCE.colour), -34, low, high)
    _add(figure, 1.0, f"<b>{NO_RELATION}</b><br>{number(end)}", _tick(NEUTRAL), -34, low, high)
    if "shuffled" in shares:
        assert reading.shuffled is not None
        cross = {"symbol": "x-thin", "size": 12, "line": {"width": 3, "color": NEUTRAL}}
        said = f"× labels shuffled {number(reading.shuffled)}"
        _add(figure, shares["shuffled"], said, cross, -60, low, high)  # below the others, which may be near
    diamond = {"symbol": TARGET.symbol, "size": 16, "color": TARGET.colour}
    said = f"<b>{TARGET.glyph} {escape(target_label, 30)}</b> {number(reading.value)} {interval_text(reading)}"
    _add(figure, shares["value"], said, diamond, 30, low, high)
    mark = figure.data[-1]
    mark.hovertemplate = f"{escape(target)}: {title(name)} {number(reading.value)} {interval_text(reading)}"
    if reading.interval is not None:
        beyond, before = shares["high"] - shares["value"], shares["value"] - shares["low"]
        mark.error_x = {"type": "data", "array": [beyond], "arrayminus": [before], "thickness": 4, "width": 9}
    return figure


def way_alt(name: str, reading: GapReading) -> str:
    """The large ruler in words and numbers."""
    parts = [f"{SAME_KIND} {number(reading.floor)}", f"{NO_RELATION} {number(end_of_way(name, reading))}"]
    if (shuffled := shuffled_mark(name, reading)) is not None:
        parts.append(f"labels shuffled {number(shuffled)}")
    return f"Ruler: your data {number(reading.value)} {interval_text(reading)} by {title(name)}; {', '.join(parts)}."


def can_be_drawn(name: str, reading: GapReading) -> bool:
    """Whether there is a way to place the value on."""
    return reading.floor is not None and end_of_way(name, reading) not in (None, reading.floor)


def small_ruler(shares: Mapping[str, float], interval: tuple[float, float] | None = None) -> str:
    """A small ruler as the address of a picture (SVG): ends of the way, a mark a reading, and an interval.

    Args:
        shares: percent of the way, by reading; what lies beyond either end is drawn at the end.
        interval: of a single reading, in percent of the way.
    """
    middle = _TALL / 2
    parts = [
        f'<line x1="{_PAD}" y1="{middle}" x2="{_WIDTH - _PAD}" y2="{middle}" stroke="{NEUTRAL}" stroke-width="2"/>'
    ]
    for end, colour in ((0, SOURCE.colour), (100, NEUTRAL)):
        at = _at(end)
        parts.append(f'<line x1="{at}" y1="4" x2="{at}" y2="{_TALL - 4}" stroke="{colour}" stroke-width="3"/>')
    ends = interval or ((min(shares.values()), max(shares.values())) if len(shares) > 1 else None)
    if ends is not None:
        x1, x2 = _at(ends[0]), _at(ends[1])
        parts.append(
            f'<line x1="{x1}" y1="{middle}" x2="{x2}" y2="{middle}" stroke="{TARGET.colour}" stroke-width="4"/>'
        )
    for share in shares.values():
        at, r = _at(share), 5
        corners = f"{at},{middle - r} {at + r},{middle} {at},{middle + r} {at - r},{middle}"
        parts.append(f'<polygon points="{corners}" fill="{TARGET.colour}"/>')
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_TALL}">{"".join(parts)}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()


def interval_shares(reading: GapReading) -> tuple[float, float] | None:
    """Ends of the interval in percent of the way, the lower first; None without interval or way."""
    if reading.interval is None or reading.floor is None or reading.ceiling in (None, reading.floor):
        return None
    assert reading.ceiling is not None
    shares = _shares(reading, reading.ceiling, None)
    low, high = sorted((100 * shares["low"], 100 * shares["high"]))
    return low, high


def _at(percent: float) -> float:
    return round(_PAD + (_WIDTH - 2 * _PAD) * min(max(percent, 0.0), 100.0) / 100, 1)


def _shares(reading: GapReading, end: float, shuffled: float | None) -> dict[str, float]:
    """Value, interval ends and the value under shuffled labels as shares of the way to its end."""
    assert reading.floor is not None
    floor, way = reading.floor, end - reading.floor
    marks = {"value": reading.value} | ({} if shuffled is None else {"shuffled": shuffled})
    if reading.interval is not None:
        marks |= dict(zip(("low", "high"), reading.interval, strict=True))
    return {mark: (at - floor) / way for mark, at in marks.items()}


def _add_way(figure: "go.Figure", low: float, high: float) -> None:
    """The line, with near and far as faint bands and marks at every quarter."""
    for x0, x1, colour in ((0.0, NEAR, SOURCE.colour), (FAR, 1.0, TARGET.colour)):
        figure.add_shape(
            type="rect", x0=x0, x1=x1, y0=-0.16, y1=0.16, fillcolor=colour, opacity=0.18, line={"width": 0}
        )
    figure.add_scatter(x=[low, high], y=[0, 0], mode="lines", line={"color": NEUTRAL, "width": 3}, hoverinfo="skip")
    quarters = {"symbol": "line-ns", "size": 10, "line": {"width": 1, "color": NEUTRAL}}
    figure.add_scatter(x=[0.25, 0.5, 0.75], y=[0, 0, 0], mode="markers", marker=quarters, hoverinfo="skip")


def _tick(colour: str) -> dict[str, object]:
    return {"symbol": "line-ns", "size": 26, "line": {"width": 4, "color": colour}}


def _add(
    figure: "go.Figure", at: float, text: str, marker: dict[str, object], lane: int, low: float, high: float
) -> None:
    place = (at - low) / (high - low)
    anchor = "left" if place < _EDGE else "right" if place > 1 - _EDGE else "center"
    figure.add_scatter(x=[at], y=[0], mode="markers", marker=marker, hovertemplate=f"{text}<extra></extra>")
    # A label that hangs inwards begins a little outside of its mark, so that the mark stands over its first letters.
    shift = {"left": -8, "right": 8, "center": 0}[anchor]
    figure.add_annotation(
        x=at, y=0, yshift=lane, xshift=shift, xanchor=anchor, text=text, showarrow=False, font={"size": _LABEL}
    )
