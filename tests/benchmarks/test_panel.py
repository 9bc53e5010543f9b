"""The cost of a panel, on few rows: every reading has its line, and lanes change no number."""

from benchmarks.panel import WHOLE, main, table
from xmodal_core.gap import METRICS
from xmodal_core.panel.request import CURVED


def test_the_quick_form_prints_a_line_a_reading_and_finds_them_equal(capsys) -> None:
    main(["--quick", "--cases", "one", "two"])
    head, *rows, last = capsys.readouterr().out.splitlines()
    assert head.split() == ["one,", "s", "cpu", "clock", "two,", "s", "cpu", "clock"]
    assert [row[:20].strip() for row in rows] == [*METRICS, *(f"{name} at fewer rows" for name in CURVED), WHOLE]
    assert all(float(number) >= 0 for row in rows for number in row[20:].split())
    assert last.endswith("to the last bit: yes")


def test_a_reading_that_differs_is_named() -> None:
    one = {"otdd": ((1.0, 2.0), {"value": 1.0}), "knn": ((1.0, 2.0), {"value": 0.5})}
    other = one | {"knn": ((0.5, 1.0), {"value": 0.5000001})}
    assert table({"one": one, "two": other})[-1].endswith("no, knn")
    assert table({"one": one, "free": other})[-1].endswith("yes")
