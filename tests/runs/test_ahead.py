"""What a run is refused for before torch is there."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from xmodal_core.methods import METHODS
from xmodal_core.runs.ahead import WITHOUT_BODY, check_ahead


def asked(**values: object) -> str:
    return json.dumps({"method": "finetune", "target": "digits", "body": "fractal-vit"} | values)


def test_methods_without_a_body_are_the_ones_that_say_so() -> None:
    assert {name for name, kind in METHODS.items() if not kind.has_body} == WITHOUT_BODY


def test_a_body_that_cannot_be_had_is_refused_where_the_method_trains_one(refusal: Callable[..., str]) -> None:
    refusal(lambda: check_ahead(asked(body="/no/such/folder")), "/no/such/folder", "no such folder")
    check_ahead(asked(body="/no/such/folder", method="simple"))
    check_ahead(asked())


@pytest.mark.parametrize("text", ["", "[]", "{", "3", '{"body": 3}', "{}"])
def test_what_is_no_specification_is_left_to_those_who_read_it(text: str) -> None:
    check_ahead(text)


@pytest.mark.parametrize("options", [[], ["--resume"]])
def test_a_run_whose_id_cannot_be_reached_says_so_and_loads_no_torch(
    refused_without_network: Callable[..., str], tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "spec.json").write_text(asked(body="nobody/no-such-model"))
    out = tmp_path / "out"
    said = refused_without_network("run", str(tmp_path / "spec.json"), "--out", str(out), *options)
    assert "nobody/no-such-model is not on this machine" in said
    assert not out.exists()
