import numpy as np

from xmodal_core.data.dataset import Modality, make_dataset
from xmodal_core.figures.samples import (
    class_counts,
    class_counts_figure,
    sample_rows,
    sample_table,
    series_figure,
    thumbnails,
)

LABELS = np.array([0, 0, 0, 1, 1, 2, 2, 2])


def dataset(modality: Modality, inputs: np.ndarray, names=("a", "b", "<c>")):
    splits = np.array(["train", "test", "val", "train", "test", "train", "test", "test"])
    return make_dataset("d", modality, inputs, LABELS, names, splits=splits)


def test_samples_go_round_the_classes():
    data = dataset(Modality.TABULAR, np.zeros((8, 2)))
    assert sample_rows(data, 5).tolist() == [0, 3, 5, 1, 4]
    assert sample_rows(data, 99).tolist() == [0, 3, 5, 1, 4, 6, 2, 7]


def test_thumbnails_share_one_scale_and_grow_by_whole_pixels():
    images = np.zeros((8, 1, 2, 2), np.float32)
    images[1] = 4.0
    images[2, 0, 0, 0] = 2.0
    shown = thumbnails(dataset(Modality.IMAGE, images), np.array([0, 1, 2]))
    assert shown[0].shape == (64, 64)
    assert shown[0].dtype == np.uint8
    assert (shown[0].max(), shown[1].min()) == (0, 255)
    assert (shown[2][:32, :32] == 128).all()
    assert shown[2][32:].max() == 0


def test_thumbnails_of_colour_keep_it_and_other_channels_show_the_first():
    rng = np.random.default_rng(0)
    assert thumbnails(dataset(Modality.IMAGE, rng.random((8, 3, 40, 50))), np.array([0]))[0].shape == (40, 50, 3)
    assert thumbnails(dataset(Modality.IMAGE, rng.random((8, 4, 8, 8))), np.array([0]))[0].shape == (64, 64)


def test_constant_images_do_not_divide_by_zero():
    assert thumbnails(dataset(Modality.IMAGE, np.full((8, 1, 2, 2), 7.0)), np.array([0]))[0].max() == 0


def test_series_are_drawn_over_time_with_one_legend_entry_a_class():
    inputs = np.arange(8 * 2 * 4, dtype=float).reshape(8, 2, 4)
    data = make_dataset("d", Modality.SERIES, inputs, LABELS, ("a", "b", "<c>"), sampling_rate_hz=2.0)
    figure = series_figure(data, np.array([0, 1, 5]))
    assert list(figure.data[0].x) == [0.0, 0.5, 1.0, 1.5]
    assert list(figure.data[1].y) == inputs[1, 0].tolist()
    assert [trace.showlegend for trace in figure.data] == [True, False, True]
    assert figure.data[2].name == "&lt;c&gt;"


def test_the_preview_table_has_values_or_texts():
    table = sample_table(dataset(Modality.TABULAR, np.arange(16.0).reshape(8, 2)), np.array([3]))
    assert table == {"class": ["b"], "split": ["train"], "1": [6.0], "2": [7.0]}
    texts = np.array([f"{i} " + "x" * 300 for i in range(8)])
    assert len(sample_table(dataset(Modality.TEXT, texts), np.array([0]))["text"][0]) == 200


def test_counts_per_class_and_split_add_up():
    data = dataset(Modality.TABULAR, np.zeros((8, 2)))
    table = class_counts(data)
    assert table["class"] == ["a", "b", "<c>"]
    assert (table["train"], table["val"], table["test"]) == ([1, 1, 1], [1, 0, 0], [1, 1, 2])
    assert table["n"] == [3, 2, 3]
    figure = class_counts_figure(data)
    assert [list(bar.y) for bar in figure.data] == [table["train"], table["val"], table["test"]]
    assert list(figure.layout.xaxis.ticktext) == ["a", "b", "&lt;c&gt;"]


def test_the_largest_of_many_classes_come_first():
    labels = np.repeat(np.arange(50), 2)
    labels = np.concatenate([labels, [49, 49]])
    data = make_dataset("d", Modality.TABULAR, np.zeros((102, 1)), labels, [f"c{i}" for i in range(50)])
    assert class_counts(data)["class"][0] == "c49"
    assert len(class_counts_figure(data).data[0].y) == 40
