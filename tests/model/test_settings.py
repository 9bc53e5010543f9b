"""Settings of the model: what stands for `auto`, what excludes one another, and what is written of them."""

from collections.abc import Callable

import pytest

from xmodal_core.data.dataset import Modality, Task
from xmodal_core.errors import SettingsError
from xmodal_core.model import settings as model
from xmodal_core.model.settings import AUTO, EARLIER, USUAL, ModelSettings, model_settings

NAMES = {"positions": "before", "stem": "linear", "numbers": "linear", "readout": "mean", "start": "none"}
SERIES = (Modality.SERIES, Task.CLASSIFICATION)


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("modality", Modality)
@pytest.mark.parametrize("compat", ["ours", "earlier", "released"])
def test_nothing_is_left_to_auto_and_resolving_again_changes_nothing(
    compat: str, modality: Modality, task: Task
) -> None:
    found = ModelSettings(compat=compat).resolved(modality, task)
    assert AUTO not in found.to_json().values()
    assert found.resolved(modality, task) == found
    assert found.compat == compat


def test_a_series_has_the_usual_model_and_the_earlier_one_adds_positions_after_its_norm() -> None:
    usual, earlier = (asked.resolved(*SERIES).to_json() for asked in (USUAL, EARLIER))
    assert usual["positions"] == "before"
    assert earlier == NAMES | {"positions": "after", "scaling": "channel", "compat": "earlier"}


def test_pictures_have_one_range_and_everything_else_a_scale_for_each_channel() -> None:
    scalings = {m: ModelSettings().resolved(m, Task.CLASSIFICATION).scaling for m in Modality}
    assert scalings.pop(Modality.IMAGE) == "range"
    assert set(scalings.values()) == {"channel"}


def test_what_is_said_stands_whatever_is_usual_and_a_task_before_its_modality(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MODALITY_DEFAULTS", {Modality.SERIES: {"readout": "flat", "start": "norm"}})
    monkeypatch.setattr(model, "TASK_DEFAULTS", {SERIES: {"readout": "attention"}})
    found = USUAL.resolved(*SERIES)
    assert (found.readout, found.start) == ("attention", "norm")
    assert USUAL.resolved(Modality.SERIES, Task.REGRESSION).readout == "flat"
    assert USUAL.resolved(Modality.TABULAR, Task.REGRESSION).readout == model.DEFAULTS["readout"]
    said = ModelSettings(readout="first", start="none").resolved(*SERIES)
    assert (said.readout, said.start) == ("first", "none")
    assert EARLIER.resolved(*SERIES).readout == "mean"


@pytest.mark.parametrize("task", [Task.DENSE, Task.SEGMENTATION])
def test_an_answer_in_every_cell_chooses_no_readout_and_text_is_read_as_it_always_was(task: Task) -> None:
    assert USUAL.resolved(Modality.FIELD, task).readout == "mean"
    text = USUAL.resolved(Modality.TEXT, Task.CLASSIFICATION)
    assert (text.readout, text.start) == ("mean", "none")


def test_only_what_was_said_is_told() -> None:
    assert USUAL.said() == {}
    assert ModelSettings(readout="flat", positions=AUTO).said() == {"readout": "flat"}
    assert EARLIER.said() == {"compat": "earlier"}


@pytest.mark.parametrize(
    ("values", "word"),
    [({"readout": "max"}, "readout"), ({"compat": "theirs"}, "compat"), ({"poistions": "none"}, "poistions")],
)
def test_what_is_no_setting_or_no_choice_is_refused_by_name(
    values: dict[str, str], word: str, refusal: Callable[..., str]
) -> None:
    refusal(lambda: model_settings(values), word)


@pytest.mark.parametrize(("name", "value"), [("readout", "flat"), ("positions", "before"), ("stem", "conv")])
def test_released_code_has_a_model_of_its_own(name: str, value: str, refusal: Callable[..., str]) -> None:
    refusal(lambda: model_settings({"compat": "released", name: value}), f"{name} is {value}", "set one of them back")
    assert model_settings({"compat": "released", "readout": "mean", "positions": "after"}).readout == "mean"
    assert getattr(model_settings({"compat": "earlier", name: value}), name) == value


def test_json_is_read_as_it_was_written() -> None:
    for one in (USUAL, EARLIER, ModelSettings(readout="flat", start="standard").resolved(*SERIES)):
        assert ModelSettings.from_json(one.to_json()) == one
        assert model_settings(one.said()) == one
    assert model_settings(None) == model_settings({}) == USUAL


def test_a_value_out_of_its_choices_is_refused_where_it_is_made() -> None:
    with pytest.raises(SettingsError, match="positions"):
        ModelSettings(positions="beside")
