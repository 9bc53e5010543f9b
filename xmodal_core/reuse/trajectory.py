"""Retention, similarity and target score at every waypoint of a run, beside a control that had nothing to learn."""

from collections.abc import Generator
from dataclasses import asdict, dataclass

import numpy as np
from torch import Tensor, nn

from xmodal_core.data.dataset import stratified_rows
from xmodal_core.errors import RunError
from xmodal_core.gap.knn import balanced_mean
from xmodal_core.model.body import Body
from xmodal_core.model.crossmodal import source_model
from xmodal_core.model.seeding import pick_device
from xmodal_core.reuse.diagnostics.cka import cka_per_layer
from xmodal_core.reuse.diagnostics.retention import drift, no_advantage, retention
from xmodal_core.reuse.held_out import HeldOut, retention_source
from xmodal_core.reuse.networks import credit, layer_states, see, spec_of, voters
from xmodal_core.reuse.report import Trajectory, TrajectoryPoint
from xmodal_core.runs.errand import Doing, result_of
from xmodal_core.runs.run import body_choice, prepare
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.waypoints import load_waypoint
from xmodal_core.scores import Evaluation

N_BANK, N_QUERY = 400, 300
_N_LAYER_ROWS = 200
_KINDS = ("knn", "probe")
_TO_BEGIN = 3  # networks that are loaded and read before the first waypoint
_WHOSE = ("run", "control")


@dataclass(frozen=True, eq=False)
class Scale:
    """What every point of a trajectory is read against; the same for run and control.

    Attributes:
        held_out: source rows.
        pretrained: its stem stands in front of every body.
        before, random: accuracy of source queries in the pretrained and in a random body, by kind of reading.
        inputs: the queries among them whose layers are compared, prepared.
    """

    held_out: HeldOut
    pretrained: Body
    before: dict[str, float]
    random: dict[str, float]
    stem: nn.Module
    inputs: Tensor


def measure_trajectory(run_dir: RunDir, control: RunDir | None = None, seed: int = 0) -> Trajectory:
    """Source retention against target score along a run, and along the same run on shuffled labels.

    At most 400 bank and 300 query rows, the same at every point, and 200 of the queries for CKA and drift, which are
    means over layers against the body that the run started from. Scores are those of the target's validation rows,
    with their true labels in the control too.

    Raises:
        RunError: a run is not finished, has no body, kept no waypoints, or `control` is no control of `run_dir`.
    """
    return result_of(measuring_trajectory(run_dir, control, seed))


def measuring_trajectory(
    run_dir: RunDir, control: RunDir | None = None, seed: int = 0
) -> Generator[Doing, None, Trajectory]:
    """`measure_trajectory` step by step: two bodies to load and read, then one for every waypoint."""
    spec = spec_of(run_dir)
    if control is not None:
        _check_control(run_dir, control)
    runs = [run for run in (run_dir, control) if run is not None]
    every = [(which, step) for which, run in enumerate(runs) for step in run.waypoint_numbers()]
    parts = _TO_BEGIN + len(every)
    yield Doing("Showing the source to the pretrained and to a random network", 0.0)
    for run in (run_dir, control):
        if run is not None and not run.waypoint_numbers():
            raise RunError(
                f"{run.path.name} has kept no bodies along the way, expected waypoints of 1 or more in its "
                "specification; start it again with waypoints, for instance 6."
            )
    pretrained, random = (body_choice(spec).load(pretrained=own, seed=seed).to(pick_device()) for own in (True, False))
    held_out = retention_source(spec, pretrained, n_bank=N_BANK, n_query=N_QUERY, seed=seed)
    scale = _scale(held_out, pretrained, random, seed)
    body = prepare(spec).state.model.body  # a control starts from the same one
    start = layer_states(scale.stem, body, scale.inputs)
    first = _point(0, None, body, start, scale)
    points: list[list[TrajectoryPoint]] = [[], []]
    for i, (which, step) in enumerate(every):
        yield Doing(f"Showing the source to the {_WHOSE[which]} as it was after step {step}", (_TO_BEGIN + i) / parts)
        points[which].append(_waypoint(runs[which], step, body, start, scale))
    n_query = len(held_out.query)
    undefined = {kind: no_advantage(scale.before[kind], scale.random[kind], n_query) for kind in _KINDS}
    result = run_dir.result()
    assert result is not None  # or `spec_of` had refused the run
    return Trajectory(
        run=run_dir.path.name,
        points=(first, *points[0]),
        control_run=None if control is None else control.path.name,
        control=None if control is None else (first, *points[1]),
        source=held_out.source.name,
        source_labels=held_out.labels,
        source_rows=held_out.describe(),
        n_bank=len(held_out.bank),
        n_query=len(held_out.query),
        n_layers=len(scale.inputs),
        k=voters(held_out),
        before=scale.before["knn"],
        random=scale.random["knn"],
        chance=1 / held_out.source.n_classes,
        score_name=result.test.score_name,
        seed=seed,
        undefined=undefined["knn"],
        probe_undefined=undefined["probe"],
    )


def _check_control(run_dir: RunDir, control: RunDir) -> None:
    """The control is the same run but for its labels and the number of waypoints."""
    values = [asdict(spec_of(run)) for run in (run_dir, control)]
    differing = sorted(k for k in values[0] if k != "waypoints" and values[0][k] != values[1][k])
    if differing != ["shuffle_labels"] or not values[1]["shuffle_labels"]:
        found = ", ".join(differing) or "nothing"
        raise RunError(
            f"{control.path.name} differs from {run_dir.path.name} in {found}, expected the same specification with "
            "shuffle_labels true; give its control."
        )


def _scale(held_out: HeldOut, pretrained: Body, random: Body, seed: int) -> Scale:
    stem = source_model(held_out.source, pretrained).embedder
    asked = held_out.query[stratified_rows(held_out.source.targets[held_out.query], _N_LAYER_ROWS, seed)]
    before, anchor = (_accuracies(held_out, pretrained, body) for body in (pretrained, random))
    return Scale(held_out, pretrained, before, anchor, stem, stem.prepare(held_out.source, asked))


def _accuracies(held_out: HeldOut, pretrained: Body, body: Body) -> dict[str, float]:
    """Balanced accuracy of the source's queries in a body, by nearest neighbours and by a fresh probe."""
    seen, labels = see(held_out, pretrained, body), held_out.source.targets[held_out.query]
    return {kind: balanced_mean(credit(held_out, seen, kind), labels) for kind in _KINDS}


def _waypoint(run_dir: RunDir, step: int, body: Body, start: list[np.ndarray], scale: Scale) -> TrajectoryPoint:
    """One waypoint of a run, whose weights `body` takes."""
    return _point(step, load_waypoint(run_dir.waypoint(step), body), body, start, scale)


def _point(
    step: int, evaluated: Evaluation | None, body: Body, start: list[np.ndarray], scale: Scale
) -> TrajectoryPoint:
    found = _accuracies(scale.held_out, scale.pretrained, body)
    n = len(scale.held_out.query)
    left = {kind: retention(scale.before[kind], found[kind], scale.random[kind], n) for kind in _KINDS}
    now = layer_states(scale.stem, body, scale.inputs)
    return TrajectoryPoint(
        step=step,
        accuracy=found["knn"],
        retention=left["knn"],
        probe=found["probe"],
        probe_retention=left["probe"],
        cka=float(np.mean(cka_per_layer(start, now))),
        drift=float(np.mean(drift(start, now))),
        score=None if evaluated is None else evaluated.score,
        n_score=None if evaluated is None else evaluated.n,
    )
