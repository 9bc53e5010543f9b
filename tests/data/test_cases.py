"""Files rebuilt from public reports, outside the repository: each right, warned of, or refused with a way out.

What should become of each is a row of `cases/*.csv` beside this file: file, outcome (right, warned, refused), says
(codes of warnings or words of the refusal, joined by |), facts (name=value of the understanding, joined by |).
"""

import csv
from pathlib import Path

import pytest

from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Understanding
from xmodal_core.errors import XModalError

HERE = Path(__file__).parent / "cases"
ROWS = [row for path in sorted(HERE.glob("*.csv")) for row in csv.DictReader(path.read_text("utf-8").splitlines())]


def outcome(path: Path, reading: Reading | None = None) -> tuple[str, list[str], Understanding | None]:
    """What becomes of a file: right, warned or refused; codes or the sentence; what was understood."""
    try:
        found = read(path, path.name, reading).understanding
    except XModalError as error:
        return "refused", [str(error)], None
    assert found is not None
    codes = [warning.code for warning in found.warnings]
    return ("warned" if codes else "right"), codes, found


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_a_reported_file_is_right_or_warned_of_or_refused_with_a_way_out(row: dict[str, str], shared: Path) -> None:
    became, said, found = outcome(shared / "cases" / "files" / row["file"])
    assert became == row["outcome"], said
    for word in filter(None, row["says"].split("|")):
        assert any(word in one for one in said), said
    for fact in filter(None, row["facts"].split("|")):
        name, _, value = fact.partition("=")
        assert str(getattr(found, name)) == value, fact


def test_every_reported_file_has_a_row(shared: Path) -> None:
    assert {row["file"] for row in ROWS} == {path.name for path in (shared / "cases" / "files").iterdir()}
