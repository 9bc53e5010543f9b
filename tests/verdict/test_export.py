"""Comparisons from finished runs; one that version 0.1.0 exported is read as it stands and comes out again."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.results import a_result, a_row, evaluated
from tests.tiny import TinyFiles
from xmodal_core.__main__ import main
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.errors import RunError
from xmodal_core.runs.row_scores import RowScores
from xmodal_core.runs.rundir import RunDir
from xmodal_core.scores import ACCURACY, SCORES, ScoreKind
from xmodal_core.verdict.export import Comparison, export
from xmodal_core.verdict.results import FinishedRun, finished
from xmodal_core.verdict.table import Summary, counted, summarise
from xmodal_core.verdict.words import comparison_lines

R2 = SCORES[Task.REGRESSION]
OLD_MODEL = "Every run with a body: model of before."
HERE = Path(__file__).parent
STORED = json.loads((HERE / "comparison.json").read_text(encoding="utf-8"))
OF_NOTHING = json.loads((HERE / "comparison_of_nothing.json").read_text(encoding="utf-8"))


def finished_run(
    root: Path,
    method: str,
    seed: int,
    score: float,
    target: str = "h1",
    settings: dict | None = None,
    spec: dict | None = None,
    n_train: int = 80,
    kind: ScoreKind = ACCURACY,
) -> RunDir:
    run = RunDir.create(root, json.dumps({"method": method}))
    own = {"settings": settings or {}} | (spec or {})
    fields = {"kind": kind, "content": target, "n_train": n_train, "validation": evaluated(score, 50, kind)}
    run.write_result(a_result(method, seed, score, spec=own, **fields))
    return run


def test_table_has_mean_and_sample_deviation_over_seeds(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path, "orca", s, a) for s, a in enumerate((0.7, 0.8, 0.9))]
    runs.append(finished_run(tmp_path, "scratch", 0, 0.5))
    orca, scratch = export(runs).table
    assert (orca.method, orca.n_seeds) == ("orca", 3)
    assert orca.mean == pytest.approx(0.8)
    assert orca.sd == pytest.approx(0.1)  # ddof 1
    assert orca.interval == pytest.approx((0.8 - 0.2484, 0.8 + 0.2484), abs=1e-4)  # 4.3027 * 0.1 / sqrt(3)
    assert scratch.sd is None


def test_an_unfinished_run_is_left_out(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path, "orca", 0, 0.7), RunDir.create(tmp_path, '{"method": "pare"}')]
    assert [row.method for row in export(runs).table] == ["orca"]


def test_runs_on_different_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="differ in target or body"):
        export([finished_run(tmp_path, "orca", 0, 0.7), finished_run(tmp_path, "orca", 1, 0.7, target="h2")])


def test_nothing_finished_is_an_empty_table_and_no_verdict(tmp_path: Path) -> None:
    found = export([])
    assert found.table == ()
    assert found.verdict.answer == "inconclusive"
    assert counted([]) == {}
    assert summarise({}) == []


def test_scores_of_different_kinds_are_refused(tmp_path: Path, refusal) -> None:
    runs = [finished_run(tmp_path, "orca", 0, 0.7), finished_run(tmp_path, "orca", 1, 0.7, kind=R2)]
    refusal(lambda: export(runs), "by accuracy", "by R^2", "compare them apart")


def test_the_headline_score_counts_and_gives_the_verdict_its_yardstick(tmp_path: Path) -> None:
    found = export([finished_run(tmp_path, "orca", s, -0.1 * s, kind=SCORES[Task.DENSE]) for s in (1, 2)])
    assert found.table[0].values == (-0.1, -0.2)
    assert found.table[0].metric == "test minus relative L2 error"
    assert (found.verdict.margin, found.verdict.unit) == (0.02, "% of the error")
    assert export([finished_run(tmp_path, "orca", 0, 0.5)], margin=0.03).verdict.margin == 0.03


def test_settings_make_an_arm_of_their_own_and_controls_never_pass_for_the_method(tmp_path: Path) -> None:
    runs = [
        finished_run(tmp_path, "finetune", 0, 0.7),
        finished_run(tmp_path, "finetune", 0, 0.9, settings={"batch_size": 64}),
        finished_run(tmp_path, "lsg", 0, 0.8, settings={"control": "random"}),
        finished_run(tmp_path, "orca", 0, 0.6, settings={"batch_size": 8}),
    ]
    found = export(runs)
    names = [row.arm for row in found.table]
    assert names == ["finetune (batch_size=64)", "lsg_random (ablation)", "finetune", "orca"]
    assert found.verdict.arms["A"] == "finetune (batch_size=64)"
    assert found.verdict.arms["B"] == "orca"


def test_runs_with_other_tokens_never_pass_for_the_method_itself(tmp_path: Path) -> None:
    runs = [
        finished_run(tmp_path, "finetune", 0, 0.7),
        finished_run(tmp_path, "finetune", 0, 0.9, spec={"tokens": 96}),
        finished_run(tmp_path, "scratch", 0, 0.5, spec={"tokens": 96}),
    ]
    assert [row.arm for row in export(runs).table] == ["finetune (tokens=96)", "finetune", "scratch (tokens=96)"]


def smaller(root: Path, method: str, seed: int, accuracy: float, drawn: str = "", **spec: object) -> RunDir:
    """A run on 20 of the 80 training rows: their content depends on the seed that drew them."""
    own = {"train_rows": 20, **spec}
    return finished_run(root, method, seed, accuracy, target=drawn or f"h-{seed}", n_train=20, spec=own)


def test_runs_of_two_sizes_are_compared_apart_and_across(tmp_path: Path) -> None:
    """Gains 10, 10, 10 points with 80 rows and 30, 30, 30 with 20."""
    runs = []
    for seed, base in enumerate((0.5, 0.51, 0.52)):
        runs += [finished_run(tmp_path, "finetune", seed, base + 0.1), finished_run(tmp_path, "scratch", seed, base)]
        runs += [smaller(tmp_path, "finetune", seed, base + 0.2), smaller(tmp_path, "scratch", seed, base - 0.1)]
    found = export(runs)
    assert [size.n_train for size in found.sizes] == [80, 20]
    assert found.table == found.sizes[0].table
    assert found.verdict == found.sizes[0].verdict
    means = [{row.arm: row.mean for row in size.table} for size in found.sizes]
    assert means[0] == pytest.approx({"finetune": 0.61, "scratch": 0.51})
    assert means[1] == pytest.approx({"finetune": 0.71, "scratch": 0.41})
    assert [row.n_seeds for size in found.sizes for row in size.table] == [3, 3, 3, 3]
    (change,) = found.across.changes
    assert change.rows == (20, 80)
    assert change.mean == pytest.approx(-0.2)
    assert change.shown
    assert found.across.sentence == "The answer is the same with 20 and with 80 training rows: inconclusive."


def test_one_seed_draws_the_same_rows_of_the_same_data(tmp_path: Path) -> None:
    pair = [smaller(tmp_path, "finetune", 0, 0.7), smaller(tmp_path, "scratch", 0, 0.6, drawn="others")]
    with pytest.raises(RunError, match="differ in target or body"):
        export(pair)
    with pytest.raises(RunError, match="differ in target or body"):
        export([smaller(tmp_path, "finetune", 0, 0.7), smaller(tmp_path, "finetune", 1, 0.6, target="u.npz")])
    with pytest.raises(RunError, match="differ in target or body"):
        export([finished_run(tmp_path, "finetune", 0, 0.7), smaller(tmp_path, "finetune", 0, 0.6, target="u.npz")])


def test_runs_on_shuffled_labels_are_left_out_and_named(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path, "finetune", 0, 0.7)]
    runs.append(finished_run(tmp_path, "finetune", 0, 0.1, target="h2", spec={"shuffle_labels": True}))
    found = export(runs)
    assert found.left_out == (runs[1].path.name,)
    assert [row.mean for row in found.table] == [0.7]
    only = export(runs[1:])
    assert (only.sizes, only.across, only.table) == ((), None, ())


def test_arms_are_called_the_same_at_every_size(tmp_path: Path) -> None:
    batch = {"batch_size": 64}
    runs = [finished_run(tmp_path, "finetune", 0, 0.7), finished_run(tmp_path, "finetune", 0, 0.8, settings=batch)]
    runs.append(smaller(tmp_path, "finetune", 0, 0.6, settings=batch))
    sizes = export(runs).sizes
    assert [row.arm for row in sizes[1].table] == ["finetune (batch_size=64)"]


def ended(run: RunDir, score: float, when: str | None) -> None:
    """Give the run of a directory another score, and a time at which it ended."""
    result = run.result()
    assert result is not None
    run.write_result(replace(result, test=evaluated(score, 100), finished=when))


def test_the_newest_of_two_equal_runs_is_known_by_its_time_and_not_by_its_name(tmp_path: Path) -> None:
    first, second = (finished_run(tmp_path / name, "orca", 0, 0.5) for name in "ab")
    ended(first, 0.7, "2026-03-01T10:00:00+00:00")
    ended(second, 0.6, "2026-02-28T23:00:00+00:00")
    for runs in ([first, second], [second, first]):
        (row,) = export(runs).table
        assert (row.values, row.n_seeds) == ((0.7,), 1)
    for run, score in ((first, 0.7), (second, 0.6)):  # of before: when their files were written
        ended(run, score, None)
    os.utime(first.path / "result.json", (1, 1))
    assert export([second, first]).table[0].values == (0.6,)


def test_an_arms_steps_and_scores_are_of_the_same_runs(tmp_path: Path) -> None:
    """Two seeds at 90 steps, one at 300: two levels, and no mean of both."""
    short, long = {"budget": {"refine_steps": 90}}, {"budget": {"refine_steps": 300}}
    runs = [finished_run(tmp_path, "finetune", s, 0.6, spec=short) for s in (0, 1)]
    runs.append(finished_run(tmp_path, "finetune", 0, 0.9, spec=long))
    levels = export(runs).levels
    found = [(level.steps, [(row.arm, row.mean, row.n_seeds) for row in level.table]) for level in levels]
    assert found == [(300, [("finetune", 0.9, 1)]), (90, [("finetune", 0.6, 2)])]


def saw(run: RunDir, samples: int | None) -> RunDir:
    result = run.result()
    assert result is not None
    run.write_result(replace(result, label_samples=samples))
    return run


def test_unequal_label_budgets_are_the_first_that_the_verdict_says(tmp_path: Path) -> None:
    seen = {"finetune": 2880, "scratch": 2880, "simple": 46_080, "frozen": 7}  # frozen stands for nothing
    runs = [saw(finished_run(tmp_path, method, 0, 0.5), n) for method, n in seen.items()]
    found = export(runs)
    said = "at unequal label budgets (labelled samples seen: Simple 46,080; Finetune and Scratch 2,880)"
    assert found.verdict.budgets == said
    assert any(line.startswith(f"Verdict: {said}: inconclusive.") for line in comparison_lines(found))
    assert export(runs[:2]).verdict.budgets is None
    assert "budgets" not in export(runs[:2]).to_json()["verdict"]


def test_where_samples_were_not_kept_steps_on_labels_are_compared_without_those_of_alignment(tmp_path: Path) -> None:
    budgets = {"orca": {"align_steps": 20, "refine_steps": 90}, "finetune": {"refine_steps": 90}}
    runs = [finished_run(tmp_path, method, 0, 0.5, spec={"budget": own}) for method, own in budgets.items()]
    assert export(runs).verdict.budgets is None
    runs.append(finished_run(tmp_path, "scratch", 0, 0.5, spec={"budget": {"refine_steps": 60}}))
    assert (
        export(runs).verdict.budgets == "at unequal label budgets (steps on labels: Finetune and Orca 90; Scratch 60)"
    )


def with_rows(run: RunDir, values: np.ndarray) -> RunDir:
    """The same with its test rows kept; their mean is its score."""
    result = run.result()
    assert result is not None
    run.write_row_scores(RowScores(np.arange(len(values), dtype=np.uint64), values))
    run.write_result(replace(result, test=evaluated(float(values.mean()), len(values))))
    return run


def test_test_rows_that_were_kept_are_in_every_interval(tmp_path: Path) -> None:
    """Three seeds agree that fine-tuning names two rows of 40 more right: sure over seeds, not over rows."""
    more, fewer = np.arange(40) < 32, np.arange(40) < 30
    runs = [with_rows(finished_run(tmp_path, "finetune", s, 0.5), more.astype(float)) for s in range(3)]
    runs += [with_rows(finished_run(tmp_path, "scratch", s, 0.5), fewer.astype(float)) for s in range(3)]
    found = export(runs)
    (c,) = (c for c in found.verdict.contrasts if c.role == "A - C")
    assert (c.mean, c.reading, c.n_rows) == (pytest.approx(0.05), "inconclusive", 40)
    assert found.table[0].n_rows == 40
    assert found.table[0].interval[0] < 0.7 < found.table[0].interval[1]
    assert found.verdict.doubts is None
    (runs[0].path / "test_rows.npz").unlink()
    doubted = export(runs).verdict
    assert doubted.contrasts[0].n_rows is None
    assert "leave out the test rows" in doubted.doubts[0]


def test_rows_that_do_not_go_with_the_result_are_not_used(tmp_path: Path) -> None:
    run = with_rows(finished_run(tmp_path, "finetune", 0, 0.5), np.ones(40))
    assert finished([run])[0].rows is not None
    ended(run, 0.9, None)
    assert finished([run])[0].rows is None


def test_tuning_counts_the_rates_of_each_arm(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path, name, 0, 0.7) for name in ("finetune", "scratch")]
    assert "every arm ran at its method's default" in export(runs).verdict.tuning
    runs += [
        finished_run(tmp_path, "finetune", 0, 0.7, settings={"learning_rate": 0.01}),
        finished_run(tmp_path, "finetune", 0, 0.7, settings={"learning_rate": 0.001}),  # its default
    ]
    assert "learning rates tried: Finetune 2, Scratch 1" in export(runs).verdict.tuning


def test_guided_fine_tuning_crosses_and_does_not_pass_for_fine_tuning(tmp_path: Path) -> None:
    runs = [
        finished_run(tmp_path, "finetune", 0, 0.7),
        finished_run(tmp_path, "finetune", 0, 0.9, spec={"guidance": {}}),
        finished_run(tmp_path, "finetune", 0, 0.95, spec={"guidance": {"control": "shuffled"}}),
        finished_run(tmp_path, "frozen", 0, 0.99, spec={"guidance": {}}),
    ]
    arms = export(runs).verdict.arms
    assert arms == {"A": "finetune", "B": "finetune (guidance=class names)", "M": "finetune (guidance=class names)"}


def test_reports_go_along_as_plain_objects(tmp_path: Path) -> None:
    gap, reuse = SimpleNamespace(to_json=lambda: {"n": 3}), SimpleNamespace(to_json=lambda: {"n": 1})
    found = export([finished_run(tmp_path, "orca", 0, 0.7)], gap, {"a": reuse})
    assert (found.gap, found.reuse) == ({"n": 3}, {"a": {"n": 1}})


def test_titles_tell_settings_once(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path, "lsg", s, 0.7, settings={"control": "random"}) for s in (0, 1)]
    runs += [finished_run(tmp_path, "scratch", s, 0.7, settings={"batch_size": 64}) for s in (0, 1)]
    runs += [finished_run(tmp_path, "scratch", s, 0.5) for s in (0, 1)]
    runs += [finished_run(tmp_path, "finetune", s, 0.7) for s in (0, 1)]
    said = " ".join(export(runs).verdict.sentences)
    assert said.count("(batch_size=64)") == 1


def test_compare_prints_both_sizes_and_how_the_answer_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [finished_run(tmp_path, "finetune", s, 0.9 + s / 100) for s in range(3)]
    runs += [smaller(tmp_path, "finetune", s, 0.7 + s / 100) for s in range(3)]
    assert main(["compare", *(str(run.path) for run in runs)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "80 training rows"
    assert lines.index("20 training rows") > 0
    assert sum(line.startswith("finetune ") for line in lines) == 2
    assert "The answer is the same with 20 and with 80 training rows: inconclusive." in lines
    assert main(["compare", *(str(run.path) for run in runs[:3])]) == 0
    assert "training rows" not in capsys.readouterr().out.splitlines()[0]
    shuffled = finished_run(tmp_path, "finetune", 0, 0.1, spec={"shuffle_labels": True})
    assert main(["compare", str(shuffled.path)]) == 2
    assert "shuffled labels" in capsys.readouterr().err


def test_real_runs_on_fewer_rows_are_paired_over_seeds(
    files: TinyFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """36 training rows of 60; the 12 that are kept are drawn by the seed, so that each seed has other data."""
    spec = {"method": "finetune", "target": files.data(Modality.SERIES), "body": files.body, "schema": 1}
    spec |= {"budget": {"refine_steps": 1}, "settings": {"batch_size": 4}}
    paths = []
    for seed in (0, 1):
        for n in (0, 12):
            file = tmp_path / f"{seed}-{n}.json"
            file.write_text(json.dumps(spec | {"seed": seed, "train_rows": n}))
            paths.append(str(tmp_path / f"run-{seed}-{n}"))
            assert main(["run", str(file), "--out", paths[-1]]) == 0
    capsys.readouterr()
    found = export([RunDir.open(Path(path)) for path in paths])
    assert [(size.n_train, size.table[0].n_seeds) for size in found.sizes] == [(36, 2), (12, 2)]
    assert len({run.result.target.hash for run in found.runs}) == 3


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


def test_the_same_runs_give_the_same_numbers(tmp_path: Path) -> None:
    gap = SimpleNamespace(to_json=lambda: STORED["gap"])
    reuse = {run: SimpleNamespace(to_json=lambda kept=kept: kept) for run, kept in STORED["reuse"].items()}
    found = export(stored_runs(tmp_path), gap=gap, reuse=reuse)
    assert_same(kept(found.to_json()), kept(as_tuned(STORED) | {"xmodal_lab": found.xmodal_lab, "model": OLD_MODEL}))
    assert_same(kept(export([], margin=0.03).to_json()), kept(OF_NOTHING | {"xmodal_lab": found.xmodal_lab}))


def as_tuned(stored: Any) -> dict[str, Any]:
    """What was stored while learning rates were arms, without the one that the validation rows did not choose."""

    def without(table: Any) -> list[Any]:
        rows = [row for row in table if "learning_rate" not in row["arm"]]
        return [row | {"rate": "its own of 2"} if row["arm"] == "finetune" else row for row in rows]

    first, *rest = stored["sizes"]
    sizes = [first | {"table": without(first["table"])}, *rest]
    return stored | {"table": without(stored["table"]), "sizes": sizes}


SAID_OTHERWISE = {"why", "rule", "sentences", "found", "text", "pairs_needed", "seeds_needed", "doubts"}


def kept(values: Any) -> Any:
    """A comparison without what is told in other words since, and without advice, which follows another rule."""
    if isinstance(values, dict):
        return {key: kept(value) for key, value in values.items() if key not in SAID_OTHERWISE | {"crossings"}}
    return [kept(value) for value in values] if isinstance(values, list) else values


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


def test_the_command_line_prints_these_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *(str(run.path) for run in stored_runs(tmp_path))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == (HERE / "comparison.txt").read_text(encoding="utf-8").splitlines()


def test_an_ablation_is_an_arm_that_stands_for_no_role_and_is_called_one(tmp_path: Path) -> None:
    """Ten points above everything, and nothing that the verdict rests on."""
    runs = [
        finished_run(tmp_path, "orca", 0, 0.7, spec={"budget": {"align_steps": 3, "refine_steps": 7}}),
        finished_run(tmp_path, "orca", 0, 0.8, spec={"budget": {"align_steps": 0, "refine_steps": 10}}),
        finished_run(tmp_path, "finetune", 0, 0.7),
        finished_run(tmp_path, "pare", 0, 0.8, settings={"beta": 0.0}),
    ]
    found = export(runs)
    rows = {row.arm: row for row in found.table}
    assert found.verdict.arms["A"] == "finetune"
    assert found.verdict.arms["B"] == "orca"
    ablations = ("orca_unaligned (ablation)", "pare_beta0 (ablation)")
    assert [(rows[arm].role_of, rows[arm].method) for arm in ablations] == [("", "orca"), ("", "pare")]
    assert rows[ablations[0]].title == rows[ablations[0]].called == "ORCA without alignment (ablation)"
    assert Summary.from_json(rows[ablations[0]].to_json()) == rows[ablations[0]]
    alone = export(runs[1:3])
    assert "B" not in alone.verdict.arms
    assert alone.verdict.changes[0].startswith("Not run: a crossing method (B)")


def test_one_that_is_a_persons_own_choice_of_rate_keeps_its_role(tmp_path: Path) -> None:
    found = export([finished_run(tmp_path, "finetune", 0, 0.8, settings={"body_rate": 1.0})])
    assert found.verdict.arms == {"A": "finetune_one_rate (ablation)"}


def test_a_row_of_before_ablations_is_called_as_it_was() -> None:
    before = a_row("orca (align_steps=0)", (0.5,), method="orca", title="ORCA: align, then refine (align_steps=0)")
    assert before.called == "ORCA (align_steps=0)"
    assert replace(before, arm="orca #2", title="ORCA: align, then refine #2").called == "ORCA #2"


def grid(
    root: Path, gains: dict[tuple[int, int], float], rates: dict[int, tuple[float, ...]] | None = None
) -> list[RunDir]:
    """Fine-tuning and scratch, three seeds, at (training rows, steps); by so many points is the first above the second.

    Seeds differ by a tenth of a point in that. `rates`: the learning rates of a budget; the default where it has none.
    """
    runs = []
    for (n_train, steps), gain in gains.items():
        for seed in range(3):
            for method, own in (("finetune", gain + 0.1 * seed), ("scratch", 0.0)):
                for rate in (rates or {}).get(steps, (0.0,)):
                    spec = {"budget": {"refine_steps": steps}, "settings": {"learning_rate": rate} if rate else {}}
                    score = 0.5 + own / 100 - rate
                    if n_train == 80:
                        runs.append(finished_run(root, method, seed, score, spec=spec))
                    else:
                        runs.append(smaller(root, method, seed, score, **spec))
    return runs


def test_rows_and_budgets_make_a_grid_of_levels(tmp_path: Path) -> None:
    found = export(grid(tmp_path, {(80, 300): 6, (80, 90): -4, (20, 300): 2, (20, 90): -8}))
    assert [(level.n_train, level.steps) for level in found.levels] == [(80, 300), (80, 90), (20, 300), (20, 90)]
    assert {row.arm for level in found.levels for row in level.table} == {"finetune", "scratch"}
    assert found.sizes == (found.levels[0], found.levels[2])
    assert (found.table, found.verdict) == (found.levels[0].table, found.levels[0].verdict)
    assert all(level.verdict.budgets is None for level in found.levels)
    assert (found.across.other, [c.rows for c in found.across.changes]) == (300, [(20, 80)])
    assert found.across.sentence.startswith(
        "At 300 steps on labels, the answer is the same with 20 and with 80 training"
    )
    steps = found.across_budgets
    assert (steps.axis, steps.other) == ("steps on labels", 80)
    assert [(c.rows, c.mean) for c in steps.changes] == [((90, 300), pytest.approx(0.10))]
    assert steps.sentence.startswith(
        "With 80 training rows, the answer is the same with 90 and with 300 steps on labels"
    )
    over_rows, over_steps = found.crossings
    assert (over_rows.axis, over_rows.shown, over_rows.at) == ("training rows", False, None)
    # means -3.9 and 6.1 points: zero after .39 of the way from 90 to 300; sd .1 everywhere, so half width .2484
    assert (over_steps.axis, over_steps.shown) == ("steps on labels", True)
    ends = [90 * (300 / 90) ** share for share in (0.39, 0.39 - 0.02484, 0.39 + 0.02484)]
    assert (over_steps.at, over_steps.low, over_steps.high) == pytest.approx(ends, rel=1e-4)
    lines = comparison_lines(found)
    assert [line for line in lines if line.endswith("steps on labels")] == [
        "80 training rows, 300 steps on labels",
        "80 training rows, 90 steps on labels",
        "20 training rows, 300 steps on labels",
        "20 training rows, 90 steps on labels",
    ]
    assert lines.index(found.across.sentence) < lines.index(over_rows.text) < lines.index(steps.sentence)
    assert over_steps.text in lines
    assert Comparison.from_json(found.to_json()) == found


def test_rows_and_steps_that_change_together_are_not_paired(tmp_path: Path) -> None:
    found = export(grid(tmp_path, {(80, 300): 6, (80, 90): 5, (20, 30): 2}))
    assert (found.across.changes, found.across.rows) == ((), "")
    assert found.notes == (
        "No budget was run at every number of training rows, so that rows and steps change together: 30 steps with 20 "
        "rows; 300 steps with 80 rows.",
    )
    assert {one.axis for one in found.crossings} == {"steps on labels"}


def test_without_an_arm_at_two_budgets_there_are_no_levels(tmp_path: Path) -> None:
    found = export([finished_run(tmp_path, "finetune", 0, 0.6), finished_run(tmp_path, "scratch", 0, 0.5)])
    assert not {"levels", "across_budgets", "crossings", "notes"} & found.to_json().keys()
    assert found.every_level == found.sizes


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (0.001, "3 learning rates at 90 steps, and the validation rows chose; 1 of them went on to 300."),
        (0.01, "3 learning rates at 90 steps; 1 of them went on to 300, not always the best by validation."),
    ],
)
def test_rates_are_counted_over_smaller_budgets(tmp_path: Path, kept: float, words: str) -> None:
    """The lower the rate the better here, on validation and test rows alike."""
    rates = {90: (0.01, 0.002, 0.001), 300: (kept,)}
    large, small = export(grid(tmp_path, {(80, 300): 6, (80, 90): 5}, rates)).levels
    assert words in large.verdict.tuning
    assert small.verdict.tuning.startswith("Every arm was given 3 learning rates, and the validation rows chose.")
