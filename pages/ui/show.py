"""What pages show in the same way everywhere: figures with an alternative to looking, and errors."""

import json
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui.safe import plain
from xmodal_core.errors import XModalError
from xmodal_core.values import JsonValue

_DAMAGED_SHOWN = 20

_both_formats = st.components.v2.component(
    "xmodal_both_formats", js=(Path(__file__).parent / "both_formats.js").read_text(encoding="utf-8")
)


def offer_both_formats() -> None:
    """Every figure of the tab can be saved as PNG and as SVG, in the browser; `app.py` calls this once a run."""
    _both_formats(key="both-formats", height=1)


def figure(fig: Any, key: str, alt: str, table: Any = None, on_select: Callable[[], None] | None = None) -> None:
    """Draw a plotly figure.

    Args:
        fig: the plotly figure.
        key: stable widget key.
        alt: what the figure says, in words and numbers.
        table: data frame or dict of columns offered under "View as table"; none when None.
        on_select: called when a mark is clicked, which then is in `st.session_state[key]`.
    """
    chosen: Any = {} if on_select is None else {"on_select": on_select, "selection_mode": "points"}
    config = {"displaylogo": False, "toImageButtonOptions": {"format": "png", "filename": key, "scale": 2}}
    st.plotly_chart(fig, width="stretch", config=config, key=key, alt=alt, **chosen)
    if table is not None:
        with st.popover("View as table", type="tertiary", key=f"{key}-table"):
            st.dataframe(table, hide_index=True)


@st.cache_resource(max_entries=200, show_spinner=False)
def drawn(kept_by: tuple[Hashable, ...], _draw: Callable[[], Any]) -> Any:  # noqa: ARG001 - what the cache looks at
    """A figure, drawn once for all who look at it; nobody may change it.

    Args:
        kept_by: everything that it depends on.
        _draw: makes it.
    """
    return _draw()


def damaged(sentences: Sequence[str]) -> None:
    """Say of runs that cannot be shown why not, folded; nothing where there are none."""
    if not sentences:
        return
    several = "runs of this workspace are" if len(sentences) > 1 else "run of this workspace is"
    with st.expander(f"{len(sentences)} {several} damaged", icon=":material/healing:"):
        for sentence in sentences[:_DAMAGED_SHOWN]:
            st.caption(plain(sentence, longest=600))


def error(exc: XModalError) -> None:
    """Show the one sentence of an error that a person can mend."""
    st.error(plain(exc))


def json_download(value: JsonValue, filename: str, key: str) -> None:
    """Offer what is shown as a JSON file.

    Args:
        value: what is shown.
        filename: suffix included.
        key: stable widget key.
    """
    st.download_button(
        "Download JSON",
        json.dumps(value.to_json(), indent=1),
        filename,
        "application/json",
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )
