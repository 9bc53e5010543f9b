"""`--read` and `--read-source` on the commands that take them, and who is told what is doubtful."""

import json

import numpy as np
import pytest

from tests.command_line import call, fruit, write_spec
from xmodal_core.panel.request import GapRequest
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import RunSpec

RAW = ("--space", "raw", "--metrics", "knn", "--n", "all", "--no-curve")


@pytest.fixture
def sides(tmp_path):
    """Two tables with a row each that has no label."""
    return (
        "--source",
        fruit(tmp_path / "bought.csv", unlabelled=(7,), seed=1),
        "--target",
        fruit(tmp_path / "grown.csv", unlabelled=(4, 5)),
    )


def test_gap_says_each_doubt_of_both_sides_once_and_never_into_json(capsys, sides):
    code, out, err = call(capsys, "gap", *sides, *RAW, "--json")
    assert code == 0
    lines = err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("warning: grown.csv: 2 of 60 rows have no label")
    assert lines[0].endswith("(--read missing=drop).")
    assert lines[1].startswith("warning: bought.csv: 1 of 60 rows have no label")
    assert lines[1].endswith("(--read-source missing=drop).")
    found = json.loads(out)
    assert found["understanding"]["file"] == "grown.csv"
    assert found["understanding"]["warnings"][0]["code"] == "missing-labels"
    assert found["source_understanding"]["n"] == 59


def test_several_bodies_are_told_of_a_doubt_once(capsys, sides, files):
    bodies = ("--body", f"{files.body},fractal-vit", "--metrics", "centroid", "--n", "40", "--no-curve", "--json")
    code, out, err = call(capsys, "gap", *sides, *bodies)
    assert code == 0, err
    assert [line.split(":")[1] for line in err.splitlines()] == [" grown.csv", " bought.csv"]
    assert json.loads(out)["bodies"][1]["report"]["understanding"]["file"] == "grown.csv"


def test_what_a_warning_asks_to_say_silences_it_side_by_side(capsys, sides):
    _, _, err = call(capsys, "gap", *sides, *RAW, "--read-source", "missing=drop")
    assert [line.split(":")[1] for line in err.splitlines()] == [" grown.csv"]
    assert call(capsys, "gap", *sides, *RAW, "--read", "missing=drop", "--read-source", "missing=drop")[2] == ""


def test_a_doubt_is_said_even_where_the_gap_is_refused(capsys, sides, tmp_path):
    np.savez(tmp_path / "wide.npz", X=np.random.default_rng(0).normal(size=(30, 9)), y=np.arange(30) % 3)
    code, _, err = call(capsys, "gap", "--source", str(tmp_path / "wide.npz"), *sides[2:], *RAW)
    assert code == 2
    assert err.splitlines()[0].startswith("warning: grown.csv")
    assert "9 features in wide and 2 in grown" in err.splitlines()[1]


def test_data_that_ship_have_nothing_to_be_understood_and_take_no_reading(capsys, sides):
    found = json.loads(call(capsys, "gap", "--source", "wine", "--target", "wine", *RAW, "--json")[1])
    assert not {"understanding", "source_understanding"} & set(found)
    code, _, err = call(capsys, "gap", "--source", "wine", "--target", "wine", *RAW, "--read-source", "label=kind")
    assert code == 2
    assert "wine ships" in err
    assert "--read-source has no 'kind'" in call(capsys, "gap", *sides, "--read-source", "kind=3")[2]


def test_a_run_takes_readings_from_its_specification_and_keeps_what_was_understood(capsys, files, tmp_path):
    target = fruit(tmp_path / "fruit.csv", unlabelled=(4,))
    spec = write_spec(tmp_path, "finetune", 0, files, target, source="", reading={"label": "kind"})
    code, out, err = call(capsys, "run", spec, "--out", str(tmp_path / "run"), "--json")
    assert code == 0, err
    assert err.splitlines() == [
        "warning: fruit.csv: 1 of 60 rows have no label and were left out; fill them in if they have one "
        "(--read missing=drop)."
    ]
    result = json.loads(out)
    assert result["spec"]["reading"] == {"label": "kind"}
    assert result["understanding"]["reading"] == {"label": "kind"}
    assert result["understanding"]["warnings"][0]["code"] == "missing-labels"
    assert "source_understanding" not in result
    compared = json.loads(call(capsys, "compare", str(tmp_path / "run"), "--json")[1])
    assert compared["understanding"] == result["understanding"]
    assert RunDir.open(tmp_path / "run").spec_values()["reading"] == {"label": "kind"}
    assert call(capsys, "run", spec, "--out", str(tmp_path / "run"), "--resume")[0] == 0


def test_a_source_may_be_a_file_with_a_reading_of_its_own(capsys, files, tmp_path):
    source = fruit(tmp_path / "source.csv")
    more = {"source": source, "source_reading": {"label": "colour"}}
    spec = write_spec(tmp_path, "orca", 0, files, fruit(tmp_path / "target.csv", seed=1), **more)
    code, out, err = call(capsys, "run", spec, "--out", str(tmp_path / "run"), "--json")
    assert code == 0, err
    assert json.loads(out)["source_understanding"]["label"] == "colour"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"reading": "label=kind"}, "expected a JSON object"),
        ({"reading": {"colour": 1}}, "reading has no 'colour'"),
        ({"source_reading": {"level": "deep"}}, "level of source_reading"),
        ({"reading": {"label": "weights"}}, "no column 'weights'"),
    ],
)
def test_a_reading_that_says_nothing_readable_leaves_no_run_behind(capsys, files, tmp_path, more, word):
    spec = write_spec(tmp_path, "orca", 0, files, fruit(tmp_path / "fruit.csv"), **more)
    code, out, err = call(capsys, "run", spec, "--out", str(tmp_path / "run"))
    assert (code, out) == (2, "")
    assert word in err
    assert not (tmp_path / "run").exists()


def test_nothing_said_leaves_specifications_and_keys_as_they_were():
    """Runs of earlier versions are found again: byte for byte."""
    spec = RunSpec("finetune", "digits", "fractal-vit")
    assert list(json.loads(spec.to_json()))[-2:] == ["waypoints", "schema"]
    assert '"reading"' not in spec.to_json()
    request = GapRequest("fractals", "digits")
    # A report of an earlier version is of another model, so that its key is another one too.
    assert list(request.to_json())[-2:] == ["model", "class_shares"]


def test_own_vectors_are_measured_without_a_body(capsys, tmp_path):
    """Embeddings of any kind of network: a file a side, as arrays or as a table; no network is loaded for them."""
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    vectors = rng.normal(size=(60, 96)).astype(np.float32) + labels[:, None]
    np.savez(tmp_path / "a.npz", X=vectors, y=labels)
    np.savez(tmp_path / "b.npz", X=vectors + 1, y=labels)
    table = "\n".join(
        [",".join([*(f"v{i}" for i in range(96)), "label"])]
        + [",".join([*map(str, row.tolist()), str(label)]) for row, label in zip(vectors, labels, strict=True)]
    )
    (tmp_path / "a.csv").write_text(table)
    values = []
    for source in ("a.npz", "a.csv"):
        where = ("--source", str(tmp_path / source), "--target", str(tmp_path / "b.npz"))
        code, out, err = call(capsys, "gap", *where, "--space", "raw", "--metrics", "otdd", "--n", "all", "--json")
        assert code == 0, err
        found = json.loads(out)
        assert found["body"] == ""
        values.append(found["readings"]["otdd"]["detail"]["squared"])
    assert values[0] == pytest.approx(2 * 96, rel=1e-4)  # both sides are one another, shifted by 1 in 96 dimensions
    assert values[1] == pytest.approx(values[0], rel=1e-6)
