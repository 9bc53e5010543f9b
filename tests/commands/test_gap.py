"""How samples go into the body of a gap, as it is asked for on the command line."""

import dataclasses
import json

import pytest

from tests.command_line import call
from tests.tiny import TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.model.settings import ModelSettings


@pytest.fixture
def where(files: TinyFiles) -> tuple[str, ...]:
    """Series on a text body, measured by what takes no time."""
    target, source = files.data(Modality.SERIES), files.data(Modality.TEXT, n=90)
    return (f"--source={source}", f"--target={target}", f"--body={files.text_body}", "--metrics=centroid", "--n=40")


def test_the_answer_says_how_samples_went_in_and_another_way_is_another_reading(capsys, where) -> None:
    usual, after, earlier = (
        json.loads(call(capsys, "gap", *where, *model, "--json")[1])
        for model in ([], ["--model", "positions=after,stem=linear"], ["--model", "compat=earlier"])
    )
    assert usual["model"] == {"positions": "before", "stem": "conv", "scaling": "channel", "compat": "ours"}
    assert after["model"] == usual["model"] | {"positions": "after", "stem": "linear"}
    assert after["readings"] == earlier["readings"] != usual["readings"]
    assert "positions after, stem linear" in call(capsys, "gap", *where, "--model", "positions=after,stem=linear")[1]
    assert "model of before" in call(capsys, "gap", *where, "--model", "compat=earlier")[1]


def test_what_a_predictor_reads_changes_no_gap_and_that_is_said(capsys, where) -> None:
    body = (*where, "--space", "body")
    usual = json.loads(call(capsys, "gap", *body, "--json")[1])
    code, out, err = call(capsys, "gap", *body, "--model", "readout=flat,start=standard", "--json")
    assert code == 0
    assert err == "warning: --model: readout and start change no gap, which is read before a predictor\n"
    assert json.loads(out)["readings"] == usual["readings"]
    assert "is the mean token" in call(capsys, "gap", *body)[1].splitlines()[-1]


def test_whom_intervals_are_about_is_asked_for_and_said(capsys, where) -> None:
    code, out, _ = call(capsys, "gap", *where, "--class-shares", "fixed")
    assert code == 0
    assert out.splitlines()[-1].endswith("other rows of the same origin, with the class shares of these rows.")
    assert "expected one of sampled, fixed" in call(capsys, "gap", *where, "--class-shares", "equal")[2]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("readuot=flat", "it has compat, numbers, positions, readout, scaling, start, stem"),
        ("positions=behind", "positions is 'behind', expected one of auto, before, after, none"),
        ("positions", "expected NAME=VALUE"),
        ("positions=before,compat=released", "positions is before with compat released"),
    ],
)
def test_what_is_no_setting_is_refused_in_a_line_that_lists_what_there_is(capsys, where, said, words) -> None:
    code, out, err = call(capsys, "gap", *where, "--model", said)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert words in err


def test_raw_inputs_go_through_no_model(capsys, where) -> None:
    code, _, err = call(capsys, "gap", *where, "--space", "raw", "--model", "positions=after,stem=linear")
    assert (code, err) == (2, "model was given, but raw inputs go through no model; leave model out.\n")


def test_help_names_every_setting(capsys) -> None:
    text = call(capsys, "gap", "--help")[1]
    assert all(field.name in text for field in dataclasses.fields(ModelSettings))
