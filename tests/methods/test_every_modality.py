"""Every method, from the command line, on a target of every modality that a body reads without a tokenizer.

Tasks, resume and the order of stages are held elsewhere (tests/methods/test_methods.py); here it is the whole road from
the JSON of a run to its score, with the data as a person brings them.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tiny import FRUIT, TinyFiles
from xmodal_core.__main__ import main
from xmodal_core.data.dataset import Modality, Task
from xmodal_core.data.named import load_named
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import needs_source

TARGETS = (Modality.IMAGE, Modality.SERIES, Modality.SEQUENCE, Modality.TABULAR, Modality.FIELD)
OWN = {"lsg": {"encoder": "lexical"}}  # settings without which a method would look for a body to download


def target_of(modality: Modality, files: TinyFiles) -> str:
    if modality is Modality.FIELD:
        return files.task(Task.DENSE)
    return files.data(modality, names=FRUIT)


@pytest.mark.parametrize("modality", TARGETS)
def test_a_file_is_read_as_the_modality_it_has(modality: Modality, files: TinyFiles) -> None:
    assert load_named(target_of(modality, files)).modality is modality


@pytest.mark.parametrize("modality", TARGETS)
@pytest.mark.parametrize("method", METHODS)
def test_it_runs_to_a_finite_score_or_says_in_a_sentence_why_not(
    method: str, modality: Modality, files: TinyFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = METHODS[method]
    spec = {
        "method": method,
        "target": target_of(modality, files),
        "body": files.body,
        "source": files.data(Modality.IMAGE) if needs_source(kind) else "",
        "settings": {"batch_size": 8} | OWN.get(method, {}),
        "budget": {f"{stage}_steps": 2 for stage in kind.stages},
    }
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    code = main(["run", str(tmp_path / "spec.json"), "--out", str(tmp_path / "run"), "--json"])
    out, err = capsys.readouterr()
    if (method, modality) == ("lsg", Modality.FIELD):
        assert code == 2
        assert err == "dense is a dense target without class names, so there is no language to guide by; " + (
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
