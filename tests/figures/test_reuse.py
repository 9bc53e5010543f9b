import pytest

from xmodal_core.figures import reuse

READING = {"before": 0.8, "after": 0.6, "random": 0.4, "chance": 0.1, "after_minus_before_interval": [-0.25, -0.15]}
REPORT = {
    "source_inputs": {"cka": [0.9, -0.1], "drift": [0.1, 0.4], "n": 400},
    "target_inputs": {"cka": [0.8, 0.5], "drift": [0.2, 0.6], "n": 357},
}


def test_three_bodies_have_a_dot_each_and_chance_a_line():
    figure = reuse.retention_dots(READING)
    assert [trace.x for trace in figure.data] == [(0.4,), (0.8,), (0.6,)]
    assert len({trace.marker.symbol for trace in figure.data}) == 3
    assert figure.layout.shapes[0].x0 == 0.1


def test_the_interval_of_the_difference_is_drawn_around_after():
    bar = reuse.retention_dots(READING).data[2].error_x  # difference -0.2, interval -0.25 to -0.15
    assert bar.array == pytest.approx((0.05,))
    assert bar.arrayminus == pytest.approx((0.05,))


def test_layers_are_counted_from_one_and_negative_cka_stays_in_the_figure():
    figure = reuse.layer_curves(REPORT, "cka", "CKA")
    assert figure.data[0].x == (1, 2)
    assert figure.data[0].y == (0.9, -0.1)
    assert figure.layout.yaxis.range[0] < -0.1
    assert "n = 400" in figure.data[0].name


def test_the_table_has_every_number():
    table = reuse.layer_table(REPORT)
    assert table["layer"].tolist() == [1, 2]
    assert table["CKA, source inputs"].tolist() == [0.9, -0.1]
    assert table["drift, target inputs"].tolist() == [0.2, 0.6]


def test_mutual_neighbours_are_in_table_and_figure_where_they_were_measured():
    report = {key: REPORT[key] | {"mutual_knn": [0.7, 0.5]} for key in REPORT}
    assert reuse.layer_table(report)["mutual neighbours, target inputs"].tolist() == [0.7, 0.5]
    assert reuse.layer_curves(report, "mutual_knn", "mutual neighbours").data[1].y == (0.7, 0.5)


def point(step, retention, score):
    rest = dict.fromkeys(("accuracy", "probe", "probe_retention", "cka", "drift"), 0.5)
    return rest | {"step": step, "retention": retention, "score": score}


TRAJECTORY = {
    "score_name": "accuracy",
    "points": [point(0, 1.0, None), point(50, 0.9, 0.7), point(100, None, 0.8)],
    "control": [point(0, 1.0, None), point(100, 0.6, 0.1)],
}


def test_run_and_control_share_their_steps_and_what_was_not_read_is_left_out():
    figure = reuse.trajectory_curves(TRAJECTORY)
    lines = [(trace.x, trace.y, trace.line.dash) for trace in figure.data]
    assert lines == [
        ((0, 50), (1.0, 0.9), "solid"),
        ((50, 100), (0.7, 0.8), "solid"),
        ((0, 100), (1.0, 0.6), "dash"),
        ((100,), (0.1,), "dash"),
    ]
    low, high = figure.layout.yaxis.range
    assert low < 0 < 1 < high, "retention is seen against all that could be lost"


def test_without_a_control_nothing_is_dashed_and_the_table_has_every_point():
    alone = TRAJECTORY | {"control": None}
    assert [trace.name for trace in reuse.trajectory_curves(alone).data if trace.x] == ["run", "run"]
    assert len(reuse.trajectory_table(alone)) == 3
    table = reuse.trajectory_table(TRAJECTORY)
    assert table["step"].tolist() == [0, 50, 100, 0, 100]
    assert table["validation accuracy"].tolist()[1] == 0.7
