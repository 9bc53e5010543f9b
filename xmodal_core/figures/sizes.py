"""Test score against training rows, arm by arm: a figure, the same as a table, and in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import CLASS_COLOURS, empty_figure, escape
from xmodal_core.verdict.export import ComparisonAtSize

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "hexagon")
_DASHES = ("solid", "dash", "dot", "dashdot")
_APART = 1.02  # arms at one size stand side by side by this factor of rows, so that their intervals can be told apart


def sizes_figure(sizes: Sequence[ComparisonAtSize], height: int = 340) -> go.Figure:
    """Mean test score over seeds against training rows (log axis), a line an arm, with 95 % t intervals.

    The axis is that of the means and the single seeds: the interval of two seeds may run off it.

    Args:
        sizes: of a comparison, the most rows first.
        height: in pixels.
    """
    import plotly.graph_objects as go

    metric = sizes[0].table[0].metric
    figure = empty_figure(height, yaxis={"title": escape(metric), "range": _limits(sizes)})
    names = _arms(sizes)
    for i, arm in enumerate(names):
        rows = [(size.n_train, row) for size in sizes[::-1] for row in size.table if row.arm == arm]
        half = [0.0 if row.interval is None else (row.interval[1] - row.interval[0]) / 2 for _, row in rows]
        figure.add_trace(
            go.Scatter(
                x=[n * _APART ** (i - (len(names) - 1) / 2) for n, _ in rows],
                y=[row.mean for _, row in rows],
                error_y={"type": "data", "array": half, "thickness": 1.5, "width": 3},
                mode="lines+markers",
                name=escape(names[arm], 34),
                line={"color": CLASS_COLOURS[i % len(CLASS_COLOURS)], "dash": _DASHES[i % len(_DASHES)], "width": 2},
                marker={"symbol": _SYMBOLS[i % len(_SYMBOLS)], "size": 9},
                hovertext=[f"{escape(row.title)}: {row.mean:.4g} with {n:,} rows" for n, row in rows],
                hoverinfo="text",
            )
        )
    ticks = [size.n_train for size in sizes]
    figure.update_xaxes(
        type="log", title="training rows", tickvals=ticks, ticktext=[f"{n:,}" for n in ticks], minor={"ticks": ""}
    )
    return figure


def sizes_table(sizes: Sequence[ComparisonAtSize]) -> dict[str, list[Any]]:
    """Columns of a table with every arm at every number of training rows, fewest rows first."""
    rows = [
        {
            "training rows": size.n_train,
            "method": row.title,
            row.metric: round(row.mean, 4),
            "95 % low": None if row.interval is None else round(row.interval[0], 4),
            "95 % high": None if row.interval is None else round(row.interval[1], 4),
            "seeds": row.n_seeds,
        }
        for size in sizes[::-1]
        for row in size.table
    ]
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def sizes_sentence(sizes: Sequence[ComparisonAtSize]) -> str:
    """The best arm at every number of training rows, fewest first."""
    told = [f"{size.table[0].title} with {size.n_train:,} rows, {size.table[0].mean:.4f}" for size in sizes[::-1]]
    return f"Highest mean: {'; '.join(told)}."


def _arms(sizes: Sequence[ComparisonAtSize]) -> dict[str, str]:
    """Every arm with its title, in the order of the most rows."""
    found: dict[str, str] = {}
    for size in sizes:
        for row in size.table:
            found.setdefault(row.arm, row.title)
    return found


def _limits(sizes: Sequence[ComparisonAtSize]) -> list[float]:
    values = [v for size in sizes for row in size.table for v in row.values]
    margin = max(0.12 * (max(values) - min(values)), 1e-3 * max(map(abs, values)), 1e-6)
    return [min(values) - margin, max(values) + margin]
