"""What a report is made of, gathered from finished runs and a gap report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.named import load_named
from xmodal_core.data.pseudo import pseudo_classified
from xmodal_core.data.reading import Reading
from xmodal_core.errors import XModalError
from xmodal_core.figures.playback import Scene
from xmodal_core.report.repeat import MeasuredGap
from xmodal_core.report.scenes import align_scene, gap_scene
from xmodal_core.reuse.report import ReuseReport, kept_reports
from xmodal_core.runs.result import Asked
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.export import Comparison, export

Load = Callable[[str], LabelledDataset]


@dataclass(frozen=True)
class Aligned:
    """Alignment of one run, to be played."""

    run: str
    title: str
    seed: int
    scene: Scene


@dataclass(frozen=True)
class Contents:
    """Everything that a report shows; what is None is left out, and said to be.

    Attributes:
        target, source: the data, for their pictures.
        gap: a gap report with what its sides are called.
        clouds: both sides of that report in a plane.
        found: the comparison of the finished runs.
        reuse: what finished runs' bodies still know of their source, by run.
        aligned: of the newest run that has frames of alignment.
    """

    target: LabelledDataset | None
    source: LabelledDataset | None
    gap: MeasuredGap | None
    clouds: Scene | None
    found: Comparison | None
    reuse: dict[str, ReuseReport]
    aligned: Aligned | None


def gather(
    runs: Sequence[RunDir], gap: MeasuredGap | None = None, margin: float | None = None, load: Load | None = None
) -> Contents:
    """Read what is there.

    Args:
        runs: finished ones, newest first; may be none where there is a gap.
        gap: what was measured.
        margin: see `verdict`.
        load: gives the data set of a reference; reads it, as the runs did, when None.

    Raises:
        RunError: see `export`.
    """
    asked = [result.asked for run in runs if (result := run.result()) is not None]
    named = next((one.target for one in asked), "") or (gap.target if gap else "")
    source_named = next((one.source for one in asked if one.source), "") or (gap.source if gap else "")
    target = _loaded(load or partial(_as_asked, asked), named)
    source = _loaded(load or partial(_as_asked, asked), source_named)
    reuse = kept_reports(runs)
    return Contents(
        target,
        source,
        None if gap is None else _without_paths(gap),
        None if gap is None else gap_scene(gap.report.points, source, target),
        export(runs, None if gap is None else gap.report, reuse, margin) if asked else None,
        reuse,
        _aligned(runs, source, target),
    )


def short(reference: str) -> str:
    """A name, of a path its last part: where a file lies on somebody's machine is nobody's business."""
    return reference.rstrip("/").rsplit("/", 1)[-1] if reference.startswith(("/", "~", ".")) else reference


def _without_paths(gap: MeasuredGap) -> MeasuredGap:
    report = replace(gap.report, body=short(gap.report.body))
    return MeasuredGap(report, short(gap.source), short(gap.target))


def _as_asked(asked: Sequence[Asked], reference: str) -> LabelledDataset:
    """A data set, read as the runs that name it were told to."""
    said = [one.reading for one in asked if one.target == reference]
    said += [one.source_reading for one in asked if one.source == reference]
    reading = next((one for one in said if one is not None), None)
    return load_named(reference, reading=None if reading is None else Reading.from_json(reading))


def _loaded(load: Load, reference: str) -> LabelledDataset | None:
    """The data set; None where it is not on this machine any more, for numbers do not need it."""
    try:
        return load(reference) if reference else None
    except XModalError:
        return None


def _aligned(runs: Sequence[RunDir], source: LabelledDataset | None, target: LabelledDataset | None) -> Aligned | None:
    for run in runs:
        result = run.result()
        if result is None or not result.asked.source or result.asked.shuffle_labels:
            continue
        whole = None if result.asked.train_rows else target
        sides = [None if side is None else pseudo_classified(side) for side in (source, whole)]
        scene = align_scene(run, *sides)
        if scene is not None:
            return Aligned(run.path.name, result.title, result.seed, scene)
    return None
