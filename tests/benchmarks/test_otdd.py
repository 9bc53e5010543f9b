"""The OTDD benchmark: its data, its table, and a quick run of it."""

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import peer
from benchmarks.otdd import compared, lines, measured
from benchmarks.otdd_cases import CASES, OURS, QUICK, THEIRS, Case, Goal, cloud
from xmodal_core.errors import DataError

ROOT = Path(__file__).parents[2]


def test_clouds_repeat_by_seed_and_have_equal_classes_with_falling_variances():
    one, again, other = cloud(200, 6, 3), cloud(200, 6, 3), cloud(200, 6, 4)
    assert np.array_equal(one.features, again.features)
    assert not np.array_equal(one.features, other.features)
    assert np.bincount(one.labels).tolist() == [20] * 10
    large = cloud(40_000, 4, 0, n_classes=1).features
    # The variances are 1, 1/2, 1/3, 1/4 along some axes; that is 1 / k whatever the axes.
    spectrum = np.linalg.eigvalsh(np.cov(large.T))[::-1]
    assert spectrum == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4], rel=0.05)


def test_a_shift_moves_all_rows_by_its_length():
    step = cloud(50, 9, 0, shift=2.0).features - cloud(50, 9, 0).features
    assert np.linalg.norm(step, axis=1) == pytest.approx(np.full(50, 2.0), rel=1e-5)


def test_ratios_differences_and_goals_follow_from_what_was_measured():
    goals = (Goal("ratio", 15, "15x"), Goal("difference", 1e-6, "equal"), Goal("memory_ratio", 0.25, "1/4"))
    result = compared(
        Case("same value", 10, 2, goals),
        {"ours_s": 0.5, "peer_s": 8.0, "ours": {"half": 2.0}, "peer": {"half": 2.00001}, "ours_mb": 80, "peer_mb": 200},
    )
    assert result["ratio"] == 16.0
    assert result["difference"] == pytest.approx(5e-6, rel=1e-3)
    assert result["memory_ratio"] == 0.4
    assert [goal["met"] for goal in result["goals"]] == [True, False, False]


def test_what_was_not_measured_is_a_dash_with_its_reason():
    case = Case("same value", 10, 2, (Goal("ratio", 15, "15x"),))
    result = compared(case, {"ours_s": 0.25, "ours": {"half": 2.0}}) | {"skipped": {"peer": "its folder was not given"}}
    first, *below = lines("same", result)
    assert first.split() == ["same", "0.250", "-", "-", "-", "-", "-", "15x"]
    assert below == ["  ours: half 2", "  no peer: its folder was not given"]
    assert lines("same", {"failed": "It ended."}) == ["same".ljust(20) + "It ended."]


def test_a_case_that_fails_leaves_its_sentence(monkeypatch):
    def refuse(case):
        raise DataError(f"{case.n} rows are too few.")

    monkeypatch.setitem(OURS, "exact", refuse)
    result = measured("exact", QUICK["exact"], Namespace(quick=True, peer=None))
    assert lines("exact", result) == ["exact".ljust(20) + "100 rows are too few."]


def test_every_case_has_both_sides_or_says_why_not():
    for case in (*CASES.values(), *QUICK.values()):
        assert case.kind in OURS
        assert (case.kind in THEIRS) != bool(case.no_peer)


def test_packages_that_only_the_peer_wants_are_stood_in_for_while_it_is_imported(tmp_path, monkeypatch):
    (tmp_path / "wants_plots.py").write_text(
        "import matplotlib\nimport munkres\nfrom mpl_toolkits.axes_grid1 import axes\nmatplotlib.use('Agg')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    before = {name: sys.modules.get(name) for name in peer.STAND_INS}
    with peer._stand_ins():
        import wants_plots
    assert {name: sys.modules.get(name) for name in peer.STAND_INS} == before
    with pytest.raises(RuntimeError, match="munkres"):
        wants_plots.munkres.Munkres()


def test_a_folder_without_the_peer_is_refused_in_a_sentence(tmp_path, refusal):
    side = cloud(20, 2, 0, n_classes=2)
    assert peer.missing(tmp_path) is not None
    refusal(lambda: peer.half(tmp_path, side, side), "otdd/pytorch/distance.py", "checkout of microsoft/otdd")


def test_the_quick_run_measures_every_kind_and_says_what_it_left_out():
    command = [sys.executable, "-m", "benchmarks.otdd", "--quick", "--json", "--threads", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=300)
    printed = json.loads(done.stdout)
    assert printed["environment"]["threads"]["torch"] == 1
    assert set(printed["cases"]) == set(QUICK)
    for result in printed["cases"].values():
        assert result["ours_s"] > 0
        assert "peer_s" not in result
        assert set(result["skipped"]) == {"peer", "memory"}
    exact = printed["cases"]["exact"]["ours"]
    assert exact["lower"] == pytest.approx(exact["upper"], rel=1e-9)
