"""`compare`: a table of finished runs, paired contrasts, a verdict."""

import argparse
from pathlib import Path

from xmodal_core.commands.answer import Answer
from xmodal_core.errors import SettingsError


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("run_dirs", nargs="+", metavar="RUN_DIR")
    parser.add_argument(
        "--margin", help="difference that does not matter: points of the score, or percent of the error; usually 1 or 2"
    )


def compare(options: argparse.Namespace) -> Answer:
    """Compare finished runs on the same data and body."""
    from xmodal_core.errors import RunError
    from xmodal_core.runs.rundir import RunDir
    from xmodal_core.verdict.export import export
    from xmodal_core.verdict.words import comparison_lines

    runs = [RunDir.open(Path(path)) for path in options.run_dirs]
    unfinished = [run.path.name for run in runs if run.result() is None]
    if unfinished:
        raise RunError(f"{unfinished[0]} has no result yet, expected finished runs; let it train to the end.")
    found = export(runs, margin=margin_of(options.margin))
    if not found.sizes:
        raise RunError("every run was trained on shuffled labels, expected runs on their own labels; give such runs.")
    return Answer(found.to_json(), "\n".join(comparison_lines(found)))


def margin_of(text: str | None) -> float | None:
    """What `--margin` was given, as a share.

    Raises:
        SettingsError: it is no such number.
    """
    if text is None:
        return None
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 < percent <= 100:
        raise SettingsError(f"--margin got {text!r}, expected a number above 0 and up to 100, in points or percent.")
    return percent / 100
