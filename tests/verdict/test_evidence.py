from pathlib import Path

import pytest

from tests.pages.runs import written_run
from xmodal_core.errors import RunError
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.evidence import reuse_evidence


def arm(home: Path, method: str, accuracy: float, **changes: object) -> list[RunDir]:
    """Three seeds of one arm."""
    return [written_run(home, method, seed=seed, accuracy=accuracy + seed / 1000, **changes) for seed in range(3)]  # type: ignore[arg-type]


def test_missing_arms_are_named_and_those_on_other_data_do_not_stand_in_for_them(tmp_path: Path) -> None:
    run, *rest = arm(tmp_path, "finetune", 0.9)
    others = arm(tmp_path, "scratch", 0.5, target="wine", body="minilm")
    text = reuse_evidence(run, [run, *rest, *others])
    assert "no finished run from scratch or of random weights with pretrained statistics" in text
    assert "Reuse" not in text


def test_arms_between_which_nothing_chooses_are_not_called_missing(tmp_path: Path) -> None:
    """Two rates of fine-tuning on different seeds."""
    runs = arm(tmp_path, "finetune", 0.9) + arm(tmp_path, "scratch", 0.6) + arm(tmp_path, "stat_matched", 0.6)
    other = {"learning_rate": 0.01}
    runs += [written_run(tmp_path, "finetune", seed=seed, accuracy=0.9, settings=other) for seed in (7, 8, 9)]
    text = reuse_evidence(runs[0], runs)
    assert "is not chosen: no seed has all of them with validation rows" in text
    assert "no finished run" not in text


def test_a_damaged_run_and_an_unfinished_one_are_passed_over(tmp_path: Path) -> None:
    run, *rest = arm(tmp_path, "finetune", 0.9)
    damaged, strange, unfinished = written_run(tmp_path), written_run(tmp_path), written_run(tmp_path, done=1)
    (damaged.path / "result.json").write_text("{")
    (strange.path / "result.json").write_text('{"target": null}')
    among = [run, *rest, damaged, strange, unfinished]
    assert reuse_evidence(run, among) == reuse_evidence(run, [run, *rest])
    with pytest.raises(RunError, match="has no method"):
        reuse_evidence(strange, among)


@pytest.mark.parametrize(
    ("finetuned", "sentence"),
    [(0.9, "Knowledge reuse is shown"), (0.5, "no gain that reuse of knowledge could explain")],
)
def test_with_the_three_arms_the_verdict_speaks(tmp_path: Path, finetuned: float, sentence: str) -> None:
    runs = arm(tmp_path, "finetune", finetuned) + arm(tmp_path, "scratch", 0.6) + arm(tmp_path, "stat_matched", 0.6)
    assert sentence in reuse_evidence(runs[0], runs)


def test_where_budgets_are_levels_the_evidence_is_of_the_runs_own(tmp_path: Path) -> None:
    """At 5 steps nothing is gained, at 10 much."""
    short = arm(tmp_path, "finetune", 0.5) + arm(tmp_path, "scratch", 0.6) + arm(tmp_path, "stat_matched", 0.6)
    long = arm(tmp_path, "finetune", 0.9, times=2) + arm(tmp_path, "scratch", 0.6, times=2)
    runs = [*short, *long, *arm(tmp_path, "stat_matched", 0.6, times=2)]
    assert "no gain that reuse of knowledge could explain" in reuse_evidence(short[0], runs)
    text = reuse_evidence(long[0], runs)
    assert text.startswith("Knowledge reuse is shown")
    assert text.endswith("All of this is at 10 steps on labels.")
    assert "of random weights with pretrained statistics at 10 steps on labels; the" in reuse_evidence(
        long[0], [*short, *long]
    )
