"""Columns of a table as histograms, with what was missing in them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.missing import MISSING_CATEGORY
from xmodal_core.data.understanding import IS_MISSING
from xmodal_core.figures.base import NEUTRAL, TARGET, empty_figure, escape

if TYPE_CHECKING:
    import plotly.graph_objects as go

AT_ONCE = 16  # columns in a figure
_BINS = 16
_MOST_CATEGORIES = 12
_ACROSS = 4


@dataclass(frozen=True)
class Column:
    """How the values of one column are distributed.

    Attributes:
        name: of the column.
        labels: of the bars: categories, or where a bin begins.
        counts: rows in each.
        missing: rows without a value, in none of the bars.
        span: least and greatest value of a number; None for categories.
    """

    name: str
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    missing: int
    span: tuple[float, float] | None


def columns(dataset: LabelledDataset) -> list[Column]:
    """Every column of a table over all its rows; a value that was filled in counts as missing.

    What says that a value is missing is no column here.
    """
    names = dataset.feature_names or tuple(f"feature {i + 1}" for i in range(dataset.inputs.shape[1]))
    place = {name: i for i, name in enumerate(names)}
    understood = dataset.understanding.features if dataset.understanding is not None else ()
    found = []
    for i, name in enumerate(names):
        kind = understood[i].kind if i < len(understood) else ""
        if kind == "indicator":
            continue
        mark = place.get(name + IS_MISSING)
        gone = dataset.inputs[:, mark] > 0.5 if mark is not None else np.zeros(len(dataset), bool)
        count = dataset.category_counts[i] if dataset.category_counts else 0
        words = understood[i].categories if i < len(understood) else ()
        found.append(
            _of_categories(name, dataset.inputs[:, i], count, words) if count else _of_numbers(name, dataset, i, gone)
        )
    return found


def _of_numbers(name: str, dataset: LabelledDataset, index: int, gone: np.ndarray) -> Column:
    values = dataset.inputs[~gone, index].astype(float)
    if not len(values):
        return Column(name, (), (), int(gone.sum()), None)
    counts, edges = np.histogram(values, _BINS)
    span = (float(values.min()), float(values.max()))
    return Column(name, tuple(f"{e:.4g}" for e in edges[:-1]), tuple(counts.tolist()), int(gone.sum()), span)


def _of_categories(name: str, codes: np.ndarray, count: int, words: tuple[str, ...]) -> Column:
    counts = np.bincount(codes.astype(np.int64), minlength=count)
    told = [words[c] if c < len(words) else str(c) for c in range(count)]
    gone = sum(int(n) for word, n in zip(told, counts, strict=True) if word == MISSING_CATEGORY)
    have = [c for c in range(count) if told[c] != MISSING_CATEGORY]
    order = sorted(have, key=lambda c: -int(counts[c]))[:_MOST_CATEGORIES] if len(have) > _MOST_CATEGORIES else have
    return Column(name, tuple(told[c] for c in order), tuple(int(counts[c]) for c in order), gone, None)


def columns_figure(shown: list[Column], n: int) -> "go.Figure":
    """Histograms side by side, each with a grey bar of the rows that have no value.

    Args:
        shown: some columns.
        n: rows of the table.
    """
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    lines = -(-len(shown) // _ACROSS)
    titles = [_title(column, n) for column in shown]
    figure = make_subplots(
        lines, _ACROSS, subplot_titles=titles, horizontal_spacing=0.05, vertical_spacing=min(0.3, 0.42 / lines)
    )
    for i, column in enumerate(shown):
        at = {"row": i // _ACROSS + 1, "col": i % _ACROSS + 1}
        x = list(range(len(column.counts)))
        tip = [escape(f"{label}: {count:,} rows") for label, count in zip(column.labels, column.counts, strict=True)]
        bar = {"hovertext": tip, "hoverinfo": "text", "showlegend": False, "marker": {"color": TARGET.colour}}
        figure.add_trace(go.Bar(x=x, y=list(column.counts), **bar), **at)
        if column.missing:
            marker = {"color": NEUTRAL, "pattern": {"shape": "/"}}
            tip = [f"{column.missing:,} rows without a value"]
            bar = {"hovertext": tip, "hoverinfo": "text", "showlegend": False, "marker": marker}
            figure.add_trace(go.Bar(x=[len(x) + 0.5], y=[column.missing], **bar), **at)
        figure.update_xaxes(**_ticks(column), **at)
    figure.update_yaxes(showticklabels=False, rangemode="tozero")
    figure.update_annotations(font={"size": 12})
    frame = empty_figure(max(170, 135 * lines), margin={"l": 10, "r": 10, "t": 30, "b": 30}, bargap=0.08).layout
    return figure.update_layout(frame)


def in_words(shown: list[Column], n: int) -> str:
    """What the histograms say, for whoever cannot see them."""
    parts = [
        f"{c.name}{f' from {c.span[0]:.4g} to {c.span[1]:.4g}' if c.span else f', {len(c.labels)} categories'}"
        + (f", {c.missing:,} of {n:,} missing" if c.missing else "")
        for c in shown
    ]
    return f"Histograms of {len(shown)} columns over {n:,} rows: {'; '.join(parts)}."


def table(shown: list[Column]) -> dict[str, list[object]]:
    """The numbers of the figure: a line a bar."""
    told: dict[str, list[object]] = {"column": [], "value": [], "rows": []}
    for column in shown:
        bars = [
            *zip(column.labels, column.counts, strict=True),
            *([("missing", column.missing)] * (column.missing > 0)),
        ]
        for label, count in bars:
            told["column"].append(column.name)
            told["value"].append(f"from {label}" if column.span and label != "missing" else label)
            told["rows"].append(count)
    return told


def _title(column: Column, n: int) -> str:
    return escape(column.name, 22) + (f" · {column.missing / n:.0%} missing" if column.missing else "")


def _ticks(column: Column) -> dict[str, object]:
    if column.span:
        ends = [f"{value:.4g}" for value in column.span]
        return {"tickvals": [-0.5, len(column.counts) - 0.5], "ticktext": ends, "tickangle": 0}
    every = max(1, -(-len(column.labels) // 4))
    places = list(range(0, len(column.labels), every))
    return {"tickvals": places, "ticktext": [escape(column.labels[i], 8) for i in places], "tickangle": 0}
