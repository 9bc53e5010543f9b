import numpy as np
import pytest

from tests.tiny import tiny_task
from xmodal_core.data.dataset import Modality, Task, make_dataset
from xmodal_core.figures.samples import (
    class_counts,
    counts_in_words,
    fields_figure,
    sample_rows,
    target_counts,
    target_counts_figure,
    target_text,
)

LABELS = np.array([0, 0, 0, 1, 1, 2, 2, 2])


def dataset(modality: Modality, inputs: np.ndarray, names=("a", "b", "<c>")):
    splits = np.array(["train", "test", "val", "train", "test", "train", "test", "test"])
    return make_dataset("d", modality, inputs, LABELS, names, splits=splits)


def test_samples_go_round_the_classes():
    data = dataset(Modality.TABULAR, np.zeros((8, 2)))
    assert sample_rows(data, 5).tolist() == [0, 3, 5, 1, 4]
    assert sample_rows(data, 99).tolist() == [0, 3, 5, 1, 4, 6, 2, 7]


def test_counts_per_class_and_split_add_up():
    data = dataset(Modality.TABULAR, np.zeros((8, 2)))
    table = class_counts(data)
    assert table["class"] == ["a", "b", "<c>"]
    assert (table["train"], table["val"], table["test"]) == ([1, 1, 1], [1, 0, 0], [1, 1, 2])
    assert table["n"] == [3, 2, 3]
    figure = target_counts_figure(data)
    assert [list(bar.y) for bar in figure.data] == [table["train"], table["val"], table["test"]]
    assert list(figure.layout.xaxis.ticktext) == ["a", "b", "&lt;c&gt;"]


def test_the_largest_of_many_classes_come_first():
    labels = np.repeat(np.arange(50), 2)
    labels = np.concatenate([labels, [49, 49]])
    data = make_dataset("d", Modality.TABULAR, np.zeros((102, 1)), labels, [f"c{i}" for i in range(50)])
    assert class_counts(data)["class"][0] == "c49"
    assert len(target_counts_figure(data).data[0].y) == 40


def test_a_target_is_told_by_what_it_is():
    """Level -2.5, -1.5, ... 2.5: regression targets 300 + 40 level and -level; labels high, top and middle."""
    assert target_text(tiny_task(Task.REGRESSION), 0) == "200, 2.5"
    assert target_text(tiny_task(Task.MULTILABEL), 0) == "none"
    assert target_text(tiny_task(Task.MULTILABEL), 3) == "high, middle"
    assert target_text(tiny_task(Task.MULTILABEL), 3, longest=6) == "high,…"
    field = tiny_task(Task.DENSE, Modality.FIELD)
    assert target_text(field, 0) == f"{field.targets[0].min():.3g} to {field.targets[0].max():.3g}"


def test_samples_go_round_the_range_of_a_number():
    values = np.arange(100)[::-1].astype(float)
    data = make_dataset("d", Modality.TABULAR, np.zeros((100, 1)), values, [], task=Task.REGRESSION)
    assert sorted((data.targets[sample_rows(data, 10), 0] // 10).tolist()) == list(range(10))


@pytest.mark.parametrize("task", list(Task))
def test_every_task_has_counts_that_add_up_a_figure_and_words(task):
    data = tiny_task(task)
    table = target_counts(data)
    counted = {Task.MULTILABEL: data.targets.sum(), Task.SEGMENTATION: data.targets.size}
    total = counted.get(task, len(data))
    assert sum(table["n"]) == total
    assert sum(sum(bar.y) for bar in target_counts_figure(data).data) == total
    assert counts_in_words(data)


def test_a_field_lies_above_its_target_each_side_on_one_scale():
    data = tiny_task(Task.DENSE, Modality.FIELD)
    rows = np.array([0, 5])
    maps = fields_figure(data, rows).data
    assert [m.z.tolist() for m in maps] == [*data.inputs[rows, 0].tolist(), *data.targets[rows, 0].tolist()]
    assert len({(m.zmin, m.zmax) for m in maps[:2]}) == 1
    assert maps[2].zmax == pytest.approx(data.targets[rows].max())
    assert [m.showscale for m in maps] == [True, False, True, False]
    assert len(fields_figure(tiny_task(Task.REGRESSION, Modality.FIELD), rows).data) == 2


def test_classes_of_cells_are_counted_by_cell_and_told_by_their_share():
    """Three of four cells have a class; the training rows hold ten cells of class b and two of class a."""
    targets = np.tile([1, 1, -1, 1], (8, 1))
    targets[[0, 3], 0] = 0
    splits = np.repeat(["train", "test"], [4, 4])
    data = make_dataset(
        "d", Modality.SEQUENCE, np.zeros((8, 4), int), targets, ("a", "<b>"), splits=splits, task=Task.SEGMENTATION
    )
    assert target_text(data, 0) == "<b> 67%, a 33%"
    assert target_text(data, 7) == "<b> 100%"
    assert sum(target_counts(data)["n"]) == 24
    assert target_counts_figure(data).layout.yaxis.title.text == "cells"
    words = counts_in_words(data)
    share = data.train_cells[1] / data.train_cells.sum()
    assert words == (
        f"2 classes of 2 to 22 cells; {share:.1%} of the training cells are <b>; 25.0% of all cells have no class and "
        "are left out"
    )


def test_a_picture_lies_above_its_classes_in_their_colours():
    data = tiny_task(Task.SEGMENTATION)
    maps = fields_figure(data, np.array([0, 5])).data
    assert [m.z.tolist() for m in maps[2:]] == data.targets[[0, 5]].tolist()
    assert list(maps[2].colorbar.ticktext) == ["low", "middle", "high"]
    assert [m.showscale for m in maps] == [True, False, True, False]
