"""Scripts and styles of what the browser draws by itself, for a page of the app or a report that is one file."""

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_PARTS = ("1_data", "2_plane", "3_charts", "4_chosen", "5_player")


@cache
def player_script() -> str:
    """An ES module; its default export draws the bytes of `playback.pack` into an element."""
    return "\n".join(_text(f"{part}.js") for part in _PARTS)


@cache
def sheet_script() -> str:
    """An ES module; its default export takes the bytes of `Sheet.packed`."""
    return _text("sheet.js")


@cache
def player_style() -> str:
    """The style of the player's shadow tree."""
    return _text("player.css")


@cache
def wall_script() -> str:
    """An ES module; its default export draws what `wall.packed` tells and says which sample was picked."""
    return _text("wall.js")


@cache
def wall_style() -> str:
    """The style of the wall's shadow tree."""
    return _text("wall.css")


@cache
def exchange_script() -> str:
    """An ES module; its default export draws what `curriculum.packed` tells."""
    return _text("exchange.js")


@cache
def exchange_style() -> str:
    """The style of its shadow tree."""
    return _text("exchange.css")


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
