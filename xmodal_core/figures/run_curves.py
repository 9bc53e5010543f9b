"""Validation curves of single runs in one chart: what rows chosen in a table of runs look like while they trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import CLASS_COLOURS, empty_figure, escape
from xmodal_core.scores import ScoreKind

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "hexagon")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_MARKED = 40  # points of a line that still are told apart


@dataclass(frozen=True)
class RunCurve:
    """One run.

    Attributes:
        arm: what shares a colour and a symbol.
        title: what the line is called.
        steps: steps on labels, ascending, at which validation rows were read.
        scores: what they scored.
        test: the score on test rows; None before the end.
    """

    arm: str
    title: str
    steps: tuple[int, ...]
    scores: tuple[float, ...]
    test: float | None = None


def run_curve(arm: str, title: str, records: Sequence[Mapping[str, Any]], test: float | None = None) -> RunCurve:
    """The curve in the step records of a run; the steps of alignment, which read no label, are not counted."""
    on_labels = [record for record in records if record["stage"] != "align"]
    read = [(i, r["metrics"]["validation_score"]) for i, r in enumerate(on_labels, 1) if _is_read(r)]
    return RunCurve(arm, title, tuple(i for i, _ in read), tuple(float(score) for _, score in read), test)


def run_curves_figure(curves: Sequence[RunCurve], kind: ScoreKind, height: int = 320) -> go.Figure:
    """Validation score against steps on labels: a colour and symbol an arm, a dash a run of it."""
    import plotly.graph_objects as go

    figure = empty_figure(height, xaxis={"title": "steps on labels"}, yaxis={"title": f"validation {kind.name}"})
    arms = list(dict.fromkeys(curve.arm for curve in curves))
    drawn: dict[str, int] = {}
    for curve in curves:
        arm, nth = arms.index(curve.arm), drawn.get(curve.arm, 0)
        drawn[curve.arm] = nth + 1
        colour = CLASS_COLOURS[arm % len(CLASS_COLOURS)]
        figure.add_trace(
            go.Scatter(
                x=curve.steps,
                y=curve.scores,
                name=escape(curve.title, 40),
                mode="lines+markers" if len(curve.steps) <= _MARKED else "lines",
                line={"color": colour, "dash": _DASHES[nth % len(_DASHES)], "width": 2},
                marker={"symbol": _SYMBOLS[arm % len(_SYMBOLS)], "size": 7},
                hovertemplate="%{y:.4g} after %{x} steps<extra>%{fullData.name}</extra>",
            )
        )
    figure.update_layout(margin={"l": 50, "r": 10, "t": 10, "b": 40})
    return figure


def run_curves_table(curves: Sequence[RunCurve]) -> dict[str, list[Any]]:
    """Columns of a table with a row a run and reading."""
    rows = [(c.title, step, score) for c in curves for step, score in zip(c.steps, c.scores, strict=True)]
    names = ("run", "steps on labels", "validation score")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def run_curves_sentence(curves: Sequence[RunCurve]) -> str:
    """Where every curve ends."""
    told = []
    for curve in curves:
        ends = "no validation reading" if not curve.scores else f"{curve.scores[-1]:.4f} after {curve.steps[-1]} steps"
        told.append(f"{curve.title}, {ends}" + ("" if curve.test is None else f", test {curve.test:.4f}"))
    return f"Validation score: {'; '.join(told)}."


def _is_read(record: Mapping[str, Any]) -> bool:
    return "validation_score" in record["metrics"]
