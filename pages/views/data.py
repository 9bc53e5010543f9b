"""Bring data: choose an example or upload a file, look at it, and choose what to compare it with."""

import os
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from pages.ui import break_it, brought, card, session, show, wall, warming
from pages.ui.safe import line, plain
from xmodal_core.data.dataset import SPLITS, LabelledDataset, Modality, Task
from xmodal_core.data.examples import EXAMPLES
from xmodal_core.data.sources import SOURCES
from xmodal_core.data.store import export_dataset
from xmodal_core.data.variants import split_reference
from xmodal_core.errors import XModalError
from xmodal_core.figures import columns
from xmodal_core.figures.base import SOURCE, TARGET
from xmodal_core.figures.samples import counts_in_words, target_counts, target_counts_figure
from xmodal_core.figures.wall import SPECTROGRAMS, WAVES
from xmodal_core.model.allowed import named_by_the_operator
from xmodal_core.model.bodies import BODIES, DEFAULT_SOURCE
from xmodal_core.model.facts import body_facts
from xmodal_core.model.families import TITLES
from xmodal_core.sharing import is_shared

LOOKS = (WAVES, SPECTROGRAMS)
SENTENCE = (
    "The network learned from samples like those at :blue[●]; the question is whether that helps with yours, at "
    ":orange[◆]."
)


def choose_target() -> None:
    """One list for examples and what was uploaded; the URL decides what it shows."""
    chosen = session.selection()
    uploads = brought.uploads()
    titles = {name: f"{example.title} ({example.modality})" for name, example in EXAMPLES.items()}
    titles |= {name: f"Upload: {title}" for name, title in uploads.items()}
    st.session_state["target"] = split_reference(chosen.target or "")[0] or None
    st.selectbox(
        "Data set",
        list(titles),
        key="target",
        format_func=lambda name: line(titles[name], 80),
        index=None,
        placeholder="Choose an example, or upload below",
        on_change=lambda: session.select(target=st.session_state["target"], source=None, body=None, run=None),
    )


def use_target(name: str) -> None:
    session.select(target=name, source=None, body=None, run=None)


def use_source(name: str) -> None:
    session.select(source=name)


_TYPED = (
    f"Or type a model id (owner/name) or a local folder: {TITLES}; safetensors. CLIP and SigLIP have two towers: the "
    "one of images, or with #text behind the name the one of texts."
)


def choose_network() -> None:
    """Which pretrained network, and the stand-in for what it was pretrained on."""
    chosen = session.selection()
    body, source = session.body_reference(chosen), chosen.source or session.source_reference(chosen)
    st.session_state["body"], st.session_state["source"] = body, source
    closed = is_shared(os.environ)
    offered = named_by_the_operator()
    st.selectbox(
        "Pretrained network",
        list(dict.fromkeys([*BODIES, *offered, body])),
        key="body",
        accept_new_options=not closed,
        format_func=lambda name: line(BODIES[name].title if name in BODIES else name, 120),
        help="Those that this server offers." if closed else _TYPED,
        on_change=lambda: session.select(body=st.session_state["body"], source=None),
    )
    fitting = [s.name for s in SOURCES.values() if body not in BODIES or s.modality == BODIES[body].modality]
    own = {name: title for name, title in brought.uploads().items() if name != chosen.target}
    titles = {name: SOURCES[name].title for name in fitting} | {n: f"Upload: {t}" for n, t in own.items()}
    titles.setdefault(source, session.title(session.source_reference(chosen)))
    st.selectbox(
        "Compared with (source)",
        list(titles),
        key="source",
        format_func=lambda name: line(titles[name], 120),
        help="Labelled samples that stand for what the network was pretrained on.",
        on_change=lambda: session.select(source=st.session_state["source"]),
    )
    facts = body_facts(body)
    if facts is not None and facts.modality not in DEFAULT_SOURCE:
        st.caption(
            f"The network was pretrained on {facts.modality} data, sound waves, for which no labelled source ships: "
            "what it is compared with does not stand for them. Bring labelled sounds of your own below."
        )
    with st.expander("Your own source, or your own embeddings"):
        brought.bring("source", "Labelled samples of what the network was pretrained on", use_source)
        st.caption(
            "Vectors from any network can be compared without one here: bring those of both sides as tables or arrays "
            "of the same width, and measure on raw inputs."
        )
        path = session.source_reference(chosen)
        if chosen.source in own and (found := session.dataset(path).understanding) is not None:
            brought.reread(chosen.source, found, "source", use_source)


def told(data: LabelledDataset) -> None:
    """What it is and what is asked of it, in plain words first."""
    st.subheader(plain(data.name, 60))
    st.markdown(SENTENCE)
    shape = " x ".join(map(str, data.inputs.shape[1:])) or "text"
    splits = " / ".join(f"{len(data.rows(split)):,}" for split in SPLITS)
    st.markdown(
        f"**{data.modality}** {shape} · **{len(data):,}** samples · {asked(data)} · train / val / test **{splits}**"
    )


def both_sides(data: LabelledDataset, source_reference: str) -> None:
    """Samples of the source beside those of the target, whatever they are."""
    try:
        source = session.dataset(source_reference)
    except XModalError as error:
        show.error(error)
        source = None
    look: str = WAVES
    if Modality.SERIES in (data.modality, source.modality if source is not None else None):
        look = st.segmented_control("Series as", LOOKS, default=WAVES, key="look", required=True)
    for place, side, one in zip(st.columns(2, gap="medium"), (SOURCE, TARGET), (source, data), strict=True):
        with place, st.container(key=f"samples-{side.name}"):
            if one is None:
                continue
            colour = "blue" if side is SOURCE else "orange"
            st.markdown(f":{colour}[{side.glyph}] **{side.name.capitalize()}: {plain(one.name, 60)}**")
            wall.wall(f"wall-{side.name}", one, side, look)
            if one.modality is Modality.IMAGE and one.inputs.shape[1] not in (1, 3):
                st.caption(f"Channel 1 of {one.inputs.shape[1]}.")


def details(data: LabelledDataset, licence: str) -> None:
    """How many there are of each, the columns of a table, where it comes from, and a file to take away."""
    if data.modality is Modality.TABULAR:
        column_histograms(data)
    st.markdown("**How many of each**")
    show.figure(target_counts_figure(data), "classes", counts_in_words(data), target_counts(data))
    if not data.class_names or data.cells:
        words = counts_in_words(data)
        st.caption(plain(f"{words[:1].upper()}{words[1:]}.", 400))
    st.download_button(
        "Export as read",
        partial(exported, data),
        f"{line(data.name, 60)}.npz",
        "application/octet-stream",
        key="export",
        icon=":material/download:",
        on_click="ignore",
        help="Samples, targets, splits and names as arrays of NumPy.",
    )
    st.caption(f"Origin: {plain(data.origin)}. Licence: {plain(licence)}. Content {data.content_hash}.")


def column_histograms(data: LabelledDataset) -> None:
    """Every column's values, sixteen columns at once; missing ones are a grey bar."""
    every = columns.columns(data)
    blocks = [every[i : i + columns.AT_ONCE] for i in range(0, len(every), columns.AT_ONCE)]
    st.markdown("**What each column holds**")
    chosen = 0
    if len(blocks) > 1:
        names = [f"{1 + i * columns.AT_ONCE} to {i * columns.AT_ONCE + len(b)}" for i, b in enumerate(blocks)]
        chosen = st.selectbox(
            "Columns", range(len(blocks)), format_func=lambda i: f"Columns {names[i]} of {len(every)}"
        )
    shown = blocks[chosen]
    alt = columns.in_words(shown, len(data))
    show.figure(columns.columns_figure(shown, len(data)), "columns", alt, columns.table(shown))


def exported(data: LabelledDataset) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        export_dataset(data, path)
        return path.read_bytes()


def asked(data: LabelledDataset) -> str:
    """What a sample is asked for, and how many answers there are."""
    n = f"**{data.n_outputs}**"
    several = "s" if data.n_outputs > 1 else ""
    return {
        Task.CLASSIFICATION: f"{n} classes",
        Task.MULTILABEL: f"{n} labels, any of them at once",
        Task.REGRESSION: f"{n} number{several} to predict",
        Task.DENSE: f"{n} field{several} to predict",
        Task.SEGMENTATION: f"{n} classes, one in every cell",
    }[data.task]


figure, controls = st.columns([7, 3], gap="large")  # on a narrow screen what is seen comes before what is chosen
if session.selection().target is None:
    figure, controls = controls, figure
with controls:
    choose_target()
    brought.bring("target", "Or your own file", use_target)
chosen = session.selection()
if chosen.target is None:
    with figure:
        if "target" in st.query_params:
            st.warning("The address names a data set that is not in this workspace; choose one here.")
        else:
            st.info("Choose an example or upload a file; its pictures appear here. Nothing leaves this machine.")
    warming.warm_up()
    st.stop()
try:
    data = session.dataset(session.target_reference(chosen))
except XModalError as error:
    show.error(error)
    st.stop()
with controls:
    choose_network()
    break_it.offer(data)
    session.go_to("gap", "Measure the gap", primary=True)
with figure:
    told(data)
    found = data.understanding if chosen.target in brought.uploads() else None
    doubtful = found is not None and bool(found.warnings)
    if chosen.target is not None and found is not None and doubtful:
        brought.reread(chosen.target, found, "target", use_target)
    both_sides(data, session.source_reference(chosen))
    if chosen.target is not None and found is not None:
        if not doubtful:
            brought.reread(chosen.target, found, "target", use_target)
        with st.expander("What was understood", icon=":material/fact_check:", expanded=True):
            card.facts_card(found)
    base, _ = split_reference(chosen.target)
    details(data, EXAMPLES[base].licence if base in EXAMPLES else "yours; not known here")
warming.warm_up()
