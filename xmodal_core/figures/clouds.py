"""Both clouds on the fixed linear projection, by domain or by the classes of one side."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import CLASS_COLOURS, NEUTRAL, SOURCE, TARGET, Mark, empty_figure, escape

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLOURINGS = ("domain", "target class", "source class")
MAX_CLASSES_NAMED = 10  # later classes share the colours and go without a legend entry
_SIDES = (SOURCE, TARGET)


def cloud_figure(points: Mapping[str, Any], colouring: str = "domain") -> "go.Figure":
    """Source circles and target diamonds in one plane, equal scales on both axes.

    Args:
        points: of a `GapReport`: "source" and "target", (n, 2) lists, with their "_labels" and "_uid".
        colouring: domain | target class | source class; the other side is grey then.
    """
    figure = empty_figure(
        xaxis={"title": {"text": escape(points["horizontal"])}, "zeroline": False},
        yaxis={"scaleanchor": "x", "scaleratio": 1, "zeroline": False},
        margin={"l": 40, "r": 10, "t": 10, "b": 40},
    )
    for mark in _SIDES:
        by_class = colouring == f"{mark.name} class"
        colour = mark.colour if colouring == "domain" else NEUTRAL
        groups = _by_class(points[f"{mark.name}_labels"]) if by_class else {mark.name: range(len(points[mark.name]))}
        for index, (name, rows) in enumerate(groups.items()):
            shade = CLASS_COLOURS[index % len(CLASS_COLOURS)] if by_class else colour
            _add(figure, points, mark, rows, escape(name, 24), shade, index < MAX_CLASSES_NAMED)
    return figure


def cloud_caption(points: Mapping[str, Any]) -> str:
    """What the axes are and what must not be read from them."""
    x, y = points["explained"]
    return (
        f"Across: {points['horizontal']}, {x:.0%} of the scatter; up: the source's first remaining axis, {y:.0%}. "
        f"Showing {len(points['source'])} source and {len(points['target'])} target points; "
        "distances in 2-D are not the metric."
    )


def _add(
    figure: "go.Figure", points: Mapping[str, Any], mark: Mark, rows: Any, name: str, colour: str, in_legend: bool
) -> None:
    xy, labels, uid = points[mark.name], points[f"{mark.name}_labels"], points[f"{mark.name}_uid"]
    figure.add_scatter(
        x=[xy[row][0] for row in rows],
        y=[xy[row][1] for row in rows],
        mode="markers",
        name=name,
        showlegend=in_legend,
        marker={"symbol": mark.symbol, "color": colour, "size": 7, "opacity": 0.75, "line": {"width": 0}},
        text=[f"{escape(uid[row])}<br>class {escape(labels[row])}" for row in rows],
        hovertemplate=f"{mark.glyph} %{{text}}<extra></extra>",
    )


def _by_class(labels: list[str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {name: [] for name in sorted(set(labels))}
    for row, name in enumerate(labels):
        groups[name].append(row)
    return groups
