import json
from dataclasses import replace

import numpy as np
import pytest

from tests.command_line import call, fruit
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.named import load_named
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading
from xmodal_core.data.store import save_dataset


def exported(capsys, tmp_path, file: str, *more: str) -> tuple[str, str]:
    """Where it lies, and the content hash that was told."""
    out = str(tmp_path / "out" / "data.npz")
    code, text, err = call(capsys, "export", file, "--out", out, "--json", *more)
    assert code == 0, err
    return out, json.loads(text)["content_hash"]


def test_a_table_is_read_back_to_the_same_content_with_what_was_said(capsys, tmp_path):
    path = fruit(tmp_path / "fruit.csv", unlabelled=(3,))
    reading = Reading(label="kind", missing="drop")
    out, content = exported(capsys, tmp_path, path, "--read", reading.on_command_line())
    given, back = load_named(path, reading=reading), load_named(out)
    assert back.content_hash == content == given.content_hash
    assert back.feature_names == ("weight", "colour")
    assert back.understanding == given.understanding
    assert load_named(out, reading=reading).content_hash == content


def test_other_programs_find_the_arrays_by_their_usual_names(capsys, tmp_path):
    out, _ = exported(capsys, tmp_path, fruit(tmp_path / "fruit.csv"))
    with np.load(out, allow_pickle=False) as arrays:
        assert arrays["X"].shape == (60, 2)
        assert arrays["class_names"][arrays["y"]][:3].tolist() == ["apple", "fig", "pear"]
        assert arrays["feature_names"].tolist() == ["weight", "colour"]
        assert arrays["is_categorical"].tolist() == [False, True]
        assert set(arrays["split"].tolist()) == {"train", "val", "test"}
        assert (str(arrays["task"]), str(arrays["modality"])) == ("classification", "tabular")


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.SERIES, Modality.SEQUENCE, Modality.TEXT])
def test_every_modality_comes_back(capsys, tmp_path, files, modality):
    out, content = exported(capsys, tmp_path, files.data(modality))
    assert load_named(out).content_hash == content == load_named(files.data(modality)).content_hash


@pytest.mark.parametrize("task", [Task.MULTILABEL, Task.REGRESSION, Task.DENSE])
def test_every_task_comes_back(capsys, tmp_path, files, task):
    out, content = exported(capsys, tmp_path, files.task(task))
    assert load_named(out).content_hash == content == load_named(files.task(task)).content_hash


def test_an_upload_of_an_exported_file_has_the_same_samples(capsys, tmp_path):
    """Through the reader of arrays, which guesses: what the arrays say of themselves is enough for a plain table."""
    out, _ = exported(capsys, tmp_path, "wine")
    with open(out, "rb") as stream:
        data = read(stream.read(), "wine.npz")
    wine = load_named("wine")
    np.testing.assert_array_equal(data.inputs, wine.inputs)
    np.testing.assert_array_equal(data.splits, wine.splits)
    assert data.class_names == wine.class_names


def test_what_cannot_be_written_is_refused(capsys, tmp_path):
    path = fruit(tmp_path / "fruit.csv")
    code, out, err = call(capsys, "export", path, "--out", str(tmp_path / "data.csv"))
    assert (code, out) == (2, "")
    assert "ends in .npz" in err
    own, _ = exported(capsys, tmp_path, path)
    assert "another name" in call(capsys, "export", own, "--out", own)[2]
    assert not (tmp_path / "data.csv").exists()


def test_rows_that_belong_together_still_do(capsys, tmp_path):
    wine = load_named("wine")
    save_dataset(replace(wine, groups=np.arange(len(wine)) // 3), tmp_path, "grouped.npz")
    out, content = exported(capsys, tmp_path, str(tmp_path / "grouped.npz"))
    back = load_named(out)
    assert back.groups is not None
    assert back.groups.tolist() == [row // 3 for row in range(len(wine))]
    assert back.content_hash == content
