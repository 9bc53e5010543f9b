"""User strings -> text that Streamlit shows as it stands.

Labels, captions and alerts are Markdown: a class name could otherwise carry a link, an image that calls home,
LaTeX or a colour directive.
"""

import re

_CONTROL = re.compile(r"([\\`*_{}\[\]()#!|<>$:~+\-.&^=])")
_JOINER = "\u2060"  # zero width; some replacements look at the text after escapes are resolved
_LATE = re.compile(r"(:)(?! )|(?<=www)(?=\.)|(?<=@)|(?<=[-<=>])(?=[-<=>])", re.IGNORECASE)


def line(text: object, longest: int = 400) -> str:
    """The text on one line, for places that show text as it is: options of a selectbox, cells of a table."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def plain(text: object, longest: int = 400) -> str:
    """The text on one line, with everything escaped that Markdown or Streamlit would read.

    Bare addresses (`www.`, `https:`, mail), emoji codes and arrows are found by Streamlit after escapes are
    resolved, so a zero-width joiner keeps them apart as well.
    """
    return _CONTROL.sub(r"\\\1", _LATE.sub(lambda match: match[0] + _JOINER, line(text, longest)))
