"""The command line as people script against it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from tests.command_line import call, write_spec
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.data.examples import EXAMPLES


def road(files: TinyFiles) -> list[str]:
    return [
        f"--source={files.data(Modality.IMAGE, n=90)}",
        f"--target={files.data(Modality.SERIES)}",
        f"--body={files.body}",
    ]


def test_examples_lists_what_ships(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "examples", "--json")
    assert code == 0
    assert [e["name"] for e in json.loads(out)["examples"]] == list(EXAMPLES)
    assert "digits" in call(capsys, "examples")[1]


def test_gap_prints_one_json_object_and_nothing_else(capsys: pytest.CaptureFixture[str], files: TinyFiles) -> None:
    code, out, _ = call(
        capsys,
        "gap",
        "--source",
        files.data(Modality.IMAGE, n=90),
        "--target",
        files.data(Modality.SERIES),
        "--body",
        files.body,
        "--metrics",
        "otdd,knn",
        "--set",
        "otdd.labels=means",
        "--n",
        "40",
        "--json",
    )
    assert code == 0
    found = json.loads(out)
    assert {"source", "target", "space", "readings"} <= set(found)
    otdd = found["readings"]["otdd"]
    assert {"value", "unit", "floor", "ceiling", "interval", "p", "n", "seed", "detail", "shuffled"} == set(otdd)
    assert {"squared", "half", "feature_part", "label_part", "lower", "upper", "solver"} <= set(otdd["detail"])
    assert otdd["value"] ** 2 == pytest.approx(otdd["detail"]["squared"]) == pytest.approx(2 * otdd["detail"]["half"])


def test_gap_tells_a_person_anchors_solver_bounds_and_who_refused(
    capsys: pytest.CaptureFixture[str], files: TinyFiles
) -> None:
    where = road(files)
    capsys.readouterr()  # saving the body shows its progress
    refusing = ("--metrics", "otdd,knn", "--set", "knn.k=200", "--n", "40", "--no-curve")
    code, out, err = call(capsys, "gap", *where, *refusing)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    otdd = next(i for i, line in enumerate(lines) if line.split()[0] == "otdd")
    for word in ("95 % interval", "floor", "ceiling", "shuffled"):
        assert word in lines[otdd]
    assert "solver" in lines[otdd + 1]
    assert "bounds" in lines[otdd + 1]
    refused = next(line for line in lines if line.split()[0] == "knn")
    assert refused.split()[1] == "refused:"
    assert "k = 200" in refused
    assert "class shares vary as rows do" in lines[-1]


def test_gap_over_several_bodies_is_one_object_of_their_reports(
    capsys: pytest.CaptureFixture[str], files: TinyFiles
) -> None:
    where = road(files)[:2]
    asked = (*where, "--metrics", "centroid", "--n", "40", "--json")
    bodies = f"{files.body}, {files.text_body},{files.folder}"
    capsys.readouterr()  # saving them shows its progress
    code, out, err = call(capsys, "gap", *asked, "--body", bodies)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["schema"] == 1
    assert [one["body"] for one in found["bodies"]] == [files.body, files.text_body, str(files.folder)]
    assert "config.json" in found["bodies"][2]["refused"]
    alone = json.loads(call(capsys, "gap", *asked, "--body", files.body)[1])
    assert found["bodies"][0]["report"]["readings"] == alone["readings"]
    assert "bodies" not in alone
    assert "do not rank bodies" in call(capsys, "gap", *asked[:-1], "--body", bodies)[1]
    assert call(capsys, "gap", *asked, "--body", f"/no/folder,{files.folder}")[0] == 2
    assert call(capsys, "gap", *asked, "--body", bodies, "--space", "raw")[0] == 2


def test_tokens_are_asked_for_alike_in_a_gap_and_in_a_run(
    capsys: pytest.CaptureFixture[str], files: TinyFiles, tmp_path: Path
) -> None:
    """Series of 30 steps on a text body of 40 positions: 15 tokens where nothing is said."""
    target, source = files.data(Modality.SERIES), files.data(Modality.TEXT, n=90)
    where = (f"--source={source}", f"--target={target}", f"--body={files.text_body}", "--metrics=centroid", "--n=40")
    usual, same, more = (
        json.loads(call(capsys, "gap", *where, *tokens, "--json")[1])
        for tokens in ([], ["--tokens", "24"], ["--tokens", "30"])
    )
    assert "tokens" not in usual
    assert more["tokens"] == 30
    assert same["readings"] == usual["readings"] != more["readings"]
    assert "at most 30 tokens a sample" in call(capsys, "gap", *where, "--tokens", "30")[1]
    spec = {"method": "finetune", "target": target, "body": files.text_body, "budget": {"refine_steps": 1}}
    path, out = tmp_path / "spec.json", tmp_path / "run"
    path.write_text(json.dumps(spec | {"tokens": 30}))
    assert call(capsys, "run", str(path), "--out", str(out))[0] == 0
    with safe_open(out / "checkpoint.safetensors", framework="np") as file:
        positions = [name for name in file.keys() if name.endswith("embedder.tokens.positions")]  # noqa: SIM118
        assert [len(file.get_tensor(name)) for name in positions] == [30]
    path.write_text(json.dumps(spec | {"tokens": 41}))
    for refused in (
        call(capsys, "gap", *where, "--tokens", "41"),
        call(capsys, "run", str(path), "--out", str(tmp_path / "other")),
    ):
        assert (refused[0], len(refused[2].splitlines())) == (2, 1)
        assert "tokens is 41" in refused[2]
        assert "takes at most 40" in refused[2]


def test_gap_without_curve_and_with_permutations(capsys: pytest.CaptureFixture[str], files: TinyFiles) -> None:
    where = road(files)
    asked = (*where, "--metrics", "knn", "--n", "52", "--json")
    found = json.loads(call(capsys, "gap", *asked)[1])
    assert [point["n"] for point in found["curves"]["knn"]] == []
    assert json.loads(call(capsys, "gap", *asked, "--no-curve")[1])["curves"] == {}
    assert call(capsys, "gap", *asked, "--permutations", "-1")[0] == 2


def test_run_reuse_and_compare(capsys: pytest.CaptureFixture[str], files: TinyFiles, tmp_path: Path) -> None:
    runs = []
    for method, seed in (("finetune", 0), ("finetune", 1), ("scratch", 0), ("scratch", 1), ("orca", 0), ("pare", 0)):
        out_dir = str(tmp_path / f"{method}-{seed}")
        code, out, err = call(capsys, "run", write_spec(tmp_path, method, seed, files), "--out", out_dir, "--json")
        assert code == 0, err
        result = json.loads(out)
        assert result == json.loads((Path(out_dir) / "result.json").read_text())
        assert {"method", "seed", "test", "validation", "steps", "seconds", "device", "versions"} <= set(result)
        assert 0 <= result["test"]["accuracy"] <= 1
        runs.append(out_dir)
    code, out, _ = call(capsys, "compare", *runs, "--json")
    assert code == 0
    found = json.loads(out)
    assert {row["method"]: row["n_seeds"] for row in found["table"]} == {
        "finetune": 2,
        "scratch": 2,
        "orca": 1,
        "pare": 1,
    }
    assert found["verdict"]["answer"]
    assert "Verdict:" in call(capsys, "compare", *runs)[1]
    assert json.loads(compared_without_torch(runs)) == found


def compared_without_torch(runs: list[str]) -> str:
    """What `compare` prints in a process that must not import what it does not need."""
    script = f"""
import sys
from xmodal_core.__main__ import main
code = main(["compare", *{runs!r}, "--json"])
sys.exit(code or 99 * bool({{"torch", "transformers"}} & set(sys.modules)))
"""
    root = Path(__file__).parents[1]
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout


def test_reuse_of_an_untrained_run_retains_everything(
    capsys: pytest.CaptureFixture[str], files: TinyFiles, tmp_path: Path
) -> None:
    """Zero steps: before and after are the same body, so CKA is 1, drift 0 and the accuracies agree."""
    spec = json.loads(Path(write_spec(tmp_path, "orca", 0, files)).read_text())
    spec["budget"] = dict.fromkeys(spec["budget"], 0)
    path = tmp_path / "none.json"
    path.write_text(json.dumps(spec))
    assert call(capsys, "run", str(path), "--out", str(tmp_path / "none"))[0] == 0
    code, out, err = call(capsys, "reuse", str(tmp_path / "none"), "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["retention"]["before"] == found["retention"]["after"]
    for side in ("source_inputs", "target_inputs"):
        assert found[side]["cka"] == pytest.approx([1, 1], abs=1e-6)
        assert found[side]["drift"] == pytest.approx([0, 0], abs=1e-9)
    assert "retention" in call(capsys, "reuse", str(tmp_path / "none"))[1]


def test_a_regression_is_told_by_its_score_and_compared_by_its_error(
    capsys: pytest.CaptureFixture[str], files: TinyFiles, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 5))
    np.savez(tmp_path / "numbers.npz", X=x, y=(x[:, 0] + 0.1 * rng.normal(size=60)).astype(np.float32))
    target = str(tmp_path / "numbers.npz")
    runs = [str(tmp_path / f"run-{seed}") for seed in (0, 1)]
    for seed, run in enumerate(runs):
        code, out, err = call(capsys, "run", write_spec(tmp_path, "finetune", seed, files, target), "--out", run)
        assert code == 0, err
        assert "test R^2" in out
    code, out, err = call(capsys, "compare", *runs, "--margin", "3")
    assert code == 0, err
    assert "test R^2" in out.splitlines()[0]
    assert "Margin 3 % of the error" in out
    found = json.loads(call(capsys, "compare", *runs, "--json")[1])
    assert (found["verdict"]["margin"], found["verdict"]["answer"]) == (0.02, "inconclusive")
    for margin in ("0", "nan", "much"):
        assert call(capsys, "compare", *runs, "--margin", margin)[0] == 2


def test_a_run_ends_with_what_is_doubtful_of_its_stages(
    capsys: pytest.CaptureFixture[str], files: TinyFiles, tmp_path: Path
) -> None:
    """Shuffled labels cannot be told by answers: the entropy falls by collapse alone."""
    settings = {"distortion_labels": "shuffled", "feature_weight": 0.0, "align_learning_rate": 3e-2}
    budget = {"align_steps": 25, "refine_steps": 1}
    spec = write_spec(tmp_path, "recraft", 0, files, settings=settings | {"rows_per_label": 8}, budget=budget)
    code, out, _ = call(capsys, "run", spec, "--out", str(tmp_path / "collapsed"))
    assert code == 0
    assert len(out.splitlines()) == 2
    assert "this fall is no progress; choose distortion information" in out.splitlines()[1]
    assert "no progress" in call(capsys, "reuse", str(tmp_path / "collapsed"))[1]


def test_a_run_without_a_body_has_no_knowledge_to_reuse(
    capsys: pytest.CaptureFixture[str], files: TinyFiles, tmp_path: Path
) -> None:
    out = str(tmp_path / "simple")
    assert call(capsys, "run", write_spec(tmp_path, "simple", 0, files), "--out", out)[0] == 0
    code, _, err = call(capsys, "reuse", out)
    assert code == 2
    assert "no pretrained body" in err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["gap", "--source", "nothing", "--target", "digits"], "nothing"),
        (["gap", "--source", "fractals", "--target", "digits", "--n", "many"], "--n"),
        (["gap", "--source", "fractals", "--target", "digits", "--permutations", "10000"], "permutations"),
        (["gap", "--source", "fractals", "--target", "digits", "--permutations", "some"], "--permutations"),
        (["gap", "--source", "fractals", "--target", "digits", "--set", "labels=exact"], "--set"),
        (["gap", "--source", "fractals", "--target", "digits", "--set", "otdd.labels=fuzzy"], "labels"),
        (["gap", "--source", "fractals", "--target", "digits", "--metrics", "otd"], "otd"),
        (["gap", "--source", "fractals", "--target", "digits", "--body", "/no/folder"], "no such folder"),
        (["gap", "--target", "digits"], "--source"),
        (["run", "missing.json", "--out", "x"], "missing.json"),
        (["compare", "no-such-run"], "no-such-run"),
        (["reuse", "no-such-run"], "no-such-run"),
        (["dance"], "dance"),
        ([], "COMMAND"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert word in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "JSON"),
        ("[1]", "object"),
        ("{}", "method"),
        ('{"method": "orca", "target": "digits", "body": "fractal-vit"}', "source"),
        ('{"method": "finetune", "target": "digits", "body": "fractal-vit", "seed": "x"}', "seed"),
        ('{"method": "finetune", "target": "digits", "body": "fractal-vit", "schema": 9}', "schema"),
        ('{"method": "finetune", "target": "digits", "body": "fractal-vit", "colour": 1}', "colour"),
        (
            '{"method": "finetune", "target": "digits", "body": "fractal-vit", "budget": {"refine_steps": 1.5}}',
            "refine_steps",
        ),
    ],
)
def test_bad_specifications_are_refused(
    text: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "spec.json"
    path.write_text(text)
    code, _, err = call(capsys, "run", str(path), "--out", str(tmp_path / "run"))
    assert code == 2
    assert word in err
    assert not (tmp_path / "run").exists()


def test_a_run_directory_in_use_is_not_overwritten(
    capsys: pytest.CaptureFixture[str], files: TinyFiles, tmp_path: Path
) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "notes.txt").write_text("mine")
    code, _, err = call(capsys, "run", write_spec(tmp_path, "finetune", 0, files), "--out", str(tmp_path / "kept"))
    assert code == 2
    assert "not empty" in err
    assert (tmp_path / "kept" / "notes.txt").read_text() == "mine"


def test_a_run_that_is_refused_at_load_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str], files: TinyFiles, tmp_path: Path
) -> None:
    """A folder whose files look well, but whose weights do not fit."""
    body = Path(shutil.copytree(files.body, tmp_path / "body"))
    config = json.loads((body / "config.json").read_text())
    (body / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    spec = json.loads(Path(write_spec(tmp_path, "finetune", 0, files)).read_text()) | {"body": str(body)}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    (tmp_path / "empty").mkdir()
    before = sorted(tmp_path.rglob("*"))
    for out in ("new/folder", "empty", "spec.json"):
        code, _, err = call(capsys, "run", str(tmp_path / "spec.json"), "--out", str(tmp_path / out))
        assert (code, len(err.splitlines())) == (2, 1)
        assert sorted(tmp_path.rglob("*")) == before


def test_runs_on_different_data_are_not_compared(
    capsys: pytest.CaptureFixture[str], files: TinyFiles, tmp_path: Path
) -> None:
    for seed, name in enumerate("ab"):
        (tmp_path / name).mkdir()
        spec = write_spec(tmp_path / name, "finetune", 0, files, files.data(Modality.SERIES, seed=seed))
        assert call(capsys, "run", spec, "--out", str(tmp_path / f"run-{name}"))[0] == 0
    code, _, err = call(capsys, "compare", str(tmp_path / "run-a"), str(tmp_path / "run-b"))
    assert code == 2
    assert "differ in target or body" in err


def test_raw_gap_of_all_rows_takes_a_file_as_it_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(30, 4))
    for name, shift in (("a", 0), ("b", 1)):
        np.savez(tmp_path / f"{name}.npz", X=x + shift, y=np.arange(30) % 3)
    code, out, err = call(
        capsys,
        "gap",
        "--source",
        str(tmp_path / "a.npz"),
        "--target",
        str(tmp_path / "b.npz"),
        "--space",
        "raw",
        "--n",
        "all",
        "--metrics",
        "otdd",
        "--json",
    )
    assert code == 0, err
    assert json.loads(out)["readings"]["otdd"]["value"] == pytest.approx(8**0.5, rel=1e-5)


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    """As with `| head`: the pipe is closed before anything is written."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "xmodal_core", "examples"]
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, cwd=Path(__file__).parents[1]
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
