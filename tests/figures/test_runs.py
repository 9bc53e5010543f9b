import numpy as np
import pytest

from tests.results import a_row
from xmodal_core.data.dataset import Task
from xmodal_core.figures import runs
from xmodal_core.scores import ACCURACY, SCORES


def record(index: int, **metrics: float) -> dict:
    return {"done": index, "stage": "align", "index": index, "total": 9, "metrics": metrics, "frame": True}


def cloud(shift: float = 0.0) -> dict[str, np.ndarray]:
    square = np.array([[0.0, 0.0], [1.0, 2.0]]) + shift
    labels = np.array([0, 1])
    return {"source_points": square, "source_labels": labels, "target_points": square + 1, "target_labels": labels}


def test_a_column_has_only_the_steps_that_measured_it():
    records = [record(1, a=1.0), record(2), record(3, a=3.0)]
    assert runs.column(records, "a") == ([1, 3], [1.0, 3.0])


def test_what_was_read_before_the_first_step_is_step_0():
    records = [record(1, start_distortion=2.0, a=1.0), record(2, heldout_distortion=1.5)]
    assert runs.column(runs.from_the_start(records), "heldout_distortion") == ([0, 2], [2.0, 1.5])
    assert runs.from_the_start(records[1:]) == records[1:]
    assert runs.from_the_start([]) == []


def test_the_table_has_a_row_a_step_and_gaps_where_nothing_was_measured():
    table = runs.metrics_table([record(1, a=1.0), record(2)], {"a": "first"})
    assert table["step"].tolist() == [1, 2]
    assert table["first"][0] == 1.0
    assert np.isnan(table["first"][1])


@pytest.mark.parametrize(
    ("objective", "accuracy", "expected"),
    [
        ([1.0, 0.5], [0.9, 0.7], 2),
        ([1.0, 0.5], [0.9, 0.85], None),  # accuracy fell by less than 0.1
        ([0.5, 1.0], [0.9, 0.7], None),  # the objective rose
        ([1.0], [0.9], None),
        ([], [], None),
        ([1.0, 0.5, 0.4], [0.9, 0.7, 0.9], None),  # it came back
        ([1.0, 0.9, 0.8, 0.7, 0.6, 0.5], [0.9, 0.7, 0.9, 0.85, 0.75, 0.6], 5),  # the first fall came back
        (
            [1.0, 0.9, 1.1, 0.7],
            [0.9, 0.7, 0.6, 0.6],
            4,
        ),  # while the objective was above its first value it did not count
    ],
)
def test_collapse_begins_where_the_objective_is_lower_and_accuracy_worse_for_good(objective, accuracy, expected):
    records = [
        record(i + 1, objective=o, heldout_knn_accuracy=a)
        for i, (o, a) in enumerate(zip(objective, accuracy, strict=True))
    ]
    assert runs.collapse_step(records) == expected


def test_curves_have_a_panel_each_over_one_step_axis_to_the_end_of_the_stage():
    panels = [runs.Panel("one", {"a": "a"}), runs.Panel("two", {"b": "b", "c": "c"})]
    figure = runs.curves([record(1, a=1.0, b=2.0, c=3.0), record(2, a=0.5, b=1.0, c=1.0)], panels, 9, current=2)
    assert [trace.y for trace in figure.data] == [(1.0, 0.5), (2.0, 1.0), (3.0, 1.0)]
    assert [trace.yaxis for trace in figure.data] == ["y", "y2", "y2"]
    assert figure.data[1].line.dash != figure.data[2].line.dash
    assert figure.layout.xaxis.range[1] >= 9
    assert len(figure.layout.shapes) == 2


def test_seeds_are_dots_and_the_mean_a_diamond_with_its_interval():
    row = a_row("orca", (0.8, 0.9), title="A & B", mean=0.85, interval=(0.35, 1.35))
    figure = runs.seed_dots([row, a_row("scratch", (0.7,), title="C")])
    assert figure.data[0].x == (0.7,)
    assert figure.data[1].error_x.visible is False
    assert figure.data[2].x == (0.8, 0.9)
    assert figure.data[2].y == ("A &amp; B", "A &amp; B")
    assert figure.data[3].error_x.array == pytest.approx((0.5,))
    assert figure.layout.xaxis.title.text == "test accuracy"
    assert figure.layout.xaxis.range == pytest.approx((0.67, 0.93))  # of the dots, not of the interval


def test_scores_below_zero_are_on_the_axis():
    row = a_row("orca", (-0.3, -0.2), kind=SCORES[Task.DENSE])
    low, high = runs.seed_dots([row]).layout.xaxis.range
    assert low < -0.3
    assert -0.2 < high < 0


def test_the_score_is_charted_by_its_name_and_a_share_between_0_and_1():
    panel = runs.score_panel(SCORES[Task.DENSE])
    assert panel.lines == {"validation_score": "validation minus relative L2 error"}
    assert panel.limits is None
    assert runs.score_panel(ACCURACY).limits == (0.0, 1.02)
