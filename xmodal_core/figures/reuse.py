"""What a run left of the pretrained knowledge, as figures: accuracies with their anchors, and CKA by layer.

Plotly is imported inside the functions; nothing here needs torch or Streamlit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from xmodal_core.figures.base import NEUTRAL, SOURCE, TARGET
from xmodal_core.figures.runs import styled

if TYPE_CHECKING:
    import plotly.graph_objects as go

_BODIES = {"random": "random weights", "before": "pretrained, before", "after": "after this run"}
_SYMBOLS = {"random": ("x", NEUTRAL), "before": ("circle", SOURCE.colour), "after": ("diamond", TARGET.colour)}
_INPUTS = {"source_inputs": "source inputs", "target_inputs": "target inputs"}


def retention_dots(reading: Mapping[str, Any], height: int = 210) -> go.Figure:
    """Accuracy (kNN) on held-out source rows through random, pretrained and trained body; dotted: chance.

    Args:
        reading: `retention` of a reuse report: random, before, after, chance, all in [0, 1], and
            `after_minus_before_interval`, drawn around `after`.
        height: in pixels.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, label in _BODIES.items():
        symbol, colour = _SYMBOLS[name]
        figure.add_trace(
            go.Scatter(
                x=[reading[name]],
                y=[label],
                mode="markers+text",
                text=[f"{reading[name]:.3f}"],
                textposition="top center",
                marker={"symbol": symbol, "size": 13, "color": colour},
                showlegend=False,
                hoverinfo="x+y",
                error_x=_interval(reading) if name == "after" else None,
            )
        )
    figure.add_vline(x=reading["chance"], line={"color": NEUTRAL, "dash": "dot", "width": 1.5})
    figure.add_annotation(x=reading["chance"], y=1.0, yref="paper", text="chance", showarrow=False, yanchor="bottom")
    figure.update_xaxes(title="kNN accuracy on held-out source rows", range=[0, 1.05])
    figure.update_yaxes(range=[-0.5, len(_BODIES) - 0.2])
    return styled(figure, height)


def layer_curves(report: Mapping[str, Any], what: str, title: str, height: int = 300) -> go.Figure:
    """CKA or drift of each layer with itself before training, on source inputs and on target inputs.

    Args:
        report: a reuse report with `source_inputs` and `target_inputs`.
        what: "cka" or "drift".
        title: of the vertical axis.
        height: in pixels.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    marks = (("circle", SOURCE.colour, "solid"), ("diamond", TARGET.colour, "dash"))
    for (key, label), (symbol, colour, dash) in zip(_INPUTS.items(), marks, strict=True):
        values = report[key][what]
        figure.add_trace(
            go.Scatter(
                x=list(range(1, len(values) + 1)),
                y=values,
                mode="lines+markers",
                name=f"{label} (n = {report[key]['n']})",
                marker={"symbol": symbol, "size": 9},
                line={"color": colour, "dash": dash},
            )
        )
    figure.update_xaxes(title="layer", dtick=1)
    figure.update_yaxes(title=title)
    if what == "cka":
        figure.update_yaxes(range=[min(0.0, *_values(report, what)) - 0.02, 1.05])
        figure.add_hline(y=1.0, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    else:
        figure.update_yaxes(rangemode="tozero")
    return styled(figure, height)


def layer_table(report: Mapping[str, Any]) -> pd.DataFrame:
    """CKA and drift per layer on both kinds of input."""
    columns = {
        f"{what.upper() if what == 'cka' else what}, {label}": report[key][what]
        for what in ("cka", "drift")
        for key, label in _INPUTS.items()
    }
    table = pd.DataFrame(columns)
    table.insert(0, "layer", range(1, len(table) + 1))
    return table


def _interval(reading: Mapping[str, Any]) -> dict[str, Any]:
    """The interval of (after - before), drawn around `after`: where it would lie with `before` held fixed."""
    low, high = reading["after_minus_before_interval"]
    difference = reading["after"] - reading["before"]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(high - difference, 0.0)],
        "arrayminus": [max(difference - low, 0.0)],
        "thickness": 1.5,
    }


def _values(report: Mapping[str, Any], what: str) -> list[float]:
    return [value for key in _INPUTS for value in report[key][what]]
