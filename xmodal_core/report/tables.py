"""Tables to take away as LaTeX with booktabs.

Tables are columns of equal length by heading, as figures and pages have them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Table = Mapping[str, Sequence[Any]]

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "±": r"$\pm$",
    "−": r"$-$",
    "–": "--",
    "×": r"$\times$",
    "→": r"$\to$",
    "²": r"$^2$",
}


def latex_text(table: Table, caption: str = "", label: str = "") -> str:
    """A table environment for `booktabs`, every cell escaped; columns of numbers stand to the right.

    Args:
        table: columns by heading.
        caption: in words; none when empty.
        label: of the reference, ASCII letters, digits, colon and hyphen.
    """
    numeric = [all(isinstance(v, int | float) or v is None for v in values) for values in table.values()]
    lines = [r"\begin{table}", r"\centering"]
    lines += [rf"\caption{{{escape_latex(caption)}}}"] if caption else []
    lines += [rf"\label{{{label}}}"] if label else []
    lines += [rf"\begin{{tabular}}{{{''.join('r' if right else 'l' for right in numeric)}}}", r"\toprule"]
    lines += [" & ".join(map(escape_latex, table)) + r" \\", r"\midrule"]
    lines += [" & ".join(escape_latex(cell) for cell in row) + r" \\" for row in zip(*table.values(), strict=True)]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", ""])


def escape_latex(cell: object) -> str:
    """A cell as LaTeX prints it: nothing in it is a command; what is not there is empty."""
    text = "" if cell is None else " ".join(str(cell).split())
    return "".join(_LATEX.get(letter, letter) for letter in text)
