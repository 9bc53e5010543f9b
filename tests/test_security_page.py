"""docs/security.md and docs/deploy.md: what they name is there."""

import re
from pathlib import Path

import pytest

from xmodal_core.commands import COMMANDS
from xmodal_core.model.allowed import ALLOWED
from xmodal_core.sharing import MODE

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("security.md", "deploy.md")]


def test_every_promise_names_tests_that_are_there():
    rows = [line for line in PAGES[0].read_text(encoding="utf-8").splitlines() if "`tests/" in line]
    named = [path for row in rows for path in re.findall(r"`(tests/[^`]*)`", row)]
    assert len(named) > 15
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_command_and_variable_of_the_pages_is_there(page):
    text = page.read_text(encoding="utf-8")
    assert [link for link in re.findall(r"\]\(([^)#:]+)\)", text) if not (page.parent / link).exists()] == []
    assert set(re.findall(r"xmodal_core (\w+)", text)) <= set(COMMANDS)
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("xmodal_core/**/*.py"))
    assert {MODE, ALLOWED} <= set(re.findall(r"XMODAL_\w+", PAGES[1].read_text(encoding="utf-8")))
    assert [name for name in set(re.findall(r"XMODAL_\w+", text)) if name not in code] == []
