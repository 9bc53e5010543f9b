"""What a finished run says of rows that it has never seen."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.unlabelled import NewRows, read_new_rows
from xmodal_core.data.reading import Reading
from xmodal_core.data.targets import IGNORED
from xmodal_core.errors import RunError, SettingsError
from xmodal_core.evaluation import batches, predict
from xmodal_core.files import replacing
from xmodal_core.runs.checkpoint import load_checkpoint
from xmodal_core.runs.predictions import CELLS, WRITTEN, Columns, blank, in_target_units, joined, predicted, write_table
from xmodal_core.runs.run import Run, prepare
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import spec_from_json


@dataclass(frozen=True, eq=False)
class Predicted:
    """New rows and what a run says of them.

    Attributes:
        rows: what was read.
        columns: a table, a row for each of them; none for a value per cell.
        cells: (n, c, ...) in target units for a value per cell, NaN for rows that cannot be used; (n, ...) numbers of
            classes for a class per cell, `IGNORED` for such rows; else None.
        class_names: of the classes of cells.
    """

    rows: NewRows
    columns: Columns
    cells: np.ndarray | None
    class_names: tuple[str, ...] = ()


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
    outputs = (predict(run.state.model, rows, batch).numpy() for batch in batches(np.arange(len(rows.inputs))))
    if run.target.cells:
        cells = np.concatenate([_of_cells(run.target, batch) for batch in outputs])
        cells[~rows.usable] = IGNORED if run.target.task is Task.SEGMENTATION else np.nan
        return Predicted(rows, {}, cells, run.target.class_names)
    said = blank(joined([predicted(run.target, batch) for batch in outputs]), ~rows.usable)
    name = printable(path.stem)
    return Predicted(rows, {"uid": np.array([f"{name}/{i}" for i in range(len(rows.inputs))]), **said}, None)


def _of_cells(data: LabelledDataset, outputs: np.ndarray) -> np.ndarray:
    """Classes (n, ...) int16, or numbers (n, c, ...) float32 in target units."""
    if data.task is Task.SEGMENTATION:
        return outputs.argmax(axis=1).astype(np.int16)  # there are at most MAX_CLASSES
    return in_target_units(data, outputs).astype(np.float32)


def check_out(path: Path, data: LabelledDataset) -> None:
    """Refuse a file that the predictions for a data set cannot be written to.

    Raises:
        SettingsError: says which suffix is good.
    """
    is_cells = path.suffix.lower() == CELLS
    if is_cells is not bool(data.cells):
        wanted = f"{CELLS} for a value or a class per cell" if data.cells else f"{' or '.join(WRITTEN)} for a table"
        raise SettingsError(f"--out is {path.name!r}, expected a name that ends in {wanted}; give such a name.")


def write_predicted(path: Path, found: Predicted) -> None:
    """Write what was predicted, whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    if found.cells is None:
        write_table(path, found.columns)
        return
    with replacing(path) as stream:
        names = {"class_names": np.array(found.class_names)} if found.class_names else {}
        np.savez(stream, allow_pickle=False, prediction=found.cells, **names)  # type: ignore[arg-type]
