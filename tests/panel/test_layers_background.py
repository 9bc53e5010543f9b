import time
from pathlib import Path

import pytest

from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.panel import layers_background
from xmodal_core.panel.layers import LayersReport, read_layers
from xmodal_core.panel.layers_background import find_layers, start_layers
from xmodal_core.panel.request import GapRequest

ONE = LayersReport((), 30, 0, "b", "s", "t")
REQUEST = GapRequest("fractals", "digits")


def test_layers_end_up_beside_the_report(files: TinyFiles, tmp_path: Path) -> None:
    request = GapRequest(files.data(Modality.IMAGE, n=60), files.data(Modality.SERIES, n=40), files.body)
    path = tmp_path / "r.json"
    assert find_layers(path) is None
    work = start_layers(request, path)
    assert work.wait(60)
    assert (work.state, work.error) == ("done", "")
    assert find_layers(path) is work
    assert read_layers(path).target == "series"


def test_what_is_under_way_is_not_started_twice_and_can_be_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(_request):
        while True:
            time.sleep(0.001)
            yield

    monkeypatch.setattr(layers_background, "measure_layers", endless)
    path = tmp_path / "r.json"
    work = start_layers(REQUEST, path)
    assert start_layers(REQUEST, path) is work
    work.cancel()
    assert work.wait(10)
    assert work.state == "cancelled"
    assert read_layers(path) is None


def test_a_refusal_is_one_sentence(tmp_path: Path) -> None:
    work = start_layers(GapRequest("fractals", "digits", space="raw"), tmp_path / "r.json")
    assert work.wait(30)
    assert work.state == "failed"
    assert "no layers" in work.error
