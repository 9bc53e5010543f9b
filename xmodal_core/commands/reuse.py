"""`reuse`: what a finished run's body still knows of its source."""

import argparse
from pathlib import Path

from xmodal_core.commands.answer import Answer


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("run_dir", metavar="RUN_DIR")
    parser.add_argument(
        "--control", metavar="RUN_DIR", help="the same run with shuffle_labels true, both with waypoints"
    )
    parser.add_argument("--seed", type=int, default=0)


def reuse(options: argparse.Namespace) -> Answer:
    """Measure the end of a run, and its waypoints where it has any."""
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
