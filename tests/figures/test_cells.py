import numpy as np
import pytest

from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.figures.base import CLASS_COLOURS
from xmodal_core.figures.cells import class_map, lanes_figure

CLASSES = (np.arange(8) + np.arange(10)[:, None]) % 4 - 1


def dataset(modality, inputs, **more):
    names = ("helix", "<coil>", "strand")
    return make_dataset("d", modality, inputs, CLASSES, names, task=Task.SEGMENTATION, **more)


def test_a_class_has_its_colour_and_its_name_and_no_class_is_a_gap():
    data = dataset(Modality.SEQUENCE, CLASSES + 1)
    found = class_map(data, data.targets[:1])
    assert np.isnan(found["z"][0, 0])
    assert found["z"][0, 1:4].tolist() == [0, 1, 2]
    assert found["text"][0, :3].tolist() == ["no class", "helix", "&lt;coil&gt;"]
    # the middle of each class's third of the range from -1/2 to 5/2 is the class itself
    bounds = [(end - found["zmin"]) / (found["zmax"] - found["zmin"]) for end in (-0.5, 0.5, 0.5, 1.5, 1.5, 2.5)]
    assert [at for at, _ in found["colorscale"]] == pytest.approx(bounds)
    assert [colour for _, colour in found["colorscale"]][::2] == list(CLASS_COLOURS[:3])


def test_a_map_of_many_cells_brings_no_text():
    data = dataset(Modality.SEQUENCE, CLASSES + 1)
    assert "text" not in class_map(data, np.zeros((101, 100), int))


def test_series_are_drawn_inside_their_lanes_over_time():
    series = np.random.default_rng(0).normal(size=(10, 2, 8))
    series[3, 0] = 7  # a constant has no range
    figure = lanes_figure(dataset(Modality.SERIES, series, sampling_rate_hz=2.0), np.array([3, 5]))
    lanes, *lines = figure.data
    assert list(lanes.x) == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]
    assert [len(line.x) for line in lines] == [8, 8]
    for lane, line in enumerate(lines):
        assert np.abs(np.array(line.y) - lane).max() <= 0.4 + 1e-6
    assert lines[1].y[int(series[5, 0].argmax())] == pytest.approx(1 - 0.4)  # the axis points down
    assert list(figure.layout.yaxis.ticktext) == ["3", "5"]


def test_sequences_are_lanes_alone():
    figure = lanes_figure(dataset(Modality.SEQUENCE, CLASSES + 1), np.array([0, 1, 2]))
    assert len(figure.data) == 1
    assert figure.layout.xaxis.title.text == "place"
