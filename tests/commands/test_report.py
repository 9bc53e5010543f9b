import json

import pytest

from tests.pages.runs import written_run
from tests.report.test_page import a_gap, loaded
from xmodal_core.__main__ import main


@pytest.fixture
def gap_file(tmp_path):
    load = loaded()
    path = tmp_path / "gap.json"
    path.write_text(json.dumps(a_gap(load("digits"), load("fractals")).report.to_json()), encoding="utf-8")
    return path


def test_runs_and_a_gap_become_one_file(tmp_path, gap_file, capsys):
    runs = [str(written_run(tmp_path, "finetune", seed=seed, accuracy=0.9).path) for seed in range(3)]
    out = tmp_path / "report.html"
    assert main(["report", *runs, "--gap", str(gap_file), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bytes"] == out.stat().st_size
    assert len(told["runs"]) == 3
    text = out.read_text(encoding="utf-8")
    assert "Does fractal-vit help on digits?" in text
    assert "scikit-learn load_digits" in text  # the example was read for its pictures
    assert "How far apart they are" in text
    assert "again/" in text


def test_a_gap_alone_is_enough(tmp_path, gap_file, capsys):
    out = tmp_path / "gap.html"
    assert main(["report", "--gap", str(gap_file), "--out", str(out)]) == 0
    assert "opens without a network" in capsys.readouterr().out
    assert "How far is digits from fractals?" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "x.html"], "report got neither a run nor --gap"),
        (["--gap", "missing.json", "--out", "x.html"], "--gap 'missing.json' cannot be read"),
        (["RUN", "--out", "x.pdf"], "--out is 'x.pdf', expected a name that ends in .html or .htm"),
        (["UNFINISHED", "--out", "x.html"], "has no result yet"),
        (["RUN", "--margin", "-1", "--out", "x.html"], "--margin got '-1'"),
    ],
)
def test_what_cannot_be_reported_is_refused_in_one_line(tmp_path, capsys, options, said):
    made = {"RUN": {"accuracy": 0.9}, "UNFINISHED": {"done": 1}}
    given = [str(written_run(tmp_path, "finetune", **made[o]).path) if o in made else o for o in options]
    assert main(["report", *given]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
