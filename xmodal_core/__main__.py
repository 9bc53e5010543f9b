"""The command line: the same core without a browser. `--json` prints one JSON object and nothing else."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xmodal_core.environment import settle
from xmodal_core.errors import SettingsError, XModalError

settle(os.environ)


class Answer(NamedTuple):
    """What a command found: as plain JSON, and as lines for a person."""

    value: object
    text: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; bad input gives exit code 2 and one line on stderr."""
    options = _parser().parse_args(arguments)
    try:
        result, text = options.command(options)
    except XModalError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    print(json.dumps(result, indent=None if options.json else 1) if options.json else text)
    return 0


def _examples(_: argparse.Namespace) -> Answer:
    from xmodal_core.data.examples import EXAMPLES
    from xmodal_core.data.sources import SOURCES
    from xmodal_core.model.bodies import BODIES

    examples = [
        {
            "name": e.name,
            "title": e.title,
            "modality": str(e.modality),
            "n": e.n,
            "classes": e.n_classes,
            "licence": e.licence,
            "origin": e.origin,
        }
        for e in EXAMPLES.values()
    ]
    sources = [{"name": s.name, "title": s.title, "modality": str(s.modality)} for s in SOURCES.values()]
    bodies = [{"name": b.name, "title": b.title, "modality": str(b.modality)} for b in BODIES.values()]
    lines = ["Examples"]
    lines += [
        f"  {e['name']:<20}{e['modality']:<10}{e['n']:>6} rows {e['classes']:>4} classes  {e['title']}"
        for e in examples
    ]
    for title, entries in (("Sources", sources), ("Bodies", bodies)):
        lines += ["", title] + [f"  {e['name']:<20}{e['modality']:<10}{e['title']}" for e in entries]
    return Answer({"examples": examples, "sources": sources, "bodies": bodies}, "\n".join(lines))


def _gap(options: argparse.Namespace) -> Answer:
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
        curve=not options.no_curve,
        tokens=options.tokens,
    )
    if len(bodies) == len(sources) == 1:
        report = _last(measure_gap(request), options)
        return Answer(report.to_json(), "\n".join(report_lines(report)))
    requests = across_bodies(request, bodies, sources if len(sources) > 1 else ())
    found = _last(measure_bodies(requests), options)
    return Answer(found.to_json(), "\n".join(comparison_lines(found)))


def _last(measuring: Iterable[Any], options: argparse.Namespace) -> Any:
    """The report of a measurement's last progress; on the way each new line is said to a person."""
    watched = sys.stderr.isatty() and not options.json  # progress is for a person, not for a log or a script
    said, last = "", None
    for last in measuring:
        if watched and last.line not in (said, "Done"):
            print(last.line, file=sys.stderr)
        said = last.line
    assert last is not None  # the last one is complete
    return last.report


def _listed(text: str) -> list[str]:
    """Names between commas; a path that has one is a single name."""
    return [text] if Path(text).exists() else [name.strip() for name in text.split(",") if name.strip()] or [text]


def _run(options: argparse.Namespace) -> Answer:
    from xmodal_core.runs.ahead import check_ahead
    from xmodal_core.runs.rundir import RunDir

    path = Path(options.spec)
    if not path.is_file():
        raise SettingsError(f"{path} is no file, expected the JSON of a run; give its path.")
    text = path.read_text(encoding="utf-8", errors="replace")
    check_ahead(text)
    from xmodal_core.runs.run import prepare
    from xmodal_core.runs.spec import spec_from_json
    from xmodal_core.runs.worker import execute

    spec = spec_from_json(text)
    out = Path(options.out)
    prepared = None
    if options.resume:
        run = RunDir.open(out)
        if run.spec_values() != json.loads(spec.to_json()):
            raise SettingsError(f"{out} was made from another specification; give the same one, or another --out.")
    else:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise SettingsError(f"{out} is not empty, expected a new directory; choose another, or add --resume.")
        prepared = prepare(spec)  # what is refused leaves no directory behind
        run = RunDir.create_at(out, spec.to_json())
    execute(run.path, follow_control=False, prepared=prepared)
    result = run.result()
    assert result is not None
    test = result.test
    floor = "" if test.majority_accuracy is None else f"; the majority class alone {test.majority_accuracy:.4f}"
    return Answer(
        result.to_json(),
        f"{spec.method} on {spec.target}: test {test.score_name} {test.score:.4f} (n = {test.n}){floor}, "
        f"{result.steps} steps in {result.seconds:.1f} s; written to {out}",
    )


def _reuse(options: argparse.Namespace) -> Answer:
    from xmodal_core.reuse.measure import measure_reuse
    from xmodal_core.reuse.trajectory import measure_trajectory
    from xmodal_core.reuse.words import report_lines, trajectory_lines
    from xmodal_core.runs.rundir import RunDir

    run = RunDir.open(Path(options.run_dir))
    control = RunDir.open(Path(options.control)) if options.control else None
    found = measure_reuse(run, seed=options.seed)
    lines = report_lines(found)
    followed = None
    if run.waypoint_numbers() or control is not None:
        followed = measure_trajectory(run, control, seed=options.seed)
        lines += trajectory_lines(followed)
    along = None if followed is None else followed.to_json()
    return Answer(found.to_json() | {"trajectory": along}, "\n".join(lines))


def _compare(options: argparse.Namespace) -> Answer:
    from xmodal_core.errors import RunError
    from xmodal_core.runs.rundir import RunDir
    from xmodal_core.verdict.export import export
    from xmodal_core.verdict.words import comparison_lines

    runs = [RunDir.open(Path(path)) for path in options.run_dirs]
    unfinished = [run.path.name for run in runs if run.result() is None]
    if unfinished:
        raise RunError(f"{unfinished[0]} has no result yet, expected finished runs; let it train to the end.")
    found = export(runs, margin=_margin(options.margin))
    if not found.sizes:
        raise RunError("every run was trained on shuffled labels, expected runs on their own labels; give such runs.")
    return Answer(found.to_json(), "\n".join(comparison_lines(found)))


def _margin(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 < percent <= 100:
        raise SettingsError(f"--margin got {text!r}, expected a number above 0 and up to 100, in points or percent.")
    return percent / 100


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


class _Parser(argparse.ArgumentParser):
    """Usage errors are one line and exit code 2, like every other bad input."""

    def error(self, message: str) -> Any:
        self.exit(2, f"{message}; see --help.\n")


def _program() -> str:
    """What was typed: the command that the package brings, or the module."""
    return "xmodal" if Path(sys.argv[0]).stem == "xmodal" else "python -m xmodal_core"


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=_program(), description="Gap, training and comparison without a browser.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: Any, about: str) -> argparse.ArgumentParser:
        sub: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
        sub.add_argument("--json", action="store_true", help="print one JSON object on stdout and nothing else there")
        sub.set_defaults(command=function)
        return sub

    command("examples", _examples, "what ships: examples, sources and bodies")
    gap = command("gap", _gap, "how far apart two modalities are, as a body sees them")
    gap.add_argument(
        "--source", required=True, help="a source, an example or a file; or one for each of several bodies"
    )
    gap.add_argument("--target", required=True, help="an example or a file")
    gap.add_argument(
        "--body",
        default="fractal-vit",
        help="a body's name, a hub id or a local folder (#text behind it: the text tower of CLIP or SigLIP); several "
        "between commas give a table",
    )
    gap.add_argument("--space", default="embedder", help="raw, embedder or body")
    gap.add_argument("--metrics", default="", help="comma-separated; all when left out")
    gap.add_argument("--set", action="append", default=[], metavar="METRIC.FIELD=VALUE", help="a metric's setting")
    gap.add_argument("--n", default="1000", help="rows per side, or all")
    gap.add_argument("--seed", type=int, default=0)
    gap.add_argument(
        "--tokens", type=int, help="most tokens of a series, sequence or table row, up to what the body takes"
    )
    gap.add_argument(
        "--permutations", type=int, default=0, help="of the side labels behind p, where a metric offers them"
    )
    gap.add_argument("--no-curve", action="store_true", help="do not measure the value against n")
    run = command("run", _run, "execute a run specification in the foreground")
    run.add_argument("spec", metavar="SPEC.json")
    run.add_argument("--out", required=True, metavar="RUN_DIR")
    run.add_argument("--resume", action="store_true", help="go on from the checkpoint in RUN_DIR")
    reuse = command("reuse", _reuse, "what a finished run's body still knows of its source")
    reuse.add_argument("run_dir", metavar="RUN_DIR")
    reuse.add_argument(
        "--control", metavar="RUN_DIR", help="the same run with shuffle_labels true, both with waypoints"
    )
    reuse.add_argument("--seed", type=int, default=0)
    compare = command("compare", _compare, "a table of finished runs, paired contrasts, a verdict")
    compare.add_argument("run_dirs", nargs="+", metavar="RUN_DIR")
    compare.add_argument(
        "--margin", help="difference that does not matter: points of the score, or percent of the error; usually 1 or 2"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
