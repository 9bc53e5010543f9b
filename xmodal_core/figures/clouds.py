"""Both clouds in one plane: by side, by the classes of one side, or by how mixed each place is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import CLASS_COLOURS, NEUTRAL, SOURCE, TARGET, Mark, empty_figure, escape
from xmodal_core.panel.points import CLASS_PLANE, CloudPoints, Points

if TYPE_CHECKING:
    import plotly.graph_objects as go

MIXING = "mixing"
COLOURINGS = ("side", "target class", "source class", MIXING)
MAX_CLASSES_NAMED = 10  # later classes share the colours and go without a legend entry
UMAP_LIMITS = (
    "UMAP keeps near neighbours together. Distances between clusters, densities and the sizes of clusters are not "
    "preserved; the map is fitted on these points, and another seed gives another picture. No reading uses it."
)
CLASS_PLANE_LIMITS = (
    "This plane was chosen with the target's labels so that its classes part as far as they can: it shows whether they "
    "can be told apart, not how far the sides are from each other. Only target rows that did not choose it are drawn."
)
_CLEAR, _FADED = 0.75, 0.12


def colourings(points: Points) -> tuple[str, ...]:
    """The colourings that these points allow."""
    mixed = points.source.mixing is not None and points.target.mixing is not None
    return tuple(c for c in COLOURINGS if c != MIXING or mixed)


def cloud_figure(
    points: Points,
    colouring: str = "side",
    source_class: str | None = None,
    target_class: str | None = None,
    height: int = 420,
) -> "go.Figure":
    """Source circles and target diamonds in one plane, equal scales on both axes.

    Args:
        points: of a `GapReport`, or its UMAP picture; with their mixing, for the colouring by it.
        colouring: side | target class | source class | mixing; by classes, the other side is grey.
        source_class: the class that stays clear while the rest of the source fades; None fades nothing.
        target_class: the same for the target.
        height: pixels.
    """
    linear = points.explained is not None  # else lengths have no unit, and there is nothing to read off
    axes = {"zeroline": False, "showticklabels": linear, "showgrid": linear}
    figure = empty_figure(
        height,
        xaxis={"title": {"text": escape(points.horizontal)}} | axes,
        yaxis={"scaleanchor": "x", "scaleratio": 1} | axes,
        margin={"l": 40, "r": 10, "t": 10, "b": 40},
    )
    sides = ((SOURCE, points.source, source_class), (TARGET, points.target, target_class))
    for mark, side, chosen in sides:
        if chosen is not None:
            _add_chosen(figure, side, mark, chosen)
        elif colouring == MIXING:
            _add_mixing(figure, side, mark)
        elif colouring == f"{mark.name} class":
            for index, (name, rows) in enumerate(_by_class(side.labels).items()):
                shade = CLASS_COLOURS[index % len(CLASS_COLOURS)]
                _add(figure, side, mark, rows, escape(name, 24), shade, in_legend=index < MAX_CLASSES_NAMED)
        else:
            colour = NEUTRAL if colouring.endswith("class") else mark.colour
            _add(figure, side, mark, range(len(side.xy)), mark.name, colour)
    return figure


def cloud_caption(points: Points, colouring: str = "side") -> str:
    """What the axes and colours are and what must not be read from them."""
    mixed = (
        " Mixing: 0 where a point's neighbours in full width are all of its own side, 1 where both are equally many."
        if colouring == MIXING
        else ""
    )
    shown = f"Showing {len(points.source.xy)} source and {len(points.target.xy)} target points"
    if points.explained is None:
        limits = CLASS_PLANE_LIMITS if points.horizontal == CLASS_PLANE else UMAP_LIMITS
        return f"{limits} {shown}.{mixed}"
    x, y = points.explained
    return (
        f"Across: {points.horizontal}, {x:.0%} of the scatter; up: the source's first remaining axis, {y:.0%}. "
        f"{shown}; distances in 2-D are not the metric.{mixed}"
    )


def _add_chosen(figure: "go.Figure", side: CloudPoints, mark: Mark, chosen: str) -> None:
    rest = [row for row, name in enumerate(side.labels) if name != chosen]
    rows = [row for row, name in enumerate(side.labels) if name == chosen]
    _add(figure, side, mark, rest, f"other {mark.name}", NEUTRAL, opacity=_FADED, in_legend=False)
    _add(figure, side, mark, rows, escape(chosen, 24), mark.colour)


def _add_mixing(figure: "go.Figure", side: CloudPoints, mark: Mark) -> None:
    bar = {"title": {"text": MIXING}, "thickness": 12, "tickvals": [0, 0.5, 1]}
    scale: Any = {
        "colorscale": "Cividis",
        "cmin": 0,
        "cmax": 1,
        "showscale": mark is SOURCE,
        "colorbar": bar,
    }
    outline = {"width": 1, "color": NEUTRAL}  # either end of the scale is close to one theme's background
    _add(figure, side, mark, range(len(side.xy)), mark.name, side.mixing, line=outline, **scale)


def _add(
    figure: "go.Figure",
    side: CloudPoints,
    mark: Mark,
    rows: Sequence[int],
    name: str,
    colour: Any,
    *,
    in_legend: bool = True,
    opacity: float = _CLEAR,
    **marker: Any,
) -> None:
    figure.add_scatter(
        x=[side.xy[row][0] for row in rows],
        y=[side.xy[row][1] for row in rows],
        mode="markers",
        name=name,
        showlegend=in_legend,
        marker={"symbol": mark.symbol, "color": colour, "size": 7, "opacity": opacity, "line": {"width": 0}} | marker,
        text=[
            f"{escape(side.uid[row])}<br>class {escape(side.labels[row])}"
            + ("" if side.mixing is None else f"<br>mixing {side.mixing[row]:.2f}")
            for row in rows
        ],
        hovertemplate=f"{mark.glyph} %{{text}}<extra></extra>",
    )


def _by_class(labels: list[str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {name: [] for name in sorted(set(labels))}
    for row, name in enumerate(labels):
        groups[name].append(row)
    return groups
