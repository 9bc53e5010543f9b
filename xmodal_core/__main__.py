"""The command line: the same core without a browser. `--json` prints one JSON object and nothing else."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xmodal_core.commands import COMMANDS
from xmodal_core.environment import settle
from xmodal_core.errors import XModalError
from xmodal_core.files import storing

_INTERRUPTED = 130  # as shells say it

settle(os.environ)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; bad input gives exit code 2 and one line on stderr."""
    options = _parser().parse_args(arguments)
    try:
        with storing():
            result, text = options.answer(options)
    except XModalError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return _INTERRUPTED
    try:
        print(json.dumps(result) if options.json else text, flush=True)
    except BrokenPipeError:  # whoever reads has seen enough, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


class _Parser(argparse.ArgumentParser):
    """Usage errors are one line and exit code 2, like every other bad input."""

    def error(self, message: str) -> Any:
        self.exit(2, f"{message}; see --help.\n")


def _program() -> str:
    """What was typed: the command that the package brings, or the module."""
    return "xmodal" if Path(sys.argv[0]).stem == "xmodal" else "python -m xmodal_core"


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=_program(), description="Data, gap, training and comparison without a browser.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        sub: argparse.ArgumentParser = commands.add_parser(name, help=command.about, description=command.about)
        sub.add_argument("--json", action="store_true", help="print one JSON object on stdout and nothing else there")
        command.add(sub)
        sub.set_defaults(answer=command.answer)
    return parser


if __name__ == "__main__":
    sys.exit(main())
