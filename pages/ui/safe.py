"""User strings -> text that Streamlit shows as it stands.

Labels, captions and alerts are Markdown: a class name could otherwise carry a link, an image that calls home,
LaTeX or a colour directive.
"""

import re

_CONTROL = re.compile(r"([\\`*_{}\[\]()#!|<>$:~+\-.&^=])")
_JOINER = "\u2060"  # zero width; some replacements look at the text after escapes are resolved
_LATE = re.compile(r"(:)|(?<=www)(?=\.)|(?<=@)|(?<=[-<=>])(?=[-<=>])", re.IGNORECASE)


def plain(text: object, longest: int = 400) -> str:
    """The text on one line, with everything escaped that Markdown or Streamlit would read.

    Bare addresses (`www.`, `https:`, mail), emoji codes and arrows are found by Streamlit after escapes are
    resolved, so a zero-width joiner keeps them apart as well.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    line = line if len(line) <= longest else line[: longest - 1] + "…"
    return _CONTROL.sub(r"\\\1", _LATE.sub(lambda match: match[0] + _JOINER, line))
