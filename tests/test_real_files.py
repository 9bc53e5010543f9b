"""Real data sets, outside the repository, down the whole road by the command line: inspect, gap, run, compare."""

import json
from pathlib import Path
from typing import Any

import pytest

from xmodal_core.__main__ import main
from xmodal_core.data.dataset import Modality
from xmodal_core.model.bodies import BODIES, default_body

NAMES = (
    "cifar10_5k2k",
    "dna_splice",
    "emg_myo",
    "fsdd_logmel",
    "mnist_t10k",
    "pde_darcy16",
    "protein_multiloc",
    "sat_landsat",
    "tab_adult_8k",
    "tab_vehicle",
    "tab_winequality",
    "text_sst2",
    "text_trec",
    "ucr_crop",
    "ucr_ecg200",
    "ucr_ecg5000",
    "uea_basicmotions",
)


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = main([*arguments, "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    answer: dict[str, Any] = json.loads(out)
    return answer


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", NAMES)
def test_a_real_file_goes_the_whole_road(
    name: str, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared_data / f"{name}.npz"
    understood = call(capsys, "inspect", str(path))
    assert understood["schema"] == 1
    assert understood["splits"]["test"] > 0
    body = default_body(Modality(understood["modality"]))
    source = BODIES[body].source
    metrics = "mmd,knn" if understood["classes"] else "mmd"
    few = ("--n", "60", "--metrics", metrics, "--no-curve")
    report = call(capsys, "gap", "--target", str(path), "--source", source, "--body", body, *few)
    assert report["readings"]
    assert report["understanding"]["file"] == path.name
    runs = []
    for method, stages in (("orca", ("align", "refine")), ("scratch", ("refine",))):
        spec = tmp_path / f"{method}.json"
        budget = {f"{stage}_steps": 1 for stage in stages}
        values = {"method": method, "target": str(path), "body": body, "budget": budget, "train_rows": 30}
        values["settings"] = {"batch_size": 4}
        spec.write_text(json.dumps(values | ({"source": source} if method == "orca" else {})))
        result = call(capsys, "run", str(spec), "--out", str(tmp_path / method))
        assert result["understanding"]["modality"] == understood["modality"]
        runs.append(str(tmp_path / method))
    compared = call(capsys, "compare", *runs)
    assert compared["sizes"]
