"""`experiment` on the command line."""

import json
from pathlib import Path

import pytest

from tests.command_line import call
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality


def test_arms_are_tuned_alike_trained_and_compared_and_the_command_given_again_runs_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, files: TinyFiles
) -> None:
    source = files.data(Modality.IMAGE, n=90)
    asked = [
        *("experiment", "--target", files.data(Modality.SERIES), "--source", source, "--body", files.body),
        *("--arms", "finetune,orca,simple,lsg", "--seeds", "0,1", "--budgets", "2", "--lanes", "1"),
        *("--out", str(tmp_path / "out")),
    ]
    code, said, told = call(capsys, *asked)
    assert code == 0, told
    assert "left out: lsg." in told
    assert "Choosing among 2 learning rates for Fine-tuning." in told
    assert said.count("tried for Fine-tuning: finetune at ") == said.count("tried for ORCA: orca at ") == 2
    assert said.count("(chosen)") == 2
    assert "Every arm was given 2 learning rates, and the validation rows chose." in said
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "runs").glob("*/result.json")}
    assert len(before) == 2 * 2 + 2 + 2  # two rates at the first seed, one at the second, and simple at both
    code, said, _ = call(capsys, *asked, "--json")
    assert code == 0
    assert {row["method"] for row in json.loads(said)["table"]} == {"finetune", "orca", "simple"}
    assert len(json.loads(said)["tried"]) == 4
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_what_is_doubtful_about_the_data_is_said_and_another_content_is_another_experiment(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "flowers.csv"
    seen = []
    for sign in (1, -1):
        rows = [f"{i},{sign * (i % 3)}.5,{i % 7},{'abc'[i % 3]}" for i in range(60)]
        path.write_text("\n".join(["id,petal,stem,kind", *rows]))
        asked = ["experiment", "--target", str(path), "--arms", "simple", "--seeds", "0", "--budgets", "2"]
        code, said, told = call(capsys, *asked, "--out", str(tmp_path / "out"), "--json")
        assert code == 0, told
        assert "warning: " in told
        seen.append([run["run"] for run in json.loads(said)["runs"]])
    assert [len(runs) for runs in seen] == [1, 1]
    assert seen[0] != seen[1]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--seeds", "one"], "--seeds got 'one'"),
        (["--rates", "fast"], "--rates got 'fast'"),
        (["--lanes", "-1"], "--lanes is -1"),
        (["--arms", "nonsense"], "method is 'nonsense'"),
        (["--arms", "lsg"], "none of the arms can be run"),
        (["--rows", "100000"], "100000"),
        (["--body", "someone/body"], "expected a source beside it"),
        (["--body", "no-such-folder/here", "--source", "fractals"], "no-such-folder/here"),
    ],
)
def test_what_makes_no_experiment_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, asked: list[str], said: str
) -> None:
    code, _, told = call(capsys, "experiment", "--target", "digits", "--out", str(tmp_path / "out"), *asked)
    assert code == 2
    assert said in told
    assert not (tmp_path / "out").exists()
