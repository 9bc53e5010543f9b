"""What of a workspace means something elsewhere."""

from pathlib import Path

from xmodal_core.workspace.layout import files, size


def written(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")


def test_what_belongs_to_this_machine_stays_here(tmp_path: Path) -> None:
    run = "runs/260101-000000-abcdef01"
    kept = ["gap/a.json", f"{run}/frames/000001.npz", f"{run}/spec.json", f"{run}/steps.jsonl", "uploads/ab.npz"]
    heavy = [f"{run}/checkpoint.safetensors", f"{run}/waypoints/000002.safetensors"]
    here = ["worker.lock", "proc.json", "control.json", "heartbeat", "reserve", "log.txt", ".now", ".ab.tmp"]
    written(tmp_path, *kept, *heavy, *(f"{run}/{name}" for name in here), "view.token", "notes/mine.txt")
    (tmp_path / "uploads" / "link.npz").symlink_to(tmp_path / "view.token")
    assert sorted(p.relative_to(tmp_path).as_posix() for p in files(tmp_path, weights=False)) == sorted(kept)
    assert {p.relative_to(tmp_path).as_posix() for p in files(tmp_path, weights=True)} == {*kept, *heavy}
    assert size(tmp_path / "gap") == 5
    assert size(tmp_path / "nowhere") == 0
