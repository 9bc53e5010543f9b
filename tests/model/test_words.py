"""Settings of a model in words."""

from xmodal_core.model.settings import EARLIER, USUAL, ModelSettings
from xmodal_core.model.words import in_words, of_report


def test_only_what_is_not_usual_is_told_and_runs_of_before_are_told_in_words() -> None:
    assert in_words(USUAL.said()) == ""
    assert in_words(EARLIER.said()) == "model of before"
    assert in_words(ModelSettings(start="norm", compat="released").said()) == "model as released by ORCA, start norm"
    assert in_words({"positions": "after", "compat": "ours"}) == "positions after"


def test_a_report_without_settings_had_the_model_of_before_unless_it_had_none() -> None:
    assert of_report("minilm", None) == "model of before"
    assert of_report("", None) == ""
    assert of_report("minilm", {}) == ""  # text enters through the body's own layer
    assert of_report("minilm", {"positions": "none", "compat": "ours"}) == "positions none"
