"""The card of a file: what a reader made of it, for the Data page and the Report."""

import streamlit as st

from pages.ui.safe import line, plain
from xmodal_core.data.understanding import Caution, Understanding
from xmodal_core.data.words import understanding_facts

_SHOWN_APART = "features"  # a table of their own


def understanding_card(understanding: Understanding) -> None:
    """Draw what was understood: every doubt with what to do about it, then the facts."""
    warnings(understanding.warnings)
    facts_card(understanding)


def facts_card(understanding: Understanding) -> None:
    """Draw a fact a line and the features, for a page that shows the doubts in its own way."""
    facts = understanding_facts(understanding)
    st.markdown(
        "\n".join(
            f"- **{name}**: {'; '.join(plain(text) for text in texts)}"
            for name, texts in facts.items()
            if name != _SHOWN_APART
        )
    )
    if understanding.features:
        n = len(understanding.features)
        st.dataframe(features_table(understanding), hide_index=True, placeholder="", alt=f"{n:,} features by name.")


def warnings(cautions: tuple[Caution, ...]) -> None:
    """Draw doubts, the same one once."""
    for text in dict.fromkeys(f"{one.message}; {one.fix}." for one in cautions):
        st.warning(plain(text, longest=1000))


def features_table(understanding: Understanding) -> dict[str, list[str]]:
    """Name, kind, categories and missing share of every feature, as columns; no missing share where none has any."""
    features = understanding.features
    table = {
        "feature": [line(one.name) for one in features],
        "kind": [one.kind for one in features],
        "categories": [line(", ".join(one.categories)) for one in features],
        "missing": [f"{one.missing:.1%}" if one.missing else "" for one in features],
    }
    return {name: cells for name, cells in table.items() if any(cells)}
