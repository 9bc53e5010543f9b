"""User text on its way into a sentence."""


def printable(text: str, longest: int = 80) -> str:
    """The text on one line, without control characters, cut to a length that fits a sentence."""
    shown = "".join(c if c.isprintable() else " " for c in text).strip()
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def printable_path(path: object, longest: int = 80) -> str:
    """The same for a path, cut at its beginning: what tells one file from another stands at the end."""
    shown = printable(str(path), len(str(path)) + 1)
    return shown if len(shown) <= longest else "..." + shown[3 - longest :]
