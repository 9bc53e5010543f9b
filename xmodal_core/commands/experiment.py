"""`experiment`: several methods over several seeds on the same data, and what they were worth."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from xmodal_core.commands import readings
from xmodal_core.commands.answer import Answer
from xmodal_core.commands.model import parsed
from xmodal_core.errors import SettingsError

if TYPE_CHECKING:
    from xmodal_core.experiment.design import Design
    from xmodal_core.experiment.progress import Progress, Tried


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--target", required=True, help="an example, or a file")
    parser.add_argument("--source", help="a source; that of the body without it")
    parser.add_argument("--body", help="a body; the one that suits the modality without it")
    parser.add_argument(
        "--arms", help="methods and ablations, with commas; one for each role of the verdict without it"
    )
    parser.add_argument("--seeds", default="0,1,2", help="with commas; the first one chooses (0,1,2)")
    parser.add_argument("--rows", default="all", help="training rows, with commas: all, quarter or numbers (all)")
    parser.add_argument("--budgets", help="steps on labels, with commas; a run's usual ones without it")
    parser.add_argument("--rates", default="0.5,2", help="multiples of each arm's own learning rate (0.5,2)")
    parser.add_argument("--every-arm", action="store_true", help="train every way of crossing at every seed")
    parser.add_argument("--tokens", type=int, help="most tokens of a sample")
    parser.add_argument(
        "--model", action="append", default=[], metavar="NAME=VALUE,...", help="settings of the model, as of `gap`"
    )
    parser.add_argument("--lanes", type=int, default=0, help="runs at once; one a core, up to four, without it")
    parser.add_argument("--out", required=True, metavar="DIR", help="given again, it goes on where it was")
    readings.add(parser, of_source=True)


def experiment(options: argparse.Namespace) -> Answer:
    """Choose on the validation rows, train what was chosen, compare."""
    from xmodal_core.experiment.folder import ExperimentDir
    from xmodal_core.experiment.worker import lanes_in, train
    from xmodal_core.runs.rundir import RunDir
    from xmodal_core.runs.slots import device_slots
    from xmodal_core.verdict.export import export
    from xmodal_core.verdict.words import comparison_lines

    design, out = _design(options), Path(options.out)
    kept = ExperimentDir.create_at(out, design)
    progress: Progress | None = None
    for progress in train(kept, out / "runs", options.lanes or lanes_in(len(device_slots()))):
        if progress.doing:
            print(progress.doing, file=sys.stderr, flush=True)
    assert progress is not None  # the last one is its end
    asked = (out / "runs" / name for name in progress.runs)  # of this content; others may lie beside them
    found = export([RunDir(path) for path in asked if (path / "spec.json").is_file()])
    failed = [f"failed: {name}. {why}" for name, why in progress.failed.items()]
    lines = [*tried_lines(progress.tried), *failed, "", *comparison_lines(found)]
    return Answer({**found.to_json(), "tried": [one.to_json() for one in progress.tried]}, "\n".join(lines))


def tried_lines(tried: "tuple[Tried, ...]") -> list[str]:
    """A line a candidate: what it scored on the validation rows, and whether it went on."""
    return [
        f"tried for {one.pool}: {one.arm} at {one.learning_rate:g}, {one.label_steps} steps, "
        f"{f'{one.train_rows} rows, ' if one.train_rows else ''}seed {one.seed}: "
        + (f"failed, {one.failed}" if one.validation is None else f"validation {one.validation:.4f}")
        + (" (chosen)" if one.chosen else "")
        for one in tried
    ]


def _design(options: argparse.Namespace) -> "Design":
    """The design that the options ask for, without the arms that do not apply, which are told."""
    from xmodal_core.data.dataset import LabelledDataset
    from xmodal_core.data.named import load_named
    from xmodal_core.data.printable import printable
    from xmodal_core.data.sources import SOURCES
    from xmodal_core.experiment.design import Design, applicable, check_rows, quarter_of
    from xmodal_core.model.bodies import BODIES, check_located, default_body
    from xmodal_core.runs.plan import usual

    if options.lanes < 0:
        raise SettingsError(f"--lanes is {options.lanes}, expected a whole number, 1 or more.")
    reading, source_reading = readings.of_target(options), readings.of_source(options)
    data = load_named(options.target, reading=reading)
    body = options.body or default_body(data.modality)
    if options.source is None and body not in BODIES:
        raise SettingsError(f"{printable(body)} is no body that ships, expected a source beside it; name it: --source.")
    source = options.source or BODIES[body].source
    named = {"all": 0, "quarter": quarter_of(len(data.rows("train")))}
    arms = tuple(options.arms.split(",")) if options.arms else tuple(usual("ABCSD"))
    design = Design(
        options.target,
        body,
        source,
        arms,
        _numbers(options.seeds, "--seeds"),
        tuple(named[part] if part in named else _numbers(part, "--rows")[0] for part in options.rows.split(",")),
        tuple(_rates(options.rates)),
        _numbers(options.budgets, "--budgets") if options.budgets else (),
        stop_early=not options.every_arm,
        tokens=options.tokens,
        model=parsed(options.model) or None,
        reading=None if reading is None else reading.to_json(),
        source_reading=None if source_reading is None else source_reading.to_json(),
    )
    for arm in dict.fromkeys(arms):
        if arm not in design.arms:
            print(f"run once: {arm} equals another arm, number by number", file=sys.stderr)
    if design.arms != ("simple",):
        check_located(body)
    other = SOURCES.get(source) or load_named(source, reading=source_reading)
    readings.tell(data.understanding, other.understanding if isinstance(other, LabelledDataset) else None)
    design, refused = applicable(design, data, other)
    for arm, why in refused.items():
        print(f"left out: {arm}. {why}", file=sys.stderr)
    check_rows(design, data)
    if not design.arms:
        raise SettingsError("none of the arms can be run on these data, expected one or more; see above for why.")
    return design


def _numbers(text: str, option: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise SettingsError(f"{option} got {text!r}, expected whole numbers with commas.") from None


def _rates(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise SettingsError(f"--rates got {text!r}, expected numbers with commas.") from None
