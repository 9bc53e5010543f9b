"""Rooms: codes, answers that are lost by nobody, keys, and files that somebody has spoilt."""

import json
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from xmodal_core.classroom import rooms
from xmodal_core.classroom.tour import TOURS


@pytest.fixture
def opened(tmp_path, monkeypatch):
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path))
    return rooms.open_new()


def test_a_room_is_found_by_its_code_as_people_type_it(opened):
    room, key = opened
    assert rooms.CODE.fullmatch(room.code)
    assert rooms.room(f" {room.code.lower()} ") == room
    assert room.is_teacher(key)
    assert not room.is_teacher("")
    assert key not in (room.folder / "room.json").read_text()


@pytest.mark.parametrize("code", ["", None, "../../x", "ABCDEF", "BBBBBB", "B" * 500, "BCD/FG"])
def test_no_other_code_opens_anything(opened, code):
    assert rooms.room(code) is None


def test_answers_are_counted_once_a_desk_and_the_first_one_counts(opened):
    room, _ = opened
    assert room.answer("desk-1", "gap", 1, 0)
    assert room.answer("desk-2", "gap", 1, 2)
    assert not room.answer("desk-1", "gap", 1, 1)
    assert room.answer("desk-1", "gap", 2, 1)
    assert room.counts("gap", 1) == [1, 0, 1]
    assert room.counts("gap", 2) == [0, 1, 0]
    assert room.desks() == 2
    kept = (room.folder / "answers.jsonl").read_text()
    assert "desk" not in kept
    assert set(json.loads(kept.splitlines()[0])) == {"who", "tour", "step", "choice"}


@pytest.mark.parametrize(
    ("tour", "step", "choice", "words"),
    [
        ("gap", 0, 0, ("step", "from 1 to 6")),
        ("gap", 7, 0, ("step", "from 1 to 6")),
        ("gap", 1, 3, ("choice", "below 3")),
        ("gap", 1, -1, ("choice",)),
        ("gap", True, 0, ("step",)),
        ("other", 1, 0, ("tour", "gap")),
    ],
)
def test_an_answer_to_nothing_is_refused(opened, refusal, tour, step, choice, words):
    refusal(lambda: opened[0].answer("desk", tour, step, choice), *words)
    assert opened[0].desks() == 0


def answer(desk):
    return [rooms.room(desk[0]).answer(desk[1], "gap", step, int(desk[1]) % 3) for step in range(1, 7)]


def test_thirty_writers_lose_nothing(opened):
    room, _ = opened
    with ThreadPoolExecutor(30) as pool:
        told = list(pool.map(answer, [(room.code, str(desk)) for desk in range(30)]))
    assert all(map(all, told))
    assert [room.counts("gap", step) for step in range(1, 7)] == [[10, 10, 10]] * 6
    assert len((room.folder / "answers.jsonl").read_bytes().splitlines()) == 30 * len(TOURS["gap"])


def test_nor_do_writers_in_two_processes(opened):
    room, _ = opened
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(answer, [(room.code, str(desk)) for desk in range(12)]))
    assert room.counts("gap", 6) == [4, 4, 4]


def test_what_is_no_answer_in_the_file_is_passed_over(opened):
    room, _ = opened
    room.answer("a", "gap", 1, 0)
    whole = (room.folder / "answers.jsonl").read_text()
    spoilt = ["[]", "{", "null", '{"who": 1}', whole.replace('"choice": 0', '"choice": 99'), "[" * 5000, whole[:20]]
    (room.folder / "answers.jsonl").write_text("\n".join(spoilt) + "\n" + whole)
    assert room.counts("gap", 1) == [1, 0, 0]


def test_a_room_takes_no_more_than_its_share_of_the_disk(opened, refusal):
    room, _ = opened
    (room.folder / "answers.jsonl").write_bytes(b"\n" * (rooms.MAX_BYTES - 10))
    refusal(lambda: room.answer("a", "gap", 1, 0), "full", "open a new one")


def test_only_the_teacher_reveals(opened, refusal):
    room, key = opened
    refusal(lambda: room.reveal("guess", "gap", 1), "key")
    assert not room.is_revealed("gap", 1)
    room.reveal(key, "gap", 1)
    room.reveal(key, "gap", 3)
    assert [room.is_revealed("gap", step) for step in (1, 2, 3)] == [True, False, True]
    assert room.is_teacher(key)


def test_a_room_whose_file_is_spoilt_has_no_teacher(opened):
    room, key = opened
    for spoilt in ("", "[]", "{}", "[" * 5000):
        (room.folder / "room.json").write_text(spoilt)
        assert not room.is_teacher(key)
        assert not room.is_teacher("")
        assert not room.is_revealed("gap", 1)


def test_there_is_an_end_of_rooms(opened, refusal, monkeypatch):
    monkeypatch.setattr(rooms, "MAX_ROOMS", 1)
    refusal(rooms.open_new, "1 rooms", "delete")


def test_desks_have_names_that_nobody_guesses():
    assert len({rooms.new_desk() for _ in range(100)}) == 100


@pytest.mark.parametrize(("said", "is_one"), [("1", True), ("true", True), ("0", False), ("", False), ("no", False)])
def test_the_operator_says_that_it_is_a_class(said, is_one):
    assert rooms.is_class_server({"XMODAL_CLASS": said}) == is_one
    assert not rooms.is_class_server({})
