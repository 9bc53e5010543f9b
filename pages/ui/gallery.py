"""Cards of the first page: finished runs that ship, data to begin with, and what a person has done."""

import contextlib
from datetime import datetime

import streamlit as st

from pages.ui import session, show
from pages.ui.safe import line, plain
from xmodal_core.data.examples import EXAMPLES, Example
from xmodal_core.data.store import cache_root
from xmodal_core.data.variants import split_reference
from xmodal_core.errors import XModalError
from xmodal_core.figures.glance import glance, glance_alt
from xmodal_core.gallery import parsing, shelf
from xmodal_core.gallery.card import Card, in_five_words
from xmodal_core.gallery.items import ITEMS, Item
from xmodal_core.panel.words import number
from xmodal_core.runs import job
from xmodal_core.runs.damage import damaged
from xmodal_core.runs.detached import start_detached
from xmodal_core.runs.rundir import RunDir

_SHORT = {"fractals": "Fractals", "scipy_docs": "Sentences"}


def item_card(item: Item, card: Card) -> None:
    """What an item is on, its gap, what came of it, and a button that opens it with nothing computed."""
    with st.container(
        border=True, height="stretch", vertical_alignment="distribute", gap="xsmall", key=f"item-{item.name}"
    ):
        st.markdown(f"**{plain(item.title)}**")
        mark = card.mark
        gap = (mark.value, mark.floor, mark.ceiling, mark.interval)
        source, target = _name(item.source), _name(item.target)
        st.image(
            glance(
                (source, shelf.samples(item.source)),
                (target, shelf.samples(split_reference(item.target)[0])),
                gap,
                st.context.theme.type or "light",
            ),
            width="stretch",
            alt=glance_alt(source, target, gap, mark.n),
        )
        st.markdown(f"**{plain(in_five_words(card))}**")
        st.caption(_outcome(card))
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(_made(card), help=f"`{card.command}`", width="content")
            if st.button(
                "Open", key=f"open-item-{item.name}", help=plain(f"{item.text} Opens at once; nothing is computed.")
            ):
                st.switch_page("pages/views/gap.py", query_params=session.gallery_address(item.name))


def _outcome(card: Card) -> str:
    before, after = card.aligned
    sign, name = (-1, card.score.removeprefix("minus ")) if card.score.startswith("minus ") else (1, card.score)
    beside = "" if card.chance is None else f", guessing {card.chance:.2f}"
    return plain(
        f"Aligned, held-out gap {number(before)} to {number(after)}. {name[:1].upper()}{name[1:]}: pretrained "
        f"{sign * card.pretrained:.2f}, from scratch {sign * card.scratch:.2f}, simple model {sign * card.simple:.2f}"
        f"{beside}."
    )


def _made(card: Card) -> str:
    made = datetime.fromisoformat(card.made)
    return plain(f"{made:%d %b %Y}, v{card.version}, {len(card.seeds)} seeds")


def _name(data: str) -> str:
    base, how = split_reference(data)
    return _SHORT.get(base, base.replace("_", " ").capitalize()) + (f", {how}" if how else "")


def items() -> None:
    """Every item that ships, and room for the person's own."""
    with st.grid(min_column_width=280, key="gallery"):
        for item in ITEMS.values():
            if (card := shelf.shown(item.name)) is not None:
                item_card(item, card)


def example_card(example: Example) -> None:
    """A data set to begin with."""
    with st.container(border=True, height="stretch", vertical_alignment="distribute", gap="xsmall"):
        if (picture := shelf.samples(example.name)) is not None:
            st.image(picture, width=150, alt=line(f"A few samples of {example.name}"))
        st.markdown(plain(example.title))
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            classes = f" · {example.n_classes} classes" if example.n_classes else ""
            st.caption(f"{example.n:,} samples{classes}", width="content")
            if st.button("Open", key=f"open-{example.name}", help=plain(f"Measure the gap of {example.name}")):
                session.go_home()
                session.select(target=example.name)
                st.switch_page("pages/views/gap.py", query_params=session.address())


def examples() -> None:
    """Data sets that come with the program."""
    with st.grid(min_column_width=220, key="examples"):
        for example in EXAMPLES.values():
            example_card(example)


def run_card(run: RunDir) -> None:
    """A run of this workspace: what it is on, how it stands, what came of it, and the way to it.

    Raises:
        RunError: it is damaged.
    """
    spec, status, where, result = run.spec_values(), job.status(run), session.run_address(run), run.result()
    target = where.get("target", "")
    with st.container(border=True, height="stretch", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            if (picture := shelf.samples(split_reference(target)[0])) is not None:
                st.image(picture, width=96, alt=line(f"A few samples of {target}"))
            method = spec.get("method") if result is None else result.title
            st.markdown(
                f"**{plain(method, 60)}** on {plain(session.title(str(spec.get('target'))), 60)}", width="stretch"
            )
        step = f", step {status.done} of {status.total}" if status.total and result is None else ""
        told = (
            f"{status.state}{step}"
            if result is None
            else f"{result.test.score_name} {result.test.score:.3f}, n = {result.test.n}"
        )
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(plain(f"{told} · seed {spec.get('seed', 0)}"), width="content")
            page = status.stage if status.stage in ("align", "curriculum") and result is None else "refine"
            st.page_link(f"pages/views/{page}.py", label="Open run", query_params=where)


def recent(n: int) -> None:
    """The last runs of the person's own workspace; nothing where there are none."""
    root = session.own_workspace() / "runs"
    runs = job.list_runs(root)[:n] if root.is_dir() else []
    if not runs:
        return
    st.subheader("Recent work of this workspace")
    with st.grid(min_column_width=280, key="recent"):
        for run in runs:
            try:
                run_card(run)
            except XModalError:  # said below
                continue
    show.damaged(damaged(runs))


def prepare() -> None:
    """Have the data of the items read in the background where some never were; once a server, and not in tests."""
    if st.runtime.exists():
        _preparing()


@st.cache_resource(show_spinner=False)
def _preparing() -> None:
    if parsing.is_parsed():
        return
    log = cache_root() / "gallery" / "parsing.log"
    with contextlib.suppress(OSError):  # then an item takes a little longer to open
        log.parent.mkdir(parents=True, exist_ok=True)
        start_detached("xmodal_core.gallery.parsing", [], log)
