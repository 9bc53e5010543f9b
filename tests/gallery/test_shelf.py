"""What ships is whole, small, made by this version, and says what is in it."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from xmodal_core import __version__
from xmodal_core.data.examples import EXAMPLES
from xmodal_core.data.sources import SOURCES
from xmodal_core.errors import RunError
from xmodal_core.gallery import shelf
from xmodal_core.gallery.card import SCHEMA
from xmodal_core.gallery.items import BODY, ITEMS, ROWS
from xmodal_core.panel.kept import read_report, read_request
from xmodal_core.panel.umap_points import kept_umap_points
from xmodal_core.reuse.report import kept_reports
from xmodal_core.runs.job import list_runs, status
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import SCHEMA as SPEC_SCHEMA
from xmodal_core.runs.spec import spec_from_json
from xmodal_core.verdict.export import export

MOST_BYTES = 6_000_000
MOST_FRAMES = 60


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path))
    return tmp_path


def test_everything_together_is_small_and_nothing_else_lies_there():
    files = [path for path in shelf.SHELF.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= MOST_BYTES
    strips = {f"{name}.png" for name in (*EXAMPLES, *SOURCES)}
    assert {path.name for path in files} == {f"{name}.zip" for name in ITEMS} | strips


@pytest.mark.parametrize("name", ITEMS)
def test_an_item_has_its_gap_its_runs_and_a_verdict_that_its_card_repeats(name):
    item, card, folder = ITEMS[name], shelf.shown(name), shelf.workspace_of(name)
    assert card is not None
    assert (card.schema, card.version, card.name, card.seeds) == (SCHEMA, __version__, name, item.seeds)
    report, request = (one(folder / "gap" / f"{card.gap}.json") for one in (read_report, read_request))
    assert report.complete
    assert request.key() == card.gap  # asked today, the same would be the same
    assert (request.source, request.target, request.body, request.n) == (item.source, item.target, BODY, ROWS)
    assert not request.metrics  # the full panel
    reading = report.readings["otdd"]
    assert (card.mark.value, card.mark.floor, card.mark.interval) == (reading.value, reading.floor, reading.interval)
    assert kept_umap_points(folder / "gap" / f"{card.gap}.json", report.points) is not None

    runs = list_runs(folder / "runs")
    found = export(runs)
    assert {(run.result.method, run.result.seed) for run in found.runs} == {
        (arm, s) for arms in item.arms for arm in arms for s in item.seeds
    }
    assert found.verdict.answer == card.answer
    assert found.verdict.margin == card.margin
    means = {row.method: row.mean for row in found.table}
    assert max(means["orca"], means["finetune"]) == card.pretrained
    assert (means["scratch"], means["simple"]) == (card.scratch, card.simple)
    assert list(kept_reports(runs)) == [card.run]
    for run in runs:
        spec = spec_from_json((run.path / "spec.json").read_text(encoding="utf-8"))
        assert (spec.schema, spec.target, spec.body) == (SPEC_SCHEMA, item.target, BODY)
        assert run.result().versions["xmodal-lab"] == __version__
        assert status(run).state == "done"
        assert run.read_row_scores() is not None


@pytest.mark.parametrize("name", ITEMS)
def test_an_item_can_be_played_and_brings_no_weights(name):
    card, folder = shelf.shown(name), shelf.workspace_of(name)
    run = RunDir.open(folder / "runs" / card.run)
    align = [record for record in run.read_steps()[0] if record["stage"] == "align"]
    assert run.frame_numbers() == [record["done"] for record in align]
    assert 10 <= len(align) <= MOST_FRAMES
    curve = [record["metrics"]["heldout_otdd"] for record in align]
    assert (curve[0], curve[-1]) == card.aligned
    for number in run.frame_numbers():
        frame = run.read_frame(number)
        assert all(np.isfinite(array).all() for array in frame.values())
        assert len(frame["target_points"]) == len(frame["target_rows"])
    assert not [path for path in folder.rglob("*") if path.suffix in (".safetensors", ".txt", ".parquet", ".lock")]


def test_the_same_data_on_both_sides_has_no_gap_within_its_interval():
    mark = shelf.shown("same").mark
    assert mark.interval is not None
    assert mark.interval[0] <= mark.floor
    assert mark.interval[0] <= 0 <= mark.interval[1] or mark.value <= mark.floor


def test_where_labels_are_shuffled_the_gap_falls_and_nothing_is_learnt():
    card = shelf.shown("shuffled")
    assert card.aligned[1] < card.aligned[0]
    assert card.pretrained < 0.2
    assert card.chance is not None


def test_unpacked_once_and_whole_and_left_alone_after(home):
    first = shelf.workspace_of("wine")
    assert first.parent == home.resolve() / "gallery"
    assert [path.name for path in first.parent.iterdir()] == [first.name]
    mark = first / "card.json"
    written = mark.stat().st_mtime_ns
    assert shelf.workspace_of("wine") == first
    assert mark.stat().st_mtime_ns == written


def test_every_name_in_a_file_stays_inside_its_folder():
    for path in shelf.SHELF.glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert all(not Path(name).is_absolute() and ".." not in Path(name).parts for name in archive.namelist())


def test_what_is_no_item_is_refused(monkeypatch, tmp_path):
    with pytest.raises(RunError, match="no item"):
        shelf.workspace_of("../wine")
    assert shelf.shown("unknown") is None
    assert shelf.samples("../../wine") is None
    monkeypatch.setattr(shelf, "SHELF", tmp_path)
    (tmp_path / "field.zip").write_bytes(b"PK damaged")
    shelf.shown.cache_clear()
    shelf._content.cache_clear()
    try:
        assert shelf.shown("field") is None
        with pytest.raises(RunError, match="unpacked"):
            shelf.workspace_of("field")
        with pytest.raises(RunError, match="missing"):
            shelf.workspace_of("watch")
    finally:
        shelf.shown.cache_clear()
        shelf._content.cache_clear()
