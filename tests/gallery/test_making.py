"""The smallest item, made again."""

import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from xmodal_core.data.examples import EXAMPLES
from xmodal_core.errors import RunError
from xmodal_core.gallery import making, shelf
from xmodal_core.gallery.card import Card
from xmodal_core.gallery.items import ITEMS, SEEDS, Item
from xmodal_core.runs.rundir import RunDir

TINY = Item("tiny", "", "", "wine", steps={"align_steps": 2, "curriculum_steps": 0, "refine_steps": 2})


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path / "home"))


def test_a_strip_is_three_pictures_of_different_classes():
    picture = np.asarray(Image.open(io.BytesIO(making.samples(EXAMPLES["digits"].load()))))
    assert picture.shape == (96, 288, 3)
    thirds = np.split(picture, 3, axis=1)
    assert not np.array_equal(thirds[0], thirds[1])
    assert shelf.samples("digits") == making.samples(EXAMPLES["digits"].load())


def test_what_ships_is_the_same_file_for_the_same_content_and_has_no_weights(tmp_path, written):
    making.pack(written, tmp_path / "a.zip")
    making.pack(written, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    names = zipfile.ZipFile(tmp_path / "a.zip").namelist()
    assert names == ["card.json", "gap/g.json", "runs/orca-0-a/frames/000001.npz", "runs/orca-0-a/spec.json"]


@pytest.fixture
def written(tmp_path):
    folder = tmp_path / "workspace"
    run = RunDir.create_at(folder / "runs" / "orca-0-a", '{"method": "orca", "seed": 0}')
    run.write_frame(1, {"target_points": np.zeros((2, 2), np.float32)})
    run.write_checkpoint(b"weights")
    run.log.write_text("words of a worker")
    (folder / "gap").mkdir()
    (folder / "gap" / "g.json").write_text("{}")
    (folder / "card.json").write_text("{}")
    return folder


def test_a_run_that_fails_ends_the_making_with_its_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "_measured", lambda *_: None)
    monkeypatch.setattr(making, "conduct", lambda _: iter([making_progress()]))
    with pytest.raises(RunError, match="memory"):
        making.make(TINY, tmp_path, lambda _: None)


def making_progress():
    from xmodal_core.experiment.progress import Progress

    return Progress("", 1, failed={"orca-0": "out of memory"})


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_smallest_item_made_again_has_the_numbers_that_ship(tmp_path):
    kept = shelf.shown("wine")
    making.make(ITEMS["wine"], tmp_path / "wine", lambda _: None)
    made = Card.from_json(json.loads((tmp_path / "wine" / "card.json").read_text()))
    assert made.mark.value == pytest.approx(kept.mark.value, rel=1e-3)
    assert made.mark.floor == pytest.approx(kept.mark.floor, rel=1e-3)
    assert made.aligned == pytest.approx(kept.aligned, rel=0.05)
    for name in ("pretrained", "scratch", "simple"):
        assert getattr(made, name) == pytest.approx(getattr(kept, name), abs=2 / 36)  # two of 36 test rows
    assert made.seeds == SEEDS
    assert (made.gap, made.run) == (kept.gap, kept.run)
