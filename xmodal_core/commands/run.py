"""`run`: execute a run specification in the foreground."""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xmodal_core.commands import readings
from xmodal_core.commands.answer import Answer
from xmodal_core.errors import SettingsError
from xmodal_core.runs.ablations import ABLATIONS, MARK, ablations_of

if TYPE_CHECKING:
    from xmodal_core.runs.spec import RunSpec


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument(
        "spec",
        metavar="SPEC.json",
        help="method, target, source, body, seed, settings, budget, and how samples go in and out of the body: tokens, "
        'and model, an object such as {"readout": "flat"}',
    )
    parser.add_argument("--out", required=True, metavar="RUN_DIR")
    parser.add_argument(
        "--ablation", metavar="NAME", help="run the specification as this ablation of its method; see `ablations`"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in RUN_DIR")


def run(options: argparse.Namespace) -> Answer:
    """Train to the end; what is doubtful about the data is said first, what is about the run's stages last."""
    from xmodal_core.runs.ahead import check_ahead
    from xmodal_core.runs.rundir import RunDir

    path = Path(options.spec)
    if not path.is_file():
        raise SettingsError(f"{path} is no file, expected the JSON of a run; give its path.")
    text = path.read_text(encoding="utf-8", errors="replace")
    check_ahead(text)
    from xmodal_core.reuse.note import stage_note
    from xmodal_core.runs.plan import plan_of
    from xmodal_core.runs.run import prepare
    from xmodal_core.runs.spec import spec_from_json
    from xmodal_core.runs.worker import execute

    spec = spec_from_json(text)
    if options.ablation is not None:
        spec = _ablated(spec, options.ablation)
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
        source = prepared.source
        readings.tell(prepared.target.understanding, None if source is None else source.understanding)
        run = RunDir.create_at(out, spec.to_json())
    execute(run.path, follow_control=False, prepared=prepared)
    result = run.result()
    assert result is not None
    test, note, ablation = result.test, stage_note(run), plan_of(spec).ablation
    called = spec.method if ablation is None else f"{ablation.name} ({MARK})"
    floor = "" if test.majority_accuracy is None else f"; the majority class alone {test.majority_accuracy:.4f}"
    return Answer(
        result.to_json(),
        f"{called} on {spec.target}: test {test.score_name} {test.score:.4f} (n = {test.n}){floor}, "
        f"{result.steps} steps in {result.seconds:.1f} s; written to {out}" + (f"\n{note}" if note else ""),
    )


def _ablated(spec: "RunSpec", name: str) -> "RunSpec":
    """A specification with the settings and steps of an ablation of its method in the place of its own.

    Raises:
        SettingsError: its method has no such ablation.
    """
    ablation = ABLATIONS.get(name)
    if ablation is None or ablation.method != spec.method:
        has = ", ".join(one.name for one in ablations_of([spec.method])) or "none"
        raise SettingsError(f"--ablation is {name!r}, but {spec.method} has {has}; see the command ablations.")
    return replace(spec, settings=spec.settings | dict(ablation.settings), budget=spec.budget | dict(ablation.budget))
