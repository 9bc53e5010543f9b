"""Bring data: choose an example or upload a file, look at it, and choose what to compare it with."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from pages.ui import break_it, brought, card, session, show
from pages.ui.safe import line, plain
from xmodal_core.data.dataset import SPLITS, LabelledDataset, Modality, Task
from xmodal_core.data.examples import EXAMPLES
from xmodal_core.data.sources import SOURCES
from xmodal_core.data.store import export_dataset
from xmodal_core.data.variants import split_reference
from xmodal_core.errors import XModalError
from xmodal_core.figures.cells import lanes_figure
from xmodal_core.figures.samples import (
    counts_in_words,
    fields_figure,
    sample_rows,
    sample_table,
    series_figure,
    target_counts,
    target_counts_figure,
    target_text,
    thumbnails,
)
from xmodal_core.model.bodies import BODIES, DEFAULT_SOURCE
from xmodal_core.model.facts import body_facts
from xmodal_core.model.families import TITLES


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


def choose_network() -> None:
    """Which pretrained network, and the stand-in for what it was pretrained on."""
    chosen = session.selection()
    body, source = session.body_reference(chosen), chosen.source or session.source_reference(chosen)
    st.session_state["body"], st.session_state["source"] = body, source
    st.selectbox(
        "Pretrained network",
        list(dict.fromkeys([*BODIES, body])),
        key="body",
        accept_new_options=True,
        format_func=lambda name: line(BODIES[name].title if name in BODIES else name, 120),
        help=f"Or type a model id (owner/name) or a local folder: {TITLES}; safetensors. CLIP and SigLIP have two "
        "towers: the one of images, or with #text behind the name the one of texts.",
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


def preview(data: LabelledDataset, licence: str) -> None:
    st.subheader(plain(data.name, 60))
    shape = " x ".join(map(str, data.inputs.shape[1:])) or "text"
    splits = " / ".join(f"{len(data.rows(split)):,}" for split in SPLITS)
    st.markdown(
        f"**{data.modality}** {shape} · **{len(data):,}** samples · {asked(data)} · train / val / test **{splits}**"
    )
    rows = sample_rows(data, 10)
    if data.task is Task.SEGMENTATION and len(data.cells) == 1:
        show.figure(lanes_figure(data, rows), "lanes", f"{len(rows)} samples of {data.name}, a colour for each class")
    elif data.modality is Modality.FIELD or (data.modality is Modality.IMAGE and data.cells):
        what = "inputs above, targets below" if data.cells else "inputs"
        show.figure(fields_figure(data, rows[:6]), "fields", f"{len(rows[:6])} fields of {data.name}: {what}")
        channels = [n for n in (data.inputs.shape[1], data.n_outputs if data.task is Task.DENSE else 1) if n > 1]
        if channels:
            st.caption(f"The first of {' and of '.join(map(str, channels))} channels.")
    elif data.modality is Modality.IMAGE:
        captions = [plain(target_text(data, row), 12) for row in rows]
        alt = [f"A sample of {line(data.name, 60)}: {target_text(data, row)}" for row in rows]
        st.image(thumbnails(data, rows), caption=captions, width=60, alt=alt)
        if data.inputs.shape[1] not in (1, 3):
            st.caption(f"Channel 1 of {data.inputs.shape[1]}.")
    elif data.modality is Modality.SERIES:
        show.figure(series_figure(data, rows), "series", f"{len(rows)} series of {data.name}, first channel")
    else:
        st.dataframe(sample_table(data, rows), hide_index=True, height=220)
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


left, right = st.columns([2, 3], gap="large")
with left:
    choose_target()
    brought.bring("target", "Or your own file", use_target)
chosen = session.selection()
if chosen.target is None:
    with right:
        if "target" in st.query_params:
            st.warning("The address names a data set that is not in this workspace; choose one here.")
        else:
            st.info("Choose an example or upload a file; its preview appears here. Nothing leaves this machine.")
    session.warm_up()
    st.stop()
try:
    data = session.dataset(session.target_reference(chosen))
except XModalError as error:
    show.error(error)
    st.stop()
with left:
    choose_network()
    break_it.offer(data)
    session.go_to("gap", "Measure the gap", primary=True)
with right:
    if data.understanding is not None and chosen.target in brought.uploads():
        brought.reread(chosen.target, data.understanding, "target", use_target)
        with st.expander("What was understood", icon=":material/fact_check:", expanded=True):
            card.facts_card(data.understanding)
    base, _ = split_reference(chosen.target)
    preview(data, EXAMPLES[base].licence if base in EXAMPLES else "yours; not known here")
session.warm_up()
