"""COMMANDS: what can be asked on the command line, one file each.

A command's module imports nothing heavy before it is called: `--help` and a usage error come at once.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from xmodal_core.commands import (
    ablations,
    compare,
    doctor,
    examples,
    experiment,
    export,
    gap,
    inspect,
    predict,
    report,
    reuse,
    run,
    workspace,
)
from xmodal_core.commands.answer import Answer


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        about: one line for --help.
        add: gives a parser the options.
        answer: does what they ask.
    """

    about: str
    add: Callable[[argparse.ArgumentParser], None]
    answer: Callable[[argparse.Namespace], Answer]


COMMANDS: dict[str, Command] = {
    "examples": Command("what ships: examples, sources and bodies", examples.add, examples.examples),
    "inspect": Command("what is made of a file, and what is doubtful about it", inspect.add, inspect.inspect),
    "ablations": Command("methods without one of their parts, to run by name", ablations.add, ablations.ablations),
    "gap": Command("how far apart two modalities are, as a body sees them", gap.add, gap.gap),
    "run": Command("execute a run specification in the foreground", run.add, run.run),
    "experiment": Command(
        "several methods over several seeds: tuned alike, trained, compared", experiment.add, experiment.experiment
    ),
    "predict": Command("what a finished run says of new rows", predict.add, predict.predict),
    "reuse": Command("what a finished run's body still knows of its source", reuse.add, reuse.reuse),
    "compare": Command("a table of finished runs, paired contrasts, a verdict", compare.add, compare.compare),
    "report": Command("one HTML file of finished runs and a gap, alive without a network", report.add, report.report),
    "export": Command("write a data set as it was read", export.add, export.export),
    "doctor": Command("what is missing on this machine, and how it is to be had", doctor.add, doctor.doctor),
    "workspace": Command("take a workspace away, take one in, make room", workspace.add, workspace.workspace),
}
