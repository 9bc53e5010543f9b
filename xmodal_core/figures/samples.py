"""A look at a data set before anything is computed from it: single samples, and how many of each class."""

from typing import TYPE_CHECKING, Any

import numpy as np

from xmodal_core.data.dataset import SPLITS, LabelledDataset, Modality
from xmodal_core.figures.base import CLASS_COLOURS, TARGET, empty_figure, escape

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_CLASSES_SHOWN = 40
_MAX_COLUMNS = 12
_MAX_TEXT = 200
_THUMBNAIL = 64  # pixels of the longer side
_PATTERNS = {"train": "", "val": "/", "test": "."}
_OPACITY = {"train": 1.0, "val": 0.7, "test": 0.45}


def sample_rows(dataset: LabelledDataset, n: int) -> np.ndarray:
    """At most n row numbers (int64): the first row of every class, then the second of every class, and so on."""
    rank = np.empty(len(dataset), dtype=np.int64)
    for label in range(dataset.n_classes):
        members = np.flatnonzero(dataset.targets == label)
        rank[members] = np.arange(len(members))
    return np.lexsort((dataset.targets, rank))[:n]


def thumbnails(dataset: LabelledDataset, rows: np.ndarray) -> list[np.ndarray]:
    """Images (h, w) or (h, w, 3) uint8, enlarged by whole pixels, on one brightness scale for all rows.

    Other than three channels show the first one.

    Args:
        dataset: of images (n, c, h, w).
        rows: row numbers.
    """
    images = dataset.inputs[rows]  # (r, c, h, w)
    low, high = float(images.min()), float(images.max())
    scaled = (images - low) / (high - low if high > low else 1.0)
    factor = max(1, _THUMBNAIL // max(images.shape[2:]))
    enlarged = np.repeat(np.repeat(np.round(255 * scaled).astype(np.uint8), factor, axis=2), factor, axis=3)
    if images.shape[1] == 3:
        return list(enlarged.transpose(0, 2, 3, 1))  # (r, h, w, 3)
    return list(enlarged[:, 0])  # (r, h, w)


def series_figure(dataset: LabelledDataset, rows: np.ndarray) -> "go.Figure":
    """First channel of series (n, c, t), one line a sample, coloured by class."""
    rate = dataset.sampling_rate_hz
    figure = empty_figure(
        260, xaxis={"title": {"text": "time (s)" if rate else "time step"}}, margin={"l": 40, "r": 10, "t": 10, "b": 40}
    )
    time = np.arange(dataset.inputs.shape[2]) / (rate or 1)
    named: set[int] = set()
    for row in rows:
        label = int(dataset.targets[row])
        figure.add_scatter(
            x=time,
            y=dataset.inputs[row, 0],
            mode="lines",
            name=escape(dataset.class_names[label], 24),
            legendgroup=str(label),
            showlegend=label not in named,
            line={"width": 1.2, "color": CLASS_COLOURS[label % len(CLASS_COLOURS)]},
        )
        named.add(label)
    return figure


def sample_table(dataset: LabelledDataset, rows: np.ndarray) -> dict[str, list[Any]]:
    """Columns of a preview: the class and split of each row, and its values, text or codes."""
    table: dict[str, list[Any]] = {
        "class": [dataset.class_names[label] for label in dataset.targets[rows]],
        "split": dataset.splits[rows].tolist(),
    }
    if dataset.modality is Modality.TEXT:
        return table | {"text": [str(text)[:_MAX_TEXT] for text in dataset.inputs[rows]]}
    flat = dataset.inputs[rows].reshape(len(rows), -1)[:, :_MAX_COLUMNS]  # (r, at most 12)
    return table | {f"{index + 1}": flat[:, index].tolist() for index in range(flat.shape[1])}


def class_counts(dataset: LabelledDataset) -> dict[str, list[Any]]:
    """Columns class, train, val, test, n: largest class first beyond 40 classes, else in their own order."""
    counts = {split: np.bincount(dataset.targets[dataset.rows(split)], minlength=dataset.n_classes) for split in SPLITS}
    total = np.sum(list(counts.values()), axis=0)
    order = np.arange(dataset.n_classes)
    if dataset.n_classes > MAX_CLASSES_SHOWN:
        order = np.argsort(-total, kind="stable")
    return {
        "class": [dataset.class_names[label] for label in order],
        **{split: count[order].tolist() for split, count in counts.items()},
        "n": total[order].tolist(),
    }


def class_counts_figure(dataset: LabelledDataset) -> "go.Figure":
    """Stacked bars: samples of each class in each split; the 40 largest classes where there are more."""
    table = {name: column[:MAX_CLASSES_SHOWN] for name, column in class_counts(dataset).items()}
    ticks = list(range(len(table["class"])))
    figure = empty_figure(
        230,
        barmode="stack",
        bargap=0.25,
        yaxis={"title": {"text": "samples"}},
        margin={"l": 50, "r": 10, "t": 10, "b": 30},
        legend_traceorder="normal",
        xaxis={"tickvals": ticks, "ticktext": [escape(name, 14) for name in table["class"]]},
    )
    for split in SPLITS:
        figure.add_bar(
            x=ticks,
            y=table[split],
            name=split,
            hovertext=[escape(name) for name in table["class"]],
            hovertemplate="%{hovertext}: %{y} " + split + "<extra></extra>",
            marker={"color": TARGET.colour, "opacity": _OPACITY[split], "pattern": {"shape": _PATTERNS[split]}},
        )
    return figure
