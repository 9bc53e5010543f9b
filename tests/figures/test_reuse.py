from dataclasses import replace

import pytest

from xmodal_core.data.targets import Task
from xmodal_core.figures import reuse
from xmodal_core.reuse.beside import Beside
from xmodal_core.reuse.diagnostics.discrepancy import Discrepancy
from xmodal_core.reuse.report import (
    EmbedderReading,
    Knowledge,
    LayerCurves,
    RetentionReading,
    ReuseReport,
    Trajectory,
    TrajectoryPoint,
)
from xmodal_core.scores import SCORES

READING = RetentionReading(
    before=0.8,
    after=0.6,
    random=0.4,
    retention=0.5,
    after_minus_before_interval=(-0.25, -0.15),
    chance=0.1,
    n_bank=600,
    n_query=400,
    k=20,
)
REPORT = ReuseReport(
    source="fractals",
    source_labels="",
    source_rows="600 bank rows and 400 queries.",
    retention=READING,
    probe=replace(READING, k=None),
    source_inputs=LayerCurves(cka=(0.9, -0.1), drift=(0.1, 0.4), mutual_knn=(0.7, 0.6), mutual_knn_k=10, n=400),
    target_inputs=LayerCurves(cka=(0.8, 0.5), drift=(0.2, 0.6), mutual_knn=(0.7, 0.5), mutual_knn_k=10, n=357),
    weights={"all": 0.1},
    knowledge=Knowledge(embedders={}, target_labels="", k=20, n=357, refused="One cluster."),
    note="",
    seed=0,
)


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


def test_mutual_neighbours_are_in_table_and_figure():
    assert reuse.layer_table(REPORT)["mutual neighbours, target inputs"].tolist() == [0.7, 0.5]
    assert reuse.layer_curves(REPORT, "mutual_knn", "mutual neighbours").data[1].y == (0.7, 0.5)


def test_a_discrepancy_that_is_undefined_leaves_its_cells_empty():
    found = Discrepancy(2.9, 0.9, 4.1, 0.7, 1.0, 0.01, 99, 357, 10, 10)
    reading = EmbedderReading(
        kappa=0.21,
        kappa_p=0.005,
        one_to_one_kappa=0.2,
        information=0.13,
        information_chance=-0.02,
        information_p=0.005,
        discrepancy=found,
        undefined="",
    )
    without = replace(reading, discrepancy=None, undefined="Found 12 target classes.")
    embedders = {"random": without, "start": reading, "trained": reading}
    table = reuse.knowledge_table(Knowledge(embedders=embedders, target_labels="", k=20, n=357, refused=""))
    assert table["embedder"].tolist() == ["random", "before training", "trained"]
    assert table["discrepancy / chance"].isna().tolist() == [True, False, False]
    assert table["discrepancy, nats"].tolist()[1:] == [2.9, 2.9]
    assert table["kappa"].tolist() == [0.21] * 3


def point(step, retention, score):
    rest = dict.fromkeys(("accuracy", "probe", "probe_retention", "cka", "drift"), 0.5)
    return TrajectoryPoint(step=step, retention=retention, score=score, n_score=357, **rest)


TRAJECTORY = Trajectory(
    run="a",
    points=(point(0, 1.0, None), point(50, 0.9, 0.7), point(100, None, 0.8)),
    control_run="b",
    control=(point(0, 1.0, None), point(100, 0.6, 0.1)),
    source="fractals",
    source_labels="",
    source_rows="400 bank rows and 300 queries.",
    n_bank=400,
    n_query=300,
    n_layers=200,
    k=20,
    before=0.8,
    random=0.4,
    chance=0.1,
    score_name="accuracy",
    seed=0,
)


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
    alone = replace(TRAJECTORY, control=None)
    assert [trace.name for trace in reuse.trajectory_curves(alone).data if trace.x] == ["run", "run"]
    assert len(reuse.trajectory_table(alone)) == 3
    table = reuse.trajectory_table(TRAJECTORY)
    assert table["step"].tolist() == [0, 50, 100, 0, 100]
    assert table["validation accuracy"].tolist()[1] == 0.7


def test_the_rulers_have_a_mark_for_every_network_and_the_lower_one_only_where_it_is_a_share():
    beside = Beside(SCORES[Task.CLASSIFICATION], 0.9, 357, (0.4, 0.6))
    figure = reuse.kept_ruler(REPORT, beside)
    marks = {(trace.text[0], trace.x[0], trace.xaxis) for trace in figure.data if "markers" in trace.mode}
    upper = {("random weights 40 %", 0.4, "x"), ("pretrained 80 %", 0.8, "x"), ("after this run 60 %", 0.6, "x")}
    lower = {("random weights 50 %", 0.5, "x2"), ("after this run 90 %", 0.9, "x2")}
    assert marks == upper | lower
    after = next(trace for trace in figure.data if trace.text and trace.text[0] == "after this run 60 %")
    assert after.error_x.array == pytest.approx((0.05,))  # -0.15 - (0.6 - 0.8)
    assert reuse.kept_table(REPORT, beside)["value"] == [0.4, 0.8, 0.6, 0.1, 0.4, 0.6, 0.9]
    r2 = replace(beside, kind=SCORES[Task.REGRESSION])
    assert not any(trace.xaxis == "x2" for found in (None, r2) for trace in reuse.kept_ruler(REPORT, found).data)
