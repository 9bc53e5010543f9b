"""Both clouds on the fixed linear projection: by side, by the classes of one side, or by how mixed each place is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import CLASS_COLOURS, NEUTRAL, SOURCE, TARGET, Mark, empty_figure, escape

if TYPE_CHECKING:
    import plotly.graph_objects as go

MIXING = "mixing"
COLOURINGS = ("side", "target class", "source class", MIXING)
MAX_CLASSES_NAMED = 10  # later classes share the colours and go without a legend entry
_SIDES = (SOURCE, TARGET)
_CLEAR, _FADED = 0.75, 0.12


def colourings(points: Mapping[str, Any]) -> tuple[str, ...]:
    """The colourings that these points allow."""
    return tuple(c for c in COLOURINGS if c != MIXING or all(_mixing(points, mark) is not None for mark in _SIDES))


def cloud_figure(
    points: Mapping[str, Any],
    colouring: str = "side",
    source_class: str | None = None,
    target_class: str | None = None,
    height: int = 420,
) -> "go.Figure":
    """Source circles and target diamonds in one plane, equal scales on both axes.

    Args:
        points: of a `GapReport`: "source" and "target", (n, 2) lists, with their "_labels", "_uid" and, for the
            colouring by mixing, "_mixing" in [0, 1].
        colouring: side | target class | source class | mixing; by classes, the other side is grey.
        source_class: the class that stays clear while the rest of the source fades; None fades nothing.
        target_class: the same for the target.
        height: pixels.
    """
    figure = empty_figure(
        height,
        xaxis={"title": {"text": escape(points["horizontal"])}, "zeroline": False},
        yaxis={"scaleanchor": "x", "scaleratio": 1, "zeroline": False},
        margin={"l": 40, "r": 10, "t": 10, "b": 40},
    )
    for mark, chosen in zip(_SIDES, (source_class, target_class), strict=True):
        if chosen is not None:
            _add_chosen(figure, points, mark, chosen)
        elif colouring == MIXING:
            _add_mixing(figure, points, mark)
        elif colouring == f"{mark.name} class":
            for index, (name, rows) in enumerate(_by_class(points[f"{mark.name}_labels"]).items()):
                shade = CLASS_COLOURS[index % len(CLASS_COLOURS)]
                _add(figure, points, mark, rows, escape(name, 24), shade, in_legend=index < MAX_CLASSES_NAMED)
        else:
            colour = NEUTRAL if colouring.endswith("class") else mark.colour
            _add(figure, points, mark, range(len(points[mark.name])), mark.name, colour)
    return figure


def cloud_caption(points: Mapping[str, Any], colouring: str = "side") -> str:
    """What the axes and colours are and what must not be read from them."""
    x, y = points["explained"]
    mixed = (
        " Mixing: 0 where a point's neighbours in full width are all of its own side, 1 where both are equally many."
        if colouring == MIXING
        else ""
    )
    return (
        f"Across: {points['horizontal']}, {x:.0%} of the scatter; up: the source's first remaining axis, {y:.0%}. "
        f"Showing {len(points['source'])} source and {len(points['target'])} target points; "
        f"distances in 2-D are not the metric.{mixed}"
    )


def _add_chosen(figure: "go.Figure", points: Mapping[str, Any], mark: Mark, chosen: str) -> None:
    labels = points[f"{mark.name}_labels"]
    rest = [row for row, name in enumerate(labels) if name != chosen]
    rows = [row for row, name in enumerate(labels) if name == chosen]
    _add(figure, points, mark, rest, f"other {mark.name}", NEUTRAL, opacity=_FADED, in_legend=False)
    _add(figure, points, mark, rows, escape(chosen, 24), mark.colour)


def _add_mixing(figure: "go.Figure", points: Mapping[str, Any], mark: Mark) -> None:
    bar = {"title": {"text": MIXING}, "thickness": 12, "tickvals": [0, 0.5, 1]}
    scale: dict[str, Any] = {
        "colorscale": "Cividis",
        "cmin": 0,
        "cmax": 1,
        "showscale": mark is SOURCE,
        "colorbar": bar,
    }
    outline = {"width": 1, "color": NEUTRAL}  # either end of the scale is close to one theme's background
    shade = _mixing(points, mark)
    _add(figure, points, mark, range(len(points[mark.name])), mark.name, shade, line=outline, **scale)


def _add(
    figure: "go.Figure",
    points: Mapping[str, Any],
    mark: Mark,
    rows: Any,
    name: str,
    colour: Any,
    *,
    in_legend: bool = True,
    opacity: float = _CLEAR,
    **marker: Any,
) -> None:
    xy, labels, uid = points[mark.name], points[f"{mark.name}_labels"], points[f"{mark.name}_uid"]
    mixing = _mixing(points, mark)
    figure.add_scatter(
        x=[xy[row][0] for row in rows],
        y=[xy[row][1] for row in rows],
        mode="markers",
        name=name,
        showlegend=in_legend,
        marker={"symbol": mark.symbol, "color": colour, "size": 7, "opacity": opacity, "line": {"width": 0}} | marker,
        text=[
            f"{escape(uid[row])}<br>class {escape(labels[row])}"
            + ("" if mixing is None else f"<br>mixing {mixing[row]:.2f}")
            for row in rows
        ],
        hovertemplate=f"{mark.glyph} %{{text}}<extra></extra>",
    )


def _mixing(points: Mapping[str, Any], mark: Mark) -> list[float] | None:
    found: list[float] | None = points.get(f"{mark.name}_mixing")
    return found


def _by_class(labels: list[str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {name: [] for name in sorted(set(labels))}
    for row, name in enumerate(labels):
        groups[name].append(row)
    return groups
