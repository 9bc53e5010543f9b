"""A server that strangers share: each has a workspace of his own, and what is another's is neither seen nor changed."""

import re

import pytest

from tests.pages.runs import shown, written_run
from xmodal_core.runs.rundir import RunDir
from xmodal_core.sharing import folder_name, new_key

PAGES = ("start", "data", "gap", "align", "curriculum", "refine", "reuse", "compare", "report")


@pytest.fixture
def shared(monkeypatch):
    monkeypatch.setenv("XMODAL_MODE", "shared")


@pytest.fixture
def visitor(home, shared):
    """A key, and a finished run in its workspace."""
    key = new_key(home)
    run = written_run(home, "orca", accuracy=0.875, workspace=folder_name(home, key))
    return key, run


def key_of(app) -> str:
    found = app.query_params["ws"]
    return found if isinstance(found, str) else found[0]


def test_who_comes_without_a_key_gets_one_that_opens_nothing_of_others(open_page, home, shared):
    first, second = open_page("start"), open_page("start")
    keys = {key_of(first), key_of(second)}
    assert len(keys) == 2
    assert len({folder_name(home, key) for key in keys}) == 2
    first.run()
    assert key_of(first) in keys


@pytest.mark.parametrize("ws", ["default", "own-0123456789abcdef0123456789abcdef", "../x", "A" * 34])
def test_a_name_that_is_no_key_is_replaced_and_said(open_page, home, shared, ws):
    app = open_page("start", ws=ws)
    assert folder_name(home, key_of(app)) is not None
    assert any("opens no workspace here" in toast.value for toast in app.toast)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_without_the_key_sees_a_run_or_can_touch_it(open_page, visitor, page):
    _, run = visitor
    app = open_page(page, target="digits", run=run.path.name)
    assert not app.exception
    assert run.path.name not in shown(app)
    assert not [button for button in app.button if button.key in ("watch-cancel", "watch-pause", "refine-open-test")]


@pytest.mark.parametrize("page", PAGES)
def test_whoever_has_the_key_does_and_no_page_says_it(open_page, visitor, page):
    key, run = visitor
    app = open_page(page, ws=key, target="digits", run=run.path.name)
    assert not app.exception
    assert key not in shown(app)
    if page in ("align", "refine"):
        assert run.path.name in shown(app)


def test_no_file_of_the_home_holds_a_key(open_page, home, visitor, no_worker):
    key, run = visitor
    open_page("report", ws=key, target="digits", run=run.path.name)
    app = open_page("refine", ws=key, target="digits")
    app.button(key="refine-start").click().run()
    assert len(list((run.path.parent).iterdir())) == 2
    files = [path for path in home.rglob("*") if path.is_file()]
    assert not [path for path in files if key in str(path) or key.encode() in path.read_bytes()]


def test_a_link_to_look_is_another_token_and_changes_nothing(open_page, home, visitor):
    key, run = visitor
    open_page("compare", ws=key, target="digits")
    token = (run.path.parents[1] / "view.token").read_text()
    assert token not in key
    app = open_page("refine", view=token, target="digits", run=run.path.name)
    assert not app.exception
    assert run.path.name in shown(app)
    assert "ws" not in app.query_params
    app.button(key="refine-scratch").click().run()
    assert "stays as it is" in shown(app)
    assert RunDir.open(run.path).path.parent.joinpath(run.path.name).is_dir()
    assert len(list(run.path.parent.iterdir())) == 1


def test_a_body_that_the_operator_did_not_name_is_refused_in_a_sentence(open_page, visitor, no_worker, files):
    key, _ = visitor
    app = open_page("refine", ws=key, target="digits", body=files.body)
    assert app.button(key="refine-start").disabled
    assert not app.exception
    assert "this server offers the networks that ship" in shown(app)


def test_a_visitor_is_held_to_a_budget(open_page, visitor, no_worker):
    key, run = visitor
    app = open_page("refine", ws=key, target="digits")
    app.number_input(key="refine-budget-refine_steps").set_value(5000).run()
    app.button(key="refine-start").click().run()
    others = [path for path in run.path.parent.iterdir() if path != run.path]
    assert len(others) == 1
    assert re.search(r'"refine_steps": 1000\b', (others[0] / "spec.json").read_text())
