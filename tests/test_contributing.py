"""What CONTRIBUTING.md says of the environment is what the code reads."""

import os
import re
from pathlib import Path

from xmodal_core.environment import settle

ROOT = Path(__file__).parents[1]
OURS = re.compile(r"XMODAL_[A-Z_]+")


def documented() -> set[str]:
    """Names in the first column of the table of variables."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall("`([A-Z_]+)`", cell)}


def test_every_variable_that_we_read_is_in_the_table_and_no_other() -> None:
    files = [ROOT / "app.py", ROOT / ".ci" / "run"]
    for place in ("xmodal_core", "pages", "benchmarks", "scripts", "tests"):
        files += (ROOT / place).rglob("*.py")
    read = {name for file in files for name in OURS.findall(file.read_text(encoding="utf-8"))}
    assert {name for name in documented() if name.startswith("XMODAL_")} == read


def test_what_we_ask_of_libraries_is_in_the_table() -> None:
    asked: dict[str, str] = {}
    settle(asked)
    assert asked
    assert set(asked) <= documented()
    assert os.environ.keys() >= asked.keys()
