"""Several bodies side by side: where each reading lies between its own floor and its own ceiling."""

from typing import TYPE_CHECKING

from xmodal_core.figures.base import CLASS_COLOURS, NEUTRAL, empty_figure, escape
from xmodal_core.panel.bodies import BodiesReport, OfBody, metrics_of, position, position_text
from xmodal_core.panel.words import title

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "pentagon", "hexagon", "hourglass")
_ROW, _FRAME = 34, 70  # pixels of a metric, and of axis and legend
_SPREAD = 0.5  # of a row, over which the bodies of a metric lie


def positions_figure(report: BodiesReport) -> "go.Figure":
    """A row a metric and a mark a body: 0 % its floor, 100 % its ceiling, with the interval of the value."""
    names = placed_metrics(report)
    rows = {name: len(names) - 1 - i for i, name in enumerate(names)}  # the first one on top
    measured = [one for one in report.bodies if one.report is not None]
    figure = empty_figure(
        _FRAME + _ROW * max(len(names), 1),
        xaxis={"title": {"text": "from floor to ceiling (%)"}, "zeroline": False},
        yaxis={"tickvals": list(rows.values()), "ticktext": [title(name) for name in names], "zeroline": False},
        margin={"l": 10, "r": 10, "t": 10, "b": 40},
    )
    for anchor in (0, 100):
        figure.add_vline(anchor, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    for i, one in enumerate(measured):
        aside = _SPREAD * ((len(measured) - 1) / 2 - i) / max(len(measured), 1)
        _add_body(figure, one, {name: row + aside for name, row in rows.items()}, i)
    return figure


def placed_metrics(report: BodiesReport) -> list[str]:
    """Metrics that have a position in some body: both anchors, which readings of the target alone do not have."""
    readings = [one.report.readings for one in report.bodies if one.report is not None]
    return [name for name in metrics_of(report) if any(name in r and position(r[name]) for r in readings)]


def _add_body(figure: "go.Figure", one: OfBody, rows: dict[str, float], i: int) -> None:
    assert one.report is not None
    found = {name: one.report.readings[name] for name in rows if name in one.report.readings}
    placed = {name: place for name, reading in found.items() if (place := position(reading)) is not None}
    ups = [0.0 if high is None else high - value for value, _, high in placed.values()]
    downs = [0.0 if low is None else value - low for value, low, _ in placed.values()]
    figure.add_scatter(
        x=[value for value, _, _ in placed.values()],
        y=[rows[name] for name in placed],
        mode="markers",
        name=escape(one.body),
        marker={"symbol": _SYMBOLS[i % len(_SYMBOLS)], "size": 9, "color": CLASS_COLOURS[i % len(CLASS_COLOURS)]},
        error_x={"type": "data", "array": ups, "arrayminus": downs, "width": 4},
        customdata=[f"{title(name)}: {position_text(found[name])}" for name in placed],
        hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
    )


def positions_alt(report: BodiesReport) -> str:
    """The figure in words and numbers."""
    said = []
    for name in placed_metrics(report):
        parts = [
            f"{one.body} {position_text(one.report.readings[name])}"
            for one in report.bodies
            if one.report is not None and name in one.report.readings
        ]
        said.append(f"{title(name)}: {', '.join(parts)}")
    return f"From floor to ceiling. {'; '.join(said)}." if said else "No reading has both a floor and a ceiling."
