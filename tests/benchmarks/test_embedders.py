"""The comparison of embedders: what arms mean, and that test rows stay closed until they are asked for."""

import json
from pathlib import Path

from benchmarks.embedders import ARMS, Kind, settings_of, table, trained
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.model.settings import model_settings


def test_every_arm_is_a_model() -> None:
    assert settings_of("ours") == settings_of("simple") == {}
    assert settings_of("readout=flat,stem=linear") == {"readout": "flat", "stem": "linear"}
    for arm in ARMS:
        model_settings(settings_of(arm))


def test_a_table_has_mean_sd_and_number_of_seeds_and_the_test_rows_only_where_they_are_asked_for(
    tmp_path: Path,
) -> None:
    kind = Kind("a", "b", 3)
    lines = [
        {"arm": "ours", "seed": 0, "score": 0.5, "n": 8},
        {"arm": "ours", "seed": 1, "score": 0.7, "n": 8, "test": 0.25, "test_n": 4},
    ]
    (tmp_path / "a-b-3.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    kinds, arms = [kind, Kind("never", "run", 3)], ["ours", "simple"]
    assert list(table(tmp_path, kinds, arms))[2:] == ["| a (8) | b | 3 | 0.600 +- 0.141 (2) |  |"]
    assert list(table(tmp_path, kinds, arms, "test"))[2:] == ["| a (4) | b | 3 | 0.250 (1) |  |"]


def test_runs_of_other_lengths_and_rates_have_files_of_their_own() -> None:
    assert Kind("a", "b", 3).stem == "a-b-3"
    assert Kind("a", "b", 3, 64, 2e-3).stem == "a-b-3-tokens64-rate0.002"


def test_a_run_reads_the_validation_rows_and_the_test_rows_where_they_are_sealed(files: TinyFiles) -> None:
    path = Path(files.data(Modality.SERIES))
    kind = Kind(path.stem, files.body, 2)
    open_line = trained(path.parent, kind, "ours", 0, sealed=False)
    assert {"arm", "seed", "score", "n", "seconds"} == set(open_line)
    assert trained(path.parent, kind, "ours", 0, sealed=True)["score"] == open_line["score"]
    assert {"test", "test_n"} < set(trained(path.parent, kind, "simple", 0, sealed=True))
