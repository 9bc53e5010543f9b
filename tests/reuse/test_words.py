from dataclasses import replace
from pathlib import Path

import pytest

from tests.reuse.test_report import KEPT, kept
from xmodal_core.data.targets import Task
from xmodal_core.reuse import words
from xmodal_core.reuse.beside import Beside
from xmodal_core.reuse.report import ReuseReport, Trajectory
from xmodal_core.scores import SCORES

REPORT = ReuseReport.from_json(kept("reuse"))
ALONG = Trajectory.from_json(kept("trajectory"))


def printed(name: str, folder: Path = KEPT) -> list[str]:
    return (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", ["reuse", "undefined"])
def test_a_report_is_printed_as_it_was(name: str) -> None:
    assert words.report_lines(ReuseReport.from_json(kept(name))) == printed(name)


def test_a_trajectory_is_printed_as_it_was_and_alone_without_its_control() -> None:
    lines = words.trajectory_lines(ALONG)
    assert lines == printed("trajectory")
    alone = words.trajectory_lines(replace(ALONG, control=None, control_run=None))
    assert alone == [line for line in lines if "control" not in line]


def test_a_note_comes_first_and_pseudo_classes_are_named() -> None:
    lines = words.report_lines(replace(REPORT, note="A stage did nothing.", source_labels="20 k-means clusters"))
    assert lines[0] == "Note: A stage did nothing."
    assert lines[2] == "Its classes are 20 k-means clusters."


def test_why_there_is_no_retention_stands_below_its_reading_and_below_a_trajectory() -> None:
    hard = replace(REPORT.retention, before=0.5, after=0.5, random=0.5, undefined="No lead.")
    assert words.report_lines(replace(REPORT, retention=hard))[4] == "  No lead."
    assert words.doubts(hard) == ["No lead."]
    assert words.trajectory_lines(replace(ALONG, undefined="No lead.", probe_undefined="Nor here."))[-2:] == [
        "  By kNN: No lead.",
        "  By fresh linear probe: Nor here.",
    ]


def test_a_source_that_is_read_without_a_fault_before_training_is_called_easy() -> None:
    assert words.doubts(replace(REPORT.retention, before=0.899, retention=1.0, random=0.2)) == []
    (doubt,) = words.doubts(replace(REPORT.retention, before=0.9, retention=1.0, random=0.2))
    assert "read at 0.900 before training" in doubt


def test_retention_is_a_number_a_percentage_or_nothing_to_retain() -> None:
    assert (words.share(0.5), words.percent(0.5)) == ("0.500", "50 %")
    assert words.share(None) == words.percent(None) == "none to retain"


def test_a_reading_tells_its_rows_and_only_neighbours_have_a_k() -> None:
    assert REPORT.probe is not None
    by_neighbours = words.rows(REPORT, REPORT.retention)
    assert by_neighbours == "12 held-out rows of source ask 24 others, k = 20; seed 0; chance 0.333."
    assert "others; seed 0" in words.rows(REPORT, REPORT.probe)
    moved = replace(REPORT.retention, after=0.7166666666666666, after_minus_before_interval=(-0.25, -0.15))
    assert "After minus before: -0.200, 95 % interval -0.250 to -0.150." in words.change(moved)


def test_a_report_in_one_sentence_has_its_run_and_its_accuracies() -> None:
    assert words.summary("run-1", REPORT) == (
        "Knowledge reuse of run-1: retention none to retain, kNN accuracy on source: before 0.917, after 0.917, random "
        "weights 0.917 (n = 12)."
    )


def test_a_trajectory_ends_where_its_last_points_are() -> None:
    assert words.ends(ALONG) == (
        "Run at step 6: no advantage to retain, accuracy 1.000; control at step 6: no advantage to retain, accuracy "
        "0.000."
    )
    first = replace(ALONG, points=ALONG.points[:1], control=None)
    assert words.ends(first) == "Run at step 0: no advantage to retain, no score."
    assert "n = 12 validation rows with their true labels" in words.followed_rows(ALONG)


def test_an_undefined_discrepancy_is_said_once_and_a_refusal_instead_of_numbers() -> None:
    found = ReuseReport.from_json(kept("undefined")).knowledge
    assert found is not None
    assert len(words.undefined(found)) == 1
    refused = replace(found, embedders={}, refused="One cluster.")
    assert words.knowledge_lines(refused) == ["Knowledge discrepancy is not measured: One cluster."]


@pytest.mark.parametrize(
    ("left", "interval", "words_of_it"),
    [
        (0.97, (-0.04, -0.01), "almost all"),
        (0.6, (-0.3, -0.1), "most"),
        (0.4, (-0.3, -0.1), "about half"),
        (0.1, (-0.3, -0.1), "a small part"),
        (0.05, (-0.5, -0.3), "next to nothing"),
        (0.97, (-0.04, 0.01), "cost the network nothing"),
        (1.2, (0.02, 0.1), "even better than before"),
        (None, (-0.1, 0.1), "nothing to keep"),
    ],
)
def test_what_was_kept_is_one_sentence(left: float | None, interval: tuple[float, float], words_of_it: str) -> None:
    reading = replace(REPORT.retention, before=0.8, random=0.2, retention=left, after_minus_before_interval=interval)
    told = words.kept_sentence(replace(REPORT, retention=reading))
    assert words_of_it in told
    assert told.count(".") == 1


def test_what_pretraining_was_worth_to_the_target_is_said_with_its_n_or_that_it_is_not_known() -> None:
    beside = Beside(SCORES[Task.CLASSIFICATION], 0.9, 36, ())
    assert "validation accuracy of 0.900 (n = 36 rows). What random weights would give" in words.target_sentence(beside)
    assert "gives 0.500 (one run, n = 36 rows)." in words.target_sentence(replace(beside, random=(0.5,)))
    assert "gives 0.550 (the mean of 2 runs" in words.target_sentence(replace(beside, random=(0.5, 0.6)))
    assert "no validation rows" in words.target_sentence(None)
