"""The campaign of faults: it finds nothing in what is sound, and finds what is not."""

import random

import pytest
import torch

from benchmarks import faults_kinds
from benchmarks.faults import Found, table
from benchmarks.faults_kinds import FAULTS, Fault, scene_of, settled


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    torch.ones(512, 512) @ torch.ones(512, 512)  # threads of OpenMP, which a mere copy of this process would wait for
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XMODAL_HOME", str(folder / "home"))
        patch.setenv("XMODAL_IDLE_S", "0")
        yield scene_of(folder, "simple")


@pytest.mark.parametrize("name", ["result damaged", "line of steps damaged"])
def test_a_fault_leaves_a_sound_run_as_it_was(scene, name):
    assert settled(scene, FAULTS[name], 1, random.Random(0)) == []


def test_work_that_was_falsified_is_found(scene):
    def falsify(_, run, __, ___):
        faults_kinds.finish(run)
        text = (run.path / "steps.jsonl").read_text()
        (run.path / "steps.jsonl").write_text(text.replace('"index": 1,', '"index": 2,', 1))
        yield "wrong: on purpose"

    assert settled(scene, Fault(falsify), 1, random.Random(0)) == ["wrong: on purpose", "differs: records"]


def test_the_table_counts_what_was_wrong():
    found = [Found("killed", "orca", 3, 1.0, ()), Found("killed", "pare", 2, 1.0, ("lost: step 2 of align",))]
    lines = table(found).splitlines()
    assert lines[1].split() == ["killed", "2", "1"]
    assert lines[2].strip() == "pare at step 2: lost: step 2 of align"
    assert lines[-1].split() == ["all", "2", "1"]
