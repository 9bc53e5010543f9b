"""Class names as widgets: a table in which they are described, and guidance by them for methods that fine-tune."""

from typing import Any

import streamlit as st

from pages.ui import forms
from pages.ui.safe import line, plain
from xmodal_core.data.dataset import LabelledDataset

BESIDE = ("control",)  # asked for beside the method, not among its settings
IN_TABLE = ("descriptions", "keep_names")


def table(data: LabelledDataset, key: str) -> dict[str, str]:
    """A table in which classes get descriptions, with what their text is worth; the two settings that come of it."""
    from xmodal_core.semantics.names import check_names, format_descriptions

    if not data.class_names:
        return {}
    given = {
        "class": list(data.class_names),
        "description": [""] * data.n_classes,
        "use anyway": [False] * data.n_classes,
    }
    column = st.column_config
    edited: dict[str, list[Any]] = st.data_editor(
        given,
        key=f"{key}-names",
        hide_index=True,
        disabled=["class"],
        height=min(240, 38 + 35 * data.n_classes),
        column_config={
            "description": column.TextColumn(help="A few words of what the class is", max_chars=200, width="large"),
            "use anyway": column.CheckboxColumn(help="The name means something although it looks as if it did not"),
        },
    )
    texts = [" ".join(str(text or "").split()) for text in edited["description"]]
    kept = [name for name, keep in zip(data.class_names, edited["use anyway"], strict=True) if keep]
    report = check_names(data.class_names, texts, kept)
    n_good = sum(report.usable)
    with st.expander(f"Check of the names: {n_good} of {data.n_classes} can guide", expanded=n_good < data.n_classes):
        words = [", ".join(map(str, flags)) or "a name" for flags in report.flags]
        shown = [line(phrase, 80) for phrase in report.phrases]
        use = ["yes" if usable else "no" for usable in report.usable]
        found = {"class": list(data.class_names), "read as": shown, "found": words, "used": use}
        st.dataframe(found, hide_index=True, height=min(240, 38 + 35 * data.n_classes), key=f"{key}-check")
        if report.note:
            st.caption(plain(report.note))
    described = {name: text for name, text in zip(data.class_names, texts, strict=True) if text}
    return {"descriptions": format_descriptions(described), "keep_names": "\n".join(kept)}


def guidance(method: type, data: LabelledDataset, key: str) -> dict[str, Any] | None:
    """Guidance by class names for a method that fine-tunes: its settings where it is switched on, else None."""
    from xmodal_core.methods.stages.guided import Guidance
    from xmodal_core.methods.stages.refine import Refinement

    if not issubclass(method, Refinement) or issubclass(method, Guidance) or not data.class_names or data.cells:
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        on = st.toggle(
            "Refine guided by class names (LSG)",
            key=f"{key}-guide",
            help="Adds LSG's two losses to the refine stage of this method: features are drawn to where the name of "
            "their class lies among the others. Run it beside the shuffled names.",
        )
        if not on:
            return None
        with st.popover("Guidance", icon=":material/tune:"):
            settings = forms.edit(Guidance, f"{key}-guiding", only=_inside(Guidance))
    return settings | forms.edit(Guidance, f"{key}-guiding", only=BESIDE) | table(data, f"{key}-guiding")


def _inside(kind: type) -> tuple[str, ...]:
    return tuple(name for name in forms.names(kind) if name not in (*BESIDE, *IN_TABLE))
