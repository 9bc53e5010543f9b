"""A class per cell, from a file to a comparison on the command line: residues of sequences, pixels of pictures."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tiny import TinyFiles
from xmodal_core.__main__ import main
from xmodal_core.data.dataset import Modality
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import needs_source

STEPS = {"scratch": {"refine_steps": 80}, "simple": {"refine_steps": 30}, "orca": {"align_steps": 2, "refine_steps": 4}}
SETTINGS = {"scratch": {"learning_rate": 0.01}, "simple": {"batch_size": 8}, "orca": {"align_batch": 16}}


def residues(path: Path) -> None:
    """Sequences of 12 to 24 letters, each in a state that it and the one before decide, and -1 behind them."""
    rng = np.random.default_rng(0)
    codes = rng.integers(1, 7, (160, 24))
    large = codes > 3
    states = large.astype(int) + (large & np.roll(large, 1, axis=1))
    padded = np.arange(24) >= rng.integers(12, 25, (160, 1))
    names = np.array(["coil", "helix", "strand"])
    np.savez(path, X=np.where(padded, 0, codes).astype(np.int8), y=np.where(padded, -1, states), class_names=names)


def pixels(path: Path) -> None:
    """Pictures of a bright bar on a dark ground, whose edge pixels nobody has marked."""
    rng = np.random.default_rng(0)
    across, down = np.arange(16), np.arange(16)[:, None]
    first, last = rng.integers(1, 7, (2, 120, 1, 1)) + np.array([0, 7]).reshape(2, 1, 1, 1)
    bar = (across >= first) & (across <= last) & (down > 2)
    unmarked = (across == first) | (across == last)
    images = np.where(bar, 180, 60) + rng.integers(-40, 40, (120, 16, 16))
    np.savez(path, X=images.astype(np.uint8), y=np.where(unmarked, 255, bar).astype(np.uint8))


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    code = main([*arguments, "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    return json.loads(out)


@pytest.mark.parametrize(("make", "modality"), [(residues, Modality.SEQUENCE), (pixels, Modality.IMAGE)])
def test_it_is_measured_trained_and_compared_by_the_command_line(
    make, modality: Modality, files: TinyFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "mine.npz"
    make(target)
    road = ("--target", str(target), "--source", files.data(Modality.IMAGE, n=90), "--body", files.body)
    gap = told(capsys, "gap", *road, "--metrics", "otdd,target_knn", "--n", "60", "--no-curve")
    assert set(gap["readings"]) == {"otdd", "target_knn"}
    assert "k-means clusters of the segmentation targets" in gap["context"]["pseudo_labels"]["target"]
    runs = []
    for method, budget in STEPS.items():
        spec = {"method": method, "target": str(target), "body": files.body, "budget": budget}
        spec["settings"] = SETTINGS.get(method, {})
        spec |= {"source": files.data(Modality.IMAGE, n=90)} if needs_source(METHODS[method]) else {}
        (tmp_path / "spec.json").write_text(json.dumps(spec))
        runs.append(str(tmp_path / method))
        result = told(capsys, "run", str(tmp_path / "spec.json"), "--out", runs[-1])
        test = result["test"]
        assert result["target"]["task"] == "segmentation"
        assert set(test) == {"score", "score_name", "loss", "n", "accuracy", "macro_f1", "majority_accuracy"}
        assert test["score"] == test["accuracy"]
        assert np.isfinite([test["loss"], result["validation"]["loss"]]).all()
        if method in ("scratch", "simple"):
            assert test["accuracy"] > test["majority_accuracy"] + 0.1, (method, modality)
    table = told(capsys, "compare", *runs)["table"]
    assert {row["method"] for row in table} == set(STEPS)
    assert {row["metric"] for row in table} == {"test accuracy over cells"}
