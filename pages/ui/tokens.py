"""The control for tokens a sample: shown where samples are cut into tokens, with what they cost."""

import streamlit as st

from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.model.facts import body_facts
from xmodal_core.model.tokens import USUAL_TOKENS, cost_line, places, token_facts

_MOST = 8192  # where only loading can tell what a body takes, which then refuses more


def ask(data: LabelledDataset, body: str, first: int | None = None, released: bool = False) -> int | None:
    """Most tokens that a sample becomes; None for the usual number, and where samples are not cut into tokens.

    All pages share the choice for a body and a modality, so that a gap is measured on the embedder that is trained.

    Args:
        data: the target.
        body: its name, folder or id.
        first: what was asked for before.
        released: whether samples are cut as ORCA's release does.
    """
    shape = body_facts(body)
    if places(data) is None or (shape is not None and shape.exact_tokens):
        return None
    facts = token_facts(body)
    usual, most = (USUAL_TOKENS, _MOST) if facts is None else (facts.usual(data.modality), facts.most)
    value = st.number_input(
        "Tokens a sample, at most",
        1,
        most,
        min(first or usual, most),
        key=f"tokens-{data.modality}-{body}",
        persist_state="session",
        help="A series or sequence is cut into so many equal parts, features of a table share tokens where there are "
        "more. More tokens keep finer detail and cost time and memory.",
    )
    tokens = None if value == usual else int(value)
    st.caption(plain(cost_line(data, body, tokens, released), longest=400))
    return tokens
