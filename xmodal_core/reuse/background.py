"""Measurements of knowledge reuse as processes: start one, see how far it is, cancel it."""

from xmodal_core.runs import errand
from xmodal_core.runs.errand import ErrandDir
from xmodal_core.runs.rundir import RunDir

_WORKER = "xmodal_core.reuse.worker"


def errand_of(run: RunDir, *, along: bool = False) -> ErrandDir:
    """Where the measurement of a run's end is told, or that of its waypoints."""
    return ErrandDir(run.path / ("measuring-along" if along else "measuring"))


def measure(run: RunDir) -> None:
    """Measure the end of a finished run; its directory keeps the report."""
    errand.start(errand_of(run), _WORKER, [str(run.path.resolve())])


def measure_along(run: RunDir, control: RunDir) -> None:
    """Measure the waypoints of a run beside its control; the run's directory keeps the trajectory."""
    errand.start(errand_of(run, along=True), _WORKER, [str(run.path.resolve()), str(control.path.resolve())])
