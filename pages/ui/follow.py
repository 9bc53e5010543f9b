"""Along the way: the open run again with its body kept at steps, and its control on shuffled labels, side by side."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import launch, session, show, watch
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures import reuse as figures
from xmodal_core.files import replace_file
from xmodal_core.runs import job
from xmodal_core.runs.rundir import RunDir

WAYPOINTS = 6
_EVERY_S = 2.0
_KEPT = "trajectory.json"
_NAMES = {False: "the run again, with its body kept along the way", True: "its control, on shuffled labels"}
_AGAIN = ("failed", "cancelled")  # states after which a run is started anew

Pair = dict[bool, RunDir]  # by whether labels are shuffled


def panel(run: RunDir) -> None:
    """Launch the two runs, wait for them, measure, and show retention against target score along the same steps."""
    if not launch.plan(run).has_body:
        return
    st.markdown("**Follow along the run**")
    st.caption(
        f"The same specification again with the body kept at {WAYPOINTS} steps, and once more on shuffled training "
        "labels: what training does to the body where nothing can be learnt. These two are no arms of the comparison."
    )
    live = any(job.status(one).live for one in pair_of(run).values())
    st.fragment(_watched, run_every=_EVERY_S if live else None)(run, live)


def followed_root() -> Path:
    """Folder of the runs that follow others; kept apart, for they are not to be compared with the arms."""
    return session.workspace() / "followed"


def pair_of(run: RunDir) -> Pair:
    """The newest runs that follow this one, by whether labels are shuffled: same specification, with waypoints."""
    wanted = _plain_spec(run)
    found: Pair = {}
    for other in [*job.list_runs(followed_root()), *session.runs()]:
        try:
            spec, other_plain = _specification(other), _plain_spec(other)
        except XModalError:  # a damaged directory follows nothing
            continue
        if spec.waypoints and other_plain == wanted:
            found.setdefault(spec.shuffle_labels, other)
    return found


def _watched(run: RunDir, was_live: bool) -> None:
    try:
        pair = pair_of(run)
        states = {shuffled: job.status(one) for shuffled, one in pair.items()}
        live = [pair[shuffled] for shuffled, status in states.items() if status.live]
        if bool(live) != was_live:
            st.rerun()  # the whole page: only that starts or ends the polling
        for shuffled, one in sorted(pair.items()):
            road = launch.plan(one)
            told = f"{one.path.name}, {_NAMES[shuffled]}. {watch.sentence(states[shuffled], road)}"
            st.progress(min(1.0, states[shuffled].done / max(road.total, 1)), text=plain(told))
        ended = [shuffled for shuffled, status in states.items() if status.state == "done"]
        n = len(_NAMES) - len(ended) - len(live)
        label = f"Follow along the run ({n} run{'s' if n > 1 else ''} of {launch.plan(run).total} steps)"
        if n and st.button(label, key="reuse-follow"):
            _start(run, pair, states)
            st.rerun()
        if live and st.button("Cancel what is unfinished", key="reuse-cancel"):
            for one in live:
                job.cancel(one)
        if len(ended) == len(_NAMES):
            _trajectory(pair)
    except XModalError as error:
        show.error(error)


def _start(run: RunDir, pair: Pair, states: dict[bool, job.JobStatus]) -> None:
    """Create what is missing, and let everything go on to its end."""
    spec = _specification(run)
    for shuffled in _NAMES:
        one = pair.get(shuffled)
        if one is None or states[shuffled].state in _AGAIN:
            wanted = replace(spec, waypoints=WAYPOINTS, shuffle_labels=shuffled)
            one = RunDir.create(followed_root(), wanted.to_json())
        job.go(one, spec.total_steps())


def _trajectory(pair: Pair) -> None:
    found = kept_trajectory(pair)
    if found is None:
        if not st.button("Measure along the run", type="primary", key="reuse-measure-along"):
            return
        from xmodal_core.reuse.trajectory import measure_trajectory

        with st.spinner("Embedding the source through the body at every waypoint", show_time=True):
            found = measure_trajectory(pair[False], pair[True])
        keep_trajectory(pair[False], found)
    last, control = found["points"][-1], found["control"][-1]
    words = [_point_in_words("Run", last, found), _point_in_words("control", control, found)]
    table = figures.trajectory_table(found)
    show.figure(figures.trajectory_curves(found), "reuse-trajectory", "; ".join(words) + ".", table)
    st.caption(
        plain(
            f"{'; '.join(words)}. Source {found['source']}: {found['source_rows']} CKA and drift in the table: means "
            f"over layers, n = {found['n_layers']}. Target score: n = {last['n_score']} validation rows with their "
            "true labels. One seed. What the control loses too is lost to training as such, not to these labels.",
            longest=900,
        )
    )


def _point_in_words(who: str, point: dict[str, Any], found: dict[str, Any]) -> str:
    retention = "no advantage to retain" if point["retention"] is None else f"retention {point['retention']:.3f}"
    score = "no score" if point["score"] is None else f"{found['score_name']} {point['score']:.3f}"
    return f"{who} at step {point['step']}: {retention}, {score}"


def kept_trajectory(pair: Pair) -> dict[str, Any] | None:
    """What was measured of these two runs; None where nothing was, or it is damaged."""
    try:
        found = json.loads((pair[False].path / _KEPT).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    is_ours = isinstance(found, dict) and found.get("control_run") == pair[True].path.name
    return found if is_ours and found.get("points") and found.get("control") else None


def keep_trajectory(run: RunDir, found: dict[str, Any]) -> None:
    """Write a trajectory into its run directory, whole or not at all."""
    replace_file(run.path / _KEPT, json.dumps(found))


def _specification(run: RunDir) -> Any:
    return _parsed((run.path / "spec.json").read_text(encoding="utf-8"))


@st.cache_resource(max_entries=500, show_spinner=False)
def _parsed(text: str) -> Any:
    from xmodal_core.runs.spec import spec_from_json

    return spec_from_json(text)


def _plain_spec(run: RunDir) -> dict[str, Any]:
    """What two runs share that differ in waypoints and in whether labels are shuffled."""
    return asdict(replace(_specification(run), waypoints=0, shuffle_labels=False))
