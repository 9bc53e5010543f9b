"""OTDD class by class: how far apart two classes are, and how much mass the optimal coupling moves between them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import SOURCE, TARGET, empty_figure, escape
from xmodal_core.panel.words import number

if TYPE_CHECKING:
    import plotly.graph_objects as go

DISTANCE, COUPLING = "distance", "mass moved"
VIEWS = (DISTANCE, COUPLING)
MAX_CLASSES_SHOWN = 40
_MAX_CLASSES_WRITTEN = 12  # up to here every cell has room for its number
_CHARACTERS_ACROSS = 60
_LOOK_AT = 1.1  # cells before the first, where pictures of the classes stand
_CELL, _SMALLEST, _LARGEST = 20, 420, 640  # pixels
Pair = tuple[int, int]


def class_names(detail: Mapping[str, Any], side: str) -> list[str]:
    """Names of the classes of one side, in the order of the matrix."""
    return list(detail["class_names"][side])


def matrix_figure(
    detail: Mapping[str, Any],
    view: str = DISTANCE,
    pair: Pair | None = None,
    looks: Mapping[str, Mapping[str, str]] | None = None,
) -> "go.Figure":
    """A heat map, source classes down and target classes across; every cell can be clicked.

    Args:
        detail: of an OTDD reading: class_distance and coupling_by_class (K_s, K_t), class_names of both sides.
        view: "distance", the label distance W2; or "mass moved", percent of all mass, with each class's sum.
        pair: source and target class to outline.
        looks: by side, addresses of pictures by class name, drawn before the cells; a class may have none.
    """
    names = {side: class_names(detail, side)[:MAX_CLASSES_SHOWN] for side in ("source", "target")}
    cells = _cells(detail, view)
    sums = _sums(detail) if view == COUPLING else None
    rows, columns = (_ticks(names[side], None if sums is None else sums[side]) for side in ("source", "target"))
    figure = empty_figure(
        min(max(_SMALLEST, _CELL * len(rows) + 110), _LARGEST),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=False,
        hovermode="closest",
        dragmode=False,
        xaxis={"title": {"text": f"{TARGET.glyph} target class"}, "tickangle": 0 if _fit(columns) else -60}
        | _axis(columns),
        yaxis={"title": {"text": f"{SOURCE.glyph} source class"}, "autorange": "reversed"} | _axis(rows),
    )
    written = max(len(rows), len(columns)) <= _MAX_CLASSES_WRITTEN
    figure.add_heatmap(
        z=cells,
        colorscale="Cividis",
        xgap=1,
        ygap=1,
        hoverinfo="skip",
        texttemplate=("%{z:.1f}" if view == COUPLING else "%{z:.3g}") if written else None,
        colorbar={"title": {"text": "% of mass" if view == COUPLING else "W2"}, "thickness": 12},
    )
    _add_targets(figure, names, detail)
    if looks:
        _add_looks(figure, names, looks)
    if pair is not None and pair[0] < len(rows) and pair[1] < len(columns):
        row, column = pair
        box = {"type": "rect", "x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
        figure.add_shape(box, line={"color": TARGET.colour, "width": 3})
    return figure


def clicked_cell(points: list[Mapping[str, Any]]) -> Pair | None:
    """Source and target class of the last cell in a selection; None where nothing is selected."""
    if not points:
        return None
    return round(points[-1]["y"]), round(points[-1]["x"])


def pair_sentence(detail: Mapping[str, Any], pair: Pair) -> str:
    """What is known about two classes, in words and numbers."""
    row, column = pair
    source, target = class_names(detail, "source")[row], class_names(detail, "target")[column]
    moved = detail["coupling_by_class"][row][column]
    sent, received = _sums(detail)["source"][row], _sums(detail)["target"][column]
    shares = ""
    if sent > 0 and received > 0:
        shares = (
            f": {100 * moved / sent:.0f} % of what leaves {source}, "
            f"{100 * moved / received:.0f} % of what reaches {target}"
        )
    return (
        f"{source} to {target}: label distance {number(detail['class_distance'][row][column])}; "
        f"the coupling moves {100 * moved:.3g} % of all mass{shares}."
    )


def matrix_caption(detail: Mapping[str, Any], view: str = DISTANCE) -> str:
    """The cell that stands out, what the figure is, and what is left out of it."""
    rows = matrix_table(detail)
    if view == COUPLING:
        best = max(range(len(rows["mass"])), key=rows["mass"].__getitem__)
        said = (
            f"Most mass moves from {rows['source class'][best]} to {rows['target class'][best]}: "
            f"{100 * rows['mass'][best]:.3g} % of all. Beside each class, its share."
        )
    else:
        best = min(range(len(rows["distance"])), key=rows["distance"].__getitem__)
        said = (
            f"Nearest pair: {rows['source class'][best]} and {rows['target class'][best]}, "
            f"at {number(rows['distance'][best])}."
        )
    if detail.get("n_subsample"):
        said += f" Mass is counted on a subsample of {detail['n_subsample']:,} rows." if view == COUPLING else ""
    if max(len(names) for names in detail["class_names"].values()) > MAX_CLASSES_SHOWN:
        said += f" The figure shows the first {MAX_CLASSES_SHOWN} classes of each side, the table all."
    return said


def matrix_table(detail: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Every cell as columns: source class, target class, label distance, mass."""
    cells = [
        (s, t, detail["class_distance"][i][j], detail["coupling_by_class"][i][j])
        for i, s in enumerate(detail["class_names"]["source"])
        for j, t in enumerate(detail["class_names"]["target"])
    ]
    columns = ("source class", "target class", "distance", "mass")
    return {name: [cell[i] for cell in cells] for i, name in enumerate(columns)}


def _cells(detail: Mapping[str, Any], view: str) -> list[list[float]]:
    values = detail["coupling_by_class" if view == COUPLING else "class_distance"]
    scale = 100 if view == COUPLING else 1
    return [[scale * v for v in row[:MAX_CLASSES_SHOWN]] for row in values[:MAX_CLASSES_SHOWN]]


def _sums(detail: Mapping[str, Any]) -> dict[str, list[float]]:
    mass = detail["coupling_by_class"]
    return {"source": [sum(row) for row in mass], "target": [sum(column) for column in zip(*mass, strict=True)]}


def _add_targets(figure: "go.Figure", names: Mapping[str, list[str]], detail: Mapping[str, Any]) -> None:
    """Invisible marks over the cells: plotly selects marks, not the cells of a heat map."""
    cells = [(i, j) for i in range(len(names["source"])) for j in range(len(names["target"]))]
    figure.add_scatter(
        x=[j for _, j in cells],
        y=[i for i, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": 14, "opacity": 0, "color": TARGET.colour},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        text=[
            f"{SOURCE.glyph} {escape(names['source'][i])} → {TARGET.glyph} {escape(names['target'][j])}"
            f"<br>W2 {number(detail['class_distance'][i][j])}"
            f"<br>{100 * detail['coupling_by_class'][i][j]:.3g} % of mass"
            for i, j in cells
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def _add_looks(figure: "go.Figure", names: Mapping[str, list[str]], looks: Mapping[str, Mapping[str, str]]) -> None:
    """A line of pictures before the first row and the first column; the axes make room for them."""
    places: list[tuple[float, float, str | None]]
    places = [(-_LOOK_AT, i, looks.get("source", {}).get(name)) for i, name in enumerate(names["source"])]
    places += [(j, -_LOOK_AT, looks.get("target", {}).get(name)) for j, name in enumerate(names["target"])]
    for x, y, address in places:
        if address is not None:
            box = {"xref": "x", "yref": "y", "xanchor": "center", "yanchor": "middle", "sizex": 0.9, "sizey": 0.9}
            figure.add_layout_image({"source": address, "x": x, "y": y, "layer": "above"} | box)
    figure.update_xaxes(range=[-_LOOK_AT - 0.55, len(names["target"]) - 0.5], autorange=False)
    figure.update_yaxes(range=[len(names["source"]) - 0.5, -_LOOK_AT - 0.55], autorange=False)


def _ticks(names: list[str], sums: list[float] | None) -> list[str]:
    if sums is None:
        return [escape(name, 16) for name in names]
    return [f"{escape(name, 16)} · {100 * share:.3g} %" for name, share in zip(names, sums, strict=False)]


def _fit(labels: list[str]) -> bool:
    """Whether labels find room side by side."""
    return len(labels) * (max(map(len, labels)) + 1) <= _CHARACTERS_ACROSS


def _axis(labels: list[str]) -> dict[str, object]:
    """Ticks by position: two classes may share a name."""
    return {
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "range": [-0.5, len(labels) - 0.5],
        "tickfont": {"size": 10 if len(labels) > _MAX_CLASSES_WRITTEN else 12},
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
    }
