"""The files of a run: what is written is read back, and what a crash tore is not."""

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.results import a_result
from xmodal_core.runs.process import ProcessStamp
from xmodal_core.runs.rundir import RUN_ID, RunDir
from xmodal_core.runs.state import Control, RunState


def a_record(done: int) -> dict[str, object]:
    place = {"stage": "refine", "index": done, "total": 9}
    return {"done": done, **place, "metrics": {"loss": 1 / done}, "seconds": 0.5, "frame": False}


def test_a_new_run_has_an_id_a_specification_and_nothing_else(run: RunDir) -> None:
    assert RUN_ID.fullmatch(run.path.name)
    assert [p.name for p in run.path.iterdir()] == ["spec.json"]
    assert RunDir.open(run.path).spec_values() == {"method": "orca"}
    assert run.read_state() == RunState()
    assert run.read_control() == Control(run_until=0, pause=False, cancel=False)
    assert run.read_steps() == ([], 0)
    assert run.result() is None
    assert run.read_process() is None
    assert not (run.path / "heartbeat").exists()
    assert run.frame_numbers() == []
    assert run.log_tail() == ""


def test_two_runs_of_the_same_second_have_different_ids(tmp_path: Path) -> None:
    assert len({RunDir.create(tmp_path, "{}").path for _ in range(20)}) == 20


@pytest.mark.parametrize("name", ["../etc", "..", ".", "", "A", "a/b", "a" * 41, "a\n", "a.b", "ä", "/etc/passwd"])
def test_what_is_no_run_id_is_refused(tmp_path: Path, refusal: Callable[..., str], name: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "spec.json").write_text("{}")
    (tmp_path / "runs").mkdir()
    refusal(lambda: RunDir.find(tmp_path / "runs", name), "no run")


def test_an_id_that_is_a_link_out_of_the_folder_is_refused(tmp_path: Path, refusal: Callable[..., str]) -> None:
    outside = RunDir.create_at(tmp_path / "outside", "{}")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "link").symlink_to(outside.path)
    refusal(lambda: RunDir.find(tmp_path / "runs", "link"))


def test_a_run_is_found_by_its_id(run: RunDir) -> None:
    assert RunDir.find(run.path.parent, run.path.name).spec_values() == run.spec_values()


def test_what_holds_no_run_is_refused(tmp_path: Path, refusal: Callable[..., str]) -> None:
    refusal(lambda: RunDir.open(tmp_path / "absent"), "absent")
    refusal(lambda: RunDir.open(tmp_path), "spec.json")
    refusal(lambda: RunDir.create_at(tmp_path / "new", "[1]"), "list", "object")
    refusal(lambda: RunDir.create_at(tmp_path / "new", "{"), "JSON")
    assert not (tmp_path / "new").exists()


def test_a_directory_in_use_is_not_taken_for_a_new_run(run: RunDir, refusal: Callable[..., str]) -> None:
    refusal(lambda: RunDir.create_at(run.path, "{}"), "not an empty directory")
    assert run.spec_values() == {"method": "orca"}


def test_state_control_process_and_result_come_back_as_written(run: RunDir) -> None:
    run.write_state(RunState(state="running", done=3))
    run.write_state(RunState(state="waiting", done=4))
    control = Control(run_until=7, pause=True, cancel=True, kill_after=12.5)
    run.write_control(control)
    run.write_process(ProcessStamp(17, 1234.5))
    run.write_result(a_result("orca"))
    assert run.read_state() == RunState("waiting", done=4)
    assert run.read_control() == control
    assert run.read_process() == ProcessStamp(17, 1234.5)
    assert run.result() == a_result("orca")
    for damaged in ("{", '{"pid": 17}', '{"pid": "x", "create_time": 1}', "[]"):
        (run.path / "proc.json").write_text(damaged)
        assert run.read_process() is None
    run.forget_process()
    run.forget_process()
    assert run.read_process() is None
    assert not list(run.path.glob("*.tmp"))


def test_the_control_version_tells_a_change_from_none(run: RunDir) -> None:
    versions = [run.control_version()]
    for _ in range(3):
        run.write_control(Control(run_until=1))
        versions.append(run.control_version())
        assert run.control_version() == versions[-1]
    assert len(set(versions)) == 4


def test_a_missing_specification_is_told_with_the_files_name(run: RunDir, refusal: Callable[..., str]) -> None:
    (run.path / "spec.json").unlink()
    refusal(run.spec_values, "spec.json")


DAMAGED = {
    "empty": b"",
    "zeros": bytes(64),
    "cut": b'{"state": "ru',
    "no text": b"\xff\xfe\x00",
    "a list": b"[1, 2]",
    "another kind": b'{"state": 3, "done": "three", "run_until": "x", "pid": []}',
    "null": b"null",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_state_is_told_from_steps_and_result_and_a_damaged_request_is_none(
    run: RunDir, content: bytes
) -> None:
    for name in ("state.json", "control.json", "proc.json"):
        (run.path / name).write_bytes(content)
    assert run.read_state() == RunState()
    assert run.read_control() == Control()
    assert run.read_control_or(Control(run_until=5)) in (Control(run_until=5), Control())
    assert run.read_process() is None
    for done in (1, 2):
        run.append_step(a_record(done))
    place = {"stage": "refine", "stage_index": 2, "stage_total": 9}
    assert run.read_state() == RunState(state="paused", done=2, **place)
    run.write_result(a_result("orca"))
    assert run.read_state().state == "done"


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_line_takes_no_other_with_it(run: RunDir, content: bytes) -> None:
    run.append_step(a_record(1))
    with (run.path / "steps.jsonl").open("ab") as file:
        file.write(content + b"\n")
    run.append_step(a_record(2))
    assert [r["done"] for r in run.read_steps()[0]] == [1, 2]
    run.cut_steps(2)
    assert [r["done"] for r in run.read_steps()[0]] == [1, 2]
    assert (run.path / "steps.jsonl").read_bytes().count(b"\n") == 2


def test_a_step_that_was_taken_twice_is_kept_once(run: RunDir) -> None:
    for done in (1, 2, 3, 2):
        run.append_step(a_record(done) | {"seconds": float(done)})
    run.cut_steps(2)
    assert [r["done"] for r in run.read_steps()[0]] == [1, 2]


def test_a_frame_of_another_step_or_run_is_refused(run: RunDir, tmp_path: Path, refusal: Callable[..., str]) -> None:
    other = RunDir.create(tmp_path / "others", '{"method": "finetune"}')
    for each in (run, other):
        each.write_frame(1, {"x": np.zeros(2)})
    frame = run.path / "frames" / "000001.npz"
    frame.with_name("000002.npz").write_bytes(frame.read_bytes())
    refusal(lambda: run.read_frame(2), "step 2", "another step")
    frame.write_bytes((other.path / "frames" / "000001.npz").read_bytes())
    refusal(lambda: run.read_frame(1), "step 1", "run")


def test_a_run_is_told_by_its_specification_wherever_its_folder_is(tmp_path: Path) -> None:
    here, there, other = (
        RunDir.create(tmp_path, json.dumps({"method": "orca", "target": target, "seed": seed}))
        for target, seed in (("/a/uploads/abc.npz", 1), ("/b/c/uploads/abc.npz", 1), ("/a/uploads/abc.npz", 2))
    )
    assert here.identity() == there.identity() != other.identity()
    assert len(here.identity()) == 16


def test_silence_is_measured_from_the_last_beat(run: RunDir) -> None:
    assert run.silent_s() is None
    run.beat()
    silent = run.silent_s()
    assert silent is not None
    assert silent < 5
    long_ago = time.time() - 500
    os.utime(run.path / "heartbeat", (long_ago, long_ago))
    silent = run.silent_s()
    assert silent is not None
    assert 499 < silent < 510


def test_a_worker_is_told_by_what_it_holds_whatever_the_files_say(run: RunDir) -> None:
    assert not run.has_worker()
    life = run.life()
    assert life.take()
    run.write_process(ProcessStamp(2**31 - 1, 0.0))  # no such process
    assert run.has_worker()
    life.end()
    assert not run.has_worker()


def test_a_worker_of_another_machine_is_told_by_its_heartbeat(run: RunDir) -> None:
    run.write_process(ProcessStamp(1, 0.0, 0, "elsewhere", "another boot"))
    assert not run.has_worker()
    run.beat()
    assert run.has_worker()
    long_ago = time.time() - 500
    os.utime(run.path / "heartbeat", (long_ago, long_ago))
    assert not run.has_worker()


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_debris(run: RunDir) -> None:
    run.write_result(a_result("orca"))
    with pytest.raises(TypeError):
        run.write_result(a_result("orca", spec={"settings": {"a": object()}}))
    with pytest.raises(ValueError, match="Object arrays"):
        run.write_frame(1, {"x": np.array([object()])})
    assert run.result() == a_result("orca")
    assert not list(run.path.glob(".*.tmp"))


def test_a_torn_last_record_waits_until_it_is_whole(run: RunDir) -> None:
    run.append_step(a_record(1))
    whole = json.dumps(a_record(2))
    with (run.path / "steps.jsonl").open("a") as file:
        file.write(whole[:9])
    first, offset = run.read_steps()
    assert [r["done"] for r in first] == [1]
    assert run.read_steps(offset) == ([], offset)
    with (run.path / "steps.jsonl").open("a") as file:
        file.write(whole[9:] + "\n")
    assert run.read_steps(offset)[0] == [a_record(2)]


@settings(deadline=None, max_examples=30)
@given(batches=st.lists(st.integers(0, 4), max_size=6))
def test_reading_on_from_the_offset_gives_every_record_once(
    tmp_path_factory: pytest.TempPathFactory, batches: list[int]
) -> None:
    run = RunDir.create(tmp_path_factory.mktemp("runs"), "{}")
    offset, written, read = 0, 0, []
    for n in batches:
        for _ in range(n):
            written += 1
            run.append_step(a_record(written))
        records, offset = run.read_steps(offset)
        read += records
    assert read == [a_record(i + 1) for i in range(written)]
    assert read == run.read_steps()[0]


def test_cutting_drops_later_records_later_frames_and_a_torn_line(run: RunDir) -> None:
    for done in range(1, 6):
        run.append_step(a_record(done))
        run.write_frame(done, {"x": np.zeros(1)})
    with (run.path / "steps.jsonl").open("a") as file:
        file.write(json.dumps(a_record(6)))  # all but the line's end
    run.cut_steps(6)
    assert [r["done"] for r in run.read_steps()[0]] == [1, 2, 3, 4, 5]
    assert (run.path / "steps.jsonl").read_bytes().endswith(b"\n")
    run.cut_steps(3)
    assert [r["done"] for r in run.read_steps()[0]] == [1, 2, 3]
    assert run.frame_numbers() == [1, 2, 3]
    run.append_step(a_record(4))
    assert [r["done"] for r in run.read_steps()[0]] == [1, 2, 3, 4]
    run.cut_steps(0)
    assert run.read_steps() == ([], 0)


def test_a_reader_from_before_a_cut_gets_everything_again(run: RunDir) -> None:
    for done in range(1, 6):
        run.append_step(a_record(done))
    _, offset = run.read_steps()
    run.cut_steps(2)
    records, offset = run.read_steps(offset)
    assert [r["done"] for r in records] == [1, 2]
    records, _ = run.read_steps(offset - 3)
    assert [r["done"] for r in records] == [1, 2]


def test_a_frame_that_is_written_again_tells_so(run: RunDir) -> None:
    assert run.frame_written(3) == 0
    run.write_frame(3, {"x": np.zeros(1)})
    os.utime(run.path / "frames" / "000003.npz", ns=(5, 5))
    assert run.frame_written(3) == 5
    run.write_frame(3, {"x": np.ones(1)})
    assert run.frame_written(3) > 5


def test_frames_come_back_with_their_types(run: RunDir) -> None:
    arrays = {"points": np.ones((3, 2), np.float32), "rows": np.arange(3), "names": np.array(["a", "bc"])}
    run.write_frame(12, arrays)
    run.write_frame(3, {})
    assert run.frame_numbers() == [3, 12]
    assert (run.path / "frames" / "000012.npz").is_file()
    back = run.read_frame(12)
    assert back.keys() == arrays.keys()
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)


def test_a_missing_or_damaged_frame_is_told(run: RunDir, refusal: Callable[..., str]) -> None:
    refusal(lambda: run.read_frame(1), "step 1")
    run.write_frame(1, {"x": np.zeros(9)})
    (run.path / "frames" / "000001.npz").write_bytes(b"PK torn")
    refusal(lambda: run.read_frame(1), "step 1")


def test_the_log_tail_is_the_last_lines(run: RunDir) -> None:
    run.log.write_text("".join(f"line {i}\n" for i in range(100_000)))
    assert run.log_tail(2) == "line 99998\nline 99999"
    assert len(run.log_tail().splitlines()) == 200


def test_a_beat_is_young(run: RunDir) -> None:
    run.beat()
    assert abs(time.time() - (run.path / "heartbeat").stat().st_mtime) < 5


def test_the_lock_is_held_by_one_and_the_other_is_told(
    run: RunDir, monkeypatch: pytest.MonkeyPatch, refusal: Callable[..., str]
) -> None:
    monkeypatch.setattr("xmodal_core.runs.rundir._LOCK_S", 0.05)

    def enter() -> None:
        with run.lock():
            raise AssertionError("both hold it")

    with ThreadPoolExecutor() as threads, run.lock():
        threads.submit(refusal, enter, "locked").result()
    with run.lock():
        pass


@pytest.mark.parametrize(
    ("control", "wants"),
    [
        (Control(), False),
        (Control(run_until=5), False),
        (Control(run_until=6), True),
        (Control(run_until=6, pause=True), False),
        (Control(run_until=0, pause=True, cancel=True), True),
    ],
)
def test_a_worker_with_five_steps_done_is_wanted_for_more_steps_or_a_cancel(control: Control, wants: bool) -> None:
    assert control.wants_more(5) is wants


def test_what_was_measured_of_a_run_comes_back_and_what_cannot_be_read_is_none(run: RunDir) -> None:
    assert run.read_reuse() is None
    assert run.read_trajectory() is None
    run.write_reuse({"seed": 0})
    run.write_trajectory({"points": []})
    assert run.read_reuse() == {"seed": 0}
    assert run.read_trajectory() == {"points": []}
    for damage in (b"{", b"[1]", b"\xff\xfe", b""):
        (run.path / "reuse.json").write_bytes(damage)
        assert run.read_reuse() is None
