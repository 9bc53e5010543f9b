"""Gap against gain, a point a data set: a figure, the same as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import CLASS_COLOURS, NEUTRAL, empty_figure, escape
from xmodal_core.verdict.gains import Gain

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "hexagon")


def gains_figure(gains: Sequence[Gain], reading: str, margin: float, height: int = 360) -> go.Figure:
    """Gain of pretraining with its 95 % interval against a gap reading; a symbol and colour a body.

    Args:
        gains: at least one.
        reading: what the gap is called.
        margin: differences within it, in the yardstick's unit, do not matter.
        height: in pixels.
    """
    import plotly.graph_objects as go

    unit = gains[0].gain.unit
    figure = empty_figure(
        height,
        margin={"l": 50, "r": 10, "t": 10, "b": 40},
        xaxis={"title": escape(reading)},
        yaxis={"title": f"gain of pretraining, {unit}", "zeroline": True},
    )
    figure.add_hrect(-100 * margin, 100 * margin, fillcolor=NEUTRAL, opacity=0.18, line_width=0, layer="below")
    middle = (min(one.gap for one in gains) + max(one.gap for one in gains)) / 2
    for i, body in enumerate(dict.fromkeys(one.body for one in gains)):
        own = sorted((one for one in gains if one.body == body), key=lambda one: one.gap)
        colour = CLASS_COLOURS[i % len(CLASS_COLOURS)]
        ends = [one.gain.interval or (one.gain.mean, one.gain.mean) for one in own]
        spread = [100 * (high - low) / 2 for low, high in ends]
        told = [_told(one, reading) for one in own]
        figure.add_trace(
            go.Scatter(
                x=[one.gap for one in own],
                y=[100 * one.gain.mean for one in own],
                error_y={"type": "data", "array": spread, "thickness": 1.5, "width": 4, "color": colour},
                mode="markers+text",
                text=[escape(one.target, 24) for one in own],
                textposition=[_beside(nth, one.gap, middle) for nth, one in enumerate(own)],
                cliponaxis=False,
                name=escape(body, 40),
                marker={"symbol": _SYMBOLS[i % len(_SYMBOLS)], "size": 12, "color": colour},
                hovertext=[escape(text, 200) for text in told],
                hoverinfo="text",
            )
        )
    return figure


def gains_table(gains: Sequence[Gain], reading: str) -> dict[str, list[Any]]:
    """Columns of a table with a row a data set, the smallest gap first."""
    rows = [
        {
            "data": one.target,
            "body": one.body,
            reading: one.gap,
            "rows a side": one.n,
            f"gain, {one.gain.unit}": round(100 * one.gain.mean, 2),
            "95 % low": None if one.gain.interval is None else round(100 * one.gain.interval[0], 2),
            "95 % high": None if one.gain.interval is None else round(100 * one.gain.interval[1], 2),
            "seeds": one.gain.n_pairs,
        }
        for one in sorted(gains, key=lambda one: one.gap)
    ]
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def _beside(nth: int, gap: float, middle: float) -> str:
    """Where a name stands: away from the edge, and neighbours not on the same height."""
    return f"{'top' if nth % 2 else 'bottom'} {'right' if gap <= middle else 'left'}"


def _told(one: Gain, reading: str) -> str:
    return f"{one.target}: {reading} {one.gap:.3g}, gain {100 * one.gain.mean:+.1f} {one.gain.unit}"
