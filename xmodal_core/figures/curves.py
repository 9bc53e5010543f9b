"""Test score along an axis of levels, arm by arm: a figure, the same as a table, and in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.arms import ArmMark, arm_marks
from xmodal_core.figures.base import empty_figure, escape
from xmodal_core.verdict.at_level import ComparisonAtLevel, place
from xmodal_core.verdict.axes import ROWS, Axis

if TYPE_CHECKING:
    import plotly.graph_objects as go

_APART = 1.02  # arms at one level stand side by side by this factor, so that their intervals can be told apart


def curves_figure(
    levels: Sequence[ComparisonAtLevel],
    axis: Axis = ROWS,
    marks: Mapping[str, ArmMark] | None = None,
    height: int = 340,
) -> go.Figure:
    """Mean test score over seeds along an axis (logarithmic), a line an arm, with 95 % intervals.

    The vertical axis is that of the means and the single seeds: the interval of two seeds may run off it.

    Args:
        levels: of a comparison, the most rows or steps first, none of them without steps on an axis of steps.
        axis: what they differ in.
        marks: how arms look; as these levels have them when None.
        height: in pixels.
    """
    import plotly.graph_objects as go

    metric = levels[0].table[0].metric
    figure = empty_figure(height, yaxis={"title": escape(metric), "range": _limits(levels)})
    marks = marks or arm_marks(levels)
    arms = [arm for arm in marks if any(row.arm == arm for level in levels for row in level.table)]
    for i, arm in enumerate(arms):
        rows = [(place(level, axis), row) for level in levels[::-1] for row in level.table if row.arm == arm]
        half = [0.0 if row.interval is None else (row.interval[1] - row.interval[0]) / 2 for _, row in rows]
        figure.add_trace(
            go.Scatter(
                x=[at * _APART ** (i - (len(arms) - 1) / 2) for at, _ in rows],
                y=[row.mean for _, row in rows],
                error_y={"type": "data", "array": half, "thickness": 1.5, "width": 3},
                mode="lines+markers",
                name=escape(marks[arm].title, 34),
                line={"color": marks[arm].colour, "dash": marks[arm].dash, "width": 2},
                marker={"symbol": marks[arm].symbol, "size": 9},
                hovertext=[f"{escape(row.title)}: {row.mean:.4g} with {at:,} {axis.short}" for at, row in rows],
                hoverinfo="text",
            )
        )
    ticks = [place(level, axis) for level in levels]
    figure.update_xaxes(
        type="log", title=axis.name, tickvals=ticks, ticktext=[f"{at:,}" for at in ticks], minor={"ticks": ""}
    )
    return figure


def curves_table(levels: Sequence[ComparisonAtLevel], axis: Axis = ROWS) -> dict[str, list[Any]]:
    """Columns of a table with every arm at every level, the smallest first."""
    rows = [
        {
            axis.name: place(level, axis),
            "method": row.title,
            row.metric: round(row.mean, 4),
            "95 % low": None if row.interval is None else round(row.interval[0], 4),
            "95 % high": None if row.interval is None else round(row.interval[1], 4),
            "seeds": row.n_seeds,
        }
        for level in levels[::-1]
        for row in level.table
    ]
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def curves_sentence(levels: Sequence[ComparisonAtLevel], axis: Axis = ROWS) -> str:
    """The best arm at every level, the smallest first."""
    told = [
        f"{level.table[0].title} with {place(level, axis):,} {axis.short}, {level.table[0].mean:.4f}"
        for level in levels[::-1]
    ]
    return f"Highest mean: {'; '.join(told)}."


def _limits(levels: Sequence[ComparisonAtLevel]) -> list[float]:
    values = [v for level in levels for row in level.table for v in row.values]
    margin = max(0.12 * (max(values) - min(values)), 1e-3 * max(map(abs, values)), 1e-6)
    return [min(values) - margin, max(values) + margin]
