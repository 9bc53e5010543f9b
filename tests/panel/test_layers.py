from dataclasses import replace
from pathlib import Path

import pytest

from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.errors import DataError
from xmodal_core.gap.base import finish
from xmodal_core.panel.layers import LayersReport, layers_path, measure_layers, read_layers, write_layers
from xmodal_core.panel.request import GapRequest


@pytest.fixture(scope="module")
def request_(files: TinyFiles) -> GapRequest:
    return GapRequest(files.data(Modality.IMAGE, n=120), files.data(Modality.SERIES, n=90), files.body)


@pytest.fixture(scope="module")
def report(request_: GapRequest) -> LayersReport:
    return finish(measure_layers(request_, rows=30))


def test_every_block_is_read_after_the_embedder_on_equally_many_rows(report: LayersReport) -> None:
    from xmodal_core.model.crossmodal import load_body

    n_layers = load_body(report.body).n_layers
    assert [layer.name for layer in report.layers] == ["embedder", *map(str, range(1, n_layers + 1))]
    assert report.n == 30
    for layer in report.layers:
        assert layer.mmd <= 2
        assert layer.knn <= 1
        assert layer.mmd_floor is not None
        assert layer.mmd_error is not None


def test_the_same_data_on_both_sides_read_as_their_floor_at_the_door(request_: GapRequest) -> None:
    """Through the same embedder and the same rows' world there is no gap beyond the interval."""
    same = finish(measure_layers(replace(request_, target=request_.source), rows=30))
    door = same.layers[0]
    assert abs(door.knn) < 0.35
    assert door.mmd < 0.2


def test_layers_are_kept_beside_a_report_and_read_back(report: LayersReport, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    assert read_layers(path) is None
    write_layers(path, report)
    assert read_layers(path) == report
    layers_path(path).write_text("[]")
    assert read_layers(path) is None


def test_raw_inputs_have_no_layers(request_: GapRequest) -> None:
    with pytest.raises(DataError, match="no layers"):
        finish(measure_layers(replace(request_, space="raw")))
