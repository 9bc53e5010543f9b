import json

from tests.command_line import call, write_spec
from xmodal_core.runs.rundir import RunDir


def test_a_specification_is_run_as_an_ablation_by_one_flag_and_compared_as_one(capsys, files, tmp_path):
    spec = write_spec(tmp_path, "pare", 0, files, settings={"batch_size": 8, "beta": 0.3})
    asked = ("run", spec, "--ablation", "pare_beta0", "--out", str(tmp_path / "run"))
    assert call(capsys, *asked)[1].startswith("pare_beta0 (ablation) on ")
    written = RunDir.open(tmp_path / "run").spec_values()
    assert written["settings"] == {"batch_size": 8, "beta": 0.0}
    assert written["budget"] == json.loads((tmp_path / "pare-0.json").read_text())["budget"]
    assert "pare_beta0 (ablation)" in call(capsys, "compare", str(tmp_path / "run"))[1]
    assert call(capsys, *asked, "--resume")[0] == 0
    code, _, err = call(capsys, "run", spec, "--out", str(tmp_path / "run"), "--resume")
    assert code == 2
    assert "made from another specification" in err


def test_an_ablation_of_another_method_is_refused_with_those_that_there_are(capsys, files, tmp_path):
    for name in ("mona_plain", "nonsense"):
        spec = write_spec(tmp_path, "orca", 0, files)
        code, _, err = call(capsys, "run", spec, "--ablation", name, "--out", str(tmp_path / "run"))
        assert code == 2
        assert f"--ablation is '{name}', but orca has orca_unaligned, orca_random" in err
        assert not (tmp_path / "run").exists()
