"""`predict`: what a finished run says of new rows."""

import argparse
import sys
from pathlib import Path

from xmodal_core.commands import readings
from xmodal_core.commands.answer import Answer
from xmodal_core.commands.out import out_path, writing
from xmodal_core.errors import SettingsError


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("run_dir", metavar="RUN_DIR")
    parser.add_argument("file", metavar="FILE", help="new rows; labels in it are not looked at")
    parser.add_argument("--out", required=True, metavar="PREDICTIONS", help=".csv or .parquet; .npz for cells")
    readings.add(parser)


def predict(options: argparse.Namespace) -> Answer:
    """Read new rows as the training file was read, predict, write a row for each; what is doubtful is said first."""
    from xmodal_core.runs.predictions import CELLS, WRITTEN

    path = Path(options.file).expanduser()
    if not path.is_file():
        raise SettingsError(f"{path.name!r} is no file, expected the path of a file with new rows; give its path.")
    out = out_path(options.out, path, (*WRITTEN, CELLS))
    reading = readings.of_target(options)
    from xmodal_core.runs.rundir import RunDir

    run_dir = RunDir.open(Path(options.run_dir))
    from xmodal_core.runs.new_rows import check_out, predict_file, trained, write_predicted

    run = trained(run_dir)
    check_out(out, run.target)
    found = predict_file(run, path, reading)
    for note in found.rows.notes:
        print(f"warning: {path.name}: {note}", file=sys.stderr)
    with writing(out):
        write_predicted(out, found)
    n, usable = len(found.rows.usable), int(found.rows.usable.sum())
    value = {
        "schema": 1,
        "run": run_dir.path.name,
        "file": path.name,
        "out": str(out),
        "rows": n,
        "predicted": usable,
        "notes": list(found.rows.notes),
    }
    return Answer(value, f"{usable:,} of {n:,} rows predicted; written to {out}")
