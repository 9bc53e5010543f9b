"""How far the target is from the source, by several measures, each with its floor, ceiling and interval."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import bodies, break_it, forms, gap_clouds, gap_data, model, panel, session, show, warming
from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.named import load_named
from xmodal_core.embedding import Space
from xmodal_core.errors import XModalError
from xmodal_core.gap import METRICS
from xmodal_core.gap.interval import CLASS_SHARES
from xmodal_core.panel import kept
from xmodal_core.panel.request import MAX_PERMUTATIONS, MAX_ROWS, GapRequest
from xmodal_core.panel.words import title

_SPACES = {
    Space.EMBEDDER: "Entering the network",
    Space.BODY: "Leaving the network",
    Space.RAW: "Raw inputs",
}
_NETWORK = (Space.EMBEDDER, Space.BODY)
_ROWS_TO_SEE_WIDTH = 60


@st.cache_data(max_entries=32, show_spinner=False)
def same_width(source: str, content_hash: str, _target: LabelledDataset) -> bool:  # noqa: ARG001 - the hash is the key
    """Whether raw inputs of both sides can be compared at all."""
    sample = load_named(source, n=_ROWS_TO_SEE_WIDTH)
    if Modality.TEXT in (sample.modality, _target.modality):
        return False
    return sample.inputs[0].size == _target.inputs[0].size


def ask_space(spaces: Sequence[str], first: str) -> str:
    """Where the features are read."""
    return st.selectbox(
        "Measured on",
        spaces,
        index=spaces.index(first) if first in spaces else 0,
        format_func=lambda name: _SPACES[Space(name)],
        key="space",
        help="Mean of the tokens that the embedder gives, or of those that the body returns (of a causal body the "
        "last), whatever a predictor reads. Raw inputs are offered where both sides have as many values per sample.",
    )


def ask(target: LabelledDataset, before: GapRequest | None) -> GapRequest:
    """The controls, as a request; they begin with what was asked for before."""
    chosen = session.selection()
    source, body = session.source_reference(chosen), session.body_reference(chosen)
    first = before or GapRequest(source, target.name)
    space = ask_space(list(_SPACES) if same_width(source, target.content_hash, target) else _NETWORK, first.space)
    left, right = st.columns(2)
    n = left.number_input(
        "Rows a side",
        2,
        MAX_ROWS,
        first.n or MAX_ROWS,
        step=100,
        key="n",
        persist_state="session",
        help="Drawn by class; lowered to the smaller side.",
    )
    seed = right.number_input("Seed", 0, 2**31 - 1, first.seed, key="seed", persist_state="session")
    with st.popover("Measures", width="stretch"):
        metrics = st.multiselect(
            "Measures",
            list(METRICS),
            default=list(first.metrics or METRICS),
            format_func=title,
            key="metrics",
            wrap=True,
        )
    with st.popover("Settings", icon=":material/tune:", width="stretch"):
        permutations, class_shares = _ask_sureness(first)
        settings = {}
        for name in metrics or METRICS:
            with st.expander(title(name)):
                settings[name] = forms.edit(METRICS[name].settings_type, f"set-{name}")
    asked = model.Asked()
    if space != Space.RAW:
        asked = model.ask(target, body, columns=1, gap=True, first=model.Asked(first.tokens, first.model))
    return GapRequest(
        source,
        session.target_reference(chosen),
        body,
        space,
        tuple(metrics),
        settings,
        n,
        seed,
        permutations=permutations,
        class_shares=class_shares,
        tokens=asked.tokens,
        model=asked.model,
    )


def _ask_sureness(first: GapRequest) -> tuple[int, str]:
    """Permutations behind a p-value, and which other rows an interval is about."""
    permutations = st.number_input(
        "Permutations",
        0,
        MAX_PERMUTATIONS,
        first.permutations,
        step=99,
        key="permutations",
        help="Of which row belongs to which side, behind a p-value where a measure offers one; 999 is usual.",
    )
    class_shares = st.selectbox(
        "Class shares of other rows",
        CLASS_SHARES,
        index=CLASS_SHARES.index(first.class_shares),
        format_func=str.capitalize,
        key="class-shares",
        help="Intervals are about other rows of the same origin: sampled, their class shares vary as rows do; "
        "fixed, they stay as they are here, as where so many of each class were collected.",
    )
    return permutations, class_shares


target = session.need_target()
measurement = panel.current()
live = measurement is not None and measurement.state == "running"
report = measurement.report if measurement is not None and live else session.gap_report()
results, controls = st.columns([20, 5], gap="medium")  # on a phone the figure comes before its controls
with controls:
    try:
        request = ask(target, gap_data.request())
    except XModalError as error:
        show.error(error)
        st.stop()
    wanted = st.button("Measure", type="primary", key="measure", width="stretch", disabled=live)
    break_it.offer(target)
    session.go_to("data", "Change data or network")
    session.go_to("align", "Next: align")
with results:
    if wanted:
        panel.begin(request)
    if measurement is not None and live:
        panel.follow(measurement)
    elif (measurement is not None and measurement.state != "done") or (report is not None and not report.complete):
        panel.unfinished(report, measurement)
    elif report is None and "gap" in st.query_params:
        st.warning("The result that the address names is not in this workspace; measure again.")
    elif report is None:
        st.info("Nothing is measured yet. Measure shows both clouds, and each distance beside what chance gives.")
    if report is not None and live:
        gap_clouds.clouds(report, None)  # while it measures, the cores are taken
    elif report is not None:
        panel.hero(report)
        picture, values = st.columns([11, 9], gap="medium")
        with picture:
            gap_clouds.clouds(report, gap_data.request())
        with values:
            panel.rows(report)
    elif live:
        st.skeleton(420)
if report is not None and not live:  # while it measures, every reading would draw all of this again
    panel.behind(report)
    before, place = gap_data.request(), session.gap_address()
    if before is not None and place is not None and before.space != Space.RAW:
        compared = bool(kept.read_bodies(place))
        other = st.expander("Compare with other bodies", expanded=compared, key="gap-others", on_change="rerun")
        if other.open:
            with other:
                bodies.compare(before, place)
if not session.is_read_only():  # where nothing will be measured
    warming.warm_up()
