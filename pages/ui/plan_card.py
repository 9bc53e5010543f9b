"""A plan that was launched: whose turn it is, how far all runs are, their curves, and pausing or ending all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui import errands, experiment_card, plan_form, session, show, trail, watch
from pages.ui.launch import plan
from pages.ui.safe import line, plain
from xmodal_core.errors import XModalError
from xmodal_core.experiment import background
from xmodal_core.experiment.background import ExperimentStatus
from xmodal_core.experiment.design import Design, Trial
from xmodal_core.experiment.folder import ExperimentDir
from xmodal_core.experiment.pacer import lanes
from xmodal_core.experiment.timetable import Turn, seconds_in_all, turns
from xmodal_core.figures.run_curves import run_curve, run_curves_figure, run_curves_sentence, run_curves_table
from xmodal_core.runs import job
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.plan import defaults, short_title
from xmodal_core.runs.rundir import RunDir
from xmodal_core.scores import SCORES

_EVERY_S = 2.0
_TABLE = "plan-queue"
_STATES = {
    "queued": "Your plan waits for the device; another run has it.",
    "running": "Your plan is under way.",
    "stopped": "Your plan is paused; it goes on where it was.",
    "failed": "Your plan has failed.",
    "cancelled": "Your plan was cancelled.",
    "done": "Your plan is done.",
}


@dataclass(frozen=True)
class Place:
    """A turn of the queue and the run that it has become; None as long as it is none."""

    turn: Turn
    run: RunDir | None
    status: JobStatus | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status is not None and self.status.state in job.FINAL


def newest(target: str, body: str) -> experiment_card.Entry | None:
    """The newest experiment on this data and body; None without one."""
    found = experiment_card.entries(target, body)
    return found[0] if found else None


def draw(entry: experiment_card.Entry) -> None:
    """The plan, looked at again every two seconds as long as it moves."""
    experiment, status = entry
    st.fragment(_watched, run_every=trail.interval(_EVERY_S) if status.live else None)(experiment, status.live)


def _watched(experiment: ExperimentDir, was_live: bool) -> None:
    try:
        status = background.status(experiment, session.runs_root())
        if status.live != was_live:
            st.rerun()  # the whole page: only that starts or ends the polling
        _drawn(experiment, status)
    except XModalError as error:
        show.error(error)


def _drawn(experiment: ExperimentDir, status: ExperimentStatus) -> None:
    design = experiment.design()
    queue = places(design, status)
    over = sum(place.is_over for place in queue)
    left = [place.turn for place in queue if not place.is_over]
    known = plan_form.paces().of(design)
    seconds = seconds_in_all(left, design, known, lanes(), begun=True) if left and status.live else None
    rest = "" if seconds is None else f", about {errands.in_words(seconds)} left"
    st.markdown(f"**{plain(_STATES[status.state])}** {plain(f'{over} of {len(queue)} runs are over{rest}.')}")
    if status.error:
        st.error(plain(status.error, longest=600))
    st.progress(over / max(1, len(queue)), plain(status.progress.doing if status.progress else ""))
    _controls(experiment, status)
    left_side, right_side = st.columns([5, 6], gap="medium")
    with left_side:
        _curves(queue)
    with right_side:
        _queue(queue, status)


def _controls(experiment: ExperimentDir, status: ExperimentStatus) -> None:
    root = session.runs_root()
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.live:
            st.button(
                "Pause all", icon=":material/pause:", key="plan-pause", on_click=background.stop, args=(experiment,)
            )
        elif status.state in ("stopped", "failed"):
            st.button("Go on", type="primary", key="plan-go", on_click=background.go, args=(experiment, root))
        if status.state in ("queued", "running", "stopped", "failed"):
            with st.popover("Cancel all", key="plan-cancel-popover"):
                st.write("Cancelling ends every run that is not finished, for good; finished ones stay.")
                st.button("Cancel all runs", key="plan-cancel", on_click=background.cancel, args=(experiment, root))
        session.go_to("compare", "Next: compare them", primary=status.state == "done")


def places(design: Design, status: ExperimentStatus) -> list[Place]:
    """The queue: each turn with its run, as far as there is one, told by method, seed, rate, rows and steps."""
    every = turns(design)
    left = {name: of for name in (status.progress.runs if status.progress else ()) if (of := _known(name))}
    found: dict[int, str] = {}
    for i in sorted(range(len(every)), key=lambda i: len(every[i].trials)):  # what is certain first
        wanted = [_told(design, every[i], trial) for trial in every[i].trials]
        name = next((name for name, of in left.items() if of in wanted), None)
        if name is not None:
            found[i] = name
            del left[name]
    return [_place(turn, found.get(i)) for i, turn in enumerate(every)]


def _told(design: Design, turn: Turn, trial: Trial) -> tuple[object, ...]:
    choice = design.choice(trial, turn.seed, turn.part)
    rate = choice.settings.get("learning_rate", defaults(choice.method).get("learning_rate"))
    return choice.method, turn.seed, turn.part.train_rows, turn.part.label_steps, rate


def _known(name: str) -> tuple[object, ...] | None:
    """The same of a run; None where its directory is damaged or gone."""
    try:
        road = plan(RunDir(session.runs_root() / name))
    except (OSError, XModalError):
        return None
    steps = sum(n for stage, n in road.stages if stage != "align")
    return road.method, road.seed, road.train_rows, steps, road.settings.get("learning_rate")


def _place(turn: Turn, name: str | None) -> Place:
    path = session.runs_root() / name if name else None
    if path is None or not (path / "spec.json").is_file():
        return Place(turn, None, None)
    run = RunDir(path)
    try:
        return Place(turn, run, job.status(run))
    except XModalError:
        return Place(turn, run, None)


def _curves(queue: Sequence[Place]) -> None:
    """Validation scores of all runs so far; the test rows stay sealed."""
    curves, stamps = [], []
    for place in queue:
        if place.run is None:
            continue
        road, records = plan(place.run), trail.records(place.run)
        title = f"{_called(place)}, seed {road.seed}"
        curves.append(run_curve(road.title, title, records))
        stamps.append((str(place.run.path), trail.stamp(records)))
    curves = [curve for curve in curves if curve.scores]
    if not curves:
        st.caption("The first curve appears when a run has read its validation rows; the first steps are on their way.")
        return
    kind = SCORES[session.need_target().task]

    def draw() -> Any:
        figure = run_curves_figure(curves, kind, 330)
        return figure.update_layout(showlegend=len(curves) <= 12, uirevision="keep")

    figure = show.drawn(("plan-curves", kind.name, *stamps), draw)
    show.figure(figure, "plan-curves", run_curves_sentence(curves), run_curves_table(curves))
    st.caption("Validation rows only: rows that no run trains on. The test rows stay sealed until you open them.")


def _queue(queue: Sequence[Place], status: ExperimentStatus) -> None:
    names = [None if place.run is None else place.run.path.name for place in queue]

    def open_run() -> None:
        chosen = st.session_state[_TABLE]["selection"]["rows"]
        if chosen and names[chosen[0]]:
            session.select(run=names[chosen[0]])

    st.dataframe(
        queue_table(queue, status),
        hide_index=True,
        key=_TABLE,
        alt=f"{len(queue)} runs in the order of their turns.",
        on_select=open_run,
        selection_mode="single-row",
        height=min(38 + 35 * len(queue), 360),
        column_config={
            "turn": st.column_config.NumberColumn(width=45),
            "seed": st.column_config.NumberColumn(width=45),
            "state": st.column_config.TextColumn(width=150),
            "waits for": st.column_config.TextColumn(width=95),
        },
    )
    most = max((place.turn.round for place in queue), default=0)
    if most:
        st.caption(
            "Choose a row to open the run. Runs of a later round wait until those before have told which learning "
            "rate is best."
        )


def queue_table(queue: Sequence[Place], status: ExperimentStatus) -> list[dict[str, object]]:
    """A row a run: its turn, what it is, what it does, and what it waits for."""
    rows, waiting = [], 0
    for i, place in enumerate(queue, 1):
        begun = place.status is not None and place.status.state not in ("new", "queued")
        waiting += not begun
        rows.append(
            {
                "turn": i,
                "run": _called(place),
                "seed": place.turn.seed,
                "state": state_of(place, status, waiting),
                "waits for": "" if begun or not place.turn.round else _awaited(queue, place.turn.round),
            }
        )
    return rows


def _called(place: Place) -> str:
    """Method and multiple of its own rate, where that is another one; of what is open, among how many it is chosen."""
    turn = place.turn
    if len(turn.trials) == 1:
        (trial,) = turn.trials
        return line(f"{short_title(trial.arm)} × {trial.rate:g}" if trial.rate != 1 else short_title(trial.arm))
    if place.run is None:
        return line(f"{turn.title}, the best of {len(turn.trials)}")
    road = plan(place.run)
    own, rate = defaults(road.method).get("learning_rate"), road.settings.get("learning_rate")
    return line(road.title.split(":")[0] + (f" × {rate / own:g}, chosen" if own and rate else ""))


def _awaited(queue: Sequence[Place], own: int) -> str:
    """The turns of the rounds before."""
    last = max(i for i, place in enumerate(queue, 1) if place.turn.round < own)
    return f"turns 1 to {last}" if last > 1 else "turn 1"


def state_of(place: Place, status: ExperimentStatus, waiting: int) -> str:
    """The state of a run in words; `waiting` is its number among those that have not begun."""
    now = place.status
    if now is None or now.state in ("new", "queued"):
        if status.state in ("cancelled", "done"):
            return "cancelled" if status.state == "cancelled" else "not needed"
        return f"queued ({watch.ordinal(waiting)})" if status.state != "failed" else "not begun"
    if now.state == "done":
        result = place.run.result() if place.run else None
        read = "" if result is None or result.validation is None else f", validation {result.validation.score:.3f}"
        return f"done{read}"
    if now.state in ("cancelled", "starting"):
        return now.state
    if now.state == "failed":
        return f"failed: {line(now.error or 'the log has the reason', 160)}"
    where = f"step {now.done} of {now.total}" if now.total else "at its beginning"
    if status.state == "running" and now.state != "lost":
        return f"running, {where}"
    return f"paused, {where}"
