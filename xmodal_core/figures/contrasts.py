"""The verdict as a picture: every paired difference on one axis, beside the band of differences that do not matter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xmodal_core.figures.base import CLASS_COLOURS, NEUTRAL, empty_figure, escape
from xmodal_core.verdict.contrasts import INCONCLUSIVE, LEAST_PAIRS, Contrast, called
from xmodal_core.verdict.words import margin_in_words

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from xmodal_core.verdict.rules import Verdict

QUESTIONS = {  # what a person asks of two roles
    "A - C": "Does pretraining help?",
    "B - A": "Does crossing the gap beat fine-tuning?",
    "B - C": "Does crossing the gap beat scratch?",
    "M - D": "Does it beat a simple model?",
    "M - C": "Does the better one beat scratch?",
    "A - S": "Is it more than the weights' scale?",
}
_LOOKS = {  # by what is read: symbol, colour, and what it says in words
    "better": ("triangle-right", CLASS_COLOURS[0], "yes"),
    "worse": ("triangle-left", CLASS_COLOURS[1], "no, it is worse"),
    "equal": ("square", CLASS_COLOURS[2], "no difference"),
    INCONCLUSIVE: ("circle-open", NEUTRAL, INCONCLUSIVE),
}
_LANE, _EDGES = 58, 84  # pixels
_LONGEST = 24


def shown_contrasts(answer: Verdict) -> list[Contrast]:
    """Each pair of arms once, by the first question that it answers: M is A or B again."""
    pairs: dict[tuple[str, str], Contrast] = {}
    for one in answer.contrasts:
        pairs.setdefault((one.first, one.second), one)
    return list(pairs.values())


def contrasts_figure(contrasts: Sequence[Contrast], margin: float, titles: Mapping[str, str]) -> go.Figure:
    """A lane a contrast: the difference with its 95 % interval; within the grey band it does not matter.

    Args:
        contrasts: at least one, all in one unit.
        margin: half of the band, in the contrasts' unit (0.01 is a point or a percent).
        titles: what arms are called.
    """
    import plotly.graph_objects as go

    limit = 100 * _limit(contrasts, margin)
    n = len(contrasts)
    figure = empty_figure(
        _EDGES + _LANE * n,
        margin={"l": 8, "r": 8, "t": 34, "b": 40},
        showlegend=False,
        xaxis={"range": [-limit, limit], "title": f"difference in test score, {contrasts[0].unit}", "zeroline": True},
        yaxis={"visible": False, "range": [-0.45, n - 0.3], "fixedrange": True},
    )
    figure.add_vrect(-100 * margin, 100 * margin, fillcolor=NEUTRAL, opacity=0.18, line_width=0, layer="below")
    for lane, one in enumerate(reversed(contrasts)):
        symbol, colour, says = _LOOKS[one.reading]
        mean, ends = 100 * one.mean, _ends(one, limit)
        text = f"{_pair(one, titles)}: {mean:+.1f} {one.unit}, {_interval(one)}: {one.reading}"
        half = {"type": "data", "array": [ends[1] - mean], "arrayminus": [mean - ends[0]], "thickness": 3, "width": 6}
        marker = {"symbol": symbol, "color": colour, "size": 14, "line": {"width": 2, "color": colour}}
        figure.add_trace(
            go.Scatter(
                x=[min(max(mean, -limit), limit)],
                y=[lane],
                error_x=half | {"color": colour},
                marker=marker,
                mode="markers",
                hovertext=escape(text, 300),
                hoverinfo="text",
            )
        )
        heading = f"<b>{escape(QUESTIONS.get(one.role, 'Which is better?'))}</b>  {says}, {mean:+.1f}"
        _add_text(figure, 0, "left", lane, heading)
    _add_text(figure, 0, "left", n - 0.42, "◂ worse", yshift=18)
    _add_text(figure, 1, "right", n - 0.42, "better ▸", yshift=18)
    return figure


def contrasts_table(contrasts: Sequence[Contrast], titles: Mapping[str, str]) -> dict[str, list[Any]]:
    """Columns of a table with a row a contrast; differences in hundredths of the yardstick."""
    rows = [
        {
            "question": QUESTIONS.get(one.role, ""),
            "first": called(one.first, titles),
            "second": called(one.second, titles),
            f"difference, {one.unit}": round(100 * one.mean, 2),
            "95 % low": None if one.interval is None else round(100 * one.interval[0], 2),
            "95 % high": None if one.interval is None else round(100 * one.interval[1], 2),
            "seeds": one.n_pairs,
            "reading": one.reading,
        }
        for one in contrasts
    ]
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def contrasts_sentence(answer: Verdict, titles: Mapping[str, str]) -> str:
    """The picture in words and numbers."""
    told = [
        f"{_pair(one, titles)} {100 * one.mean:+.1f} {one.unit}, {_interval(one)}, {one.reading}"
        for one in shown_contrasts(answer)
    ]
    return f"Paired differences; those within {margin_in_words(answer)} do not matter. {'; '.join(told)}."


def _limit(contrasts: Sequence[Contrast], margin: float) -> float:
    """Half of the axis: every mean, and every interval but those of too few seeds, which may be very wide."""
    decide = [one.interval for one in contrasts if one.interval is not None and one.n_pairs >= LEAST_PAIRS]
    ends = [abs(end) for interval in decide for end in interval]
    return 1.12 * max(2.0 * margin, *(abs(one.mean) for one in contrasts), *ends)


def _ends(one: Contrast, limit: float) -> tuple[float, float]:
    """Ends of the bar, which run to the edge where they lie beyond it; the mean itself without an interval."""
    if one.interval is None:
        return 100 * one.mean, 100 * one.mean
    low, high = (100 * end for end in one.interval)
    mean = 100 * one.mean
    return min(mean, max(low, -limit)), max(mean, min(high, limit))


def _pair(one: Contrast, titles: Mapping[str, str]) -> str:
    return f"{called(one.first, titles)} against {called(one.second, titles)}"


def _interval(one: Contrast) -> str:
    if one.interval is None or not all(map(math.isfinite, one.interval)):
        return "one seed, no interval"
    few = "" if one.n_pairs >= LEAST_PAIRS else f" (fewer than {LEAST_PAIRS})"
    low, high = (100 * end for end in one.interval)
    return f"95 % interval {low:+.1f} to {high:+.1f} over {one.n_pairs} seeds{few}"


def _add_text(figure: go.Figure, x: float, side: str, y: float, text: str, yshift: int = 22) -> None:
    figure.add_annotation(
        x=x, xref="paper", y=y, text=text, showarrow=False, xanchor=side, align=side, yshift=yshift, font={"size": 12}
    )
