"""A gap that is repeated from the command line sees samples as the one on screen did."""

from types import SimpleNamespace

import pytest

from xmodal_core.report.repeat import network


@pytest.mark.parametrize(
    ("body", "tokens", "model", "options"),
    [
        (
            "minilm",
            48,
            {"positions": "none", "compat": "ours"},
            " --body minilm --tokens 48 --model positions=none,compat=ours",
        ),
        ("minilm", None, {}, " --body minilm"),  # text enters through the body's own layer
        ("minilm", None, None, " --body minilm --model compat=earlier"),  # from before there were settings
        ("", None, None, ""),  # raw inputs
    ],
)
def test_the_command_names_the_network_and_how_samples_went_in(body, tokens, model, options):
    assert network(SimpleNamespace(body=body, tokens=tokens, model=model)) == options
