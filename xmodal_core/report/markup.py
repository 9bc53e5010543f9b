"""HTML that is put together without a way to forget an escape: text is text until `tag` has made markup of it."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

_NUMBERS = re.compile(r"[\d.,+\-−–± ]+(to|of)?[\d.,+\-−–± ]*")  # as in "0.91 ± 0.01": not to be broken
_EMPTY = ("img", "meta", "link")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | int | bool | None) -> Markup:
    """An element; children that are not `Markup` are escaped, and so is every attribute.

    Args:
        name: of the element.
        *children: text or markup.
        **attributes: a trailing underscore is dropped, others become hyphens; None and False leave one out.
    """
    said = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        named = key.rstrip("_").replace("_", "-")
        said.append(f" {named}" if value is True else f' {named}="{html.escape(str(value))}"')
    start = f"<{name}{''.join(said)}>"
    return Markup(start if name in _EMPTY else f"{start}{joined(*children)}</{name}>")


def joined(*parts: str) -> Markup:
    """Parts one after the other, text escaped."""
    return Markup("".join(part if isinstance(part, Markup) else html.escape(part) for part in parts))


def table(columns: Mapping[str, Sequence[Any]], caption: str = "") -> Markup:
    """Columns by heading as a table; numbers stand to the right, None is a dash."""
    heads = [tag("th", name, scope="col") for name in columns]
    rows = [tag("tr", *map(_cell, row)) for row in zip(*columns.values(), strict=True)]
    said = [tag("caption", caption)] if caption else []
    body = tag("table", *said, tag("thead", tag("tr", *heads)), tag("tbody", *rows))
    return tag("div", body, class_="scrolls", tabindex=0, role="region", aria_label=caption or "Table")


def paragraphs(*texts: str, **attributes: str) -> Markup:
    """A paragraph for each text that is not empty."""
    return joined(*(tag("p", text, **attributes) for text in texts if text))


def folded(title: str, *children: str) -> Markup:
    """Children behind a line that opens them; paper shows them open."""
    return tag("details", tag("summary", title), *children)


def script_json(text: str) -> Markup:
    """JSON as it may stand in a script element: no tag can begin or end in it."""
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def _cell(value: Any) -> Markup:
    if value is None:
        return tag("td", "–")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return tag("td", str(value), class_="whole" if _NUMBERS.fullmatch(str(value)) else None)
    shown = f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
    return tag("td", shown, class_="number")
