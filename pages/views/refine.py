"""Refinement: a plan of methods, seeds and rates; of one run loss and validation score, the test result sealed."""

import contextlib
from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui import launch, model, plan_card, plan_form, predictions, session, show, trail, watch
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset, Task
from xmodal_core.errors import XModalError
from xmodal_core.figures import runs as figures
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.plan import (
    Choice,
    Plan,
    baselines,
    budget_of,
    equal_settings,
    methods_with,
    shared_settings,
    short_title,
    usual,
)
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.result import RunResult
from xmodal_core.runs.rundir import RunDir
from xmodal_core.scores import SCORES

OFFERED = ("A", "C", "D")  # roles whose usual method is offered first
OTHERS = {
    "balanced_accuracy": "balanced",
    "macro_f1": "macro F1",
    "majority_accuracy": "majority class alone",
    "rmse": "RMSE",
}
CONTROLS = {"shuffled": "names shuffled over the classes", "random": "random vectors for names"}
UNITS = {
    Task.CLASSIFICATION: "nats",
    Task.MULTILABEL: "nats a label",
    Task.REGRESSION: "squared error in standard units",
    Task.DENSE: "squared error in standard units",
    Task.SEGMENTATION: "nats a cell",
}


def draw(run: RunDir, records: list[StepRecord], _: JobStatus) -> None:
    left, right = st.columns([2, 1])
    with left:
        if records:
            curves(run, records, session.dataset(launch.plan(run).target).task)
        else:
            st.caption("No step of refinement has been taken yet.")
    with right:
        outcome(run)
        against(run)


def curves(run: RunDir, records: list[StepRecord], task: Task) -> None:
    last, score = records[-1], figures.score_panel(SCORES[task])
    panels = (figures.Panel(f"training loss, {UNITS[task]}", {"loss": "loss"}), score)
    (metric,) = score.lines
    _, values = figures.column(records, metric)
    read = f"{values[-1]:.3f}" if values else "not read yet"
    show.figure(
        show.drawn(
            ("refine-curves", str(run.path), task, trail.stamp(records)),
            lambda: figures.curves(records, panels, last["total"], 400),
        ),
        "refine-curves",
        f"Loss {last['metrics']['loss']:.3f} at step {last['index']}; {score.title} {read}.",
        figures.metrics_table(records, {"loss": "loss", **score.lines, "learning_rate": "learning rate"}),
    )
    guide(records)


def guide(records: list[StepRecord]) -> None:
    """How well the class names fit the data, where names guide the run."""
    first = records[0]["metrics"]
    if "guide_classes" not in first:
        return
    text = f"Guided by the names of {first['guide_classes']:.0f} classes."
    if "guide_rho" in first:
        text += (
            f" Names against data before training: Spearman {first['guide_rho']:+.2f}, permutation "
            f"p = {first['guide_p']:.3g}, on validation rows."
        )
    st.caption(plain(text))


def outcome(run: RunDir) -> None:
    result = run.result()
    if result is None:
        st.caption("The test rows are read once, when all steps are done; until then only validation rows are.")
        return
    validation = result.validation
    with st.container(border=True):
        if validation:
            st.metric(plain(f"Validation {validation.score_name}"), f"{validation.score:.3f}")
            st.caption(plain(f"n = {validation.n} rows that the run does not train on, and that may be looked at."))
        if _opened(run):
            opened(run, result)
        else:
            sealed(run)
    if _opened(run):
        predictions.downloads(run, "refine-predictions")


def _opened(run: RunDir) -> bool:
    return bool(st.session_state.get(f"refine-opened-{run.path.name}"))


def sealed(run: RunDir) -> None:
    """The test result stays hidden until it is asked for: who looks often, and chooses by it, fools himself."""
    n = len(run.looks())
    looked = "Nobody has looked at it" if not n else f"It was looked at {'once' if n == 1 else f'{n} times'}"
    st.markdown("**The test result is sealed.**")
    st.caption(f"Open it when all choices are made; each look is counted. {looked} so far.")

    def open_it() -> None:
        with contextlib.suppress(OSError):  # a workspace that may only be read
            run.look()
        st.session_state[f"refine-opened-{run.path.name}"] = True

    st.button("Open the test result", key="refine-open-test", icon=":material/lock_open:", on_click=open_it)


def opened(run: RunDir, result: RunResult) -> None:
    test = result.test
    name, values = test.score_name, test.to_json()
    st.metric(plain(f"Test {name}"), f"{test.score:.3f}")
    others = [f"{OTHERS[key]} {values[key]:.4g}" for key in OTHERS if key in values]
    n = len(run.looks())
    st.caption(
        plain(
            f"n = {test.n} test rows, {', '.join([*others, 'one run'])}, "
            f"seed {result.seed}; {result.steps} steps in {result.seconds:.0f} s on "
            f"{result.device}. Looked at {n} time{'s' * (n != 1)}."
        )
    )
    if how := model.used(result, launch.plan(run).target):
        st.caption(plain(f"{model.TITLE}: {how}."))
    st.caption("Last weights; the test rows chose nothing.")


def against(run: RunDir) -> None:
    road = launch.plan(run)
    st.markdown("**Against what?**")
    st.caption(
        f"Same data, seed {road.seed}, and as many steps on the target's labels. They queue for the device by "
        "themselves."
    )
    first = usual(OFFERED)
    for method in first:
        offer(run, road, method)
    with st.popover("More baselines", width="stretch"):
        for method in baselines():
            if method not in first:
                offer(run, road, method)
    if road.settings.get("control") == "names":
        for control, label in CONTROLS.items():
            changes = {**road.settings, "control": control}
            st.button(
                f"Control: {label}",
                key=f"refine-{control}",
                on_click=_launch,
                args=(run, road.method, changes),
                width="stretch",
            )
    for sentence in st.session_state.pop("refine-said", ()):
        st.caption(plain(sentence))
    session.go_to("compare", "Next: compare", primary=run.result() is not None)


def offer(run: RunDir, road: Plan, method: str) -> None:
    if method != road.method:
        label = f"Launch: {short_title(method)}"
        st.button(label, key=f"refine-{method}", on_click=_launch, args=(run, method), width="stretch")


def _launch(run: RunDir, method: str, settings: Mapping[str, Any] | None = None) -> None:
    try:
        road = launch.plan(run)
        settings = {**shared_settings(method, road), **equal_settings(method)} if settings is None else settings
        steps = {f"{name}_steps": dict(road.stages).get(name, 0) for name in watch.STAGES}
        budget = budget_of(method, steps, equal=True)
        choice = Choice(method, settings, budget, road.seed, tokens=road.tokens, model=road.model)
        started = launch.start(choice, until=None, like=road)
        st.session_state["refine-said"] = (f"Started {started.path.name}; see the Compare page.",)
    except XModalError as error:
        st.session_state["refine-said"] = (str(error),)


def one_run(data: LabelledDataset) -> None:
    choice = launch.choose(methods_with(), "refine", data, first="finetune")
    if launch.start_button(choice, data, "refine", "Creates the run and trains it to its end", primary=False):
        try:
            started = launch.start(choice, until=None)
        except XModalError as error:
            show.error(error)
            return
        session.select(run=started.path.name)
        st.rerun()


def whole_plan() -> None:
    """The plan that was launched last, or a new one; and a single run for who wants just one."""
    data = session.need_target()
    chosen = session.selection()
    entry = plan_card.newest(session.target_reference(chosen), session.body_reference(chosen))
    if entry is not None:
        plan_card.draw(entry)
    under_way = entry is not None and entry[1].state in ("queued", "running", "stopped")
    st.markdown(
        "**Which way of training is worth it on your data?** Each is trained several times on the same rows, and rows "
        "that none has seen tell which is better."
        if entry is None
        else ""
    )
    if under_way:
        with st.expander("Another plan"):
            plan_form.draw(data)
    elif entry is not None:
        with st.expander("A new plan", expanded=False):
            plan_form.draw(data)
    else:
        plan_form.draw(data)
    with st.expander("One run alone, step by step", key="refine-one"):
        one_run(data)


st.title("Refine")
run = session.open_run()
if run is not None:
    st.button(
        "All runs of the plan",
        icon=":material/arrow_back:",
        type="tertiary",
        key="refine-plan",
        on_click=session.select,
        kwargs={"run": None},
    )
    watch.panel(run, "refine", draw)
else:
    if "run" in st.query_params:
        st.warning("The address names a run that is not in this workspace; start one here.")
    whole_plan()
