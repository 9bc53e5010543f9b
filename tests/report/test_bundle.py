import io
import zipfile

from tests.pages.runs import written_run
from xmodal_core.report.bundle import bundle
from xmodal_core.runs.rundir import RunDir


def test_a_bundle_opens_as_runs_without_weights_and_logs(tmp_path):
    run = written_run(tmp_path, "orca", accuracy=0.9)
    run.write_checkpoint(b"weights")
    run.write_waypoint(3, b"weights")
    run.log.write_text("/home/somebody/data")
    packed = bundle([run], {"README.txt": "read me"})
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "out")
    assert not [name for name in names if "safetensors" in name or "log" in name]
    again = RunDir.open(tmp_path / "out" / "runs" / run.path.name)
    assert again.result() == run.result()
    assert again.read_steps() == run.read_steps()
    assert again.frame_numbers() == run.frame_numbers() != []
    assert (tmp_path / "out" / "README.txt").read_text() == "read me"


def test_the_same_runs_give_the_same_bytes(tmp_path):
    run = written_run(tmp_path, "finetune", accuracy=0.9)
    assert bundle([run], {}) == bundle([run], {})


def test_where_data_lie_is_left_out_where_that_is_asked(tmp_path):
    run = written_run(tmp_path, "finetune", accuracy=0.9, target=str(tmp_path / "uploads" / "mine.npz"))
    packed = bundle([run], {}, lambda text: text.replace(str(tmp_path), "workspace"))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".json")}
    assert len(texts) == 3
    assert not [name for name, text in texts.items() if str(tmp_path) in text]
    assert "workspace/uploads/mine.npz" in texts[f"runs/{run.path.name}/spec.json"]
