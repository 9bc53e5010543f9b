"""docs/data.md lists what the code has: every name of a reading with its choices, every code, every suffix."""

import ast
import re
from dataclasses import fields
from pathlib import Path

from xmodal_core.commands import COMMANDS
from xmodal_core.data.readers import READERS
from xmodal_core.data.reading import Reading

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    """Names in the first column of the table under a heading, each with the rest of its row."""
    section = re.split(r"^## ", PAGE.split(f"## {heading}\n")[1], flags=re.MULTILINE)[0]
    table = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    return {name: cells[2] for cells in table for name in re.findall(r"`([^`]+)`", cells[1])}


def used_codes() -> set[str]:
    """First arguments of every warning that the core gives."""
    codes = set()
    for path in (ROOT / "xmodal_core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and re.search(r"(\.warn|Caution)$", ast.unparse(node.func)):
                parts = ast.walk(node.args[0])
                codes |= {p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)}
    return codes


def test_every_code_of_a_warning_is_listed() -> None:
    used = used_codes()
    assert {"missing-labels", "precision-lost"} <= used
    assert not used - set(rows("Doubts"))


def test_every_name_of_a_reading_is_listed_with_its_choices() -> None:
    listed = rows("Say what is meant")
    assert set(listed) == {field.name for field in fields(Reading)}
    for field in fields(Reading):
        for choice in field.metadata["choices"]:
            assert re.search(rf"\b{choice}\b", listed[field.name]), f"{field.name}: {choice}"


def test_every_suffix_is_listed() -> None:
    assert set(rows("What is read")) >= set(READERS)


def test_every_command_about_data_is_shown() -> None:
    shown = set(re.findall(r"^python -m xmodal_core (\w+)", PAGE, re.MULTILINE))
    assert shown <= set(COMMANDS)
    assert {"inspect", "gap", "predict", "export"} <= shown
