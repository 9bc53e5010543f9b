"""Step records and frames of a run as figures: curves, moving clouds, the schedule, and seeds as dots.

Plotly is imported inside the functions; nothing here needs torch or Streamlit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xmodal_core.figures.base import BETWEEN, NEUTRAL, SOURCE, TARGET, escape
from xmodal_core.scores import ScoreKind
from xmodal_core.verdict.table import Summary

if TYPE_CHECKING:
    import plotly.graph_objects as go

_DASHES = ("solid", "dash", "dot", "dashdot")
_COLLAPSE = 0.1  # a fall of held-out kNN accuracy by this much is no longer noise at n = 200

Record = Mapping[str, Any]
Frame = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Panel:
    """One small chart of a stack: its heading, the metrics in it with what they are called, and fixed limits."""

    title: str
    lines: Mapping[str, str]
    limits: tuple[float, float] | None = None
    colours: Sequence[str] = field(default=(TARGET.colour, NEUTRAL, BETWEEN.colour, SOURCE.colour))


def column(records: Sequence[Record], name: str) -> tuple[list[int], list[float]]:
    """Steps within the stage that carry a metric, and its values there."""
    have = [r for r in records if name in r["metrics"]]
    return [int(r["index"]) for r in have], [float(r["metrics"][name]) for r in have]


def from_the_start(records: Sequence[Record]) -> list[Record]:
    """Records with one of step 0 in front, where the first step tells what was read before it: `start_x` was x then."""
    first = records[0]["metrics"] if records else {}
    before = {f"heldout_{name.removeprefix('start_')}": v for name, v in first.items() if name.startswith("start_")}
    return [{"index": 0, "metrics": before}, *records] if before else list(records)


def metrics_table(records: Sequence[Record], names: Mapping[str, str]) -> pd.DataFrame:
    """One row a step, one named column a metric; empty where a step did not measure it."""
    rows = [{"step": r["index"], **{label: r["metrics"].get(name) for name, label in names.items()}} for r in records]
    return pd.DataFrame(rows, columns=["step", *names.values()])


def collapse_step(records: Sequence[Record]) -> int | None:
    """The step from which on alignment's objective is lower and held-out accuracy is worse than at first.

    Worse is more than 0.1 below the first reading of held-out kNN accuracy: clouds can be brought together by giving
    up what tells the classes apart. A fall that came back does not count, so that noise of single steps does not.

    Returns:
        the first step of the last unbroken stretch of such steps; None where the last step is none.
    """
    have = [r for r in records if "objective" in r["metrics"] and "heldout_knn_accuracy" in r["metrics"]]
    began = None
    for record in have[1:]:
        now, first = record["metrics"], have[0]["metrics"]
        is_worse = now["heldout_knn_accuracy"] < first["heldout_knn_accuracy"] - _COLLAPSE
        if not (is_worse and now["objective"] < first["objective"]):
            began = None
        elif began is None:
            began = int(record["index"])
    return began


def curves(
    records: Sequence[Record], panels: Sequence[Panel], total: int, height: int = 430, current: int | None = None
) -> go.Figure:
    """Small charts one above the other over a shared step axis, each with its own scale.

    Args:
        records: step records of one stage.
        panels: the charts.
        total: steps of the stage, the end of the axis.
        height: of the whole stack, in pixels.
        current: the step that other figures show, marked by a vertical line.
    """
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    titles = [escape(p.title) for p in panels]
    figure = make_subplots(
        rows=len(panels), shared_xaxes=True, subplot_titles=titles, vertical_spacing=0.32 / len(panels)
    )
    for row, panel in enumerate(panels, start=1):
        for i, (name, label) in enumerate(panel.lines.items()):
            steps, values = column(records, name)
            colour = panel.colours[i % len(panel.colours)]
            mode = "lines+markers" if len(steps) <= 40 else "lines"
            line = {"color": colour, "dash": _DASHES[i % len(_DASHES)], "width": 2}
            figure.add_trace(
                go.Scatter(
                    x=steps,
                    y=values,
                    name=escape(label),
                    mode=mode,
                    line=line,
                    marker={"size": 5},
                    showlegend=len(panel.lines) > 1,
                    legend=_legend_name(row),
                ),
                row=row,
                col=1,
            )
    figure.update_xaxes(range=[0, axis_end(records, total) + 0.5])
    figure.update_xaxes(title="step", row=len(panels), col=1)
    figure.update_annotations(font={"size": 12}, x=0, xanchor="left")
    if current is not None:
        figure.add_vline(x=current, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    styled(figure, height, top=24)
    for row, panel in enumerate(panels, start=1):
        if panel.limits is not None:
            figure.update_yaxes(range=list(panel.limits), row=row, col=1)
        if len(panel.lines) > 1:
            top = figure.layout[f"yaxis{row if row > 1 else ''}"].domain[1]
            place = {"orientation": "h", "x": 1, "xanchor": "right", "y": top, "yanchor": "bottom"}
            figure.update_layout({_legend_name(row): place | {"font": {"size": 10}, "itemwidth": 30}})
    return figure


def axis_end(records: Sequence[Record], total: int) -> int:
    """End of the step axis: it doubles as steps come, so that the first of many are not a line at the edge.

    Args:
        records: of the stage so far.
        total: its steps, which the axis does not go beyond.
    """
    end = 16
    while records and end < int(records[-1]["index"]):
        end *= 2
    return max(1, min(total, end))


def score_panel(kind: ScoreKind) -> Panel:
    """The chart of the validation score along a stage."""
    label = f"validation {kind.name}"
    return Panel(label, {"validation_score": label}, (0.0, 1.02) if kind.is_share else None)


def seed_dots(rows: Sequence[Summary], height: int = 0) -> go.Figure:
    """Test score per arm: a dot a seed, a diamond for the mean, a bar for its 95 % interval, see `Summary`.

    The axis is that of the dots: the interval of two seeds may run off it.

    Args:
        rows: of `summarise`.
        height: in pixels; 0 chooses by the number of rows.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for i, row in enumerate(reversed(rows)):
        name = escape(row.title, 44)
        text = [f"seed {seed}: {value:.4g}" for seed, value in zip(row.seeds, row.values, strict=True)]
        edge = {"symbol": "circle-open", "size": 10, "color": SOURCE.colour, "line": {"width": 2}}
        shared = {"y": [name] * len(row.values), "mode": "markers", "showlegend": i == 0}
        figure.add_trace(
            go.Scatter(
                x=row.values,
                name="one seed",
                hovertext=text,
                hoverinfo="text",
                marker=edge,
                **shared,
                legendgroup="seed",
            )
        )
        ends = row.interval
        half = 0.0 if ends is None else (ends[1] - ends[0]) / 2
        spread = {"type": "data", "array": [half], "visible": ends is not None, "thickness": 1.5}
        figure.add_trace(
            go.Scatter(
                x=[row.mean],
                y=[name],
                mode="markers",
                name="mean and 95 % interval",
                error_x=spread,
                hoverinfo="x",
                marker={"symbol": "diamond", "size": 9, "color": TARGET.colour},
                showlegend=i == 0,
                legendgroup="mean",
            )
        )
    if values := [v for row in rows for v in row.values]:
        figure.update_xaxes(range=_around(values, rows[0].kind.is_share))
    figure.update_xaxes(title=escape(rows[0].metric if rows else "test score"))
    return styled(figure, height or 110 + 42 * len(rows))


def _around(values: Sequence[float], is_share: bool) -> list[float]:
    margin = max(0.15 * (max(values) - min(values)), 0.02 * max(abs(v) for v in values), 1e-6)
    low, high = min(values) - margin, max(values) + margin
    return [max(0.0, low), min(1.02, high)] if is_share else [low, high]


def styled(figure: go.Figure, height: int, top: int = 10) -> go.Figure:
    """Small margins, a fixed height, a flat legend, and a zoom that survives redrawing."""
    legend = {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"}
    figure.update_layout(
        height=height,
        margin={"l": 40, "r": 10, "t": max(top, 24), "b": 34},
        legend=legend,
        uirevision="keep",
        hovermode="closest",
    )
    return figure


def _legend_name(row: int) -> str:
    return "legend" if row == 1 else f"legend{row}"
