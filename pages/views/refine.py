"""Refinement: live loss and validation accuracy; the test score only when the run is over."""

import dataclasses
from typing import Any

import streamlit as st

from pages.ui import launch, session, show, watch
from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.figures import runs as figures
from xmodal_core.job import JobStatus
from xmodal_core.rundir import RunDir

METHODS = ("finetune", "orca_pare", "orca", "pare", "scratch")
BASELINES = {"finetune": "Fine-tuning, nothing before it", "scratch": "From scratch"}
PANELS = (
    figures.Panel("training loss, nats", {"loss": "loss"}),
    figures.Panel("validation accuracy", {"validation_accuracy": "validation accuracy"}, (0.0, 1.02)),
)
NAMES = {"loss": "loss", "validation_accuracy": "validation accuracy", "learning_rate": "learning rate"}


def draw(run: RunDir, records: list[dict[str, Any]], _: JobStatus) -> None:
    left, right = st.columns([2, 1])
    with left:
        if records:
            last, (_, accuracy) = records[-1], figures.column(records, "validation_accuracy")
            read = f"{accuracy[-1]:.3f}" if accuracy else "not read yet"
            show.figure(
                figures.curves(records, PANELS, last["total"], 400),
                "refine-curves",
                f"Loss {last['metrics']['loss']:.3f} at step {last['index']}; validation accuracy {read}.",
                figures.metrics_table(records, NAMES),
            )
        else:
            st.caption("No step of refinement has been taken yet.")
    with right:
        outcome(run)
        baselines(run)


def outcome(run: RunDir) -> None:
    result = run.result()
    if result is None:
        st.caption("The test rows are read once, when all steps are done; until then only validation rows are.")
        return
    test, validation = result["test"], result["validation"]
    with st.container(border=True):
        st.metric("Test accuracy", f"{test['accuracy']:.3f}")
        st.caption(
            plain(
                f"n = {test['n']} test rows, balanced {test['balanced_accuracy']:.3f}, one run, "
                f"seed {result['seed']}; {result['steps']} steps in {result['seconds']:.0f} s on "
                f"{result['device']}."
            )
        )
        if validation:
            st.caption(
                plain(
                    f"Validation accuracy {validation['accuracy']:.3f}, n = {validation['n']}. Last weights: "
                    "nothing was selected on either."
                )
            )


def baselines(run: RunDir) -> None:
    road = launch.plan(run)
    st.markdown("**Against what?**")
    st.caption(
        f"Same data, seed {road.seed}, and as many steps on the target's labels. They queue for the device by "
        "themselves."
    )
    for method, label in BASELINES.items():
        if method != road.method:
            st.button(f"Launch: {label}", key=f"refine-{method}", on_click=_launch, args=(run, method), width="stretch")
    for sentence in st.session_state.pop("refine-said", ()):
        st.caption(plain(sentence))
    session.go_to("compare", "Next: compare", primary=run.result() is not None)


def _launch(run: RunDir, method: str) -> None:
    from xmodal_core.methods import METHODS as KINDS

    try:
        road = launch.plan(run)
        known = {field.name for field in dataclasses.fields(KINDS[method])}
        settings = {name: value for name, value in road.settings.items() if name in known}
        steps = {f"{name}_steps": dict(road.stages).get(name, 0) for name in watch.STAGES}
        choice = launch.Choice(method, settings, launch.budget_of(KINDS[method], steps, equal=True), road.seed)
        started = launch.start(choice, until=None, like=road)
        st.session_state["refine-said"] = (f"Started {started.path.name}; see the Compare page.",)
    except XModalError as error:
        st.session_state["refine-said"] = (str(error),)


def new_run() -> None:
    choice = launch.choose(METHODS, "refine")
    if st.button("Start", type="primary", key="refine-start", help="Creates the run and trains it to its end"):
        try:
            started = launch.start(choice, until=None)
        except XModalError as error:
            show.error(error)
            return
        session.select(run=started.path.name)
        st.rerun()


st.title("Refine")
run = session.open_run()
if run is not None:
    watch.panel(run, "refine", draw)
else:
    session.need_target()
    if "run" in st.query_params:
        st.warning("The address names a run that is not in this workspace; start one here.")
    st.caption("No run is open. Fine-tune directly here, or go by way of the Align page.")
    new_run()
