"""The road in Python, as docs/library.md shows it: every snippet runs, in the order of the page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FEWER_ROWS = """
from xmodal_core.reuse import trajectory as _measured
_measured.N_BANK, _measured.N_QUERY = 60, 45  # of seven hundred, each of which goes through five networks
"""


def test_every_snippet_of_the_page_runs(tmp_path: Path) -> None:
    *snippets, last = SNIPPETS
    (tmp_path / "road.py").write_text("\n".join([*snippets, FEWER_ROWS, last]), encoding="utf-8")
    environment = os.environ | {"XMODAL_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "road.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "inconclusive" in done.stdout or "fine-tuning" in done.stdout  # an answer was given
    assert "kNN accuracy on the source" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", ["LabelledDataset", "Embedding", "GapReport", "RunSpec", "RunResult", "Verdict"])
def test_the_values_of_the_road_are_found_where_architecture_names_them(name: str) -> None:
    assert name in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    core = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "xmodal_core").rglob("*.py"))
    assert re.search(rf"^class {name}\b", core, re.MULTILINE)
