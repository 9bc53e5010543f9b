import subprocess
import sys
from pathlib import Path

import pytest

from pages.ui import forms, session
from pages.ui.safe import line, plain
from xmodal_core.settings import setting

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "transformers", "ot", "umap", "sklearn", "peft", "accelerate", "aeon", "scipy", "pandas")


def test_first_paint_imports_nothing_heavy():
    script = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "before = set(sys.modules)\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=60).run()\n"
        "assert not app.exception and app.title\n"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    imported = done.stdout.split()
    assert "xmodal_core" in imported
    assert not set(HEAVY) & set(imported)


def test_no_page_file_lies_directly_in_pages():
    assert list((ROOT / "pages").glob("*.py")) == []


def test_no_page_lets_html_through():
    files = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]
    assert len(files) > 10
    assert [f.name for f in files if "unsafe_allow" in f.read_text() or "st.html" in f.read_text()] == []


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


def test_markdown_controls_are_escaped_and_the_text_stays():
    hostile = "![x](https://evil.example/a.png) :red[b] $c$ <b>d</b> `e` *f*"
    shown = plain(hostile)
    for control in "![](){}`*$<>":
        assert all(shown[i - 1] == "\\" for i, c in enumerate(shown) if c == control)
    assert shown.replace("\\", "").replace("\u2060", "") == hostile


def test_bare_addresses_and_emoji_codes_are_broken_up():
    assert "www." not in plain("www.evil.example").replace("\\", "")
    assert "://" not in plain("https://evil.example").replace("\\", "")
    assert ":smile:" not in plain(":smile:").replace("\\", "")


def test_lines_are_joined_and_cut():
    assert line("a\n\tb\x00c") == "a b c"
    assert line("abcdef", longest=4) == "abc…"


def test_a_form_asks_for_every_kind_of_setting():
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Settings:
        rate: float = setting(5e-4, "Learning rate", low=1e-7, high=1.0)
        k: int = setting(10, "Neighbours", low=1, high=200, unit="samples")
        metric: str = setting("cosine", "Distance", choices=("euclidean", "cosine"))
        exact: bool = setting(True, "Exact")

    assert forms.edit(Settings, "form") == {"rate": 5e-4, "k": 10, "metric": "cosine", "exact": True}
    assert forms.edit(Settings, "part", only=("k",)) == {"k": 10}
    assert forms._step(5e-4) == pytest.approx(1e-5)
