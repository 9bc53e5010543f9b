"""A reading against the number of rows, with its floor: how much of it is finite-sample bias."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import SOURCE, TARGET, Mark, empty_figure
from xmodal_core.gap.against_n import CurvePoint
from xmodal_core.gap.base import GapReading
from xmodal_core.panel.words import number, title

if TYPE_CHECKING:
    import plotly.graph_objects as go

_HEIGHT = 320
_BEYOND_SCATTER = 2.0  # standard deviations of the draws below which two values do not differ


def curve_figure(points: Sequence[CurvePoint], reading: GapReading | None = None) -> "go.Figure":
    """Value with its standard deviation over draws, and floor, against rows a side on a logarithmic axis.

    Args:
        points: of `GapReport.curves`, ascending in n.
        reading: the reading itself, drawn hollow at its own n.
    """
    sizes = sorted({point.n for point in points} | ({reading.n} if reading is not None else set()))
    figure = empty_figure(
        _HEIGHT,
        margin={"l": 50, "r": 10, "t": 10, "b": 40},
        xaxis={
            "type": "log",
            "title": {"text": "rows a side, n"},
            "tickvals": sizes,
            "ticktext": [f"{n:,}" for n in sizes],
        },
    )
    scatter = [point.sd for point in points]
    _add_line(figure, TARGET, "value", [point.n for point in points], [point.value for point in points], scatter)
    floors = [(point.n, point.floor) for point in points if point.floor is not None]
    if floors:
        _add_line(figure, SOURCE, "floor", [n for n, _ in floors], [floor for _, floor in floors])
    if reading is not None:
        for mark, value in ((TARGET, reading.value), (SOURCE, reading.floor)):
            if value is not None:
                figure.add_scatter(
                    x=[reading.n],
                    y=[value],
                    mode="markers",
                    showlegend=False,
                    marker={"symbol": f"{mark.symbol}-open", "size": 10, "color": mark.colour, "line": {"width": 2}},
                    hovertemplate=f"the reading at n = {reading.n}: {number(value)}<extra></extra>",
                )
    return figure


def curve_sentence(name: str, points: Sequence[CurvePoint]) -> str:
    """How value and floor move with n, and what follows; no more than the draws support."""
    first, last = points[0], points[-1]
    if len(points) < 2:
        return f"{title(name)} was drawn at one size only, n = {first.n}, which shows no trend."
    change = last.value - first.value
    moved = abs(change) > _BEYOND_SCATTER * (first.sd**2 + last.sd**2) ** 0.5
    verb = ("falls" if change < 0 else "rises") if moved else "does not move beyond the scatter of the draws"
    said = f"From n = {first.n} to n = {last.n} {title(name)} {verb}"
    said += f", {number(first.value)} to {number(last.value)}"
    floors = [point for point in points if point.floor is not None]
    if floors:
        said += "; its floor, where there is no gap, goes from " + " to ".join(
            f"{number(point.floor)} at n = {point.n}" for point in (floors[0], floors[-1])
        )
    return f"{said}: what moves with n is finite-sample bias, so compare values at equal n only."


def curve_table(points: Sequence[CurvePoint]) -> dict[str, list[Any]]:
    """The curve as columns."""
    return {key: [getattr(point, key) for point in points] for key in ("n", "value", "sd", "floor")}


def _add_line(
    figure: "go.Figure",
    mark: Mark,
    name: str,
    sizes: list[int],
    values: list[float],
    sd: list[float] | None = None,
) -> None:
    figure.add_scatter(
        x=sizes,
        y=values,
        error_y=None if sd is None else {"type": "data", "array": sd, "thickness": 1.5, "width": 5},
        mode="lines+markers",
        name=name,
        line={"color": mark.colour, "dash": "solid" if mark is TARGET else "dash", "width": 2},
        marker={"symbol": mark.symbol, "size": 7},
        hovertemplate=f"{name} at n = %{{x}}: %{{y:.4g}}<extra></extra>",
    )
