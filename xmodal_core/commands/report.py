"""`report`: a page that is one file, with everything that is known of finished runs, of a gap, or of both."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from xmodal_core.commands.answer import Answer
from xmodal_core.commands.compare import margin_of
from xmodal_core.commands.out import out_path, writing
from xmodal_core.errors import RunError, SettingsError

if TYPE_CHECKING:
    from xmodal_core.report.repeat import MeasuredGap
    from xmodal_core.runs.rundir import RunDir


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("run_dirs", nargs="*", metavar="RUN_DIR", help="finished runs on the same data and body")
    parser.add_argument("--gap", metavar="FILE", help="what `gap --json` has printed")
    parser.add_argument("--target", default="", help="an example or a file, where it is not that of the runs")
    parser.add_argument("--source", default="", help="the same for the source")
    parser.add_argument(
        "--margin", help="difference that does not matter: points of the score, or percent of the error; usually 1 or 2"
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="a name that ends in .html")


def report(options: argparse.Namespace) -> Answer:
    """Write the page."""
    from xmodal_core.files import replace_file
    from xmodal_core.report.contents import gather
    from xmodal_core.report.page import report_page
    from xmodal_core.runs.rundir import RunDir

    runs = [RunDir.open(Path(path)) for path in options.run_dirs]
    if unfinished := [run.path.name for run in runs if run.result() is None]:
        raise RunError(f"{unfinished[0]} has no result yet, expected finished runs; let it train to the end.")
    if not runs and options.gap is None:
        raise SettingsError("report got neither a run nor --gap, expected one of them; give run directories.")
    gap = None if options.gap is None else _gap(options, runs)
    out = out_path(options.out, Path(options.gap or "-"), (".html", ".htm"))
    text = report_page(gather(runs, gap, margin_of(options.margin)))
    with writing(out):
        replace_file(out, text)
    size = len(text.encode())
    value = {"out": str(out), "bytes": size, "runs": [run.path.name for run in runs], "gap": gap is not None}
    return Answer(value, f"{out}: {size / 1e6:.1f} MB, opens without a network.")


def _gap(options: argparse.Namespace, runs: "list[RunDir]") -> "MeasuredGap":
    """The gap report of a file, with what its sides are called on a command line."""
    from xmodal_core.panel.report import GapReport
    from xmodal_core.report.repeat import MeasuredGap

    path = Path(options.gap)
    try:
        found = GapReport.from_json(json.loads(path.read_text(encoding="utf-8")), path.name)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"--gap {path.name!r} cannot be read, expected what `gap --json` printed; {error}"
        ) from None
    asked = [result.asked for run in runs if (result := run.result()) is not None]
    target = options.target or next((one.target for one in asked), found.target)
    source = options.source or next((one.source for one in asked if one.source), found.source)
    return MeasuredGap(found, source, target)
