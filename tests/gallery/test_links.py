import pytest

from xmodal_core.gallery.links import token_of, workspace_of


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XMODAL_HOME", str(tmp_path))
    return tmp_path.resolve()


def test_a_token_leads_to_its_workspace_and_stays_the_same(home):
    mine, other = home / "workspaces" / "mine", home / "workspaces" / "other"
    token = token_of(mine)
    assert token == token_of(mine)
    assert token != token_of(other)
    assert workspace_of(token) == mine
    assert "mine" not in token


def test_without_the_token_in_the_workspace_the_link_is_dead(home):
    mine = home / "workspaces" / "mine"
    token = token_of(mine)
    (mine / "view.token").unlink()
    assert workspace_of(token) is None
    again = token_of(mine)
    assert again != token
    assert workspace_of(again) == mine
    assert workspace_of(token) is None


@pytest.mark.parametrize("token", ["", "../../etc/passwd", "a" * 22, "default", "a" * 23, "é" * 22])
def test_what_is_no_token_leads_nowhere(token):
    assert workspace_of(token) is None
