"""A comparison that version 0.1.0 exported, and what its command line printed, come out the same from its runs."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from xmodal_core.__main__ import main
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.export import Comparison, export
from xmodal_core.verdict.results import FinishedRun

HERE = Path(__file__).parent
STORED = json.loads((HERE / "comparison.json").read_text(encoding="utf-8"))
OF_NOTHING = json.loads((HERE / "comparison_of_nothing.json").read_text(encoding="utf-8"))


def stored_runs(root: Path) -> list[RunDir]:
    """The runs that were compared, and one on shuffled labels, which was left out."""
    found = [FinishedRun.from_json(values) for values in STORED["runs"]]
    last = found[-1].result
    (left_out,) = STORED["left_out"]
    found.append(FinishedRun(left_out, replace(last, spec=last.spec | {"shuffle_labels": True})))
    runs = []
    for one in found:
        runs.append(RunDir.create_at(root / one.run, json.dumps(one.result.spec)))
        runs[-1].write_result(one.result)
    return runs


def assert_same(found: Any, expected: Any, where: str = "") -> None:
    """Same keys in the same order and same values; numbers with room for another scipy's last digits."""
    assert type(found) is type(expected), where
    if isinstance(expected, dict):
        assert list(found) == list(expected), where
        for key, value in expected.items():
            assert_same(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for i, value in enumerate(expected):
            assert_same(found[i], value, f"{where}[{i}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), where
    else:
        assert found == expected, where


def test_the_same_runs_give_the_same_object(tmp_path: Path) -> None:
    gap = SimpleNamespace(to_json=lambda: STORED["gap"])
    reuse = {run: SimpleNamespace(to_json=lambda kept=kept: kept) for run, kept in STORED["reuse"].items()}
    found = export(stored_runs(tmp_path), gap=gap, reuse=reuse)
    assert_same(found.to_json(), STORED | {"xmodal_lab": found.xmodal_lab})
    assert_same(export([], margin=0.03).to_json(), OF_NOTHING | {"xmodal_lab": found.xmodal_lab})


@pytest.mark.parametrize("stored", [STORED, OF_NOTHING], ids=["runs", "nothing"])
def test_a_stored_comparison_is_read_and_written_as_it_stands(stored: dict[str, Any]) -> None:
    found = Comparison.from_json(stored)
    assert json.dumps(found.to_json()) == json.dumps(stored)
    assert Comparison.from_json(found.to_json()) == found


def test_a_damaged_comparison_is_refused(refusal: Callable[..., str]) -> None:
    table = [STORED["table"][0] | {"mean": None}]
    refusal(lambda: Comparison.from_json(STORED | {"table": table}), "mean of entry 1 of table of", "expected a number")
    run = {key: value for key, value in STORED["runs"][0].items() if key != "seed"}
    refusal(lambda: Comparison.from_json(STORED | {"runs": [run]}), "has no seed")


def test_the_command_line_prints_the_same_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *(str(run.path) for run in stored_runs(tmp_path))]) == 0
    assert capsys.readouterr().out == (HERE / "comparison.txt").read_text(encoding="utf-8")
