"""What a workspace shows, as the few numbers that a lesson asks about; all of them read from its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xmodal_core.errors import XModalError
from xmodal_core.gap.base import GapReading
from xmodal_core.panel.kept import read_report
from xmodal_core.runs.job import list_runs
from xmodal_core.runs.result import RunResult
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.contrasts import Contrast
from xmodal_core.verdict.export import export

_HELD_OUT, _ACCURACY = "heldout_otdd", "heldout_knn_accuracy"
_ROWS = "heldout_n"
_LEAST_ROWS = 30  # neighbours among fewer say nothing: some classes have hardly another row
_CROSSING_AGAINST_FINETUNING = "B - A"


@dataclass(frozen=True)
class Shown:
    """Numbers of one workspace; what is not there is None or empty.

    Attributes:
        gap: the OTDD reading of the report that is looked at.
        falls: held-out OTDD after each step of the alignment that is looked at.
        told_apart: accuracy of nearest neighbours among held-out rows at the first and the last of these steps; None
            where there are fewer than 30.
        results: of the finished runs.
        gain: aligning first against fine-tuning alone, paired over seeds and test rows.
    """

    gap: GapReading | None = None
    falls: Sequence[float] = ()
    told_apart: tuple[float, float] | None = None
    results: Sequence[RunResult] = ()
    gain: Contrast | None = None

    def scores(self, method: str) -> list[float]:
        """Test scores of a method, one a seed."""
        return [result.test.score for result in self.results if result.method == method]


def shown(workspace: Path, gap: str, run: str) -> Shown:
    """What a workspace shows at an address.

    Args:
        workspace: its folder.
        gap: name of the report in the address.
        run: name of the run in the address.
    """
    report = read_report(workspace / "gap" / f"{gap}.json")
    runs = list_runs(workspace / "runs")
    results = tuple(result for each in runs if (result := _result(each)) is not None)
    falls, told = _alignment(workspace / "runs" / run)
    return Shown(
        None if report is None else report.readings.get("otdd"), falls, told, results, _gain(runs) if results else None
    )


def _result(run: RunDir) -> RunResult | None:
    try:
        return run.result()
    except XModalError:
        return None


def _alignment(path: Path) -> tuple[tuple[float, ...], tuple[float, float] | None]:
    try:
        steps = RunDir.open(path).read_steps()[0]
    except (XModalError, OSError):
        return (), None
    metrics = [step["metrics"] for step in steps if step["stage"] == "align"]
    falls = tuple(each[_HELD_OUT] for each in metrics if _HELD_OUT in each)
    told = [each[_ACCURACY] for each in metrics if _ACCURACY in each and each.get(_ROWS, 0) >= _LEAST_ROWS]
    return falls, (told[0], told[-1]) if told else None


def _gain(runs: Sequence[RunDir]) -> Contrast | None:
    try:
        contrasts = export(runs).verdict.contrasts
    except XModalError:
        return None
    return next((each for each in contrasts if each.role == _CROSSING_AGAINST_FINETUNING), None)
