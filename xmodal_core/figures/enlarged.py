"""One sample, large: every channel, every value under the pointer, and what is asked of it."""

from typing import TYPE_CHECKING, Any

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.figures.base import CLASS_COLOURS, NEUTRAL, TARGET, empty_figure, escape
from xmodal_core.figures.cells import lanes_figure
from xmodal_core.figures.pictures import code_colours
from xmodal_core.figures.samples import fields_figure
from xmodal_core.figures.wall import letter_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MAX_CHANNELS = 8
_MAX_BARS = 40
_ACROSS = 30  # letters in a line
_HEIGHT = 320


def enlarged(dataset: LabelledDataset, row: int) -> "go.Figure | None":
    """A figure of one sample; None for a text, which is read.

    Args:
        dataset: of any modality and task.
        row: its number.
    """
    if dataset.modality is Modality.TEXT:
        return None
    if len(dataset.cells) == 1 and dataset.task is Task.SEGMENTATION:
        return lanes_figure(dataset, np.array([row])).update_layout(height=170)
    if dataset.modality is Modality.FIELD or len(dataset.cells) == 2:
        height = 460 if dataset.cells else 300
        return fields_figure(dataset, np.array([row])).update_layout(height=height)
    if dataset.modality is Modality.IMAGE:
        return image_figure(dataset, row)
    if dataset.modality is Modality.SERIES:
        return series_figure(dataset, row)
    if dataset.modality is Modality.SEQUENCE:
        return sequence_figure(dataset, row)
    return row_figure(dataset, row)


def image_figure(dataset: LabelledDataset, row: int) -> "go.Figure":
    """An image (c, h, w) in its own pixels: colours where it has three channels, else its first channel in grey."""
    image = dataset.inputs[row]
    sampled = dataset.inputs[:: max(1, len(dataset) // 512)]
    low, high = float(sampled.min()), float(sampled.max())
    figure = empty_figure(_HEIGHT, margin={"l": 10, "r": 10, "t": 10, "b": 10})
    if len(image) == 3:
        unit = np.clip((image - low) / (high - low if high > low else 1.0), 0, 1)
        figure.add_image(z=(255 * unit.transpose(1, 2, 0)).round().astype(np.uint8))
    else:
        bar = {"thickness": 10, "title": {"text": "value"}}
        tip = "row %{y}, column %{x}<br>value %{z:.4g}<extra></extra>"
        figure.add_heatmap(z=image[0], zmin=low, zmax=high, colorscale="Gray", colorbar=bar, hovertemplate=tip)
    figure.update_xaxes(visible=False, constrain="domain")
    return figure.update_yaxes(visible=False, autorange="reversed", scaleanchor="x", constrain="domain")


def series_figure(dataset: LabelledDataset, row: int) -> "go.Figure":
    """Channels of a series (c, t) over time, eight at most; a target on its time steps is dotted."""
    rate = dataset.sampling_rate_hz
    figure = empty_figure(
        _HEIGHT, xaxis={"title": {"text": "time (s)" if rate else "time step"}}, margin={"l": 40, "r": 10, "b": 40}
    )
    time = np.arange(dataset.inputs.shape[2]) / (rate or 1)
    channels = dataset.inputs[row, :_MAX_CHANNELS]
    for i, values in enumerate(channels):
        line = {"width": 1.5, "color": CLASS_COLOURS[i]}
        name = f"channel {i + 1}"
        figure.add_scatter(x=time, y=values, mode="lines", name=name, line=line, showlegend=len(channels) > 1)
    if dataset.task is Task.DENSE:
        dotted = {"width": 2, "color": NEUTRAL, "dash": "dot"}
        figure.add_scatter(x=time, y=dataset.targets[row, 0], mode="lines", name="target", line=dotted, showlegend=True)
    return figure


def sequence_figure(dataset: LabelledDataset, row: int) -> "go.Figure":
    """A sequence of codes (l,) in reading order, thirty a line: a colour and a letter each."""
    codes = dataset.inputs[row]
    known = dataset.understanding.letters if dataset.understanding is not None else None
    lines = -(-len(codes) // _ACROSS)
    across = min(len(codes), _ACROSS)
    colours = code_colours()[:-1]
    k = len(colours)
    z, text = np.full(lines * across, np.nan), np.full(lines * across, "", dtype=object)
    z[: len(codes)] = codes % k
    text[: len(codes)] = [escape(letter_of(known, code)) for code in codes.tolist()]
    scale = [[(c + end) / k, "#" + bytes(colours[c]).hex()] for c in range(k) for end in (0, 1)]
    figure = empty_figure(40 + 26 * lines, margin={"l": 40, "r": 10, "t": 10, "b": 10})
    shown: dict[str, Any] = {"zmin": -0.5, "zmax": k - 0.5, "colorscale": scale, "showscale": False}
    shown |= {"xgap": 1, "ygap": 1, "texttemplate": "%{text}", "hovertemplate": "%{text}<extra></extra>"}
    figure.add_heatmap(z=z.reshape(lines, across), text=text.reshape(lines, across), **shown)
    places = list(range(lines))
    figure.update_xaxes(visible=False)
    return figure.update_yaxes(
        autorange="reversed", tickvals=places, ticktext=[str(1 + _ACROSS * p) for p in places], showgrid=False
    )


def row_figure(dataset: LabelledDataset, row: int) -> "go.Figure":
    """Numbers of one row of a table, in standard deviations around the mean of the training rows; forty at most."""
    inputs = dataset.inputs[dataset.rows("train")]
    spread = inputs.std(axis=0)
    heights = ((dataset.inputs[row] - inputs.mean(axis=0)) / np.where(spread > 0, spread, 1))[:_MAX_BARS]
    names = dataset.feature_names or [f"feature {i + 1}" for i in range(len(heights))]
    labels = [escape(name, 24) for name in names[: len(heights)]]
    figure = empty_figure(_HEIGHT, margin={"l": 50, "r": 10, "t": 10, "b": 60})
    values = [f"{value:.4g}" for value in dataset.inputs[row, : len(heights)].tolist()]
    figure.add_bar(
        x=list(range(len(labels))),
        y=heights,
        customdata=values,
        hovertext=labels,
        hovertemplate="%{hovertext}: %{customdata}<extra></extra>",
        marker={"color": TARGET.colour},
    )
    figure.update_xaxes(tickvals=list(range(len(labels))), ticktext=labels)
    return figure.update_yaxes(title="standard deviations from the mean")
