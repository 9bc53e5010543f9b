"""`export`: a data set as it was read, for other programs and for this one."""

import argparse
from pathlib import Path

from xmodal_core.commands import readings
from xmodal_core.commands.answer import Answer
from xmodal_core.commands.out import out_path, writing


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("file", metavar="FILE", help="a file, an example or a source")
    parser.add_argument("--out", required=True, metavar="DATA.npz")
    readings.add(parser)


def export(options: argparse.Namespace) -> Answer:
    """Write samples, targets, splits and names as arrays of NumPy."""
    from xmodal_core.data.named import load_named
    from xmodal_core.data.store import export_dataset

    out = out_path(options.out, Path(options.file).expanduser(), (".npz",))
    data = load_named(options.file, reading=readings.of_target(options))
    readings.tell(data.understanding)
    with writing(out):
        export_dataset(data, out)
    value = {"schema": 1, "name": data.name, "content_hash": data.content_hash, "n": len(data), "out": str(out)}
    return Answer(value, f"{len(data):,} samples of {data.name} written to {out}")
