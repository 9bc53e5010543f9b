"""The arithmetic of the transfer grid; training is tested elsewhere."""

import json
import math
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.transfer import QUESTIONS, Question, answers, design_of, gap_readings
from benchmarks.transfer_tables import (
    Arm,
    Refused,
    correlations,
    crossings,
    figure,
    gains,
    line,
    lines,
    mean_ranks,
    spearman,
)
from xmodal_core.experiment.design import Trial
from xmodal_core.runs.rundir import RunDir


def made(name, method, *scores):
    return Arm(name, method, 1e-3, scores, "accuracy", 10, 1.0, {})


ARMS = [
    made("a", "finetune", 0.8, 0.9),
    made("a", "scratch", 0.5, 0.7),
    made("a", "simple", 0.9, 0.8),
    made("b", "finetune", 0.6, 0.6),
    made("b", "scratch", 0.7, 0.7),
    Refused("b", "simple", "It does not take this."),
]


def test_ranks_are_means_over_sets_and_share_ties():
    ranks = mean_ranks(ARMS)
    # a: finetune and simple tie for places 1 and 2, scratch is third; b: scratch first, finetune second.
    assert ranks == {"simple": (1.5, 1), "finetune": (1.75, 2), "scratch": (2.0, 2)}


def test_gains_are_paired_by_seed_and_one_number_a_set():
    found = gains(ARMS, "finetune")
    assert found["scratch"] == pytest.approx([-0.25, 0.1])
    assert found["simple"] == pytest.approx([0.0], abs=1e-12)


def test_a_correlation_needs_four_sets_and_knows_its_sign():
    assert all(math.isnan(x) for x in spearman([1, 2, 3], [1, 2, 3]))
    rho, low, high = spearman([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1])
    assert rho == pytest.approx(-1)
    assert low - 1e-12 <= rho <= high + 1e-12  # every resample has the same correlation, up to the order of its sum


def test_every_question_is_made_of_designs_that_can_be_run(tmp_path: Path):
    for name, question in QUESTIONS.items():
        for variant in question.variants:
            kind = "gun_point" if name == "tokens" else "digits"
            design, _ = design_of(tmp_path, question, kind, variant)
            assert design.arms, (name, variant)
            assert len(design.parts()) == 1
            for arm in design.arms:
                design.specification(design.choice(Trial(arm, 1.0)))


def test_what_is_finished_is_told_and_reporting_leaves_nothing_behind(tmp_path: Path):
    question = Question(("simple", "lsg"), ("wine",), (0, 1), {"": {}, "few": {"rows": (20,), "arms": ("simple",)}})
    asked = Namespace(data=tmp_path, out=tmp_path / "out", sets=None, only=None, report=True)
    assert [entry.refused for entry in answers(asked, question) if isinstance(entry, Refused)][-1] == "Not finished."
    assert not (tmp_path / "out").exists()
    asked.report = False
    question = replace(question, arms=("simple",))
    first = list(answers(asked, question))
    assert [(entry.method, len(entry.scores)) for entry in first] == [("simple", 2), ("simple few", 2)]
    assert not list((tmp_path / "out").glob("*/*/checkpoint.safetensors"))
    asked.report = True
    assert list(answers(asked, question)) == first
    (nowhere,) = answers(asked, replace(question, sets=("nowhere",), variants={"": {}}))
    assert "nowhere" in line(nowhere)
    assert json.loads(json.dumps(nowhere.to_json()))["method"] == "every arm"


def test_the_gap_of_a_run_is_its_first_and_last_held_out_reading(tmp_path: Path):
    run = RunDir.create_at(tmp_path / "run", "{}")
    steps = (("align", 5.0), ("align", 4.0), ("align", 3.0), ("refine", 9.0))
    for done, (stage, otdd) in enumerate(steps, start=1):
        place = {"done": done, "stage": stage, "index": done, "total": 4, "seconds": 0.0, "frame": False}
        run.append_step({**place, "metrics": {"objective": 1.0, "heldout_otdd": otdd}})
    assert gap_readings(run.path) == {"heldout_otdd_first": 5.0, "heldout_otdd_last": 3.0}


def with_gap(name, otdd, knn, *scores):
    gap = {"heldout_otdd_first": otdd[0], "heldout_otdd_last": otdd[1]}
    gap |= {"heldout_knn_index_first": knn[0], "heldout_knn_index_last": knn[1]}
    return replace(made(name, "orca", *scores), gap=gap)


def test_the_gap_of_a_set_stands_beside_what_crossing_it_was_worth():
    arms = [*ARMS, with_gap("a", (9.0, 4.0), (0.9, 0.5), 0.7, 0.9)]
    (row,) = crossings(arms)
    assert (row.before["heldout_otdd"], row.after["heldout_knn_index"]) == (9.0, 0.5)
    assert row.worth["transfer"] == pytest.approx(0.25)
    assert row.worth["alignment"] == pytest.approx(-0.05)
    assert any("9 -> 4" in text and "-0.0500" in text for text in lines(arms, 2))


def test_correlations_name_what_they_compare_and_over_how_many_sets():
    arms = []
    for i, name in enumerate("abcde"):
        arms += [made(name, "finetune", 0.5 + 0.1 * i), made(name, "scratch", 0.5), made(name, "simple", 0.5)]
        arms.append(with_gap(name, (10 - i, 5.0), (0.5, 0.1 * i), 0.5 + 0.1 * i - 0.01 * i))
    found = correlations(crossings(arms))
    rho, low, high, n = found["OTDD before alignment against finetune - scratch"]
    assert (rho, n) == (pytest.approx(-1), 5)
    assert low - 1e-12 <= rho <= high + 1e-12  # every resample has the same correlation, up to the order of its sum
    assert found["kNN index closed by alignment against orca - finetune"][0] == pytest.approx(1)
    drawn = figure(arms)
    assert [trace.name for trace in drawn.data if trace.name] == ["scratch", "simple", "orca"]
    assert list(drawn.data[-1].text) == list("abcde")
