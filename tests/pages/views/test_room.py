"""The board: rooms that there are and are not, answers as they come, and what only a teacher may reveal."""

import pytest

from xmodal_core.classroom import rooms
from xmodal_core.classroom.tour import TOURS


def text(app):
    return "\n".join(element.value for element in (*app.markdown, *app.title, *app.header)).replace("\\", "")


@pytest.fixture
def opened(home):
    return rooms.open_new()


def test_a_teacher_opens_a_room_and_stands_before_its_board(open_page, home):
    app = open_page("room")
    app.button(key="room-open").click().run()
    assert not app.exception
    (folder,) = (home / "classes").iterdir()
    assert f"Class {folder.name}" in text(app)
    assert f"?class={folder.name}" in text(app)
    assert "0 of 0 have answered" in text(app)
    assert app.button(key="board-reveal")


@pytest.mark.parametrize("code", ["BBBBBB", "../../x", "x" * 300, "[a](b)"])
def test_an_unknown_code_is_said_and_another_can_be_typed(open_page, code):
    app = open_page("room", board=code)
    assert not app.exception
    assert any("There is no room" in warning.value for warning in app.warning)
    assert app.button(key="room-open")


def test_answers_are_counted_and_only_the_teacher_reveals(open_page, opened):
    room, key = opened
    for desk in range(5):
        room.answer(str(desk), "gap", 1, desk % 2)
    room.answer("6", "gap", 2, 0)
    app = open_page("room", board=room.code)
    assert "5 of 6 have answered" in text(app)
    assert TOURS["gap"][0].question in text(app)
    assert "board-reveal" not in [button.key for button in app.button]
    assert "board-reveal" not in [b.key for b in open_page("room", board=room.code, key="guess").button]
    app = open_page("room", board=room.code, key=key)
    app.button(key="board-reveal").click().run()
    assert not app.exception
    assert room.is_revealed("gap", 1)
    assert not room.is_revealed("gap", 2)


def test_the_board_shows_the_step_that_is_chosen(open_page, opened):
    room, _ = opened
    room.answer("a", "gap", 3, 1)
    app = open_page("room", board=room.code)
    app.button_group(key="board-step").set_value(3).run()
    assert not app.exception
    assert TOURS["gap"][2].question in text(app)
    assert "1 of 1 have answered" in text(app)
