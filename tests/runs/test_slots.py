"""Who may train: as many at once as there are slots, in the order of asking."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from xmodal_core.runs.life import Life
from xmodal_core.runs.slots import Place, device_slots, queue_position


def test_places_in_one_slot_are_taken_in_the_order_of_asking(tmp_path: Path) -> None:
    first, second, third = (Place(tmp_path, device_slots()) for _ in range(3))
    assert first.take()
    assert first.take()
    assert not second.take()
    assert not third.take()
    first.release()
    assert not third.take(), "it must not overtake"
    assert second.take()
    second.release()
    assert not first.take(), "who had it queues up again"
    assert third.take()
    third.release()
    assert first.take()


def test_who_leaves_the_queue_or_dies_in_it_is_not_waited_for(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    holder, dead, leaver, last = (Place(tmp_path, device_slots()) for _ in range(4))
    assert holder.take()
    ticket = tmp_path / "queue" / f"{0:020d}-{sleeper.pid}.json"
    assert not dead.take()
    ticket.write_text('{"slots": ["cpu-0"]}')
    life = Life(ticket.with_suffix(".lock"))  # as a process of its own would hold it
    assert life.take()
    dead.release()
    assert not leaver.take()
    assert not last.take()
    assert queue_position(tmp_path, sleeper.pid) == 1
    assert queue_position(tmp_path, os.getpid()) == 2
    leaver.release()
    holder.release()
    assert not last.take()
    life.end()
    assert last.take()
    assert not ticket.exists()
    assert queue_position(tmp_path, os.getpid()) is None


def test_each_gpu_is_a_slot_and_who_had_one_waits_for_that_one(tmp_path: Path) -> None:
    slots: dict[str, str | None] = {"cuda-0": "0", "cuda-1": "1"}
    first, second, third = (Place(tmp_path, slots) for _ in range(3))
    assert (first.take(), first.gpu) == (True, "0")
    assert (second.take(), second.gpu) == (True, "1")
    first.release()
    assert (third.take(), third.gpu) == (True, "0")
    assert not first.take(), "its model is on GPU 0"
    second.release()
    assert not first.take()
    third.release()
    assert (first.take(), first.gpu) == (True, "0")


def test_cpu_slots_follow_the_cores_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XMODAL_CPU_SLOTS")
    for cores, n in ((1, 1), (2, 1), (4, 2), (9, 4)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert device_slots() == {f"cpu-{i}": None for i in range(n)}
    monkeypatch.setenv("XMODAL_CPU_SLOTS", "3")
    assert len(device_slots()) == 3


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"[]", b'{"slots": 3}', b"[" * 100_000, None])
def test_a_damaged_ticket_keeps_its_place_and_stops_nobody(tmp_path: Path, damage: bytes | None) -> None:
    holder, first, second = (Place(tmp_path, device_slots()) for _ in range(3))
    assert holder.take()
    assert not first.take()
    assert not second.take()
    (ticket, _) = sorted((tmp_path / "queue").glob("*.json"))
    if damage is None:
        ticket.unlink()
    else:
        ticket.write_bytes(damage)
    (tmp_path / "queue" / "notes.json").write_text("not a ticket")
    if damage is not None:
        assert queue_position(tmp_path, os.getpid()) == 1
        assert not second.take()
    assert not first.take()
    assert ticket.read_text() == '{"slots": ["cpu-0"], "of": ""}', "whoever holds it writes it again"
    holder.release()
    assert not second.take()
    assert first.take()
    first.release()
    assert second.take()
    second.release()
    assert [path.name for path in (tmp_path / "queue").iterdir()] == ["notes.json"]


def test_turns_go_round_among_workspaces_and_in_the_order_of_launches_within_one(tmp_path: Path) -> None:
    """Five of one workspace, then one each of two others: nobody waits for all five."""
    greedy = [Place(tmp_path, device_slots(), "a") for _ in range(5)]
    others = [Place(tmp_path, device_slots(), name) for name in ("b", "c")]
    waiting, order = [*greedy, *others], []
    for place in waiting:
        place.take()
    while waiting:
        (has,) = [place for place in waiting if place.take()]
        order.append(has)
        waiting.remove(has)
        has.release()
        time.sleep(0.01)  # turns are told apart by the clock of the files
    assert [place._of for place in order] == ["a", "b", "c", "a", "a", "a", "a"]
    assert [place for place in order if place in greedy] == greedy


def test_who_asked_first_is_first_however_long_its_process_took_to_start(tmp_path: Path) -> None:
    holder, slow, quick = (Place(tmp_path, device_slots(), "a") for _ in range(3))
    assert holder.take()
    quick.launched(2_000)
    slow.launched(1_000)
    assert not quick.take()
    assert not slow.take()
    holder.release()
    assert not quick.take()
    assert slow.take()
    slow.release()
    assert quick.take()


def test_the_queue_tells_no_name_of_a_workspace_in_a_file_that_stays(tmp_path: Path) -> None:
    place = Place(tmp_path, device_slots(), "my-secret")
    assert place.take()
    place.release()
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in left if "my-secret" in path.name or b"my-secret" in path.read_bytes()]
