import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from tests.panel.whole import measured
from tests.tiny import TinyFiles, tiny_dataset, tiny_task
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import Metric, Statistic
from xmodal_core.panel.measure import DONE, Progress, measure_gap
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import CURVED, GapRequest

T = TypeVar("T")


@pytest.fixture(scope="module")
def request_(files: TinyFiles) -> GapRequest:
    return GapRequest(files.data(Modality.IMAGE, n=120), files.data(Modality.SERIES, n=90), files.body, n=50)


@dataclass(frozen=True)
class NoSettings:
    pass


def metric(name: str, statistic: object, **changes: object) -> Metric:
    return Metric(name, name, "unit", NoSettings, statistic, "Means.", "Blind.", "Nobody", n_subsamples=3, **changes)


@pytest.fixture(scope="module")
def everything(request_: GapRequest) -> Iterator[tuple[GapReport, list[GapReport], list[str]]]:
    """One measurement of every metric: the report, the partial reports before it, and what was said."""
    with pytest.MonkeyPatch.context() as patch:
        for name, entry in METRICS.items():
            patch.setitem(METRICS, name, replace(entry, n_subsamples=5))
        way = list(measure_gap(request_))
        *partial, report = changes(progress.report for progress in way if progress.report is not None)
        yield report, partial, changes(progress.line for progress in way)


def changes(values: Iterable[T]) -> list[T]:
    """What came, without what came again at once."""
    found: list[T] = []
    for value in values:
        if not found or value is not found[-1]:
            found.append(value)
    return found


def test_tokens_are_part_of_a_key_only_where_they_are_asked_for() -> None:
    """So that what was measured before there was such a setting is found."""
    request = GapRequest("fractals", "digits")
    assert "tokens" not in request.to_json()
    assert replace(request, tokens=24).key() != request.key()
    assert GapRequest.from_json(replace(request, tokens=24).to_json()).tokens == 24


def with_(request: GapRequest, **changes: object) -> GapRequest:
    return replace(request, **changes)


def test_every_metric_is_read_with_its_context_or_says_why_not(everything) -> None:
    report, _, said = everything
    assert report.complete
    assert report.metrics == tuple(METRICS)
    assert set(report.readings) | set(report.refused) == set(METRICS)
    assert not set(report.readings) & set(report.refused)
    assert {"otdd", "knn", "target_knn", "centroid"} <= set(report.readings)
    for name, reading in report.readings.items():
        entry = METRICS[name]
        assert np.isfinite(reading.value), name
        assert reading.n == min(50, entry.max_rows or 50)
        assert reading.interval is not None
        assert reading.interval[0] <= reading.value <= reading.interval[1]
        assert reading.floor is not None
        assert (reading.ceiling is None) == entry.target_only
        assert (reading.shuffled is None) == (not entry.uses_labels)
    assert said[:3] == ["Loading the data", "Embedding both sides", "Drawing both clouds"]
    assert {f"Measuring {entry.title}" for entry in METRICS.values()} <= set(said)
    assert said[-1] == DONE


def test_target_only_metrics_stand_beside_raw_inputs_and_a_random_network(everything) -> None:
    report, _, _ = everything
    alone = [name for name in report.readings if METRICS[name].target_only]
    assert "target_knn" in alone
    for name in alone:
        reading = report.readings[name]
        for baseline in ("raw_inputs", "random_network"):
            assert reading.detail[f"above_{baseline}"] == reading.value - reading.detail[baseline]


def test_the_main_readings_come_first_then_the_cheap_ones_and_stand_in_the_order_of_the_panel(everything) -> None:
    report, partial, _ = everything
    assert len(partial) >= len(report.readings)
    assert partial[0].points == report.points
    assert not any(part.complete for part in partial)
    known: set[str] = set()
    order = []
    for part in partial:
        assert list(part.readings) == [name for name in METRICS if name in part.readings]
        order += [name for name in part.readings if name not in known]
        known = set(part.readings)
    assert not partial[0].readings
    assert order[:3] == ["knn", "target_knn", "otdd"]
    assert order[3:] == sorted(order[3:], key=lambda name: METRICS[name].cost)


def test_a_report_survives_json_and_so_does_a_partial_one(everything) -> None:
    report, partial, _ = everything
    for one in (report, partial[0]):
        assert GapReport.from_json(json.loads(json.dumps(one.to_json(), allow_nan=False))) == one


def test_every_drawn_point_says_how_mixed_its_neighbourhood_is(everything) -> None:
    points = everything[0].points
    for side in (points.source, points.target):
        assert len(side.mixing) == len(side.xy) == len(side.uid) == len(side.labels)
        assert all(0 <= share <= 1 for share in side.mixing)


def test_mixing_is_nothing_between_clouds_far_apart_and_near_its_null_in_one_cloud(tmp_path: Path) -> None:
    """30 neighbours by chance: LISI 1.94, so 0.94 from 0 to 1; neighbours are sought among all rows."""
    asked = {"space": "raw", "n": 900, "metrics": ("centroid",), "curve": False}
    for name, shift in (("a", 0), ("same", 0), ("far", 50)):
        x = np.random.default_rng(len(name)).normal(size=(1000, 3)) + shift
        np.savez(tmp_path / f"{name}.npz", X=x, y=np.arange(1000) % 2)
    source, same, far = (str(tmp_path / f"{name}.npz") for name in ("a", "same", "far"))
    apart = measured(GapRequest(source, far, **asked)).points
    assert max(apart.source.mixing + apart.target.mixing) == 0
    mixed = measured(GapRequest(source, same, **asked)).points
    assert len(mixed.source.mixing) == 400
    assert np.mean(mixed.source.mixing + mixed.target.mixing) == pytest.approx(0.94, abs=0.03)


def test_the_context_has_the_intrinsic_dimension_of_either_side(tmp_path: Path) -> None:
    """A plane and a line in three dimensions."""
    rng = np.random.default_rng(0)
    plane, line = rng.normal(size=(400, 2)) @ rng.normal(size=(2, 3)), rng.normal(size=(400, 1)) @ np.ones((1, 3))
    for name, x in (("plane", plane), ("line", line)):
        np.savez(tmp_path / f"{name}.npz", X=x, y=np.arange(400) % 2)
    files = (str(tmp_path / "plane.npz"), str(tmp_path / "line.npz"))
    report = measured(GapRequest(*files, space="raw", n=400, metrics=("centroid",)))
    assert report.context.intrinsic_dimension == pytest.approx({"source": 2, "target": 1}, rel=0.15)


def test_two_rows_a_side_are_drawn(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=np.random.default_rng(0).normal(size=(6, 3)), y=np.arange(6) % 2)
    report = measured(GapRequest(*[str(tmp_path / "a.npz")] * 2, space="raw", n=2, metrics=("centroid",)))
    assert len(report.points.source.mixing) == 2
    assert report.context.intrinsic_dimension == {"source": None, "target": None}


def test_metrics_are_shown_as_asked_for_and_once(request_: GapRequest) -> None:
    report = measured(with_(request_, metrics=("knn", "centroid", "knn"), curve=False))
    assert report.metrics == tuple(report.readings) == ("knn", "centroid")
    assert report.curves == {}


def test_only_neighbours_and_transport_are_measured_against_n(everything, request_: GapRequest) -> None:
    """At 50 rows a side no smaller size is drawn; at 60 there is one."""
    assert everything[0].curves == {name: () for name in METRICS if name in CURVED}
    curve = measured(with_(request_, metrics=("knn", "centroid"), n=60)).curves
    assert list(curve) == ["knn"]
    assert [point.n for point in curve["knn"]] == [50]


def test_a_metric_that_refuses_is_named_and_takes_nothing_down(request_: GapRequest) -> None:
    """200 neighbours do not exist among 50 + 50 rows."""
    crowded = with_(request_, metrics=("knn", "centroid"), settings={"knn": {"k": 200}})
    report = measured(crowded)
    assert list(report.readings) == ["centroid"]
    assert list(report.refused) == ["knn"]
    assert "k = 200" in report.refused["knn"]
    assert report.complete


def test_a_panel_in_which_every_metric_refuses_is_refused(request_: GapRequest) -> None:
    partial: list[Progress] = []
    crowded = with_(request_, metrics=("knn", "target_knn"), settings={"knn": {"k": 200}, "target_knn": {"k": 100}})
    first = min(crowded.metrics, key=lambda name: METRICS[name].cost)
    with pytest.raises(DataError, match=f"k = {crowded.settings[first]['k']}"):
        partial.extend(measure_gap(crowded))
    assert not any(progress.report.readings for progress in partial if progress.report)


@pytest.mark.parametrize(("permuted", "p"), [(-1.0, 1 / 20), (2.0, 1.0)])
def test_permutations_reach_the_metrics_that_offer_them(
    request_: GapRequest, monkeypatch: pytest.MonkeyPatch, permuted: float, p: float
) -> None:
    """19 permuted values, all below or all above the observed 1: p is 1 / 20 or 20 / 20."""
    one = metric("one", lambda *_: Statistic(1.0), null=lambda _s, _t, _o, count, _seed: np.full(count, permuted))
    monkeypatch.setitem(METRICS, "one", one)
    asked = with_(request_, metrics=("one",), permutations=19)
    assert measured(asked).readings["one"].p == pytest.approx(p)
    assert measured(with_(asked, permutations=0)).readings["one"].p is None
    assert asked.key() != with_(asked, permutations=20).key()


@pytest.mark.parametrize("target_only", [False, True])
def test_no_evaluation_sees_more_rows_than_the_metric_takes(
    request_: GapRequest, monkeypatch: pytest.MonkeyPatch, target_only: bool
) -> None:
    """Value, floor, ceiling, baselines, subsamples: 20 rows a side at most."""
    seen: list[tuple[int, int]] = []

    def count(source, target, _settings) -> Statistic:
        seen.append((len(source), len(target)))
        return Statistic(float(target.features.mean()))

    monkeypatch.setitem(METRICS, "few", metric("few", count, max_rows=20, target_only=target_only))
    reading = measured(with_(request_, metrics=("few",))).readings["few"]
    assert reading.n == 20
    assert max(max(pair) for pair in seen) == 20
    assert ("random_network" in reading.detail) == target_only


def test_a_baseline_that_cannot_be_measured_says_so_and_leaves_the_reading(
    request_: GapRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def narrow(_source, target, _settings) -> Statistic:
        if target.features.shape[1] > 16:  # raw series have 2 x 30 values, the tiny network 16
            raise DataError("Too wide.")
        return Statistic(1.0)

    monkeypatch.setitem(METRICS, "narrow", metric("narrow", narrow, target_only=True))
    detail = measured(with_(request_, metrics=("narrow",))).readings["narrow"].detail
    assert detail["raw_inputs_refused"] == "Too wide."
    assert (detail["random_network"], detail["above_random_network"]) == (1.0, 0.0)
    assert "above_raw_inputs" not in detail


def test_nothing_is_evaluated_before_it_is_pulled_and_nothing_after_the_last_pull(
    request_: GapRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Value, ceiling, floor, three subsamples: one pull each, so that a person can stop within a long metric."""
    evaluations = []
    slow = metric("slow", lambda *_: Statistic(float(len(evaluations.append(1) or evaluations))))
    monkeypatch.setitem(METRICS, "slow", slow)
    way = measure_gap(with_(request_, metrics=("slow",), curve=False))
    counts = [len(evaluations) for progress in way if progress.line == "Measuring slow"]
    assert counts == [0, 0, 1, 2, 3, 4, 5]
    evaluations.clear()
    way = measure_gap(with_(request_, metrics=("slow",), curve=False))
    while len(evaluations) < 2:
        next(way)
    way.close()
    assert list(way) == []
    assert len(evaluations) == 2


def test_details_hold_plain_values_only(request_: GapRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = {"pair": (1, np.int64(2)), "array": np.eye(2), "flag": np.bool_(True), "by_class": {3: np.float32(0.5)}}
    monkeypatch.setitem(METRICS, "odd", metric("odd", lambda *_: Statistic(1.0, odd)))
    report = measured(with_(request_, metrics=("odd",)))
    detail = report.readings["odd"].detail
    assert {name: detail[name] for name in odd} == {
        "pair": [1, 2],
        "array": [[1, 0], [0, 1]],
        "flag": True,
        "by_class": {"3": 0.5},
    }
    assert GapReport.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_the_same_request_gives_the_same_numbers_and_key(request_: GapRequest) -> None:
    asked = with_(request_, space="body", metrics=("otdd", "knn", "target_knn"))
    first, second = (measured(asked) for _ in range(2))
    assert first.readings == second.readings
    assert first.points == second.points
    assert with_(request_).key() == request_.key() != with_(request_, seed=1).key()


def test_two_readings_at_once_hand_on_what_one_after_the_other_does_in_the_same_order(
    request_: GapRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit for bit, refusals and curves included; n above 50 has a curve."""
    for name in METRICS:
        monkeypatch.setitem(METRICS, name, replace(METRICS[name], n_subsamples=3))
    asked = with_(request_, n=60, settings={"coverage": {"k": 100}})
    ways = [
        changes(replace(p.report, seconds=0.0) for p in measure_gap(asked, lanes) if p.report is not None)
        for lanes in (1, 2)
    ]
    in_order, at_once = (list(dict.fromkeys(tuple(report.readings) for report in way)) for way in ways)
    assert in_order == at_once
    assert ways[0][-1] == ways[1][-1]
    assert list(ways[1][-1].refused) == ["coverage"]
    assert set(ways[1][-1].curves) == set(CURVED)


def test_raw_space_is_in_the_users_own_units_and_takes_every_row(tmp_path: Path) -> None:
    """OTDD^2 of a cloud and its translate is 2 |c|^2; all rows, no scaling."""
    x = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    y = np.arange(40) % 2
    np.savez(tmp_path / "a.npz", X=x, y=y)
    np.savez(tmp_path / "b.npz", X=x + np.float32(3), y=y)
    report = measured(
        GapRequest(str(tmp_path / "a.npz"), str(tmp_path / "b.npz"), space="raw", n=None, metrics=("otdd",))
    )
    assert report.readings["otdd"].value == pytest.approx(np.sqrt(2 * 9 * 5), rel=1e-5)
    assert report.readings["otdd"].n == 40


def test_raw_inputs_of_different_width_are_refused(request_: GapRequest) -> None:
    with pytest.raises(DataError, match="expected equal widths"):
        measured(with_(request_, space="raw"))


@pytest.mark.parametrize(
    "change",
    [
        {"space": "head"},
        {"metrics": ("otd",)},
        {"n": 1},
        {"seed": -1},
        {"permutations": -1},
        {"permutations": 10_000},
        {"settings": {"otdd": {"labels": "wrong"}}},
        {"settings": {"knn": {"kk": 3}}},
    ],
)
def test_requests_that_cannot_be_are_refused(request_: GapRequest, change: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        with_(request_, **change)


def test_test_rows_of_the_target_do_not_count(request_: GapRequest, tmp_path: Path) -> None:
    data = tiny_dataset(Modality.SERIES, n=90)
    x = data.inputs.copy()
    x[data.rows("test")] = 1e3
    np.savez(tmp_path / "other.npz", X=x, y=data.targets, split=data.splits)
    mine = measured(with_(request_, metrics=("knn",)))
    other = measured(with_(request_, metrics=("knn",), target=str(tmp_path / "other.npz")))
    assert mine.readings["knn"].value == other.readings["knn"].value


@pytest.mark.parametrize("task", [Task.DENSE, Task.SEGMENTATION])
@pytest.mark.parametrize("space", ["raw", "embedder"])
def test_targets_that_are_no_classes_are_measured_by_pseudo_labels_and_say_so(
    space: str, task: Task, request_: GapRequest, tmp_path: Path
) -> None:
    fields = tiny_task(task, Modality.FIELD, n=120)
    path = tmp_path / "fields.npz"
    np.savez(path, X=fields.inputs, y=fields.targets)
    wanted = with_(request_, target=str(path), space=space, metrics=("otdd", "knn"), curve=False)
    report = measured(wanted)
    note = report.context.pseudo_labels
    assert set(note) == {"target"}
    assert f"k-means clusters of the {task} targets" in note["target"]
    assert report.readings["otdd"].detail["pseudo_labels"] == note
    assert "pseudo_labels" not in report.readings["knn"].detail
    assert {name.split()[1] for name in report.points.target.labels} == {"cluster"}
    assert GapReport.from_json(json.loads(json.dumps(report.to_json()))).context == report.context
    assert measured(with_(request_, metrics=("knn",), curve=False)).context.pseudo_labels is None
