"""`gap`: how far apart two modalities are, as a body sees them."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from xmodal_core.commands import readings
from xmodal_core.commands.answer import Answer
from xmodal_core.commands.model import parsed
from xmodal_core.errors import SettingsError


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument(
        "--source", required=True, help="a source, an example or a file; or one for each of several bodies"
    )
    parser.add_argument("--target", required=True, help="an example or a file")
    readings.add(parser, of_source=True)
    parser.add_argument(
        "--body",
        default="fractal-vit",
        help="a body's name, a hub id or a local folder (#text behind it: the text tower of CLIP or SigLIP); several "
        "between commas give a table",
    )
    parser.add_argument("--space", default="embedder", help="raw, embedder or body")
    parser.add_argument("--metrics", default="", help="comma-separated; all when left out")
    parser.add_argument("--set", action="append", default=[], metavar="METRIC.FIELD=VALUE", help="a metric's setting")
    parser.add_argument("--n", default="1000", help="rows per side, or all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--tokens", type=int, help="most tokens of a series, sequence or table row, up to what the body takes"
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="NAME=VALUE,...",
        help="how samples go into the body: positions, stem, numbers, scaling, compat; what each may be is in "
        "docs/methods/embedders.md. readout and start, which a predictor has, are taken and change no gap",
    )
    parser.add_argument(
        "--permutations", type=int, default=0, help="of the side labels behind p, where a metric offers them"
    )
    parser.add_argument(
        "--class-shares",
        default="sampled",
        help="the other rows that intervals are about: sampled, whose class shares vary as rows do; or fixed, with the "
        "shares of these rows, as where so many of each class were collected",
    )
    parser.add_argument("--no-curve", action="store_true", help="do not measure the value against n")


def gap(options: argparse.Namespace) -> Answer:
    """Take the readings; what is doubtful about the data is said first."""
    from xmodal_core.panel.bodies import across_bodies, comparison_lines, measure_bodies
    from xmodal_core.panel.measure import measure_gap
    from xmodal_core.panel.request import GapRequest
    from xmodal_core.panel.words import report_lines

    bodies, sources = _listed(options.body), _listed(options.source)
    request = GapRequest(
        source=sources[0],
        target=options.target,
        body=bodies[0],
        space=options.space,
        metrics=tuple(filter(None, options.metrics.split(","))),
        settings=_metric_settings(options.set),
        n=_rows(options.n),
        seed=options.seed,
        permutations=options.permutations,
        class_shares=options.class_shares,
        curve=not options.no_curve,
        tokens=options.tokens,
        reading=readings.of_target(options),
        source_reading=readings.of_source(options),
        model=_model(options.model),
    )
    if len(bodies) == len(sources) == 1:
        report = _last(measure_gap(request), options)
        return Answer(report.to_json(), "\n".join(report_lines(report)))
    requests = across_bodies(request, bodies, sources if len(sources) > 1 else ())
    found = _last(measure_bodies(requests), options)
    return Answer(found.to_json(), "\n".join(comparison_lines(found)))


def _last(measuring: Iterable[Any], options: argparse.Namespace) -> Any:
    """The report of a measurement's last progress; on the way doubts are told, and each new line to a person."""
    watched = sys.stderr.isatty() and not options.json  # progress is for a person, not for a log or a script
    said, last = "", None
    told: set[str] = set()
    for last in measuring:
        readings.tell(last.target, last.source, told)
        if watched and last.line not in (said, "Done"):
            print(last.line, file=sys.stderr)
        said = last.line
    assert last is not None  # the last one is complete
    return last.report


def _listed(text: str) -> list[str]:
    """Names between commas; a path that has one is a single name."""
    return [text] if os.path.exists(text) else [name.strip() for name in text.split(",") if name.strip()] or [text]


def _metric_settings(assignments: Sequence[str]) -> dict[str, dict[str, str]]:
    settings: dict[str, dict[str, str]] = {}
    for text in assignments:
        name, dot, rest = text.partition(".")
        key, equals, value = rest.partition("=")
        if not (name and dot and key and equals):
            raise SettingsError(f"--set got {text!r}, expected METRIC.FIELD=VALUE, for instance otdd.labels=exact.")
        settings.setdefault(name, {})[key] = value
    return settings


def _model(assignments: Sequence[str]) -> dict[str, str]:
    """Settings of the model; those of a predictor are said to change nothing.

    Raises:
        SettingsError: see `parsed`.
    """
    from xmodal_core.model.offered import PREDICTOR

    settings = parsed(assignments)
    if beside := [name for name in PREDICTOR if name in settings]:
        print(
            f"warning: --model: {' and '.join(beside)} change no gap, which is read before a predictor", file=sys.stderr
        )
    return settings


def _rows(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        raise SettingsError(f"--n got {text!r}, expected a whole number or all.")
    return int(text)
