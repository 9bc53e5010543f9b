"""New rows through a finished run, as a person does it."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.command_line import call, fruit, write_spec
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.runs.predictions import read_table
from xmodal_core.runs.rundir import RunDir


def trained(capsys, folder: Path, files: TinyFiles, target: str, method: str = "finetune", **more: object) -> str:
    spec = write_spec(folder, method, 0, files, target, **({"source": ""} | more))
    run = str(folder / "run")
    code, _, err = call(capsys, "run", spec, "--out", run)
    assert code == 0, err
    return run


def predicted(capsys, run: str, file: str, out: Path, *more: str) -> tuple[list[dict[str, str]], str]:
    code, _, err = call(capsys, "predict", run, file, "--out", str(out), *more)
    assert code == 0, err
    with out.open(newline="") as stream:
        return list(csv.DictReader(stream)), err


def without(file: str, column: str, path: Path, *, order: tuple[str, ...] = (), more: str = "") -> str:
    """The table again without a column, its columns in another order, with one more that nobody knows."""
    with open(file, newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = [name for name in order or rows[0] if name != column]
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, names + ([more] if more else []), extrasaction="ignore")
        writer.writeheader()
        writer.writerows([row | {more: f"free text {i}"} for i, row in enumerate(rows)])
    return str(path)


@pytest.fixture
def run(capsys, tmp_path, files):
    """A run on a table with a number and a category."""
    return trained(capsys, tmp_path, files, fruit(tmp_path / "fruit.csv"))


def test_a_run_keeps_what_it_says_of_every_row(run, tmp_path):
    kept = RunDir.open(Path(run)).read_predictions()
    assert kept is not None
    assert kept["uid"].tolist() == [f"fruit/{i}" for i in range(60)]
    assert {split: int((kept["split"] == split).sum()) for split in ("train", "val", "test")} == {
        "train": 36,
        "val": 12,
        "test": 12,
    }
    test = kept["split"] == "test"
    result = RunDir.open(Path(run)).result()
    assert result is not None
    assert result.test.accuracy == pytest.approx((kept["target"] == kept["prediction"])[test].mean())
    assert sum(kept[f"probability_{name}"] for name in ("apple", "fig", "pear")) == pytest.approx(np.ones(60))


def test_the_training_file_without_labels_gets_the_predictions_of_the_run(capsys, run, tmp_path):
    """Columns are found by name whatever their order, and what the run never saw is not looked at."""
    kept = read_table(Path(run) / "predictions.parquet")
    bare = without(
        str(tmp_path / "fruit.csv"), "kind", tmp_path / "bare.csv", order=("colour", "kind", "weight"), more="remark"
    )
    for file in (str(tmp_path / "fruit.csv"), bare):
        rows, err = predicted(capsys, run, file, tmp_path / "out.csv")
        assert err == ""
        assert [row["prediction"] for row in rows] == kept["prediction"].tolist()
        for name in ("apple", "fig", "pear"):
            found = [float(row[f"probability_{name}"]) for row in rows]
            assert found == pytest.approx(kept[f"probability_{name}"].tolist(), abs=1e-5)


def test_a_single_row_is_predicted_and_parquet_is_written_too(capsys, run, tmp_path):
    (tmp_path / "one.csv").write_text("colour,weight\nblue,4.1\n")
    rows, _ = predicted(capsys, run, str(tmp_path / "one.csv"), tmp_path / "one-out.csv")
    assert [row["uid"] for row in rows] == ["one/0"]
    code, out, _ = call(
        capsys, "predict", run, str(tmp_path / "one.csv"), "--out", str(tmp_path / "one.parquet"), "--json"
    )
    assert code == 0
    assert json.loads(out) | {"out": ""} == {
        "schema": 1,
        "run": "run",
        "file": "one.csv",
        "out": "",
        "rows": 1,
        "predicted": 1,
        "notes": [],
    }
    assert read_table(tmp_path / "one.parquet")["prediction"].tolist() == [rows[0]["prediction"]]


def test_categories_keep_their_codes_and_one_that_nobody_learnt_gets_no_prediction(capsys, run, tmp_path):
    """In a file of blue and red alone blue is code 0 and red code 1; to the run red is 2."""
    path = tmp_path / "new.csv"
    path.write_text("weight,colour\n1.5,red\n1.5,blue\n1.5,red\n1.5,mauve\n")
    rows, err = predicted(capsys, run, str(path), tmp_path / "out.csv")
    assert len(err.splitlines()) == 1
    assert "1 of 4 rows have a category of 'colour'" in err
    assert "'mauve'" in err
    assert rows[3] | {"uid": ""} == dict.fromkeys(rows[3], "")
    assert rows[0] | {"uid": ""} == rows[2] | {"uid": ""}
    assert rows[0]["probability_apple"] != rows[1]["probability_apple"]
    (tmp_path / "red.csv").write_text("weight,colour\n1.5,red\n")
    alone, _ = predicted(capsys, run, str(tmp_path / "red.csv"), tmp_path / "out.csv")
    assert float(alone[0]["probability_apple"]) == pytest.approx(float(rows[0]["probability_apple"]), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("weight\n1\n2\n", ("no column 'colour'", "2 features")),
        ("weight,colour\nheavy,red\nlight,blue\n", ("'weight'", "said to hold numbers and holds none")),
        ("weight,colour\n1,2\n2,3\n", ("none of 2 rows can be predicted", "category of 'colour'")),
        ("", ("empty",)),
    ],
)
def test_rows_that_are_not_those_of_the_run_are_refused(capsys, run, tmp_path, text, words):
    (tmp_path / "new.csv").write_text(text)
    code, out, err = call(capsys, "predict", run, str(tmp_path / "new.csv"), "--out", str(tmp_path / "out.csv"))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    for word in words:
        assert word in err
    assert not (tmp_path / "out.csv").exists()


def test_what_cannot_be_written_or_was_not_trained_is_refused(capsys, run, tmp_path, files):
    file = str(tmp_path / "fruit.csv")
    before = (tmp_path / "fruit.csv").read_bytes()
    unfinished = RunDir.create(tmp_path / "runs", (Path(run) / "spec.json").read_text())
    for arguments, word in (
        ((run, file, "--out", str(tmp_path / "out.txt")), ".csv or .parquet"),
        ((run, file, "--out", str(tmp_path / "out.npz")), "for a table"),
        ((run, file, "--out", str(tmp_path / "fruit.csv" / "out.csv")), "cannot be written"),
        ((run, file, "--out", file), "another name"),
        ((run, "none.csv", "--out", str(tmp_path / "out.csv")), "none.csv"),
        (("no-run", file, "--out", str(tmp_path / "out.csv")), "no-run"),
        ((str(unfinished.path), file, "--out", str(tmp_path / "out.csv")), "no result yet"),
        ((run, file, "--out", str(tmp_path / "out.csv"), "--read", "label=kind"), "leave the label out"),
    ):
        code, _, err = call(capsys, "predict", *arguments)
        assert code == 2
        assert word in err
    assert (tmp_path / "fruit.csv").read_bytes() == before


def test_data_that_changed_since_the_run_are_noticed(capsys, run, tmp_path):
    new = fruit(tmp_path / "new.csv", 9)
    fruit(tmp_path / "fruit.csv", seed=5)
    code, _, err = call(capsys, "predict", run, new, "--out", str(tmp_path / "out.csv"))
    assert code == 2
    assert "trained on other content" in err


@pytest.mark.parametrize("modality", [Modality.SERIES, Modality.IMAGE, Modality.SEQUENCE])
@pytest.mark.parametrize("method", ["finetune", "simple"])
def test_arrays_without_labels_are_predicted_like_the_rows_that_were_trained_on(
    capsys, tmp_path, files, modality, method
):
    target = files.data(modality)
    run = trained(capsys, tmp_path, files, target, method)
    with np.load(target) as arrays:
        np.savez(tmp_path / "bare.npz", X=arrays["X"])
    kept = read_table(Path(run) / "predictions.parquet")
    rows, _ = predicted(capsys, run, str(tmp_path / "bare.npz"), tmp_path / "out.csv")
    assert [float(row["probability_0"]) for row in rows] == pytest.approx(kept["probability_0"].tolist(), abs=1e-5)
    with np.load(target) as arrays:
        np.savez(tmp_path / "short.npz", X=arrays["X"][:, ..., :-1])
    code, _, err = call(capsys, "predict", run, str(tmp_path / "short.npz"), "--out", str(tmp_path / "o.csv"))
    assert code == 2
    assert "expected" in err


def test_texts_and_several_numbers(capsys, tmp_path, files):
    text = files.data(Modality.TEXT)
    run = trained(capsys, tmp_path, files, text, body=files.text_body)
    with np.load(text) as arrays:
        np.savez(tmp_path / "bare.npz", X=arrays["X"])
    kept = read_table(Path(run) / "predictions.parquet")
    rows, _ = predicted(capsys, run, str(tmp_path / "bare.npz"), tmp_path / "out.csv")
    assert [row["prediction"] for row in rows] == kept["prediction"].tolist()


def test_numbers_come_in_the_units_of_the_target(capsys, tmp_path, files):
    target = files.task(Task.REGRESSION)
    run = trained(capsys, tmp_path, files, target)
    with np.load(target) as arrays:
        np.savez(tmp_path / "bare.npz", X=arrays["X"])
    kept = read_table(Path(run) / "predictions.parquet")
    rows, _ = predicted(capsys, run, str(tmp_path / "bare.npz"), tmp_path / "out.csv")
    for name in ("prediction_1", "prediction_2"):
        assert [float(row[name]) for row in rows] == pytest.approx(kept[name].tolist(), rel=1e-4, abs=1e-3)
    assert abs(np.mean([float(row["prediction_1"]) for row in rows]) - 300) < 60


def test_a_value_per_cell_is_written_as_arrays(capsys, tmp_path, files):
    target = files.task(Task.DENSE)
    run = trained(capsys, tmp_path, files, target)
    with np.load(target) as arrays:
        np.savez(tmp_path / "bare.npz", X=arrays["X"])
    assert "ends in .npz" in call(capsys, "predict", run, str(tmp_path / "bare.npz"), "--out", "o.csv")[2]
    out = tmp_path / "out.npz"
    code, _, err = call(capsys, "predict", run, str(tmp_path / "bare.npz"), "--out", str(out))
    assert code == 0, err
    with np.load(out) as arrays:
        assert arrays["prediction"].shape == (60, 1, 8, 8)
    kept = read_table(Path(run) / "predictions.parquet")
    assert list(kept) == ["uid", "split", "rmse", "relative_l2"]


def test_a_class_per_cell_is_written_as_arrays_with_the_names_of_classes(capsys, tmp_path, files):
    target = files.task(Task.SEGMENTATION)
    run = trained(capsys, tmp_path, files, target)
    with np.load(target) as arrays:
        np.savez(tmp_path / "bare.npz", X=arrays["X"])
        truth, splits = arrays["y"], arrays["split"]
    code, _, err = call(capsys, "predict", run, str(tmp_path / "bare.npz"), "--out", str(tmp_path / "out.npz"))
    assert code == 0, err
    with np.load(tmp_path / "out.npz") as arrays:
        named, names = arrays["prediction"], arrays["class_names"]
    assert named.shape == truth.shape
    assert len(names) > named.max() >= named.min() >= 0
    result = RunDir.open(Path(run)).result()
    assert result is not None
    is_test = (splits == "test").reshape(-1, *[1] * (truth.ndim - 1)) & (truth >= 0)
    assert result.test.accuracy == pytest.approx((named == truth)[is_test].mean())
    kept = read_table(Path(run) / "predictions.parquet")
    assert kept["accuracy"][kept["split"] == "test"].mean() == pytest.approx(result.test.accuracy, abs=0.05)


def test_digits_that_single_precision_does_not_have_are_centred_as_in_training(capsys, tmp_path, files):
    """Times in milliseconds since 1970: the run saw them less the middle one of its training rows."""
    rng = np.random.default_rng(0)
    kinds = np.arange(60) % 2
    times = 1_700_000_000_000 + (rng.integers(0, 1000, 60) + 3000 * kinds)
    lines = [f"{time},{('late', 'early')[kind]}" for time, kind in zip(times, kinds, strict=True)]
    (tmp_path / "times.csv").write_text("\n".join(["time,label", *lines]) + "\n")
    run = trained(capsys, tmp_path, files, str(tmp_path / "times.csv"))
    result = RunDir.open(Path(run)).result()
    assert result is not None
    assert result.understanding is not None
    assert any("centred" in clause for clause in result.understanding.changed)
    (tmp_path / "few.csv").write_text("\n".join(["time", *(str(time) for time in times[3:8])]) + "\n")
    kept = read_table(Path(run) / "predictions.parquet")
    rows, _ = predicted(capsys, run, str(tmp_path / "few.csv"), tmp_path / "out.csv")
    found = [float(row["probability_late"]) for row in rows]
    assert found == pytest.approx(kept["probability_late"][3:8].tolist(), abs=1e-5)
