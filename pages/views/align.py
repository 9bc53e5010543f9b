"""Alignment: the target's cloud moves onto the source's, and what that does to the held-out rows."""

import re
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.ui import glossary, launch, player, replay, session, trail, watch
from pages.ui.safe import line, plain
from xmodal_core.data.pseudo import describe_labels
from xmodal_core.errors import XModalError
from xmodal_core.figures import runs as figures
from xmodal_core.figures.alignment import in_plain_words
from xmodal_core.figures.samples import counts_in_words
from xmodal_core.runs.differing import configuration, differing
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.plan import Plan
from xmodal_core.runs.records import StepRecord
from xmodal_core.runs.rundir import RunDir

PANELS = (
    figures.Panel("training objective, not a distance", {"objective": "objective"}),
    figures.Panel("held-out OTDD", {"heldout_otdd": "OTDD"}),
    figures.Panel("held-out rows", {"heldout_knn_index": "kNN index", "heldout_knn_accuracy": "kNN accuracy"}),
)
META_PANEL = figures.Panel("meta-gradient over plain gradient", {"meta_ratio": "ratio"})
DISTORTION_PANEL = figures.Panel(
    "entropies of held-out answers, nats",
    {
        "heldout_distortion": "distortion",
        "heldout_distortion_chance": "distortion, labels permuted",
        "heldout_answer_entropy": "all answers",
    },
)
HEIGHT = 320  # pixels, so that figure, playback and training fit on a small laptop's screen
BESIDE = "beside"  # in the address: the run that stands beside the open one
WORDS = {"held-out OTDD": "otdd", "held-out accuracy": "target_knn"}
ONE_STEP = "One step is done; more will show whether the target's cloud moves."
MOST_TOLD = 2  # settings in the title of a run beside another
OF_SOME = (META_PANEL, DISTORTION_PANEL)  # drawn where a method reads them


def draw(run: RunDir, records: list[StepRecord], status: JobStatus) -> None:
    """Both clouds and their curves, which the browser plays; beside another run where one is chosen."""
    panels = panels_of(records)
    first = replay.scene(run, records, panels)
    if first is None:
        st.caption("The first step is on its way." if status.live else "No step has been taken yet.")
        return
    said, choice = st.columns([5, 2], vertical_alignment="center")
    with choice:
        other = ask_beside(run)
    steps = [] if other is None else of_stage(other)
    second = None if other is None else replay.scene(other, steps, panels_of(steps))
    with said:
        tell(records, steps)
    scenes = [first]
    if other is not None and second is not None:
        titles = told_apart(run, other)
        scenes = [replace(one, title=title) for one, title in zip((first, second), titles, strict=True)]
    names = {name: label for panel in panels for name, label in panel.lines.items()}
    drawn = figures.from_the_start(records)
    player.player(
        f"align-{run.path.name}",
        *scenes,
        alt=f"The clouds of source and target over the steps. {_in_words(drawn, names)}",
        table=figures.metrics_table(drawn, names),
        height=HEIGHT,
        live=status.live,
    )
    meta_gradient(records, records[-1])
    distortion(records, records[-1])
    go_on(records[-1], launch.plan(run), status)


def tell(records: list[StepRecord], beside: list[StepRecord]) -> None:
    """In plain words what happened, in one run or in two."""
    told = [linked(in_plain_words(steps) or ONE_STEP) for steps in (records, beside) if steps]
    st.markdown(
        "  \n".join(f"**{letter}** · {text}" for letter, text in zip("AB", told, strict=False)) if beside else told[0]
    )


def linked(sentence: str) -> str:
    """The sentence as Markdown, with words that open the glossary."""
    parts = re.split(f"({'|'.join(WORDS)})", sentence)
    return " ".join(glossary.term(WORDS[part], part) if part in WORDS else plain(part, longest=600) for part in parts)


def panels_of(records: list[StepRecord]) -> tuple[figures.Panel, ...]:
    read = {name for r in records for name in r["metrics"]}
    return (*PANELS, *(panel for panel in OF_SOME if read & panel.lines.keys()))


def of_stage(run: RunDir) -> list[StepRecord]:
    return trail.records(run, "align")


def ask_beside(run: RunDir) -> RunDir | None:
    """Another run on the same target that has aligned, or none."""
    mine, others = launch.plan(run), {}
    for other in session.runs():
        try:
            road = launch.plan(other)
        except XModalError:
            continue
        if other.path != run.path and road.target == mine.target and road.span("align") and other.frame_numbers():
            others[other.path.name] = (other, road)
    if not others:
        return None
    asked, options = st.query_params.get(BESIDE), ["", *others]
    key = f"align-beside-{run.path.name}"
    name = st.selectbox(
        "Beside it",
        options,
        index=options.index(asked) if asked in others else 0,
        key=key,
        on_change=keep_beside,
        args=(key,),
        format_func=lambda name: beside_label(*others[name]) if name else "No other run beside it",
        label_visibility="collapsed",
    )
    return others[name][0] if name in others else None


def beside_label(run: RunDir, road: Plan) -> str:
    return line(f"Beside {road.title}, seed {road.seed}, run {run.path.name}")


def keep_beside(key: str) -> None:
    """The second run is part of the address."""
    name = st.session_state[key]
    if name:
        st.query_params[BESIDE] = name
    else:
        st.query_params.pop(BESIDE, None)


def told_apart(*runs: RunDir) -> list[str]:
    """A title for each of two runs: its method, and the first settings in which they differ."""
    roads = [launch.plan(run) for run in runs]
    columns = differing(
        {str(i): configuration(run.spec_values(), road) for i, (run, road) in enumerate(zip(runs, roads, strict=True))}
    )
    titles = []
    for i, road in enumerate(roads):
        told = zip(columns["setting"], columns[str(i)], strict=True)
        parts = [
            f"{name.removeprefix('settings.').replace('_', ' ')} {value}" for name, value in told if name != "method"
        ]
        titles.append(line(", ".join([road.title, *parts[:MOST_TOLD]]), 90))
    return titles


def notes(run: RunDir, records: list[StepRecord], status: JobStatus) -> None:  # noqa: ARG001 - as the panel calls it
    """What the curves were read on, and what the plane is."""
    if not records:
        return
    road = launch.plan(run)
    data = launch.classified(road.target)
    n = int(records[-1]["metrics"]["heldout_n"])
    objective = road.settings.get("objective", f"of {road.title.split(':')[0]}")
    labels = describe_labels(session.dataset(road.target), data.targets)
    st.caption(
        plain(
            "One linear projection, fitted before the first step: places and axes mean the same at every step, but "
            f"distances in the plane are not the metric. Held-out readings on n = {n} rows a side; seed {road.seed}; "
            f"objective {objective}, computed on batches." + (f" Classes are {labels}." if labels else ""),
            longest=600,
        )
    )


def go_on(record: StepRecord, road: Plan, status: JobStatus) -> None:
    """The page's next step, once all of alignment is done."""
    if record["index"] != record["total"]:
        return
    if status.state != "failed" and road.span("curriculum"):
        session.go_to("curriculum", "Next: the curriculum", primary=True)
    else:
        session.go_to("refine", "Next: refine", primary=True)


def meta_gradient(records: list[StepRecord], record: StepRecord) -> None:
    """Say when looking ahead did nothing: the run is then another method under a name of its own."""
    _, ratios = figures.column(records, "meta_ratio")
    if not ratios or record["index"] != record["total"]:
        return
    from xmodal_core.methods.stages.meta import EQUALS_PRETRAINING, equals_pretraining

    if equals_pretraining(ratios):
        st.warning(plain(EQUALS_PRETRAINING))


def distortion(records: list[StepRecord], record: StepRecord) -> None:
    """Say what became of feature-label distortion up to the shown step; a fall that is a collapse is no progress."""
    steps = [r["metrics"] for r in records if r["index"] <= record["index"]]
    if "head_accuracy" not in steps[0]:
        return
    from xmodal_core.methods.stages.progress import said

    sentence, is_fine = said(steps)
    if sentence:
        (st.caption if is_fine else st.warning)(plain(sentence))
    _, n = figures.column(records, "distortion_n")
    asked = f" and answers n = {n[0]:.0f} held-out target rows" if n else ""
    accuracy = steps[0]["head_accuracy"]
    st.caption(plain(f"The source head names the class of {accuracy:.0%} of held-out source rows{asked}."))


def _in_words(records: Sequence[figures.Record], names: dict[str, str]) -> str:
    moves = []
    for name, label in names.items():
        _, values = figures.column(records, name)
        if values:
            moves.append(f"{label} {values[0]:.3g} to {values[-1]:.3g}")
    return f"From step {records[0]['index']} to {records[-1]['index']}: {', '.join(moves)}."


st.title("Align")
run = session.open_run()
if run is None:
    data = session.need_target()
    if "run" in st.query_params:
        st.warning("The address names a run that is not in this workspace; start one here.")
    st.caption(
        plain(
            f"{data.name}: {len(data.rows('train'))} training rows, {counts_in_words(data)}. The embedder trains in "
            "this stage; the pretrained body stays as it is."
        )
    )
    launch.new_run("align", first="orca_pare")
else:
    watch.panel(run, "align", draw, below=notes)
    with st.expander("Start another run", key="align-new", on_change="rerun") as another:
        if another.open:
            launch.new_run("align", first="orca_pare")
