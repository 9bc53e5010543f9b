import csv
import io
import re

import pytest

from xmodal_core.report.tables import csv_text, escape_latex, latex_text

NASTY = ["=1+1", "+4", "-x", "@sum", "\tt", "plain", 'with "quotes", and a comma', "two\nlines"]


def test_a_csv_reads_back_equal_and_holds_no_formula():
    table = {"name": NASTY, "score": [-0.1, 1 / 3, 2, None, 0.5, 0.5, 0.5, 0.5]}
    header, *rows = csv.reader(io.StringIO(csv_text(table)))
    assert header == ["name", "score"]
    assert [name.removeprefix("'") for name, _ in rows] == NASTY
    assert [name[0] == "'" for name, _ in rows] == [True] * 5 + [False] * 3
    assert [float(score) if score else None for _, score in rows] == table["score"]  # a negative number stays one


def test_a_heading_is_no_formula_either():
    assert csv_text({"=cmd": ["a"]}) == "'=cmd\na\n"


def test_latex_has_booktabs_escaped_cells_and_numbers_to_the_right():
    text = latex_text({"method": ["A & B_1", "100 %"], "accuracy": ["0.9 ± 0.1", None], "n": [3, 4]}, "50 % {x}", "t:a")
    assert text.splitlines() == [
        r"\begin{table}",
        r"\centering",
        r"\caption{50 \% \{x\}}",
        r"\label{t:a}",
        r"\begin{tabular}{llr}",
        r"\toprule",
        r"method & accuracy & n \\",
        r"\midrule",
        r"A \& B\_1 & 0.9 $\pm$ 0.1 & 3 \\",
        r"100 \% &  & 4 \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


@pytest.mark.parametrize("text", ["\\input{/etc/passwd}", "$x$ }{ #1 ~ ^ _ & %", '<a href="x">|</a>', "}}}"])
def test_nothing_in_a_cell_is_a_command_and_braces_balance(text):
    escaped = escape_latex(text)
    for letter in "&%#_":
        assert not re.search(rf"(?<!\\){letter}", escaped)
    left = re.sub(
        r"\\(textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar|textquotedbl)\{\}", "", escaped
    )
    left = re.sub(r"\\[{}$&#%_]", "", left)
    assert "\\" not in left
    assert not set(left) & set("{}$")
