"""A specification and its model: schema 1 knew one, schema 2 says which, schema 3 knows more settings of methods."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from xmodal_core.model.settings import EARLIER, USUAL, ModelSettings
from xmodal_core.runs.spec import RunSpec, spec_from_json

# As the version before settings of the model wrote it.
FIRST = """{
 "method": "finetune",
 "target": "digits",
 "body": "fractal-vit",
 "source": "",
 "seed": 3,
 "settings": {},
 "budget": {
  "refine_steps": 5
 },
 "guidance": null,
 "train_rows": 0,
 "shuffle_labels": false,
 "waypoints": 0,
 "schema": 1
}"""


def test_a_specification_of_the_first_schema_has_the_model_of_its_time_and_is_written_as_it_was() -> None:
    spec = spec_from_json(FIRST)
    assert spec.parsed.model == EARLIER
    assert spec.to_json() == FIRST
    assert spec_from_json(spec.to_json()) == spec


def test_a_new_one_has_the_usual_model_and_says_nothing_of_it() -> None:
    spec = RunSpec("finetune", "digits", "fractal-vit")
    assert (spec.schema, spec.parsed.model) == (3, USUAL)
    assert "model" not in spec.values()
    assert spec_from_json(spec.to_json()) == spec


def test_what_is_said_of_the_model_is_kept() -> None:
    spec = RunSpec("finetune", "digits", "fractal-vit", model={"readout": "flat", "start": "norm"})
    assert spec.parsed.model == ModelSettings(readout="flat", start="norm")
    assert json.loads(spec.to_json())["model"] == {"readout": "flat", "start": "norm"}
    assert spec_from_json(spec.to_json()) == spec


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 1, "model": {"readout": "flat"}}, ("model", "set schema to 3")),
        ({"schema": 4}, ("schema 4", "expected 3")),
        ({"model": {"readout": "max"}}, ("readout is 'max'", "flat")),
        ({"model": {"colour": "red"}}, ("no setting 'colour'",)),
        ({"model": {"compat": "released", "readout": "flat"}}, ("readout is flat with compat released",)),
        ({"model": ["flat"]}, ("model is", "expected a JSON object")),
        ({"model": "flat"}, ("model is", "expected a JSON object")),
    ],
)
def test_a_model_that_cannot_be_is_refused_before_anything_is_loaded(
    change: dict[str, Any], words: tuple[str, ...], refusal: Callable[..., str]
) -> None:
    values = {"method": "finetune", "target": "t", "body": "b"} | change
    refusal(lambda: spec_from_json(json.dumps(values)), *words)


def test_nothing_said_by_null_is_nothing_said() -> None:
    values = {"method": "finetune", "target": "t", "body": "b", "model": None}
    assert spec_from_json(json.dumps(values)) == RunSpec("finetune", "t", "b")


def test_an_object_with_nothing_in_it_is_the_usual_model() -> None:
    assert RunSpec("finetune", "t", "b", model={}).parsed.model == USUAL
