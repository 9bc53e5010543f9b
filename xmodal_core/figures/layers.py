"""The gap at every layer of a body: one small chart, with what two samples of the source read."""

from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import BETWEEN, SOURCE, TARGET, empty_figure
from xmodal_core.panel.layers import LayerGap, LayersReport
from xmodal_core.panel.words import number

if TYPE_CHECKING:
    import plotly.graph_objects as go

_HEIGHT = 280


def layers_figure(report: LayersReport) -> "go.Figure":
    """MMD with its interval, its floor, and the kNN index, from the embedder to the last block."""
    places = list(range(len(report.layers)))
    figure = empty_figure(
        _HEIGHT,
        margin={"l": 50, "r": 10, "t": 10, "b": 40},
        xaxis={"tickvals": places, "ticktext": [_label(layer) for layer in report.layers], "title": {"text": "layer"}},
        yaxis={"title": {"text": "gap (0 is none)"}, "rangemode": "tozero"},
    )
    errors = [layer.mmd_error for layer in report.layers]
    bars = None if None in errors else {"type": "data", "array": errors, "thickness": 2, "width": 5}
    series = (
        ("gap by MMD", TARGET, [layer.mmd for layer in report.layers], bars),
        ("no gap: two samples of the source", SOURCE, [layer.mmd_floor for layer in report.layers], None),
        ("kNN index", BETWEEN, [layer.knn for layer in report.layers], None),
    )
    for name, mark, values, error in series:
        figure.add_scatter(
            x=places,
            y=values,
            error_y=error,
            mode="lines+markers",
            name=name,
            line={"color": mark.colour, "dash": mark.dash, "width": 2},
            marker={"symbol": mark.symbol, "size": 8, "color": mark.colour},
            hovertemplate=f"{name}, layer %{{x}}: %{{y:.3g}}<extra></extra>",
        )
    return figure


def layers_sentence(report: LayersReport) -> str:
    """Whether the gap shrinks or grows on the way through the network, no more than the intervals support."""
    first, last = report.layers[0], report.layers[-1]
    said = f"MMD {_with_error(first)} on entering, {_with_error(last)} after block {last.name}"
    if first.mmd_error is None or last.mmd_error is None:
        start = "Too few rows to say how the gap changes on the way through the network"
    elif abs(last.mmd - first.mmd) <= first.mmd_error + last.mmd_error:
        start = "On the way through the network the gap does not change beyond its intervals"
    else:
        start = f"On the way through the network the gap {'shrinks' if last.mmd < first.mmd else 'grows'}"
    mixed = f"kNN index {number(first.knn)} and {number(last.knn)}"
    return f"{start}: {said}; {mixed}, where 1 is no neighbour in common. n = {report.n} a side, seed {report.seed}."


def layers_table(report: LayersReport) -> dict[str, list[Any]]:
    """Every layer as columns."""
    names = ("name", "mmd", "mmd_error", "mmd_floor", "knn", "knn_floor", "width")
    return {name: [getattr(layer, name) for layer in report.layers] for name in names}


def _label(layer: LayerGap) -> str:
    return layer.name if layer.name.isdigit() else "in"


def _with_error(layer: LayerGap) -> str:
    return number(layer.mmd) if layer.mmd_error is None else f"{number(layer.mmd)} ± {number(layer.mmd_error)}"
