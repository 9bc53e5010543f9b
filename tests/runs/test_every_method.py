"""Every method, from the command line, on a target of every modality that a body reads without a tokenizer.

Tasks, resume and the order of stages are held elsewhere (tests/methods/test_methods.py); here it is the whole road from
the JSON of a run to its score, with the data as a person brings them.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tasks import tiny_task
from tests.tiny import save_npz, save_tiny_vit, tiny_dataset
from xmodal_core.__main__ import main
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.named import load_named
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import needs_source

NAMES = np.array(["apple", "banana", "cherry"])
TARGETS = (Modality.IMAGE, Modality.SERIES, Modality.SEQUENCE, Modality.TABULAR, Modality.FIELD)
OWN = {"lsg": {"encoder": "lexical"}}  # settings without which a method would look for a body to download


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("every")
    found = {
        "body": save_tiny_vit(folder / "vit"),
        "source": save_npz(folder / "images.npz", tiny_dataset(Modality.IMAGE, n=60)),
    }
    for modality in TARGETS:
        data = tiny_task(Task.DENSE, modality) if modality is Modality.FIELD else tiny_dataset(modality)
        # whole numbers of eight bits are read as codes, wider ones as a table
        inputs = data.inputs.astype(np.int8) if modality is Modality.SEQUENCE else data.inputs
        names = {"class_names": NAMES} if data.class_names else {}
        np.savez(folder / f"{modality}.npz", X=inputs, y=data.targets, split=data.splits, **names)
        found[modality] = str(folder / f"{modality}.npz")
        assert load_named(found[modality]).modality is modality
    return found


@pytest.mark.parametrize("modality", TARGETS)
@pytest.mark.parametrize("method", METHODS)
def test_it_runs_to_a_finite_score_or_says_in_a_sentence_why_not(
    method: str, modality: Modality, files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = METHODS[method]
    spec = {
        "method": method,
        "target": files[modality],
        "body": files["body"],
        "source": files["source"] if needs_source(kind) else "",
        "settings": {"batch_size": 8} | OWN.get(method, {}),
        "budget": {f"{stage}_steps": 2 for stage in kind.stages},
    }
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    code = main(["run", str(tmp_path / "spec.json"), "--out", str(tmp_path / "run"), "--json"])
    out, err = capsys.readouterr()
    if (method, modality) == ("lsg", Modality.FIELD):
        assert code == 2
        assert err == "field is a dense target without class names, so there is no language to guide by; " + (
            "choose another method.\n"
        )
        assert not (tmp_path / "run").exists()
        return
    assert code == 0, err
    found = json.loads(out)
    assert (found["method"], found["steps"]) == (method, 2 * len(kind.stages))
    assert found["target"]["task"] == ("dense" if modality is Modality.FIELD else "classification")
    for split in ("test", "validation"):
        assert np.isfinite(found[split]["score"])
    assert json.loads((tmp_path / "run" / "result.json").read_text()) == found
