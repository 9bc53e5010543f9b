"""An item from its first measurement to the file that ships; what is there already is not made again."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from xmodal_core import __version__
from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.data.named import load_named
from xmodal_core.errors import RunError
from xmodal_core.experiment.conduct import conduct
from xmodal_core.experiment.design import Design
from xmodal_core.experiment.trainer import Trainer
from xmodal_core.figures.pictures import class_rows, pictures, png, sheet
from xmodal_core.files import replace_file
from xmodal_core.gallery.card import SCHEMA, Card, Mark
from xmodal_core.gallery.items import BODY, CURRICULUM, GAP_SEED, ROWS, SEEDS, Item
from xmodal_core.gallery.shelf import CARD, COMMAND
from xmodal_core.gap.base import finish
from xmodal_core.panel.kept import read_report, write_report, write_request
from xmodal_core.panel.layers import measure_layers, read_layers, write_layers
from xmodal_core.panel.measure import measure_gap
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest
from xmodal_core.panel.umap_points import keep_umap_points, kept_umap_points
from xmodal_core.reuse.measure import measure_reuse
from xmodal_core.runs.job import list_runs
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.export import Comparison, export

_KEPT = ("spec.json", "state.json", "steps.jsonl", "result.json", "test_rows.npz", "reuse.json")
_THEN = (2026, 1, 1, 0, 0, 0)  # of every entry: equal content is an equal file
_SHOWN = 3  # pictures a strip
_SIDE = 96  # pixels


def request_of(item: Item) -> GapRequest:
    """What is measured of an item."""
    return GapRequest(item.source, item.target, BODY, n=ROWS, seed=GAP_SEED)


def designs_of(item: Item) -> list[Design]:
    """What is trained of an item, one after the other."""
    return [
        Design(item.target, BODY, item.source, arms, item.seeds, rates=(1.0,), steps=item.steps) for arms in item.arms
    ]


def make(item: Item, workspace: Path, tell: Callable[[str], None]) -> None:
    """Measure and train an item into a folder like any workspace, and write its card.

    Args:
        item: what to make.
        workspace: goes on where it was left.
        tell: gets a line now and then.

    Raises:
        XModalError: something cannot be measured or trained.
    """
    report = _measured(item, workspace, tell)
    for design in designs_of(item):
        for told in conduct(Trainer.of(design, workspace / "runs")):
            tell(f"{item.name}: {told.doing or 'trained'}")
            if told.failed:
                raise RunError(f"{item.name}: {next(iter(told.failed.values()))}")
    runs = list_runs(workspace / "runs")
    aligned = _first_alignment(runs)
    _with_reuse(aligned, tell)
    card = _card(item, report, aligned, export(runs))
    replace_file(workspace / CARD, json.dumps(card.to_json(), indent=1))


def pack(workspace: Path, path: Path) -> None:
    """Write what ships of an item: no weights, frames of one alignment, one file that is equal for equal content."""
    kept = {workspace / CARD, *(workspace / "gap").glob("*.json")}
    runs = list_runs(workspace / "runs")
    for run in runs:
        kept |= {run.path / name for name in _KEPT if (run.path / name).is_file()}
    moving = [_first_alignment(runs), *filter(None, [_first(runs, CURRICULUM)])]
    kept |= {frame for run in moving for frame in (run.path / "frames").glob("*.npz")}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(kept):
            entry = zipfile.ZipInfo(file.relative_to(workspace).as_posix(), _THEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes(), compresslevel=9)
    replace_file(path, packed.getvalue())


def samples(data: LabelledDataset) -> bytes:
    """A PNG of a few samples beside each other: of different classes, where there are classes."""
    rows = class_rows(data) if data.task is Task.CLASSIFICATION else data.rows("train")
    rows = rows[rows >= 0]
    chosen = rows[np.linspace(0, len(rows) - 1, min(_SHOWN, len(rows))).round().astype(int)]
    return png(sheet(pictures(data, chosen, _SIDE), len(chosen)))


def draw_strips(names: list[str], folder: Path) -> None:
    """Write the strip of every data set of these names."""
    for name in names:
        replace_file(folder / f"{name}.png", samples(load_named(name)))


def _measured(item: Item, workspace: Path, tell: Callable[[str], None]) -> GapReport:
    request = request_of(item)
    path = workspace / "gap" / f"{request.key()}.json"
    report = read_report(path)
    if report is None or not report.complete:
        for told in measure_gap(request, lanes=1):
            report = told.report
        assert report is not None
        write_request(path, request)
        write_report(path, report)
        tell(f"{item.name}: gap measured in {report.seconds:.0f} s")
    if kept_umap_points(path, report.points) is None:
        keep_umap_points(path, request, report.points)
    if read_layers(path) is None:
        write_layers(path, finish(measure_layers(request)))
        tell(f"{item.name}: layers measured")
    return report


def _with_reuse(run: RunDir, tell: Callable[[str], None]) -> None:
    if run.read_reuse() is None:
        run.write_reuse(measure_reuse(run).to_json())
        tell(f"{run.path.name}: reuse measured")


def _first_alignment(runs: list[RunDir]) -> RunDir:
    found = _first(runs, "orca")
    assert found is not None
    return found


def _first(runs: list[RunDir], method: str) -> RunDir | None:
    """The run of the first seed; None where the item has no such arm."""
    specs = ((run, run.spec_values()) for run in runs)
    return next((run for run, spec in specs if (spec["method"], spec["seed"]) == (method, SEEDS[0])), None)


def _card(item: Item, report: GapReport, aligned: RunDir, found: Comparison) -> Card:
    reading = report.readings["otdd"]
    assert reading.floor is not None
    steps = [r["metrics"]["heldout_otdd"] for r in aligned.read_steps()[0] if r["stage"] == "align"]
    means = {row.method: row for row in found.table}
    best = max((means[method] for method in ("orca", "finetune")), key=lambda row: row.mean)
    gain = next((contrast for contrast in found.verdict.contrasts if contrast.role == "A - C"), None)
    return Card(
        SCHEMA,
        item.name,
        __version__,
        datetime.now(UTC).isoformat(timespec="seconds"),
        COMMAND.format(item.name),
        item.seeds,
        request_of(item).key(),
        aligned.path.name,
        Mark("otdd", reading.value, reading.floor, reading.ceiling, reading.interval, reading.n),
        (steps[0], steps[-1]),
        found.verdict.answer,
        found.verdict.margin,
        None if gain is None else gain.interval,
        found.runs[0].result.test.score_name,
        best.mean,
        means["scratch"].mean,
        means["simple"].mean,
        best.interval,
        _chance(load_named(item.target)),
    )


def _chance(data: LabelledDataset) -> float | None:
    """How often the most frequent class of the training rows is right on the test rows."""
    if data.task is not Task.CLASSIFICATION:
        return None
    common = np.bincount(data.targets[data.rows("train")]).argmax()
    return float((data.targets[data.rows("test")] == common).mean())
