"""`gap`: how far apart two modalities are, as a body sees them."""

import argparse
import sys
from collections.abc import Sequence

from xmodal_core.commands import readings
from xmodal_core.commands.answer import Answer
from xmodal_core.errors import SettingsError


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--source", required=True, help="a source, an example or a file")
    parser.add_argument("--target", required=True, help="an example or a file")
    readings.add(parser, of_source=True)
    parser.add_argument("--body", default="fractal-vit", help="a body's name, a hub id or a local folder")
    parser.add_argument("--space", default="embedder", help="raw, embedder or body")
    parser.add_argument("--metrics", default="", help="comma-separated; all when left out")
    parser.add_argument("--set", action="append", default=[], metavar="METRIC.FIELD=VALUE", help="a metric's setting")
    parser.add_argument("--n", default="1000", help="rows per side, or all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--permutations", type=int, default=0, help="of the side labels behind p, where a metric offers them"
    )
    parser.add_argument("--no-curve", action="store_true", help="do not measure the value against n")


def gap(options: argparse.Namespace) -> Answer:
    """Take the readings; what is doubtful about the data is said first."""
    from xmodal_core.panel.measure import DONE, measure_gap
    from xmodal_core.panel.request import GapRequest
    from xmodal_core.panel.words import report_lines

    request = GapRequest(
        source=options.source,
        target=options.target,
        body=options.body,
        space=options.space,
        metrics=tuple(filter(None, options.metrics.split(","))),
        settings=_metric_settings(options.set),
        n=_rows(options.n),
        seed=options.seed,
        permutations=options.permutations,
        curve=not options.no_curve,
        reading=readings.of_target(options),
        source_reading=readings.of_source(options),
    )
    watched = sys.stderr.isatty() and not options.json  # progress is for a person, not for a log or a script
    said, report = "", None
    for progress in measure_gap(request):
        readings.tell(progress.target, progress.source)
        if watched and progress.line not in (said, DONE):
            print(progress.line, file=sys.stderr)
        said, report = progress.line, progress.report
    assert report is not None  # the last one is complete
    return Answer(report.to_json(), "\n".join(report_lines(report)))


def _metric_settings(assignments: Sequence[str]) -> dict[str, dict[str, str]]:
    settings: dict[str, dict[str, str]] = {}
    for text in assignments:
        name, dot, rest = text.partition(".")
        key, equals, value = rest.partition("=")
        if not (name and dot and key and equals):
            raise SettingsError(f"--set got {text!r}, expected METRIC.FIELD=VALUE, for instance otdd.labels=exact.")
        settings.setdefault(name, {})[key] = value
    return settings


def _rows(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        raise SettingsError(f"--n got {text!r}, expected a whole number or all.")
    return int(text)
