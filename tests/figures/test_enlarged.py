import numpy as np
import pytest

from tests.tiny import tiny_dataset, tiny_task
from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.figures.enlarged import enlarged, image_figure, row_figure, sequence_figure, series_figure

TINY = [*map(tiny_dataset, Modality), *map(tiny_task, Task), tiny_task(Task.SEGMENTATION, Modality.SERIES)]


@pytest.mark.parametrize("data", TINY, ids=lambda data: f"{data.modality}-{data.task}")
def test_every_kind_of_sample_can_be_seen_large_or_read(data):
    figure = enlarged(data, 3)
    assert (figure is None) == (data.modality is Modality.TEXT)
    assert figure is None or len(figure.data) >= 1


def test_an_image_keeps_its_values_and_colours_are_on_the_scale_of_the_data_set():
    grey = tiny_dataset(Modality.IMAGE)
    assert np.array_equal(image_figure(grey, 2).data[0].z, grey.inputs[2, 0])
    colours = np.zeros((6, 3, 2, 2))
    colours[0, 0], colours[1] = 0.5, 1.0
    data = make_dataset("d", Modality.IMAGE, colours, np.arange(6) % 2, ["a", "b"])
    assert np.asarray(image_figure(data, 0).data[0].z)[0, 0].tolist() == [128, 0, 0]


def test_a_series_has_all_channels_over_time_and_its_target_dotted():
    data = make_dataset("d", Modality.SERIES, np.arange(48.0).reshape(6, 2, 4), [0, 1] * 3, "ab", sampling_rate_hz=2.0)
    first, second = series_figure(data, 1).data
    assert list(first.x) == [0, 0.5, 1, 1.5]
    assert list(second.y) == [12, 13, 14, 15]
    dense = tiny_task(Task.DENSE, Modality.SERIES)
    assert series_figure(dense, 0).data[-1].line.dash == "dot"


def test_a_sequence_is_read_in_lines_of_thirty():
    codes = np.tile(np.arange(40) % 3, (6, 1))
    data = make_dataset("d", Modality.SEQUENCE, codes, [0, 1] * 3, "ab")
    heat = sequence_figure(data, 0).data[0]
    assert np.asarray(heat.z).shape == (2, 30)
    assert heat.text[1][:3].tolist() == ["0", "1", "2"]
    assert np.isnan(np.asarray(heat.z)[1, 10:]).all()


def test_a_row_stands_in_deviations_around_the_training_rows():
    splits = ["train", "train", "val", "test"]
    values = np.array([[0.0], [2.0], [4.0], [1.0]])
    data = make_dataset("d", Modality.TABULAR, values, [0, 1, 0, 1], "ab", splits=splits)
    assert row_figure(data, 2).data[0].y.tolist() == [3.0]  # mean 1, deviation 1
