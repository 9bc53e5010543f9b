"""Measurements in the background: one at a time, watched, cancelled, and never half a file."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from tests.panel.whole import measured
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import Metric, Statistic
from xmodal_core.panel.background import MAX_FINISHED, WAITING, Measurement, find, start
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest

LONG_S = 20.0


@dataclass(frozen=True)
class NoSettings:
    pass


class Gate:
    """A costly metric, seen from outside: it has been reached, and it goes on once it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened, self.evaluations = threading.Event(), threading.Event(), 0

    def statistic(self, *_: object) -> Statistic:
        self.evaluations += 1
        self.reached.set()
        assert self.opened.wait(LONG_S)
        return Statistic(1.0)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    metric = Metric("gate", "Gate", "unit", NoSettings, gate.statistic, "Means.", "Blind.", "Nobody", cost=100)
    monkeypatch.setitem(METRICS, "gate", replace(metric, n_subsamples=3))
    yield gate
    gate.opened.set()


@pytest.fixture
def request_(tmp_path: Path) -> GapRequest:
    for name, shift in (("a", 0), ("b", 1)):
        x = np.random.default_rng(shift).normal(size=(40, 4)) + shift
        np.savez(tmp_path / f"{name}.npz", X=x, y=np.arange(40) % 3)
    a, b = (str(tmp_path / f"{name}.npz") for name in "ab")
    return GapRequest(a, b, space="raw", n=20, metrics=("centroid", "knn"), curve=False)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def read(path: Path) -> GapReport:
    return GapReport.from_json(json.loads(path.read_text(encoding="utf-8")))


def test_a_measurement_ends_with_the_report_that_is_in_its_file(request_: GapRequest, tmp_path: Path) -> None:
    path = tmp_path / "gap" / "one.json"
    measurement = start(request_, path)
    assert measurement.wait(LONG_S)
    assert (measurement.state, measurement.error) == ("done", None)
    assert measurement.taken == measurement.total == 2
    assert measurement.report == read(path)
    with threadpool_limits(1, user_api="blas"):  # as it measures: more threads may round otherwise
        assert measurement.report.readings == measured(request_).readings
    assert measurement.report.complete
    assert sorted(p.name for p in path.parent.iterdir()) == ["one.features.npz", "one.json"]
    assert find(path) is measurement
    ended = measurement.seconds
    assert 0 < ended == measurement.seconds


def test_readings_so_far_are_in_the_file_while_the_rest_is_measured(
    request_: GapRequest, tmp_path: Path, gate: Gate
) -> None:
    path = tmp_path / "one.json"
    measurement = start(replace(request_, metrics=("gate", "centroid")), path)
    assert gate.reached.wait(LONG_S)
    assert measurement.state == "running"
    assert "Gate" in measurement.line
    assert (measurement.taken, measurement.total) == (1, 2)
    partial = read(path)
    assert partial == measurement.report
    assert not partial.complete
    assert list(partial.readings) == ["centroid"]
    assert partial.metrics == ("gate", "centroid")
    before = measurement.seconds
    gate.opened.set()
    assert measurement.wait(LONG_S)
    assert measurement.seconds > before
    assert read(path).complete


def test_a_cancelled_measurement_ends_before_its_next_evaluation(
    request_: GapRequest, tmp_path: Path, gate: Gate
) -> None:
    path = tmp_path / "one.json"
    measurement = start(replace(request_, metrics=("centroid", "gate")), path)
    assert gate.reached.wait(LONG_S)
    measurement.cancel()
    assert measurement.state == "cancelled"
    gate.opened.set()
    assert measurement.wait(LONG_S)
    assert gate.evaluations == 1
    assert (measurement.state, measurement.error) == ("cancelled", None)
    assert list(read(path).readings) == ["centroid"]
    assert not read(path).complete


@pytest.mark.usefixtures("two_blas_threads")
def test_blas_is_held_to_one_thread_while_it_measures(request_: GapRequest, tmp_path: Path, gate: Gate) -> None:
    def threads() -> set[int]:
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    assert threads() == {2}
    measurement = start(replace(request_, metrics=("gate",)), tmp_path / "one.json")
    assert gate.reached.wait(LONG_S)
    assert threads() == {1}
    gate.opened.set()
    assert measurement.wait(LONG_S)
    assert threads() == {2}


def test_two_starts_are_one_and_a_third_request_for_the_path_replaces_them(
    request_: GapRequest, tmp_path: Path, gate: Gate
) -> None:
    path, asked = tmp_path / "one.json", replace(request_, metrics=("gate",))
    first = start(asked, path)
    assert start(replace(asked), tmp_path / "x" / ".." / "one.json") is first
    assert gate.reached.wait(LONG_S)
    other = start(request_, path)
    assert other is not first
    assert first.state == "cancelled"
    assert find(path) is other
    gate.opened.set()
    assert other.wait(LONG_S)
    assert set(read(path).readings) == {"centroid", "knn"}


def test_a_cancelled_measurement_can_be_started_again(request_: GapRequest, tmp_path: Path, gate: Gate) -> None:
    asked = replace(request_, metrics=("gate",))
    first = start(asked, tmp_path / "one.json")
    assert gate.reached.wait(LONG_S)
    first.cancel()
    second = start(asked, tmp_path / "one.json")
    assert second is not first
    gate.opened.set()
    assert second.wait(LONG_S)
    assert (first.state, second.state) == ("cancelled", "done")


def test_one_computes_and_the_others_wait_in_line_where_they_can_be_cancelled(
    request_: GapRequest, tmp_path: Path, gate: Gate
) -> None:
    first = start(replace(request_, metrics=("gate",)), tmp_path / "first.json")
    assert gate.reached.wait(LONG_S)
    waiting = [start(request_, tmp_path / f"{i}.json") for i in range(2)]
    for measurement in waiting:
        until(lambda measurement=measurement: measurement.line == WAITING)
        assert (measurement.state, measurement.taken) == ("running", 0)
    waiting[0].cancel()
    assert waiting[0].wait(LONG_S)
    assert not (tmp_path / "0.json").exists()
    assert first.state == waiting[1].state == "running"
    gate.opened.set()
    assert first.wait(LONG_S)
    assert waiting[1].wait(LONG_S)
    assert waiting[1].state == "done"


def test_bad_input_fails_with_its_own_sentence(request_: GapRequest, tmp_path: Path) -> None:
    measurement = start(replace(request_, target=str(tmp_path / "missing.npz")), tmp_path / "one.json")
    assert measurement.wait(LONG_S)
    assert measurement.state == "failed"
    assert "missing.npz" in measurement.error
    assert not (tmp_path / "one.json").exists()
    measurement.cancel()
    assert measurement.state == "failed"


def test_a_defect_fails_with_a_sentence_and_a_logged_traceback_and_frees_the_line(
    request_: GapRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Statistic:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setitem(METRICS, "gate", replace(METRICS["centroid"], name="gate", statistic=broken))
    with caplog.at_level(logging.ERROR):
        measurement = start(replace(request_, metrics=("gate",)), tmp_path / "one.json")
        assert measurement.wait(LONG_S)
    assert measurement.state == "failed"
    assert measurement.error.endswith(".")
    assert "ZeroDivisionError: by nothing" in caplog.text
    after = start(request_, tmp_path / "two.json")
    assert after.wait(LONG_S)
    assert after.state == "done"


def test_only_the_latest_finished_measurements_are_remembered(request_: GapRequest, tmp_path: Path) -> None:
    missing = replace(request_, target=str(tmp_path / "missing.npz"))
    paths = [tmp_path / f"{i}.json" for i in range(MAX_FINISHED + 3)]
    measurements: list[Measurement] = []
    for path in paths:
        measurements.append(start(missing, path))
        assert measurements[-1].wait(LONG_S)
    start(missing, tmp_path / "last.json").wait(LONG_S)
    assert [find(path) for path in paths] == [None] * 3 + measurements[3:]


def test_nobody_knows_of_what_was_never_started(tmp_path: Path) -> None:
    assert find(tmp_path / "one.json") is None
