from pathlib import Path

import numpy as np
import pytest

from tests.tiny import save_npz, save_tiny_vit, tiny_dataset
from xmodal_core.data.dataset import Modality
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap import METRICS
from xmodal_core.panel import GapReport, GapRequest, measure_gap


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> GapRequest:
    folder = tmp_path_factory.mktemp("panel")
    return GapRequest(
        source=save_npz(folder / "images.npz", tiny_dataset(Modality.IMAGE, n=120)),
        target=save_npz(folder / "series.npz", tiny_dataset(Modality.SERIES, n=90)),
        body=save_tiny_vit(folder / "vit"),
        n=50,
    )


def with_(request: GapRequest, **changes: object) -> GapRequest:
    from dataclasses import replace

    return replace(request, **changes)


def test_every_metric_is_read_with_its_context(request_: GapRequest) -> None:
    said: list[str] = []
    report = measure_gap(request_, said.append)
    assert set(report.readings) == set(METRICS)
    for name, reading in report.readings.items():
        assert np.isfinite(reading.value), name
        assert reading.n == 50
        assert reading.interval is not None
        assert reading.interval[0] <= reading.value <= reading.interval[1]
        assert reading.floor is not None
        assert (reading.ceiling is None) == METRICS[name].target_only
    assert {"raw_inputs", "random_network"} <= set(report.readings["target_knn"].detail)
    assert len(said) >= 2 + len(METRICS)


def test_a_report_survives_json(request_: GapRequest) -> None:
    import json

    report = measure_gap(with_(request_, metrics=("knn", "otdd")))
    assert list(report.readings) == ["knn", "otdd"]
    assert GapReport.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_the_same_request_gives_the_same_numbers_and_key(request_: GapRequest) -> None:
    first, second = (measure_gap(with_(request_, space="body")) for _ in range(2))
    assert first.readings == second.readings
    assert with_(request_).key() == request_.key() != with_(request_, seed=1).key()


def test_raw_space_is_in_the_users_own_units_and_takes_every_row(tmp_path: Path) -> None:
    """OTDD^2 of a cloud and its translate is 2 |c|^2; all rows, no scaling."""
    x = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    y = np.arange(40) % 2
    np.savez(tmp_path / "a.npz", X=x, y=y)
    np.savez(tmp_path / "b.npz", X=x + np.float32(3), y=y)
    report = measure_gap(
        GapRequest(str(tmp_path / "a.npz"), str(tmp_path / "b.npz"), space="raw", n=None, metrics=("otdd",))
    )
    assert report.readings["otdd"].value == pytest.approx(np.sqrt(2 * 9 * 5), rel=1e-5)
    assert report.readings["otdd"].n == 40


def test_raw_inputs_of_different_width_are_refused(request_: GapRequest) -> None:
    with pytest.raises(DataError, match="expected equal widths"):
        measure_gap(with_(request_, space="raw"))


@pytest.mark.parametrize(
    "change",
    [
        {"space": "head"},
        {"metrics": ("otd",)},
        {"n": 1},
        {"seed": -1},
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
    mine = measure_gap(with_(request_, metrics=("knn",)))
    other = measure_gap(with_(request_, metrics=("knn",), target=str(tmp_path / "other.npz")))
    assert mine.readings["knn"].value == other.readings["knn"].value
