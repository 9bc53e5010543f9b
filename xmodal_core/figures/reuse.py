"""What a run left of the pretrained knowledge, as figures: accuracies with anchors, layers, and the way there.

Plotly is imported inside the functions; nothing here needs torch or Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from xmodal_core.figures.base import NEUTRAL, SOURCE, TARGET, escape
from xmodal_core.figures.runs import styled
from xmodal_core.reuse.beside import Beside
from xmodal_core.reuse.report import Knowledge, LayerCurves, RetentionReading, ReuseReport, Trajectory, TrajectoryPoint
from xmodal_core.reuse.words import EMBEDDERS

if TYPE_CHECKING:
    import plotly.graph_objects as go

_BODIES = {"random": "random weights", "before": "pretrained, before", "after": "after this run"}
_SYMBOLS = {"random": ("x", NEUTRAL), "before": ("circle", SOURCE.colour), "after": ("diamond", TARGET.colour)}
_LAYER_READINGS = {"cka": "CKA", "mutual_knn": "mutual neighbours", "drift": "drift"}
_SIMILARITIES = ("cka", "mutual_knn")  # at most 1, where nothing changed
_EDGE = 0.12  # of the ruler, from which labels hang inwards
_RUN, _CONTROL = "run", "control, shuffled labels"
_COLUMNS = {
    "step": "step",
    "retention": "retention",
    "probe_retention": "probe retention",
    "accuracy": "kNN accuracy on source rows",
    "probe": "probe accuracy on source rows",
    "cka": "mean CKA",
    "drift": "mean drift",
}


_PLACES = {"random": "random weights", "before": "pretrained", "after": "after this run"}


def kept_ruler(report: ReuseReport, found: Beside | None = None, height: int = 250) -> go.Figure:
    """From random weights to pretrained: where the trained body stands, on the source and on the target.

    Args:
        report: its accuracy on source rows is the upper ruler, with the interval of what training changed.
        found: validation scores on the target, the lower ruler; left out when None or not a share.
        height: in pixels.
    """
    from plotly.subplots import make_subplots

    reading = report.retention
    titles = [f"Samples of {escape(report.source)} recognised (n = {reading.n_query})"]
    lower = found if found is not None and found.kind.is_share else None
    titles += [] if lower is None else [f"Your data, validation {escape(lower.kind.name)} (n = {lower.n})"]
    figure = make_subplots(rows=len(titles), cols=1, subplot_titles=titles, vertical_spacing=0.42)
    _rail(figure, 1, reading.by_body(), reading.chance)
    figure.data[-1].update(error_x=_interval(reading))
    if lower is not None:
        random = {} if lower.random_mean is None else {"random": lower.random_mean}
        _rail(figure, 2, random | {"after": lower.own})
    figure.update_xaxes(range=[-0.03, 1.03], tickformat=".0%", zeroline=False)
    figure.update_yaxes(visible=False, range=[-1, 1], fixedrange=True)
    figure.update_annotations(selector={"yref": "paper", "showarrow": False}, x=0, xanchor="left", font={"size": 13})
    styled(figure, height if lower is not None else height - 100, top=34)
    figure.update_layout(showlegend=False, margin={"l": 14, "r": 14})
    return figure


def _rail(figure: go.Figure, row: int, values: dict[str, float], chance: float | None = None) -> None:
    """One ruler: a bar from random weights to the farthest mark, the marks and their names; chance is dotted."""
    ends = [min(values.values()), max(values.values())]
    figure.add_scatter(
        x=ends,
        y=[0, 0],
        mode="lines",
        line={"color": NEUTRAL, "width": 6},
        opacity=0.35,
        hoverinfo="skip",
        row=row,
        col=1,
    )
    if chance is not None:
        figure.add_scatter(
            x=[chance, chance],
            y=[-0.55, 0.55],
            mode="lines+text",
            text=["guessing", ""],
            textposition="bottom right",
            line={"color": NEUTRAL, "dash": "dot"},
            hovertemplate=f"guessing {chance:.3f}<extra></extra>",
            row=row,
            col=1,
        )
    for name, value in values.items():  # the trained body last: it is drawn on top, and labelled below
        symbol, colour = _SYMBOLS[name]
        below = name == "after"
        figure.add_scatter(
            x=[value],
            y=[0],
            mode="markers+text",
            text=[f"{_PLACES[name]} {100 * value:.0f} %"],
            textposition=_side(value, "bottom" if below else "top"),
            textfont={"size": 13},
            marker={"symbol": symbol, "size": 15 if below else 13, "color": colour},
            cliponaxis=False,
            hovertemplate=f"{_PLACES[name]} {value:.3f}<extra></extra>",
            row=row,
            col=1,
        )


def _side(value: float, side: str) -> str:
    """Where a label hangs: inwards at the ends of the ruler."""
    return f"{side} {'right' if value < _EDGE else 'left' if value > 1 - _EDGE else 'center'}"


def kept_table(report: ReuseReport, found: Beside | None = None) -> dict[str, list[Any]]:
    """The rulers as a table."""
    rows: list[tuple[str, str, float]] = [
        (f"{report.source} recognised", _PLACES[name], value) for name, value in report.retention.by_body().items()
    ]
    rows.append((f"{report.source} recognised", "guessing", report.retention.chance))
    if found is not None:
        what = f"your data, validation {found.kind.name}"
        rows += [(what, f"random weights, run {i}", value) for i, value in enumerate(found.random, 1)]
        rows.append((what, _PLACES["after"], found.own))
    return {name: [row[i] for row in rows] for i, name in enumerate(("what", "weights", "value"))}


def retention_dots(reading: RetentionReading, height: int = 210, reader: str = "kNN") -> go.Figure:
    """Accuracy on held-out source rows through random, pretrained and trained body; dotted: chance.

    Args:
        reading: its interval of the difference is drawn around `after`.
        height: in pixels.
        reader: what read the classes.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, value in reading.by_body().items():
        symbol, colour = _SYMBOLS[name]
        figure.add_trace(
            go.Scatter(
                x=[value],
                y=[_BODIES[name]],
                mode="markers+text",
                text=[f"{value:.3f}"],
                textposition="top center",
                marker={"symbol": symbol, "size": 13, "color": colour},
                showlegend=False,
                hoverinfo="x+y",
                error_x=_interval(reading) if name == "after" else None,
            )
        )
    figure.add_vline(x=reading.chance, line={"color": NEUTRAL, "dash": "dot", "width": 1.5})
    figure.add_annotation(x=reading.chance, y=1.0, yref="paper", text="chance", showarrow=False, yanchor="bottom")
    figure.update_xaxes(title=f"{reader} accuracy on held-out source rows", range=[0, 1.05])
    figure.update_yaxes(range=[-0.5, len(_BODIES) - 0.2])
    return styled(figure, height)


def layer_curves(report: ReuseReport, what: str, title: str, height: int = 300) -> go.Figure:
    """CKA, mutual neighbours or drift of each layer with itself at the start, on source and on target inputs.

    Args:
        report: of a finished run.
        what: "cka", "mutual_knn" or "drift".
        title: of the vertical axis.
        height: in pixels.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    marks = (("circle", SOURCE.colour, "solid"), ("diamond", TARGET.colour, "dash"))
    for (label, curves), (symbol, colour, dash) in zip(_inputs(report).items(), marks, strict=True):
        values = curves.by_name()[what]
        figure.add_trace(
            go.Scatter(
                x=list(range(1, len(values) + 1)),
                y=values,
                mode="lines+markers",
                name=f"{label} (n = {curves.n})",
                marker={"symbol": symbol, "size": 9},
                line={"color": colour, "dash": dash},
            )
        )
    figure.update_xaxes(title="layer", dtick=1)
    figure.update_yaxes(title=title)
    if what in _SIMILARITIES:
        figure.update_yaxes(range=[min(0.0, *_values(report, what)) - 0.02, 1.05])
        figure.add_hline(y=1.0, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    else:
        figure.update_yaxes(rangemode="tozero")
    return styled(figure, height)


def layer_table(report: ReuseReport) -> pd.DataFrame:
    """What was read per layer, on both kinds of input."""
    columns = {
        f"{title}, {label}": curves.by_name()[what]
        for what, title in _LAYER_READINGS.items()
        for label, curves in _inputs(report).items()
    }
    table = pd.DataFrame(columns)
    table.insert(0, "layer", range(1, len(table) + 1))
    return table


def knowledge_table(found: Knowledge) -> pd.DataFrame:
    """One row an embedder: how far source classes name the target's labels."""
    rows = []
    for name, reading in found.embedders.items():
        d = reading.discrepancy
        rows.append(
            {
                "embedder": EMBEDDERS[name].replace("embedder", "").strip(),  # the head of the column says it
                "kappa": reading.kappa,
                "p of kappa": reading.kappa_p,
                "U": reading.information,
                "U by chance": reading.information_chance,
                "discrepancy / chance": None if d is None else d.relative,
                "discrepancy, nats": None if d is None else d.value,
                "p of discrepancy": None if d is None else d.p,
            }
        )
    return pd.DataFrame(rows)


def trajectory_curves(found: Trajectory, height: int = 400) -> go.Figure:
    """Retention above, validation score below, over the same steps; the control is dashed.

    Args:
        found: with or without a control.
        height: of both charts together, in pixels.
    """
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    titles = ["source retention, by nearest neighbours", f"target, validation {found.score_name}"]
    figure = make_subplots(rows=2, shared_xaxes=True, subplot_titles=titles, vertical_spacing=0.14)
    looks = {_RUN: (SOURCE.colour, TARGET.colour, "solid"), _CONTROL: (NEUTRAL, NEUTRAL, "dash")}
    for title, points in _runs(found).items():
        upper, lower, dash = looks[title]
        for row, (what, colour) in enumerate((("retention", upper), ("score", lower)), start=1):
            steps, values = _read(points, what)
            figure.add_trace(
                go.Scatter(
                    x=steps,
                    y=values,
                    mode="lines+markers",
                    name=title,
                    legendgroup=title,
                    showlegend=row == 1 and bool(steps),
                    line={"color": colour, "dash": dash, "width": 2},
                    marker={"size": 8, "symbol": SOURCE.symbol if row == 1 else TARGET.symbol},
                ),
                row=row,
                col=1,
            )
    figure.add_hline(y=1.0, line={"color": NEUTRAL, "width": 1, "dash": "dot"}, row=1, col=1)  # type: ignore[arg-type]
    kept = [value for points in _runs(found).values() for value in _read(points, "retention")[1]]
    figure.update_yaxes(range=[min(0.0, *kept, 0.0) - 0.02, max(1.0, *kept, 1.0) + 0.05], row=1, col=1)
    figure.update_xaxes(title="step", row=2, col=1)
    figure.update_annotations(font={"size": 12}, x=0, xanchor="left")
    styled(figure, height, top=40)
    figure.update_layout(legend={"x": 1, "xanchor": "right", "y": 1.04})
    return figure


def trajectory_table(found: Trajectory) -> pd.DataFrame:
    """One row a step of the run and of its control."""
    rows = [
        {
            "run": title,
            **{label: getattr(point, name) for name, label in _COLUMNS.items()},
            f"validation {found.score_name}": point.score,
        }
        for title, points in _runs(found).items()
        for point in points
    ]
    return pd.DataFrame(rows)


def _inputs(report: ReuseReport) -> dict[str, LayerCurves]:
    return {"source inputs": report.source_inputs, "target inputs": report.target_inputs}


def _runs(found: Trajectory) -> dict[str, Sequence[TrajectoryPoint]]:
    """The points of the run and of its control, which may have none."""
    return {_RUN: found.points, _CONTROL: found.control or ()}


def _read(points: Sequence[TrajectoryPoint], what: str) -> tuple[list[int], list[float]]:
    """Steps at which "retention" or "score" was read, and what."""
    read = [(point.step, getattr(point, what)) for point in points]
    return [step for step, value in read if value is not None], [value for _, value in read if value is not None]


def _interval(reading: RetentionReading) -> dict[str, object]:
    """The interval of (after - before), drawn around `after`: where it would lie with `before` held fixed."""
    low, high = reading.after_minus_before_interval
    difference = reading.after - reading.before
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(high - difference, 0.0)],
        "arrayminus": [max(difference - low, 0.0)],
        "thickness": 1.5,
    }


def _values(report: ReuseReport, what: str) -> list[float]:
    return [value for curves in _inputs(report).values() for value in curves.by_name()[what]]
