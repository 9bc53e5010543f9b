"""What a body's configuration may ask for, before anything is made from it.

A configuration comes from a stranger. It is data, and yet it says how large a network is made and by whose code
attention is computed; numbers without bounds fill the memory or never end, and a name may stand for code on a server.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xmodal_core.errors import ModelError
from xmodal_core.model.folder import title

MOST_LAYERS = 1_000
MOST = 10_000_000  # of anything else: the largest vocabularies have a quarter of a million words
_DEEPEST = 8
_COUNTS = ("layers", "depth", "blocks", "stages")  # in the names of what is made one by one
_ATTENTION = ("attn_implementation", "_attn_implementation", "_attn_implementation_internal")
_OURS = (None, "eager", "sdpa")  # what torch itself computes; other names fetch or need code of their own
_FORGIVEN, _TIMES = 10_000_000, 4  # weights that a body may have beyond its files: a pooler, a head


def check_config(folder: Path, config: dict[str, Any]) -> None:
    """Refuse a configuration that asks for what no body has.

    Args:
        folder: of the body, for its name.
        config: as read from its file.

    Raises:
        ModelError: a number that is none or far too large, nesting without end, or attention by other code.
    """
    for name, value in _entries(folder, config):
        if name in _ATTENTION and value not in _OURS:
            raise ModelError(
                f"{title(folder)}: config.json asks for attention by {str(value)[:60]!r}, expected eager or sdpa, "
                f"which need no other code; take {name} out of it."
            )
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        most = MOST_LAYERS if any(word in name for word in _COUNTS) else MOST
        if not math.isfinite(value) or abs(value) > most:
            raise ModelError(
                f"{title(folder)}: {name} is {value:g} in its config.json, expected at most {most:,}; correct it, or "
                "export the body again."
            )


def check_size(folder: Path, described: int, stored: int) -> None:
    """Refuse a configuration that describes a far larger network than the files hold.

    Args:
        folder: of the body, for its name.
        described: weights of the network that the configuration describes.
        stored: weights in the files.

    Raises:
        ModelError: it does.
    """
    if described > _TIMES * stored + _FORGIVEN:
        raise ModelError(
            f"{title(folder)}: config.json describes a network of {described:,} weights, expected about the {stored:,} "
            "that the files hold; give the configuration that belongs to them."
        )


def _entries(folder: Path, config: dict[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Names and values, of lists every element, of objects what is inside."""
    if depth > _DEEPEST:
        raise ModelError(f"{title(folder)}: config.json is nested too deeply, expected one as it is saved.")
    for name, value in config.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and name not in _ATTENTION:
                yield from _entries(folder, one, depth + 1)
            else:
                yield str(name), one
