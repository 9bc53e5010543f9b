"""How a class answered one question: bars large enough for the last row of a room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import NEUTRAL, empty_figure, escape

if TYPE_CHECKING:
    import plotly.graph_objects as go

_BAR = "#2C7FB8"
_RIGHT = "#009E73"
_LETTERS = 24  # points
_ROW = 86  # pixels
_LONGEST = 44


def votes_figure(answers: Sequence[str], counts: Sequence[int], right: int | None = None) -> go.Figure:
    """A bar an answer, with its number; the right one, once it is revealed, has another colour, a tick and a frame.

    Args:
        answers: as they stand in the question.
        counts: how many chose each.
        right: number of the right one, from 0; None while it is not revealed.
    """
    labels = [escape(f"{'✓ ' if i == right else ''}{answer}", _LONGEST) for i, answer in enumerate(answers)]
    colours = [_RIGHT if i == right else _BAR if right is None else NEUTRAL for i in range(len(answers))]
    figure = empty_figure(_ROW * len(answers) + 20, margin={"l": 10, "r": 60, "t": 10, "b": 10}, showlegend=False)
    figure.add_bar(
        y=list(range(len(answers))),
        x=list(counts),
        orientation="h",
        marker={"color": colours, "line": {"width": [5 if i == right else 0 for i in range(len(answers))]}},
        text=[f"<b>{count}</b>" for count in counts],
        textposition="outside",
        textfont={"size": _LETTERS},
        cliponaxis=False,
        hoverinfo="skip",
        width=0.5,
    )
    for row, label in enumerate(labels):
        figure.add_annotation(
            x=0, y=row - 0.45, text=label, showarrow=False, xanchor="left", yanchor="middle", font={"size": _LETTERS}
        )
    figure.update_xaxes(visible=False, range=[0, max(4, *counts) * 1.1], fixedrange=True)
    figure.update_yaxes(visible=False, range=[len(answers) - 0.5, -0.75], fixedrange=True)
    return figure


def votes_alt(question: str, answers: Sequence[str], counts: Sequence[int], right: int | None = None) -> str:
    """The same in words."""
    said = "; ".join(f"{answer}: {count}" for answer, count in zip(answers, counts, strict=True))
    end = "" if right is None else f" Right is: {answers[right]}."
    return f"{question} {sum(counts)} answers. {said}.{end}"


def votes_table(answers: Sequence[str], counts: Sequence[int], right: int | None = None) -> dict[str, list[Any]]:
    """The same as columns."""
    columns: dict[str, list[Any]] = {"answer": list(answers), "chosen": list(counts)}
    return columns if right is None else columns | {"right": [i == right for i in range(len(answers))]}
