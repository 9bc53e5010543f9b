import re

import pytest

from xmodal_core.report.tables import escape_latex, latex_text


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
