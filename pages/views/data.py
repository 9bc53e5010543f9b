"""Bring data: choose an example or upload a file, look at it, and choose what to compare it with."""

from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import session, show
from pages.ui.safe import line, plain
from xmodal_core.data.dataset import SPLITS, LabelledDataset, Modality, Task
from xmodal_core.data.examples import EXAMPLES
from xmodal_core.data.readers import READERS, read
from xmodal_core.data.readers.table import column_names
from xmodal_core.data.reading import Reading
from xmodal_core.data.sources import SOURCES
from xmodal_core.data.store import save_dataset
from xmodal_core.errors import XModalError
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
from xmodal_core.model.bodies import BODIES

_GUESS = "guess"
_TASKS = {Task.CLASSIFICATION: "a class", Task.MULTILABEL: "labels", Task.REGRESSION: "numbers", Task.DENSE: "a field"}
_REFUSED, _TAKEN, _UPLOADS = "_refused", "_taken", "_uploads"  # session_state


def choose_target() -> None:
    """One list for examples and what was uploaded; the URL decides what it shows."""
    chosen = session.selection()
    uploads = st.session_state.setdefault(_UPLOADS, {})
    if chosen.target and chosen.target not in EXAMPLES:
        uploads.setdefault(chosen.target, session.target_name(chosen))
    titles = {name: f"{example.title} ({example.modality})" for name, example in EXAMPLES.items()}
    titles |= {name: f"Upload: {title}" for name, title in uploads.items()}
    st.session_state["target"] = chosen.target
    st.selectbox(
        "Data set",
        list(titles),
        key="target",
        format_func=lambda name: line(titles[name], 80),
        index=None,
        placeholder="Choose an example, or upload below",
        on_change=lambda: session.select(target=st.session_state["target"], source=None, body=None, run=None),
    )


def upload() -> None:
    """A file is read once per choice of modality, task and label column; a refused one leaves the selection alone."""
    file = st.file_uploader(
        "Or your own file: .npz (X, y), .csv, .tsv, or a .zip of images or sounds in class folders",
        type=[suffix.removeprefix(".") for suffix in READERS],
        key="upload",
    )
    if file is None:
        st.session_state.pop(_REFUSED, None)
        st.session_state.pop(_TAKEN, None)
        return
    left, middle, right = st.columns(3)
    modality = left.selectbox(
        "Read as",
        [_GUESS, *Modality],
        key=f"modality-{file.file_id}",
        help="What a sample is; it decides how the network reads it.",
    )
    task = middle.selectbox(
        "Predict",
        [_GUESS, *Task],
        key=f"task-{file.file_id}",
        format_func=lambda name: _TASKS.get(name, name),
        help="What is asked of a sample: one class, any of several labels, numbers, or a value in every cell.",
    )
    label = None
    if Path(file.name).suffix.lower() in (".csv", ".tsv"):
        columns = column_names(file.getvalue(), file.name)
        label = right.selectbox(
            "Label column",
            columns,
            index=None,
            placeholder=_GUESS,
            key=f"label-{file.file_id}",
            format_func=lambda name: line(name, 60),
        )
    take(file, None if modality == _GUESS else Modality(modality), label, None if task == _GUESS else Task(task))
    if _REFUSED in st.session_state:
        show.error(st.session_state[_REFUSED])


def take(file: Any, modality: Modality | None, label: str | None, task: Task | None) -> None:
    choice = (file.file_id, modality, label, task)
    if st.session_state.get(_TAKEN) == choice:
        return
    st.session_state[_TAKEN] = choice
    st.session_state.pop(_REFUSED, None)
    try:
        with st.spinner("Reading the file"):
            data = read(file.getvalue(), file.name, Reading(modality=modality, label=label, task=task))
            save_dataset(data, session.uploads_root())
    except XModalError as error:
        st.session_state[_REFUSED] = error
        return
    name = f"upload-{data.content_hash}"
    st.session_state[_UPLOADS][name] = data.name
    session.select(target=name, source=None, body=None, run=None)
    st.rerun()


def choose_network() -> None:
    """Which pretrained network, and the stand-in for what it was pretrained on."""
    chosen = session.selection()
    body, source = session.body_reference(chosen), session.source_reference(chosen)
    st.session_state["body"], st.session_state["source"] = body, source
    st.selectbox(
        "Pretrained network",
        list(dict.fromkeys([*BODIES, body])),
        key="body",
        accept_new_options=True,
        format_func=lambda name: line(BODIES[name].title if name in BODIES else name, 120),
        help="Or type a model id (owner/name) or a local folder: ViT, DeiT, Swin, BERT, RoBERTa; safetensors.",
        on_change=lambda: session.select(body=st.session_state["body"], source=None),
    )
    fitting = [s.name for s in SOURCES.values() if body not in BODIES or s.modality == BODIES[body].modality]
    st.selectbox(
        "Compared with (source)",
        list(dict.fromkeys([*fitting, source])),
        key="source",
        format_func=lambda name: line(SOURCES[name].title if name in SOURCES else name, 120),
        help="Labelled samples that stand for what the network was pretrained on.",
        on_change=lambda: session.select(source=st.session_state["source"]),
    )


def preview(data: LabelledDataset, licence: str) -> None:
    st.subheader(plain(data.name, 60))
    shape = " x ".join(map(str, data.inputs.shape[1:])) or "text"
    splits = " / ".join(f"{len(data.rows(split)):,}" for split in SPLITS)
    st.markdown(
        f"**{data.modality}** {shape} · **{len(data):,}** samples · {asked(data)} · train / val / test **{splits}**"
    )
    rows = sample_rows(data, 10)
    if data.modality is Modality.FIELD or (data.modality is Modality.IMAGE and data.task is Task.DENSE):
        what = "inputs above, targets below" if data.task is Task.DENSE else "inputs"
        show.figure(fields_figure(data, rows[:6]), "fields", f"{len(rows[:6])} fields of {data.name}: {what}")
        channels = [n for n in (data.inputs.shape[1], data.n_outputs if data.task is Task.DENSE else 1) if n > 1]
        if channels:
            st.caption(f"The first of {' and of '.join(map(str, channels))} channels.")
    elif data.modality is Modality.IMAGE:
        captions = [plain(target_text(data, row), 12) for row in rows]
        st.image(thumbnails(data, rows), caption=captions, width=60)
        if data.inputs.shape[1] not in (1, 3):
            st.caption(f"Channel 1 of {data.inputs.shape[1]}.")
    elif data.modality is Modality.SERIES:
        show.figure(series_figure(data, rows), "series", f"{len(rows)} series of {data.name}, first channel")
    else:
        st.dataframe(sample_table(data, rows), hide_index=True, height=220)
    show.figure(target_counts_figure(data), "classes", counts_in_words(data), target_counts(data))
    if not data.class_names:
        st.caption(plain(f"{counts_in_words(data).capitalize()}."))
    st.caption(f"Origin: {plain(data.origin)}. Licence: {plain(licence)}. Content {data.content_hash}.")


def asked(data: LabelledDataset) -> str:
    """What a sample is asked for, and how many answers there are."""
    n = f"**{data.n_outputs}**"
    several = "s" if data.n_outputs > 1 else ""
    return {
        Task.CLASSIFICATION: f"{n} classes",
        Task.MULTILABEL: f"{n} labels, any of them at once",
        Task.REGRESSION: f"{n} number{several} to predict",
        Task.DENSE: f"{n} field{several} to predict",
    }[data.task]


left, right = st.columns([2, 3], gap="large")
with left:
    choose_target()
    upload()
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
    session.go_to("gap", "Measure the gap", primary=True)
with right:
    preview(data, EXAMPLES[chosen.target].licence if chosen.target in EXAMPLES else "yours; not known here")
session.warm_up()
