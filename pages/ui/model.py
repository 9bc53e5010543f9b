"""The fold "How samples go in and out": tokens of a sample and settings of the model, the same choice on every page."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.ui import forms, session, tokens
from pages.ui.safe import plain
from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.errors import XModalError
from xmodal_core.model.offered import of_embedder, of_model
from xmodal_core.model.settings import AUTO, ModelSettings
from xmodal_core.model.words import in_words
from xmodal_core.runs.result import RunResult

TITLE = "How samples go in and out"
_COMPATS = {"ours": "ours", "earlier": "as before these settings", "released": "as released by ORCA"}
_LABELS = {"compat": "Embedder and predictor"}
_FIELDS = {f.name: f for f in dataclasses.fields(ModelSettings)}


@dataclass(frozen=True)
class Asked:
    """What was asked for.

    Attributes:
        tokens: most tokens of a sample; None for the usual number.
        model: settings of the model that are not the usual ones.
    """

    tokens: int | None = None
    model: Mapping[str, str] = field(default_factory=dict)


def ask(data: LabelledDataset, body: str, columns: int = 3, gap: bool = False, first: Asked | None = None) -> Asked:
    """The fold, with what means something for the data; none where nothing does.

    All pages share the choice for a body and a kind of data, so that a gap is measured on the embedder that is trained.

    Args:
        data: the target.
        body: its name, folder or id.
        columns: in which the settings stand.
        gap: leave out what a gap does not see: what stands behind the body.
        first: what was asked for before.
    """
    names = of_embedder(data.modality) if gap else of_model(data.modality, data.task)
    if not names:
        return Asked()
    first = first or Asked()
    with st.expander(TITLE, key="model-fold"):
        above = st.container()
        asked = _settings(data, body, names, columns, first.model)
        with above:  # it says what the tokens cost by what the settings make of a sample
            most = tokens.ask(data, body, first.tokens, asked.get("compat") == "released")
    if asked:
        st.caption(plain(f"Other than usual: {in_words(asked)}."))
    return Asked(most, asked)


def used(result: RunResult, target: str) -> str:
    """Settings of a finished run's model in words, those that mean something for its data; empty where not known."""
    try:
        data = session.dataset(target)
    except XModalError:  # the result can be read when its data are gone
        return ""
    names = of_model(data.modality, data.task)
    return in_words({name: getattr(result.model, name) for name in names}) if result.model is not None else ""


def _settings(
    data: LabelledDataset, body: str, names: tuple[str, ...], columns: int, first: Mapping[str, str]
) -> dict[str, str]:
    """A widget for each of these settings, `auto` shown as what it stands for; those that differ from the usual."""
    places = [column for _ in range(0, len(names), columns) for column in st.columns(columns)]
    said: dict[str, str] = {}
    for name in sorted(names, key=lambda name: name != "compat"):  # what `auto` stands for depends on it
        stands = getattr(ModelSettings(compat=said.get("compat", "ours")).resolved(data.modality, data.task), name)
        with places[names.index(name)]:
            value = _choose(_FIELDS[name], stands, first.get(name), f"model-{name}-{data.modality}-{data.task}-{body}")
        if value != _FIELDS[name].default:
            said[name] = value
    return said


def _choose(about: dataclasses.Field[Any], stands: str, first: str | None, key: str) -> str:
    def shown(value: str) -> str:
        return f"auto: {stands}" if value == AUTO else _COMPATS.get(value, value)

    choices = list(about.metadata["choices"])
    return st.selectbox(
        _LABELS.get(about.name) or forms.label_of(about),
        choices,
        index=choices.index(first or about.default),
        format_func=shown,
        key=key,
        persist_state="session",
        help=about.metadata["help"],
    )
