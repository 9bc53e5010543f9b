"""The address says what is looked at, and nothing outside the workspace."""

import pytest

from pages.ui import session


@pytest.mark.parametrize("page", ["start", "data", "gap"])
def test_an_address_that_points_outside_is_ignored(open_page, page):
    app = open_page(page, target="../../etc/passwd", gap="../../etc", ws="../x", run="../..", source="/etc", body="\n")
    assert not app.exception
    assert any("no data set chosen" in caption.value for caption in app.caption)


@pytest.mark.parametrize(
    ("ws", "folder"), [("mine", "mine"), ("../../x", "default"), ("a" * 41, "default"), ("", "default")]
)
def test_a_workspace_outside_the_cache_becomes_the_default_one(home, monkeypatch, ws, folder):
    monkeypatch.setattr(session.st, "query_params", {"ws": ws})
    assert session.workspace() == home / "workspaces" / folder
    assert session.uploads_root().parent == session.workspace() == session.runs_root().parent


def test_the_address_survives_the_navigation_bar(open_page):
    app = open_page("data", target="digits")
    for name in list(app.query_params):
        del app.query_params[name]  # what a click in the bar does
    app.switch_page("pages/views/gap.py").run()
    assert "digits" in str(app.query_params["target"])
    assert any("digits" in caption.value for caption in app.caption)
