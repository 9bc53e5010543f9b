"""`--read` and `--read-source`: what a person says about the files of a command, and what they are told about them."""

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xmodal_core.data.reading import Reading
    from xmodal_core.data.understanding import Understanding

_OF_TARGET, _OF_SOURCE = "--read", "--read-source"


def add(parser: argparse.ArgumentParser, *, of_source: bool = False) -> None:
    """The option of the file, and that of the file of the source where a command takes one."""
    _add(parser, _OF_TARGET, "how to read the file: label=Species,drop=Id+Row; docs/data.md lists the names")
    if of_source:
        _add(parser, _OF_SOURCE, "the same for the file of the source")


def of_target(options: argparse.Namespace) -> "Reading | None":
    """What `--read` said; None for nothing.

    Raises:
        SettingsError: see `parse_reading`.
    """
    return _said(options.read, _OF_TARGET)


def of_source(options: argparse.Namespace) -> "Reading | None":
    """What `--read-source` said; None for nothing.

    Raises:
        SettingsError: see `parse_reading`.
    """
    return _said(options.read_source, _OF_SOURCE)


def tell(target: "Understanding | None", source: "Understanding | None" = None, told: set[str] | None = None) -> None:
    """Say on stderr what is doubtful about both files, a line each; nothing of data that no reader read.

    Args:
        target: what a reader made of the file of the target.
        source: the same of the source.
        told: lines that were said already; new ones are added.
    """
    told = set() if told is None else told
    for understanding, option in ((target, _OF_TARGET), (source, _OF_SOURCE)):
        if understanding is not None:
            from xmodal_core.data.words import warning_lines

            for line in warning_lines(understanding, option):
                if line not in told:
                    print(f"warning: {line}", file=sys.stderr)
                told.add(line)


def _add(parser: argparse.ArgumentParser, option: str, about: str) -> None:
    parser.add_argument(option, action="append", default=[], metavar="NAME=VALUE,...", help=about)


def _said(texts: list[str], option: str) -> "Reading | None":
    if not texts:
        return None
    from xmodal_core.data.reading import parse_reading

    reading = parse_reading(texts, option)
    return reading if reading.said else None
