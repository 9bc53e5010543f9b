"""What a finished run says of rows that it has never seen."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xmodal_core.data.dataset import Task
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.unlabelled import NewRows, read_new_rows
from xmodal_core.data.reading import Reading
from xmodal_core.errors import RunError, SettingsError
from xmodal_core.evaluation import predict
from xmodal_core.files import replacing
from xmodal_core.runs.checkpoint import load_checkpoint
from xmodal_core.runs.predictions import Columns, blank, check_written, in_target_units, predicted, write_table
from xmodal_core.runs.run import Run, prepare
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import spec_from_json

_CELLS = ".npz"  # a value per cell is no row of a table


@dataclass(frozen=True, eq=False)
class Predicted:
    """New rows and what a run says of them.

    Attributes:
        rows: what was read.
        columns: a table, a row for each of them; none for a value per cell.
        cells: (n, c, ...) in target units for a value per cell, NaN for rows that cannot be used; else None.
    """

    rows: NewRows
    columns: Columns
    cells: np.ndarray | None


def trained(run_dir: RunDir) -> Run:
    """A finished run with its last weights; its data are read again, for the network is built around them.

    Raises:
        RunError: it has not come to its end, or its data have changed since.
    """
    result = run_dir.result()
    if result is None:
        raise RunError(f"{run_dir.path.name} has no result yet, expected a finished run; let it train to the end.")
    run = prepare(spec_from_json((run_dir.path / "spec.json").read_text(encoding="utf-8")))
    if run.target.content_hash != result.target.hash:
        raise RunError(
            f"{run_dir.path.name} was trained on other content than {printable(run.target.name)} has now, expected the "
            "same data; bring back the file as it was, or run it again."
        )
    load_checkpoint(run, run_dir.checkpoint)
    return run


def predict_file(run: Run, path: Path, reading: Reading | None = None) -> Predicted:
    """What a trained run says of the rows of a file.

    Args:
        run: with its last weights.
        path: the file; labels in it are not looked at.
        reading: what a person says about it, on top of what is known of the training file.

    Raises:
        DataError: the file cannot be read, or its samples are not those that the run was trained on.
    """
    rows = read_new_rows(path, run.target, reading)
    outputs = predict(run.state.model, rows, np.arange(len(rows.inputs))).numpy()
    if run.target.task is Task.DENSE:
        cells = in_target_units(run.target, outputs)
        cells[~rows.usable] = np.nan
        return Predicted(rows, {}, cells.astype(np.float32))
    said = blank(predicted(run.target, outputs), ~rows.usable)
    name = printable(path.stem)
    return Predicted(rows, {"uid": np.array([f"{name}/{i}" for i in range(len(rows.inputs))]), **said}, None)


def check_out(path: Path, task: str) -> None:
    """Refuse a file that the predictions of a task cannot be written to.

    Raises:
        SettingsError: says which suffix is good.
    """
    if task == Task.DENSE:
        if path.suffix.lower() != _CELLS:
            raise SettingsError(
                f"--out is {path.name!r}, expected a name that ends in {_CELLS} for a value per cell; give such a name."
            )
    else:
        check_written(path)


def write_predicted(path: Path, found: Predicted) -> None:
    """Write what was predicted, whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    if found.cells is None:
        write_table(path, found.columns)
        return
    with replacing(path) as stream:
        np.savez(stream, allow_pickle=False, prediction=found.cells)
