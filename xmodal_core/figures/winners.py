"""Who wins where: the answer at every level as a map of training rows and steps; the same as a table and in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.arms import ArmMark, arm_marks
from xmodal_core.figures.base import NEUTRAL, empty_figure, escape
from xmodal_core.verdict.at_level import ComparisonAtLevel, place
from xmodal_core.verdict.axes import ROWS, STEPS, Axis
from xmodal_core.verdict.rules import leading_arm

if TYPE_CHECKING:
    import plotly.graph_objects as go

_NOTHING = "not compared"
_OPEN = "inconclusive"
_INK = "#1A1A1A"  # on a tint, in a dark theme as in a light one
_TINT = 0.4  # of a colour, the rest is white
_STRIP, _ROW = 150, 70  # pixels
_LONGEST = 16


def winners_figure(levels: Sequence[ComparisonAtLevel], marks: Mapping[str, ArmMark] | None = None) -> go.Figure:
    """A cell a level: the short answer and the highest mean in words, the arm that the answer names in colour.

    Steps lie on the horizontal axis and training rows on the vertical one, both logarithmic; with one of the two, a
    strip. Grey is a level whose answer is inconclusive, or at which nothing is compared; empty is what was not run.

    Args:
        levels: of a comparison, in any order, none of them without steps where they have budgets.
        marks: how arms look; as these levels have them when None.
    """
    import plotly.graph_objects as go

    marks, across, up = marks or arm_marks(levels), *_axes(levels)
    columns = sorted({place(level, across) for level in levels})
    lines = sorted({place(level, up) for level in levels}) if up else [1]
    leaders = [leading_arm(level.verdict) for level in levels]
    named = list(dict.fromkeys(leaders))
    cells: list[list[float | None]] = [[None] * len(columns) for _ in lines]
    for level, leader in zip(levels, leaders, strict=True):
        cells[lines.index(place(level, up)) if up else 0][columns.index(place(level, across))] = named.index(leader)
    colours = [NEUTRAL if arm is None else marks[arm].colour for arm in named]
    steps = [[(i + end) / len(named), _tint(colour)] for i, colour in enumerate(colours) for end in (0, 1)]
    height = _STRIP if up is None else 90 + _ROW * len(lines)
    figure = empty_figure(height)
    figure.add_heatmap(
        x=_edges(columns),
        y=_edges(lines),
        z=cells,
        zmin=-0.5,
        zmax=len(named) - 0.5,
        colorscale=steps,
        showscale=False,
        hoverinfo="skip",
        xgap=2,
        ygap=2,
    )
    figure.add_trace(
        go.Scatter(
            x=[place(level, across) for level in levels],
            y=[place(level, up) if up else 1 for level in levels],
            mode="text",
            text=[f"<b>{_short(level)}</b><br>{_best(level)}" for level in levels],
            textfont={"color": _INK, "size": 12},
            hovertext=[escape(f"{_where(level, levels)}: {_answer(level)}", 200) for level in levels],
            hoverinfo="text",
            showlegend=False,
        )
    )
    for arm, colour in zip(named, colours, strict=True):
        name = f"{_OPEN} or {_NOTHING}" if arm is None else escape(marks[arm].title, 34)
        mark = {"color": _tint(colour), "symbol": "square" if arm is None else marks[arm].symbol, "size": 11}
        mark["line"] = {"color": _INK, "width": 1}
        figure.add_trace(go.Scatter(x=[None], y=[None], mode="markers", name=name, marker=mark))
    figure.update_xaxes(**_log(across, columns), showgrid=False)
    figure.update_yaxes(**(_log(up, lines) if up else {"type": "log", "visible": False}), showgrid=False)
    return figure


def winners_table(levels: Sequence[ComparisonAtLevel]) -> dict[str, list[Any]]:
    """Columns of a table with a row a level: where it is, its answer, its best arm and the mean of that."""
    rows = [
        {
            **{axis.name: place(level, axis) for axis in (ROWS, STEPS) if axis is ROWS or level.steps is not None},
            "answer": _answer(level),
            "highest mean": level.table[0].title,
            level.table[0].metric: round(level.table[0].mean, 4),
            "seeds": level.table[0].n_seeds,
        }
        for level in levels
    ]
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def winners_sentence(levels: Sequence[ComparisonAtLevel]) -> str:
    """The answer at every level, the smallest first."""
    told = [f"{_where(level, levels)}, {_answer(level)}" for level in levels[::-1]]
    return f"The answer by level: {'; '.join(told)}."


def _axes(levels: Sequence[ComparisonAtLevel]) -> tuple[Axis, Axis | None]:
    """What lies across, and what up; None where there is one of the two."""
    if levels[0].steps is None:
        return ROWS, None
    return STEPS, ROWS if len({level.n_train for level in levels}) > 1 else None


def _where(level: ComparisonAtLevel, among: Sequence[ComparisonAtLevel]) -> str:
    axes = [axis for axis in _axes(among)[::-1] if axis is not None]
    return "with " + " and ".join(f"{place(level, axis):,} {axis.name}" for axis in axes)


def _answer(level: ComparisonAtLevel) -> str:
    return level.verdict.answer if level.verdict.contrasts else _NOTHING


def _short(level: ComparisonAtLevel) -> str:
    """The answer in a word or two: the arm that it names."""
    arm = leading_arm(level.verdict)
    if arm is None:
        return _OPEN if level.verdict.contrasts else _NOTHING
    return escape(level.titles.get(arm, arm), _LONGEST)


def _best(level: ComparisonAtLevel) -> str:
    row = level.table[0]
    return f"{row.mean:.3f} {escape(row.called, _LONGEST)}"


def _edges(places: Sequence[int]) -> list[float]:
    """Edges of cells around places, half way between them in the logarithm."""
    logs = [math.log(at) for at in places]
    if len(logs) == 1:
        return [places[0] / 2, places[0] * 2]
    between = [(a + b) / 2 for a, b in pairwise(logs)]
    ends = [2 * logs[0] - between[0], *between, 2 * logs[-1] - between[-1]]
    return [math.exp(end) for end in ends]


def _log(axis: Axis, places: Sequence[int]) -> dict[str, Any]:
    ticks = {"tickvals": list(places), "ticktext": [f"{at:,}" for at in places], "minor": {"ticks": ""}}
    return {"type": "log", "title": axis.name, **ticks}


def _tint(colour: str) -> str:
    """A colour mixed with white, so that dark letters can be read on it."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(_TINT * part + 255 * (1 - _TINT)):02X}" for part in parts)
