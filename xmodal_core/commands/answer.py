"""`Answer`: what a command found."""

from typing import NamedTuple


class Answer(NamedTuple):
    """What a command found: as plain JSON, and as lines for a person."""

    value: object
    text: str
