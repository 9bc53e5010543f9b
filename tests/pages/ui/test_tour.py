"""The tour's states on screen: not answered, locked, told, the last step, the end, and addresses that are none."""

import shutil

import pytest

from pages.ui import tour
from xmodal_core.classroom import rooms
from xmodal_core.classroom.tour import TOURS
from xmodal_core.gallery import shelf
from xmodal_core.gallery.items import ITEMS

STEPS = TOURS["gap"]


@pytest.fixture(autouse=True)
def gallery(tmp_path, monkeypatch):
    """Every item has the runs of one that ships: numbers that are real, if not its own."""
    folder = tmp_path / "shelf"
    shutil.copytree(shelf.SHELF / "strips", folder / "strips")
    for name in ITEMS:
        shutil.copy(shelf.SHELF / "wine.zip", folder / f"{name}.zip")
    forget()
    monkeypatch.setattr(shelf, "SHELF", folder)
    yield folder
    forget()


def forget():
    for kept in (shelf.shown, shelf._content):
        kept.cache_clear()
    tour._numbers.clear()


def first(app, name):
    value = app.query_params[name]
    return value[0] if isinstance(value, list) else value


def text(app):
    return "\n".join(element.value for element in (*app.markdown, *app.caption)).replace("\\", "")


def keys(app):
    return {button.key for button in app.button}


def at(open_page, step, locked="", page="start", **query):
    said = {"locked": locked} if locked else {}
    return open_page(page, tour="gap", step=str(step), **said, **query)


def test_a_step_asks_and_tells_nothing_before_it_is_locked(open_page):
    app = at(open_page, 1)
    assert not app.exception
    assert "1 of 6 · The same data twice." in text(app)
    assert STEPS[0].why not in text(app)
    assert app.button(key="tour-lock").disabled
    assert app.button(key="tour-back").disabled
    app.button_group(key="tour-gap-1-guess").set_value(1).run()
    assert STEPS[0].why not in text(app)
    assert not app.button(key="tour-lock").disabled


def test_a_locked_answer_is_in_the_address_and_the_numbers_are_told(open_page):
    app = at(open_page, 1)
    app.button_group(key="tour-gap-1-guess").set_value(2).run()
    app.button(key="tour-lock").click().run()
    assert not app.exception
    assert first(app, "locked") == "2"
    card = shelf.shown("same")
    assert f"n = {card.mark.n} a side" in text(app)
    assert "✓ Right" in text(app)  # wine lies at its ceiling
    assert STEPS[0].why in text(app)
    assert "tour-lock" not in keys(app)
    again = at(open_page, 1, locked="2")
    assert STEPS[0].why in text(again)


def test_what_was_not_expected_is_told_with_what_it_is(open_page):
    app = at(open_page, 1, locked="0")
    assert "✗ Not quite" in text(app)
    assert "It is: At the ceiling." in text(app).replace("**", "")


def test_next_goes_to_the_page_of_the_next_item_and_keeps_what_was_locked(open_page):
    app = at(open_page, 1, locked="2")
    app.button(key="tour-next").click().run()
    assert not app.exception
    assert (first(app, "step"), first(app, "locked"), first(app, "ws")) == ("2", "2", "gallery-digits")
    assert "2 of 6 · Other pictures." in text(app)
    assert "tour-show" not in keys(app)
    app.button(key="tour-back").click().run()
    assert (first(app, "step"), first(app, "ws")) == ("1", "gallery-same")


@pytest.mark.parametrize(("step", "page"), [(5, "align"), (6, "compare")])
def test_a_step_is_shown_where_it_belongs_from_wherever_a_person_went(open_page, step, page):
    app = at(open_page, step, page="data")
    app.button(key="tour-show").click().run()
    assert not app.exception
    assert first(app, "ws") == "gallery-digits"
    assert f"{step} of 6" in text(app)


def test_every_step_is_told_from_numbers(open_page):
    app = at(open_page, 6, locked="000001")
    assert not app.exception
    assert "95 % interval" in text(app)
    app.button(key="tour-next").click().run()
    assert "The tour is done:" in text(app)
    assert "of 6 answers were right" in text(app)
    assert all(step.why in text(app) for step in STEPS)
    app.button(key="tour-again").click().run()
    assert first(app, "step") == "1"
    assert "locked" not in app.query_params


def test_leaving_leaves_the_gallery_too(open_page):
    app = at(open_page, 2, locked="1", page="gap", ws="gallery-digits", target="digits", source="fractals")
    app.button(key="tour-leave").click().run()
    assert not app.exception
    assert not {"tour", "step", "locked", "ws", "target"} & set(app.query_params)


@pytest.mark.parametrize("query", [{"tour": "nothing"}, {"tour": "../../x"}, {"tour": "*a*"}])
def test_an_unknown_tour_is_said_and_the_one_there_is_can_begin(open_page, query):
    app = open_page("start", **query)
    assert not app.exception
    assert "There is no tour" in text(app)
    app.button(key="tour-start").click().run()
    assert first(app, "tour") == "gap"


@pytest.mark.parametrize(
    ("step", "locked", "shown"),
    [
        ("0", "", "1 of 6"),
        ("x", "", "1 of 6"),
        ("99", "", "tour is done"),
        ("-1", "9z²", "1 of 6"),
        ("2", "-" * 999, "2"),
    ],
)
def test_an_address_that_somebody_has_spoilt_shows_a_step_all_the_same(open_page, step, locked, shown):
    app = at(open_page, step, locked=locked)
    assert not app.exception
    assert shown in text(app)


def test_where_an_item_is_missing_the_tour_says_so_and_goes_on(open_page, gallery):
    (gallery / "same.zip").unlink()
    forget()
    app = at(open_page, 1, locked="0")
    assert not app.exception
    assert "is not on this machine" in text(app)
    app.button(key="tour-next").click().run()
    assert first(app, "step") == "2"


def test_an_answer_goes_to_the_room_of_the_class_once(open_page, home):
    room, _ = rooms.open_new()
    app = at(open_page, 1, **{"class": room.code})
    app.button_group(key="tour-gap-1-guess").set_value(1).run()
    app.button(key="tour-lock").click().run()
    assert not app.exception
    assert room.counts("gap", 1) == [0, 1, 0]
    desk = first(app, "me")
    app.button(key="tour-next").click().run()
    assert (first(app, "class"), first(app, "me"), first(app, "ws")) == (room.code, desk, "gallery-digits")
    app.button_group(key="tour-gap-2-guess").set_value(0).run()
    app.button(key="tour-lock").click().run()
    assert room.counts("gap", 2) == [1, 0, 0]
    assert room.desks() == 1


def test_the_board_tells_what_came_of_a_revealed_step(open_page):
    room, key = rooms.open_new()
    room.reveal(key, "gap", 1)
    app = open_page("room", board=room.code)
    assert not app.exception
    assert f"n = {shelf.shown('same').mark.n} a side" in text(app)
