"""What a form asks about a model, by the data."""

import dataclasses
from itertools import product

import pytest

from xmodal_core.data.dataset import Modality, Task
from xmodal_core.model.offered import of_embedder, of_model, seen_by_gap
from xmodal_core.model.settings import EARLIER, USUAL, ModelSettings

ASKED = {
    Modality.IMAGE: ("positions", "stem", "scaling"),
    Modality.FIELD: ("positions", "stem", "scaling"),
    Modality.SERIES: ("positions", "stem", "scaling"),
    Modality.SEQUENCE: ("positions", "stem"),
    Modality.TABULAR: ("positions", "numbers", "scaling"),
}


@pytest.mark.parametrize("modality", Modality)
def test_a_gap_is_asked_for_what_lies_before_the_body_and_nothing_of_text(modality: Modality) -> None:
    assert of_embedder(modality) == ((*ASKED[modality], "compat") if modality in ASKED else ())


def test_a_run_is_asked_for_what_lies_behind_it_too_but_no_readout_where_every_token_is_read() -> None:
    assert of_model(Modality.TEXT, Task.CLASSIFICATION) == ("readout", "start")
    assert of_model(Modality.SERIES, Task.REGRESSION) == ("positions", "stem", "scaling", "readout", "start", "compat")
    assert of_model(Modality.FIELD, Task.DENSE) == ("positions", "stem", "scaling", "start", "compat")


def test_every_setting_means_something_for_some_data() -> None:
    asked = {name for modality, task in product(Modality, Task) for name in of_model(modality, task)}
    assert asked == {field.name for field in dataclasses.fields(ModelSettings)}


def test_what_a_gap_saw_leaves_nothing_to_auto() -> None:
    for settings, modality in product((USUAL, EARLIER), Modality):
        assert "auto" not in seen_by_gap(settings, modality, Task.CLASSIFICATION).values()
    seen = seen_by_gap(ModelSettings(readout="flat", compat="earlier"), Modality.SEQUENCE, Task.CLASSIFICATION)
    assert seen == {"positions": "after", "stem": "linear", "compat": "earlier"}
