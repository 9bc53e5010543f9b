"""`inspect`: what is made of a file, before anything is measured."""

import argparse

from xmodal_core.commands import readings
from xmodal_core.commands.answer import Answer


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("file", metavar="FILE")
    readings.add(parser)


def inspect(options: argparse.Namespace) -> Answer:
    """Read a file and show the card of it; warnings are part of the card.

    Raises:
        DataError: the file cannot be read, or no file was read for this name.
    """
    from xmodal_core.data.named import load_named
    from xmodal_core.data.printable import printable
    from xmodal_core.data.words import understanding_lines
    from xmodal_core.errors import DataError

    data = load_named(options.file, reading=readings.of_target(options))
    if data.understanding is None:
        raise DataError(
            f"{printable(options.file)} ships and no file was read for it, expected the path of a file; give one."
        )
    found = data.understanding.to_json()
    value = {"schema": found.pop("schema"), "name": data.name, "content_hash": data.content_hash, **found}
    return Answer(value, "\n".join(understanding_lines(data.understanding)))
