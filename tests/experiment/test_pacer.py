"""Paces of a design: found, measured where they are not known, and never twice."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.experiment import pacer
from xmodal_core.experiment.design import Design
from xmodal_core.experiment.pace import Pace
from xmodal_core.experiment.pacer import Paces, keys_of, measuring
from xmodal_core.runs import errand
from xmodal_core.runs.objects import write_object

STEPS = {"align_steps": 0, "curriculum_steps": 0, "refine_steps": 6}


@pytest.fixture
def design(files: TinyFiles) -> Design:
    return Design(files.data(Modality.IMAGE), files.body, arms=("finetune", "simple"), seeds=(0,), steps=STEPS)


def test_what_is_known_is_not_measured_again_and_what_died_says_so(
    design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paces, tried = Paces(tmp_path), []
    monkeypatch.setattr(pacer, "_try_out", lambda given, kept: tried.append(kept))
    keys = keys_of(design)
    write_object(paces.path(keys["finetune"]), Pace(load_s=7.0).to_json())
    told = list(measuring(paces, design))
    assert [doing.line for doing in told] == ["Trying two steps of Simple baseline, no transformer (1 of 1)"]
    assert tried == [paces.path(keys["simple"])]
    found = paces.of(design)
    assert found["finetune"] == Pace(load_s=7.0)
    assert "has died" in found["simple"].failed
    assert len(list(measuring(paces, design))) == 1, "what failed is tried again"
    paces.path(keys["finetune"]).write_text("{")
    assert set(paces.of(design)) == {"simple"}


def test_measuring_is_a_process_that_keeps_what_it_found(design: Design, tmp_path: Path) -> None:
    paces = Paces(tmp_path / "paces")
    design = replace(design, arms=("simple",))
    paces.measure(design)
    deadline = time.monotonic() + 240
    while errand.status(paces.errand).live:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert errand.status(paces.errand).state == "done", paces.errand.log.read_text()
    found = paces.of(design)
    assert set(found) == {"simple"}
    assert all(not pace.failed and pace.memory > 50 * 2**20 for pace in found.values())
