"""Classes of cells in colour: what a map or a lane of classes is drawn with, and samples of one axis as lanes."""

from typing import TYPE_CHECKING, Any

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.targets import IGNORED
from xmodal_core.figures.base import CLASS_COLOURS, empty_figure, escape

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MAX_HOVERED = 10_000  # cells of a map that each bring their text
_MAX_TICKS = 20
_LANE = 0.8  # height of a lane, of 1


def class_map(dataset: LabelledDataset, classes: np.ndarray) -> dict[str, Any]:
    """Arguments of a heat map of classes (h, w): a colour each, names at the colour bar, a gap where there is none."""
    k, known = dataset.n_classes, classes != IGNORED
    colours = [CLASS_COLOURS[c % len(CLASS_COLOURS)] for c in range(k)]
    scale = [[(c + end) / k, colour] for c, colour in enumerate(colours) for end in (0, 1)]
    ticks = list(range(0, k, -(-k // _MAX_TICKS)))
    names = [escape(dataset.class_names[c], 24) for c in ticks]
    hover: dict[str, Any] = {"hoverinfo": "skip"}
    if classes.size <= _MAX_HOVERED:
        every = np.array([*(escape(name) for name in dataset.class_names), "no class"])
        hover = {"text": every[np.where(known, classes, k)], "hovertemplate": "%{text}<extra></extra>"}
    return {
        "z": np.where(known, classes, np.nan),
        "zmin": -0.5,
        "zmax": k - 0.5,
        "colorscale": scale,
        "colorbar": {"tickvals": ticks, "ticktext": names, "thickness": 10},
        **hover,
    }


def lanes_figure(dataset: LabelledDataset, rows: np.ndarray) -> "go.Figure":
    """Samples of one axis, a lane each from the top: the class of every place in colour, a series drawn upon it.

    Args:
        dataset: SERIES or SEQUENCE, SEGMENTATION.
        rows: row numbers (r,).
    """
    rate = dataset.sampling_rate_hz or 1.0
    title = "time (s)" if dataset.sampling_rate_hz else "time step" if dataset.modality is Modality.SERIES else "place"
    figure = empty_figure(
        60 + 26 * len(rows),
        xaxis={"title": {"text": title}},
        yaxis={
            "autorange": "reversed",
            "tickvals": list(range(len(rows))),
            "ticktext": [str(r) for r in rows.tolist()],
        },
        margin={"l": 50, "r": 10, "t": 10, "b": 40},
    )
    figure.update_yaxes(title="row")
    places = np.arange(dataset.cells[0]) / rate
    figure.add_heatmap(x=places, **class_map(dataset, dataset.targets[rows]), ygap=26 * (1 - _LANE), opacity=0.85)
    if dataset.modality is Modality.SERIES:
        for lane, values in enumerate(dataset.inputs[rows, 0]):
            low, high = float(values.min()), float(values.max())
            height = _LANE * (0.5 - (values - low) / (high - low if high > low else 1.0))  # the axis points down
            line = {"color": "black", "width": 1}
            figure.add_scatter(x=places, y=lane + height, mode="lines", line=line, showlegend=False, hoverinfo="skip")
    return figure
