"""The one fragment that polls a run: transport, state, progress, then what the page draws of it.

Everything is read from the run directory, so a refreshed page or a restarted server shows the same.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui import session, show, trail
from pages.ui.launch import plan
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.model.words import in_words
from xmodal_core.runs import job
from xmodal_core.runs.job import FINAL, JobStatus
from xmodal_core.runs.plan import Plan, stage_at
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.rundir import RunDir

STAGES = {"align": "alignment", "curriculum": "the curriculum", "refine": "refinement"}
_EVERY, _SOON = 2.0, 0.15  # seconds between polls: while it plays, and while one step is awaited
_SELDOM = 15.0  # while it rests: somebody else may take it up
_MISHAP = "watch-mishap"

Draw = Callable[[RunDir, list[StepRecord], JobStatus], None]


def panel(run: RunDir, stage: str, draw: Draw, below: Draw | None = None) -> None:
    """Show one stage of a run and keep showing it while it moves.

    Args:
        run: the run of the page.
        stage: align, curriculum or refine; the run may lack it, or not have come there.
        draw: gets the run, the records of this stage so far, and the state; the controls of training come after it.
        below: the same for what stands at the end.
    """
    try:
        road = plan(run)
    except XModalError as error:
        show.error(error)
        return
    if road.span(stage) is None:
        st.caption(plain(describe(road, run.path.name)))
        having = ", ".join(STAGES[name] for name, _ in road.stages) or "no stage"
        st.info(
            plain(
                f"{STAGES[stage].capitalize()} is no part of this run; {road.title} has {having}. Start another "
                "run for it."
            )
        )
        return
    try:
        status = job.status(run)
        ahead = run.read_control().run_until - status.done
    except XModalError as error:
        show.error(error)
        return
    at_rest = None if status.state in FINAL else _SELDOM
    moving = _SOON if ahead <= 1 else trail.interval(_EVERY)
    every = moving if status.live else at_rest
    st.fragment(_watched, run_every=every)(run, road, stage, draw, status.live, below)


def _watched(run: RunDir, road: Plan, stage: str, draw: Draw, was_live: bool, below: Draw | None) -> None:
    try:
        _panel(run, road, stage, draw, was_live, below)
    except XModalError as error:
        show.error(error)


def _panel(run: RunDir, road: Plan, stage: str, draw: Draw, was_live: bool, below: Draw | None) -> None:
    status = job.status(run)
    if status.live != was_live:
        st.rerun()  # the whole page: only that starts or ends the polling
    if _MISHAP in st.session_state:
        st.error(plain(st.session_state.pop(_MISHAP)))
    records = trail.records(run, stage)
    span = road.span(stage)
    assert span is not None
    if not records and status.done < span[0] - 1 and run.read_control().run_until < span[0]:
        _approach(run, road, stage, status)
        return
    draw(run, records, status)
    if status.done < span[1]:
        _transport(run, road, stage, status)
        _progress(run, road, stage, status)
    else:
        st.caption(plain(sentence(status, road)))
    if below is not None:
        below(run, records, status)
    st.caption(plain(describe(road, run.path.name)))


def describe(road: Plan, name: str) -> str:
    """One line: which run this is."""
    origin = f" from {short(road.source)}" if road.source else ""
    tokens = f", at most {road.tokens} tokens a sample" if road.tokens else ""
    rows = f", {road.train_rows:,} training rows" if road.train_rows else ""
    model = f", {in_words(road.model)}" if road.model else ""
    body = f"body {short(road.body)}{tokens}{model}"
    return f"{road.title} · {short(road.target)}{rows}{origin} · {body} · seed {road.seed} · run {name}"


def short(reference: str) -> str:
    """A name for a data set or a body: the last part of a path, hashes cut."""
    name = reference.rstrip("/").rsplit("/", 1)[-1].removesuffix(".npz")
    return f"upload {name[:8]}" if name != reference and len(name) >= 16 else name


def sentence(status: JobStatus, road: Plan) -> str:
    """The state in words."""
    where = position(status.done, road)
    if status.state == "queued":
        place = f", {ordinal(status.queue_position)} in line" if status.queue_position else ""
        return f"Queued{place}; it starts when the device is free."
    if status.silent_s is not None:
        return f"No sign of life for {_time(status.silent_s)} at {where}: the worker may hang; Cancel ends it."
    if status.state == "running" or (status.state == "waiting" and status.live):
        return f"Running: {where}{_pace(status, road)}."
    if status.state == "done":
        return f"Finished: all {road.total} steps are done."
    if status.state == "failed":
        return f"Failed at {where}: {status.error or 'the log has the reason.'}"
    on = "from the checkpoint" if status.has_checkpoint else "from the start, for there is no checkpoint yet"
    words = {
        "new": "Not started.",
        "starting": "Starting: the worker loads the data and the network.",
        "waiting": f"Waiting at {where}; the network is warm.",
        "paused": f"Paused at {where}; training goes on {on}.",
        "cancelled": f"Cancelled at {where}.",
        "lost": status.error or f"The worker died at {where}; training goes on {on}.",
    }
    return words.get(status.state, status.state)


def position(done: int, road: Plan) -> str:
    """Where a run is: the step within its stage."""
    stage, index, n = stage_at(road.stages, done)
    return f"step {done} of {road.total}" if stage is None else f"step {index} of {n} of {STAGES[stage]}"


def _pace(status: JobStatus, road: Plan) -> str:
    if not status.steps_per_second:
        return ""
    left = _time((road.total - status.done) / status.steps_per_second)
    return f", {status.steps_per_second:.1f} steps a second, {left} for the rest of the run"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd and so on."""
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _approach(run: RunDir, road: Plan, stage: str, status: JobStatus) -> None:
    """The run has not come to this stage: say where it is and offer to go on."""
    span = road.span(stage)
    assert span is not None
    first = span[0] - 1 - status.done
    st.info(plain(f"This run has not reached {STAGES[stage]}. {sentence(status, road)}"))
    if status.state in FINAL:
        return
    label = f"Go on to {STAGES[stage]}" + (f" ({first} steps come first)" if first else "")
    st.button(label, type="primary", key="watch-approach", on_click=_try, args=(job.go, run, span[0]))


def _transport(run: RunDir, road: Plan, stage: str, status: JobStatus) -> None:
    span = road.span(stage)
    assert span is not None
    last = span[1]
    target = run.read_control().run_until
    stuck = status.state in FINAL or status.done >= last
    playing = status.live and target >= last
    label, stride = "Train 10 steps", 10
    if stage == "curriculum":
        label, stride = "Train to the next epoch", _to_next_epoch(road, status.done - span[0] + 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Train one step",
            icon=":material/skip_next:",
            key="watch-step",
            disabled=stuck or playing,
            on_click=_try,
            args=(_advance, run, 1, last),
        )
        st.button(
            label,
            icon=":material/fast_forward:",
            key="watch-more",
            disabled=stuck or playing,
            on_click=_try,
            args=(_advance, run, stride, last),
        )
        st.button(
            "Train on",
            icon=":material/model_training:",
            key="watch-play",
            type="primary",
            disabled=stuck or playing,
            on_click=_try,
            args=(job.go, run, last),
            help="To the end of this stage",
        )
        st.button(
            "Pause training",
            icon=":material/pause:",
            key="watch-pause",
            disabled=not status.live,
            on_click=_try,
            args=(job.pause, run),
        )
        if status.state not in FINAL:
            with st.popover("Cancel", key="watch-cancel-popover"):
                st.write("Cancelling ends this run for good; its steps so far stay readable.")
                st.button("Cancel this run", key="watch-cancel", on_click=_try, args=(job.cancel, run))
        if status.state in ("lost", "failed"):
            st.button(
                "Go on from the checkpoint" if status.has_checkpoint else "Go on from the start",
                key="watch-revive",
                type="primary",
                on_click=_try,
                args=(job.go, run, min(max(target, status.done + 1), last)),
            )
        st.caption(plain(status.device or session.device_caption()))


def _progress(run: RunDir, road: Plan, stage: str, status: JobStatus) -> None:
    span = road.span(stage)
    assert span is not None
    first, last = span
    index = min(max(status.done - first + 1, 0), last - first + 1)
    elsewhere = f"{STAGES[stage].capitalize()}: step {index} of {last - first + 1}. "
    text = sentence(status, road) if first <= status.done <= last else elsewhere + sentence(status, road)
    st.progress(index / (last - first + 1), text=plain(text))
    if status.state in ("failed", "lost"):
        with st.expander("The worker's log, last lines"):
            st.code(run.log_tail(), language=None)


def _advance(run: RunDir, n: int, last: int) -> None:
    """Some steps more than what was asked for, or than what is done where nothing is under way."""
    status = job.status(run)
    asked = run.read_control().run_until if status.live else 0
    job.go(run, min(max(asked, status.done) + n, last))


def _to_next_epoch(road: Plan, index: int) -> int:
    n_train = len(session.dataset(road.target).rows("train"))
    per_epoch = max(1, round(n_train / road.settings["batch_size"]))
    return per_epoch - index % per_epoch


def _try(action: Callable[..., None], *args: Any) -> None:
    try:
        action(*args)
    except XModalError as error:
        st.session_state[_MISHAP] = str(error)
