"""What the curriculum does to one sample: gate scores on its tokens, and the tokens that are exchanged.

Mixing happens on embeddings; these pictures show in the sample's own space where each token comes from.
Plotly is imported inside the functions; nothing here needs torch or Streamlit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from xmodal_core.figures.base import NEUTRAL, SOURCE, TARGET, escape
from xmodal_core.figures.runs import styled

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MAX_CHANNELS = 6  # lines that can still be told apart
_SCALE = "Viridis"


def grid_side(n_tokens: int) -> int | None:
    """Side of the token grid of an image; None when the number of tokens is no square."""
    side = math.isqrt(n_tokens)
    return side if side * side == n_tokens else None


def token_interval(token: int, n_tokens: int, length: int) -> tuple[float, float]:
    """Positions [start, end) of a series that a token covers: patches of equal length, the last one cut off."""
    patch = math.ceil(length / n_tokens)
    return float(token * patch), float(min((token + 1) * patch, length))


def as_rgb(image: np.ndarray, low: float, high: float) -> np.ndarray:
    """An image (c, h, w) in any scale as (h, w, 3) uint8; other than three channels are averaged to grey."""
    unit = np.clip((image - low) / max(high - low, 1e-12), 0, 1)
    rgb = unit if len(unit) == 3 else np.repeat(unit.mean(axis=0, keepdims=True), 3, axis=0)
    return (rgb.transpose(1, 2, 0) * 255).round().astype(np.uint8)  # (h, w, 3)


def image_tokens(
    rgb: np.ndarray,
    scores: np.ndarray,
    marked: np.ndarray,
    *,
    marked_as: str,
    colour: str,
    height: int = 300,
    overlay: float = 0.4,
) -> go.Figure:
    """An image with the gate's score on each cell of its token grid, some tokens outlined.

    Args:
        rgb: (h, w, 3) uint8.
        scores: (l,) gate scores in raster order; l has to be a square number.
        marked: (k,) tokens to outline.
        marked_as: what an outline means, for the legend.
        colour: of the outline.
        height: in pixels.
        overlay: opacity of the scores; 0 shows the bare image.
    """
    import plotly.graph_objects as go

    side = grid_side(len(scores))
    assert side is not None
    h, w = rgb.shape[:2]
    dx, dy = w / side, h / side
    figure = go.Figure(go.Image(z=rgb, hoverinfo="skip"))
    values = scores.reshape(side, side)  # (rows, columns)
    figure.add_trace(
        go.Heatmap(
            z=values,
            x0=-0.5 + dx / 2,
            dx=dx,
            y0=-0.5 + dy / 2,
            dy=dy,
            opacity=overlay,
            colorscale=_SCALE,
            xgap=1,
            ygap=1,
            colorbar={"title": "gate", "thickness": 10, "len": 0.9},
            showscale=overlay > 0,
            hovertemplate="row %{y:.0f}, column %{x:.0f}<br>gate score %{z:.3f}<extra></extra>",
        )
    )
    boxes = [_box(token, side, dx, dy) for token in marked.tolist()]
    edges = [{"color": "white", "width": 4}, {"color": colour, "width": 2}]  # the white one shows on dark pictures
    corners = [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) for box in boxes]
    figure.update_layout(shapes=[{"type": "rect", "line": edge} | corner for corner in corners for edge in edges])
    _legend_square(figure, colour, f"{escape(marked_as)} ({len(boxes)})")
    figure.update_xaxes(visible=False, range=[-0.5, w - 0.5], constrain="domain")
    figure.update_yaxes(visible=False, range=[h - 0.5, -0.5], scaleanchor="x", constrain="domain")
    return styled(figure, height)


def series_tokens(
    series: np.ndarray, scores: np.ndarray, marked: np.ndarray, *, marked_as: str, colour: str, height: int = 300
) -> go.Figure:
    """A series (c, t) over its token intervals, marked ones shaded, the gate's scores as a strip below."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    length, n_tokens = series.shape[1], len(scores)
    figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.8, 0.2], vertical_spacing=0.06)
    for i, channel in enumerate(series[:_MAX_CHANNELS]):
        line = {"color": TARGET.colour if i == 0 else NEUTRAL, "width": 1.6 if i == 0 else 1}
        figure.add_trace(
            go.Scatter(
                x=np.arange(length), y=channel, mode="lines", line=line, name=f"channel {i + 1}", showlegend=False
            ),
            row=1,
            col=1,
        )
    edges = [token_interval(token, n_tokens, length) for token in range(n_tokens)]
    for start, _ in edges[1:]:
        figure.add_vline(x=start - 0.5, line={"color": NEUTRAL, "width": 0.5, "dash": "dot"}, row=1, col=1)
    for token in marked.tolist():
        start, end = edges[token]
        figure.add_vrect(x0=start - 0.5, x1=end - 0.5, fillcolor=colour, opacity=0.25, line_width=0, row=1, col=1)
    centres = [(start + end - 1) / 2 for start, end in edges]
    figure.add_trace(
        go.Heatmap(
            z=[scores],
            x=centres,
            y=["gate"],
            colorscale=_SCALE,
            colorbar={"thickness": 8, "len": 0.35, "y": 0.1},
            hovertemplate="gate score %{z:.3f}<extra></extra>",
        ),
        row=2,
        col=1,
    )
    _legend_square(figure, colour, f"{escape(marked_as)} ({len(marked)})")
    figure.update_xaxes(range=[-0.5, length - 0.5])
    figure.update_xaxes(title="time step", row=2, col=1)
    return styled(figure, height)


def token_bars(
    names: Sequence[str], scores: np.ndarray, marked: np.ndarray, *, marked_as: str, colour: str, height: int = 300
) -> go.Figure:
    """One bar a token with its gate score, for what is neither picture nor line; marked ones coloured and hatched.

    Args:
        names: what each token holds, (l,).
        scores: (l,).
        marked: (k,) tokens.
        marked_as: what the colour means.
        colour: of the marked bars.
        height: in pixels.
    """
    import plotly.graph_objects as go

    chosen = np.isin(np.arange(len(scores)), marked)
    hatch = {"fillmode": "overlay", "fgcolor": "white", "size": 6}
    figure = go.Figure()
    for is_marked, shade, label, shape in ((True, colour, marked_as, "/"), (False, NEUTRAL, "others", "")):
        rows = np.flatnonzero(chosen == is_marked)
        figure.add_trace(
            go.Bar(
                x=[escape(names[i]) for i in rows],
                y=scores[rows],
                name=f"{escape(label)} ({len(rows)})",
                marker={"color": shade, "pattern": hatch | {"shape": shape}},
                hovertemplate="%{x}<br>gate score %{y:.3f}<extra></extra>",
            )
        )
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=[escape(n) for n in names])
    figure.update_yaxes(title="gate score", range=[0, 1])
    return styled(figure, height)


def spread(source_scores: np.ndarray, target_scores: np.ndarray) -> tuple[float, float]:
    """Standard deviation of the gate's scores over the tokens of a sample, averaged over samples (b, l): both sides."""
    return float(source_scores.std(axis=1).mean()), float(target_scores.std(axis=1).mean())


def spread_curve(
    steps: Sequence[int], spreads: Sequence[tuple[float, float]], total: int, height: int = 200
) -> go.Figure:
    """How far the gate tells tokens apart, over the steps, against what it did before it had learnt anything.

    Args:
        steps: with a frame, ascending.
        spreads: of `spread`, one a step.
        total: steps of the stage.
        height: in pixels.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for side, mark in enumerate((SOURCE, TARGET)):
        values, line = [s[side] for s in spreads], {"color": mark.colour, "dash": mark.dash}
        figure.add_trace(go.Scatter(x=list(steps), y=values, mode="lines", name=f"{mark.name} tokens", line=line))
        if values:
            figure.add_hline(y=values[0], line={"color": mark.colour, "width": 1, "dash": "dot"}, opacity=0.7)
    figure.update_xaxes(range=[0, max(total, 1) + 0.5], title="step")
    figure.update_yaxes(rangemode="tozero", title="sd of scores")
    return styled(figure, height)


def _box(token: int, side: int, dx: float, dy: float) -> tuple[float, float, float, float]:
    row, column = divmod(token, side)
    x, y, inset_x, inset_y = column * dx - 0.5, row * dy - 0.5, 0.08 * dx, 0.08 * dy
    return x + inset_x, y + inset_y, x + dx - inset_x, y + dy - inset_y


def _legend_square(figure: go.Figure, colour: str, text: str) -> None:
    import plotly.graph_objects as go

    marker = {"symbol": "square-open", "size": 11, "color": colour, "line": {"width": 2.5, "color": colour}}
    figure.add_trace(go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=text, showlegend=True))


def token_names(modality: str, n_tokens: int, n_features: int) -> list[str]:
    """What to call tokens that are neither cells of a picture nor stretches of a line.

    Args:
        modality: tabular tokens are features, or groups of neighbours; others are numbered.
        n_tokens: l.
        n_features: columns of a tabular data set.
    """
    if modality != "tabular":
        return [f"token {i + 1}" for i in range(n_tokens)]
    group = math.ceil(n_features / n_tokens)
    starts = range(0, n_tokens * group, group)
    return [f"feature {a + 1}" if group == 1 else f"features {a + 1} to {min(a + group, n_features)}" for a in starts]
