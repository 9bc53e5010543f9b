"""What pages show in the same way everywhere: figures with an alternative to looking, and errors."""

from typing import Any

import streamlit as st

from pages.ui.safe import plain
from xmodal_core.errors import XModalError


def figure(fig: Any, key: str, alt: str, table: Any = None) -> None:
    """Draw a plotly figure.

    Args:
        fig: the plotly figure.
        key: stable widget key.
        alt: what the figure says, in words and numbers.
        table: data frame or dict of columns offered under "View as table"; none when None.
    """
    st.plotly_chart(fig, width="stretch", config={"displaylogo": False}, key=key, alt=alt)
    if table is not None:
        with st.popover("View as table", type="tertiary", key=f"{key}-table"):
            st.dataframe(table, hide_index=True)


def error(exc: XModalError) -> None:
    """Show the one sentence of an error that a person can mend."""
    st.error(plain(exc))
