"""A look at a data set before anything is computed from it: single samples, and how many of each class."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from xmodal_core.data.dataset import SPLITS, LabelledDataset, Task
from xmodal_core.data.targets import IGNORED, class_cells
from xmodal_core.figures.base import TARGET, empty_figure, escape
from xmodal_core.figures.cells import class_map

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_CLASSES_SHOWN = 40
_BINS = 24  # of the histogram of a target of numbers
_WITH_CLASSES = {Task.CLASSIFICATION: "classes", Task.MULTILABEL: "labels", Task.SEGMENTATION: "classes"}
_PATTERNS = {"train": "", "val": "/", "test": "."}
_OPACITY = {"train": 1.0, "val": 0.7, "test": 0.45}


def sample_rows(dataset: LabelledDataset, n: int) -> np.ndarray:
    """At most n row numbers (int64): the first row of every class, then the second of every class, and so on.

    The tenths of a scalar target stand for classes, and so does the most frequent class of a sample's cells; with
    several outputs or a field, the first rows are shown.
    """
    groups = dataset.strata
    rank = np.empty(len(dataset), dtype=np.int64)
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        rank[members] = np.arange(len(members))
    return np.lexsort((groups, rank))[:n]


def target_text(dataset: LabelledDataset, row: int, longest: int = 60) -> str:
    """What is asked of a sample, in words: its class, labels, numbers, the range of its field or the classes in it."""
    target = dataset.targets[row]
    if dataset.task is Task.CLASSIFICATION:
        text = dataset.class_names[target]
    elif dataset.task is Task.MULTILABEL:
        text = ", ".join(dataset.class_names[label] for label in np.flatnonzero(target)) or "none"
    elif dataset.task is Task.REGRESSION:
        text = ", ".join(f"{value:.4g}" for value in target)
    elif dataset.task is Task.SEGMENTATION:
        cells = class_cells(target[None], dataset.n_classes)[0]
        order = np.argsort(-cells, kind="stable")[: (cells > 0).sum()]
        text = ", ".join(f"{dataset.class_names[c]} {cells[c] / cells.sum():.0%}" for c in order) or "none"
    else:
        text = f"{target.min():.3g} to {target.max():.3g}"
    return text if len(text) <= longest else text[: longest - 1] + "…"


def fields_figure(dataset: LabelledDataset, rows: np.ndarray) -> "go.Figure":
    """First channel of fields or images (n, c, h, w) as heat maps, and what is asked of their cells below them.

    All inputs share one colour scale, and so do all targets; a class has a colour.
    """
    from plotly.subplots import make_subplots

    sides = {"input": dataset.inputs[rows, 0]}
    if dataset.cells:
        sides["target"] = dataset.targets[rows, 0] if dataset.task is Task.DENSE else dataset.targets[rows]
    titles = None if dataset.cells else [escape(target_text(dataset, row, 12)) for row in rows]
    figure = make_subplots(len(sides), len(rows), horizontal_spacing=0.01, vertical_spacing=0.04, subplot_titles=titles)
    for line, (name, values) in enumerate(sides.items(), start=1):
        low, high = float(values.min()), float(values.max())
        bar = {"title": {"text": name}, "len": 0.9 / len(sides), "y": 1 - (line - 0.5) / len(sides), "thickness": 10}
        for column, image in enumerate(values, start=1):
            shown: dict[str, Any] = {
                "z": image,
                "zmin": low,
                "zmax": high,
                "colorscale": "Viridis",
                "showscale": column == 1,
            }
            shown |= {"hovertemplate": f"{name} %{{z:.4g}}<extra>row {rows[column - 1]}</extra>", "colorbar": bar}
            if name == "target" and dataset.task is Task.SEGMENTATION:
                shown = class_map(dataset, image) | {"showscale": column == 1}
                shown["colorbar"] = bar | shown["colorbar"]
            figure.add_heatmap(**shown, row=line, col=column)
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(visible=False, autorange="reversed", scaleanchor="x", constrain="domain")
    figure.update_annotations(font={"size": 11})
    margin = {"l": 10, "r": 10, "t": 10 if dataset.cells else 24, "b": 10}
    return figure.update_layout(height=230 if dataset.cells else 150, margin=margin)


def target_values(dataset: LabelledDataset) -> np.ndarray:
    """One number per row (n,): the first output of a regression, the mean over the cells of a field."""
    values: np.ndarray = dataset.targets.reshape(len(dataset), dataset.targets.shape[1], -1)[:, 0].mean(axis=1)
    return values


def target_counts(dataset: LabelledDataset) -> dict[str, list[Any]]:
    """Columns train, val, test and n by class or label, or by part of the range of a target of numbers."""
    if dataset.task in _WITH_CLASSES:
        return class_counts(dataset)
    values = target_values(dataset)
    edges = np.histogram_bin_edges(values, min(_BINS, max(2, len(values) // 5)))
    counts = {split: np.histogram(values[dataset.rows(split)], edges)[0].tolist() for split in SPLITS}
    names = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges)]
    return {"target": names, **counts, "n": np.sum(list(counts.values()), axis=0).tolist()}


def class_counts(dataset: LabelledDataset) -> dict[str, list[Any]]:
    """Columns class, train, val, test, n: largest class first beyond 40 classes, else in their own order.

    A sample of several labels counts for each of them; where cells have classes, cells are counted.
    """
    counts = {split: _members(dataset, dataset.rows(split)) for split in SPLITS}
    total = np.sum(list(counts.values()), axis=0)
    order = np.arange(dataset.n_classes)
    if dataset.n_classes > MAX_CLASSES_SHOWN:
        order = np.argsort(-total, kind="stable")
    return {
        "class": [dataset.class_names[label] for label in order],
        **{split: count[order].tolist() for split, count in counts.items()},
        "n": total[order].tolist(),
    }


def target_counts_figure(dataset: LabelledDataset) -> "go.Figure":
    """Stacked bars: samples or cells of each class or part of the range, by split; the 40 largest of more classes."""
    table = {name: column[:MAX_CLASSES_SHOWN] for name, column in target_counts(dataset).items()}
    names = next(iter(table.values()))
    ticks = list(range(len(names)))
    every = 1 if dataset.class_names else max(1, len(ticks) // 5)
    figure = empty_figure(
        230,
        barmode="stack",
        bargap=0.25 if dataset.class_names else 0.02,
        yaxis={"title": {"text": _counted(dataset)}},
        margin={"l": 50, "r": 10, "t": 10, "b": 30},
        legend_traceorder="normal",
        xaxis={"tickvals": ticks[::every], "ticktext": [escape(name, 18) for name in names[::every]], "tickangle": 0}
        if every > 1
        else {"tickvals": ticks, "ticktext": [escape(name, 14) for name in names]},
    )
    for split in SPLITS:
        figure.add_bar(
            x=ticks,
            y=table[split],
            name=split,
            hovertext=[escape(name) for name in names],
            hovertemplate="%{hovertext}: %{y} " + split + "<extra></extra>",
            marker={"color": TARGET.colour, "opacity": _OPACITY[split], "pattern": {"shape": _PATTERNS[split]}},
        )
    return figure


def counts_in_words(dataset: LabelledDataset) -> str:
    """What the bars say: the classes and their sizes, or the range and middle of a target of numbers."""
    if dataset.task in _WITH_CLASSES:
        sizes = class_counts(dataset)["n"]
        text = f"{dataset.n_classes} {_WITH_CLASSES[dataset.task]} of {min(sizes)} to {max(sizes)} {_counted(dataset)}"
        return text + _majority(dataset) if dataset.task is Task.SEGMENTATION else text
    values = target_values(dataset)
    what = "mean over a target's cells" if dataset.task is Task.DENSE else "target"
    if dataset.n_outputs > 1:
        what += f", the first of {dataset.n_outputs} outputs"
    return f"{what}: {values.min():.4g} to {values.max():.4g}, median {np.median(values):.4g}"


def _counted(dataset: LabelledDataset) -> str:
    return "cells" if dataset.task is Task.SEGMENTATION else "samples"


def _majority(dataset: LabelledDataset) -> str:
    """What naming every cell alike would score, and how much is not asked for."""
    cells, ignored = dataset.train_cells, float((dataset.targets == IGNORED).mean())
    share = cells.max() / cells.sum()
    text = f"; {share:.1%} of the training cells are {dataset.class_names[cells.argmax()]}"
    return text + (f"; {ignored:.1%} of all cells have no class and are left out" if ignored else "")


def _members(dataset: LabelledDataset, rows: np.ndarray) -> np.ndarray:
    if dataset.task is Task.MULTILABEL:
        return dataset.targets[rows].sum(axis=0).astype(np.int64)
    if dataset.task is Task.SEGMENTATION:
        return class_cells(dataset.targets[rows], dataset.n_classes).sum(axis=0)
    return np.bincount(dataset.targets[rows], minlength=dataset.n_classes)
