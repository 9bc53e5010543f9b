"""Experiments of the workspace: start one, see how it stands, stop it; and what was tried on its way."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from pages.ui import classroom, session, show
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import SettingsError, XModalError
from xmodal_core.experiment import background
from xmodal_core.experiment.background import ExperimentStatus
from xmodal_core.experiment.design import Design, check_rows
from xmodal_core.experiment.folder import ExperimentDir
from xmodal_core.experiment.progress import Tried
from xmodal_core.runs.plan import short_title

_STATES = {
    "queued": "The experiment waits for the device.",
    "running": "The experiment is under way.",
    "stopped": "The experiment has stopped; it can go on where it was.",
    "failed": "The experiment has failed.",
}
Entry = tuple[ExperimentDir, ExperimentStatus]


def launch(design: Design, data: LabelledDataset) -> None:
    """Start an experiment on these data and draw the page anew, or say why it cannot be started."""
    try:
        check_rows(design, data)
        start(design)
    except XModalError as error:
        show.error(error)
        return
    st.rerun()


def start(design: Design) -> None:
    """Keep a design and start its process.

    Raises:
        SettingsError: the same is under way already, or this is a class.
    """
    classroom.refuse_experiment()
    if any(status.live and experiment.design() == design for experiment, status in entries(design.target, design.body)):
        raise SettingsError("the same experiment is under way already, expected another design; wait for it below.")
    name = f"{datetime.now(UTC).strftime('%y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
    background.go(ExperimentDir.create_at(_folder() / name, design), session.runs_root())


def entries(target: str, body: str) -> list[Entry]:
    """Experiments of the workspace on this target and body, newest first; damaged ones are left out."""
    found = []
    for experiment in background.experiments(_folder()):
        try:
            design = experiment.design()
            if (design.target, design.body) == (target, body):
                found.append((experiment, background.status(experiment, session.runs_root())))
        except XModalError:
            continue
    return found


def draw(found: Sequence[Entry]) -> None:
    """A card for every experiment that is not at its end."""
    for experiment, status in found:
        if status.state in _STATES:
            _unfinished(experiment, status)


def draw_tried(found: Sequence[Entry]) -> None:
    """What was tried in the newest experiment that tried anything."""
    tried = next((s.progress.tried for _, s in found if s.progress is not None and s.progress.tried), ())
    if tried:
        with st.expander("What the validation rows chose from", key="experiment-tried"):
            st.dataframe(
                tried_table(tried), hide_index=True, key="experiment-candidates", alt=f"{len(tried)} candidates."
            )
            st.caption(
                "Each candidate at the first seed of its experiment; the chosen one of each group goes on to every "
                "seed. With fewer steps than the whole budget a run has its whole schedule in these."
            )


def tried_table(tried: Sequence[Tried]) -> list[dict[str, object]]:
    """A row a candidate, in the order in which they were judged."""
    return [
        {
            "chosen for": one.pool,
            "method": short_title(one.arm),
            "learning rate": None if one.learning_rate is None else f"{one.learning_rate:g}",
            "training rows": f"{one.train_rows:,}" if one.train_rows else "all",
            "steps on labels": one.label_steps,
            "validation score": None if one.validation is None else round(one.validation, 4),
            "outcome": f"failed: {one.failed}" if one.failed else "chosen" if one.chosen else "",
        }
        for one in tried
    ]


def _unfinished(experiment: ExperimentDir, status: ExperimentStatus) -> None:
    key, progress = experiment.path.name, status.progress
    with st.container(border=True, key=f"experiment-{key}"):
        st.markdown(plain(_STATES[status.state] if status.error is None else f"Failed: {status.error}", longest=600))
        if progress is not None:
            done = min(1.0, status.finished / max(1, progress.planned))
            doing = f"{progress.doing} " if status.state == "running" else ""
            st.progress(done, plain(f"{doing}{status.finished} of {progress.planned} runs are done."))
        with st.container(horizontal=True):
            if status.live:
                st.button("Stop for now", key=f"{key}-stop", on_click=background.stop, args=(experiment,))
            else:
                st.button("Go on", key=f"{key}-go", on_click=background.go, args=(experiment, session.runs_root()))
            st.button("Cancel", key=f"{key}-cancel", on_click=background.cancel, args=(experiment, session.runs_root()))


def _folder() -> Path:
    return session.workspace() / "experiments"
