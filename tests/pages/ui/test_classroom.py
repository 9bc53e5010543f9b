"""Class mode: a desk of its own for every browser, and what a desk may ask for, said where it is held."""

import re

import pytest

from xmodal_core.classroom import rooms
from xmodal_core.runs.rundir import RunDir

SPEC = '{"schema": 1, "method": "finetune", "target": "wine", "body": "minilm", "seed": 0}'


def first(value):
    return value[0] if isinstance(value, list) else value


@pytest.fixture
def room(home):
    return rooms.open_new()[0]


def test_a_browser_with_a_code_gets_a_desk_of_its_own(open_page, room):
    apps = [open_page("start", **{"class": room.code.lower()}) for _ in range(2)]
    desks = [first(app.query_params["ws"]) for app in apps]
    assert all(re.fullmatch(r"desk-[0-9a-f]{16}", desk) for desk in desks)
    assert desks[0] != desks[1]
    assert [first(app.query_params["me"]) for app in apps] == desks
    again = open_page("start", **{"class": room.code, "me": desks[0]})
    assert first(again.query_params["ws"]) == desks[0]


def test_without_a_class_nothing_changes(open_page, room):
    app = open_page("start")
    assert dict(app.query_params) == {}


@pytest.mark.parametrize("code", ["BBBBBB", "../../x", "x" * 300, "*a*"])
def test_an_unknown_code_is_said_and_no_desk_is_given(open_page, code):
    app = open_page("start", **{"class": code})
    assert not app.exception
    assert "ws" not in app.query_params
    assert any("There is no class" in caption.value for caption in app.caption)


def test_a_server_of_a_class_gives_desks_to_everybody(open_page, monkeypatch):
    monkeypatch.setenv("XMODAL_CLASS", "1")
    app = open_page("start")
    assert first(app.query_params["ws"]).startswith("desk-")
    assert first(open_page("start", ws="mine").query_params["ws"]) == "mine"


def test_a_name_that_is_no_desk_s_is_not_taken_for_one(open_page, room):
    app = open_page("start", **{"class": room.code, "me": "../../etc"})
    assert not app.exception
    assert first(app.query_params["me"]).startswith("desk-")


def test_in_class_a_gap_is_measured_on_fewer_rows_and_it_is_said(open_page, home, room):
    app = open_page("gap", target="digits", source="digits", **{"class": room.code})
    app.selectbox(key="space").set_value("raw").run()
    app.multiselect(key="metrics").set_value(["centroid"]).run()
    app.button(key="measure").click().run()
    assert not app.exception
    assert any("at most 300 rows" in toast.value for toast in app.toast)
    (kept,) = (home / "workspaces" / first(app.query_params["me"]) / "gap").glob("*.request.json")
    assert '"n": 300' in kept.read_text()


def test_in_class_a_run_has_fewer_steps_and_a_desk_few_runs(open_page, home, room, no_worker, monkeypatch):
    app = open_page("refine", target="wine", body="fractal-vit", **{"class": room.code})
    app.button(key="refine-start").click().run()
    assert not app.exception
    runs = home / "workspaces" / first(app.query_params["me"]) / "runs"
    (run,) = runs.iterdir()
    assert RunDir(run).spec_values()["budget"]["refine_steps"] <= 60


def test_in_class_no_experiment_is_started(open_page, room):
    app = open_page("compare", target="wine", body="fractal-vit", **{"class": room.code})
    assert not app.exception
    app.button(key="compare-launch").click().run()
    assert not app.exception
    assert any("shared machine" in error.value for error in app.error)
