"""A value is the same after its JSON, and JSON of another shape is refused in a sentence."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from xmodal_core.values import JsonValue, parse_json


@dataclass(frozen=True)
class Inner(JsonValue):
    name: str
    share: float | None = None


@dataclass(frozen=True)
class Outer(JsonValue):
    n: int
    is_done: bool
    inner: Inner
    pair: tuple[float, float] | None
    inners: tuple[Inner, ...]
    by_name: Mapping[str, tuple[int, ...]]
    plain: Any = None
    notes: dict[str, str] = field(default_factory=dict)


VALUE = Outer(3, True, Inner("a", 0.5), (0.0, 1.5), (Inner("b"), Inner("c", 1.0)), {"x": (1, 2)}, {"any": [1, None]})
JSON = {
    "n": 3,
    "is_done": True,
    "inner": {"name": "a", "share": 0.5},
    "pair": [0.0, 1.5],
    "inners": [{"name": "b"}, {"name": "c", "share": 1.0}],
    "by_name": {"x": [1, 2]},
    "plain": {"any": [1, None]},
    "notes": {},
}


def test_the_fields_are_the_keys_in_their_order_and_come_back() -> None:
    assert json.dumps(VALUE.to_json()) == json.dumps(JSON)
    assert Outer.from_json(JSON) == VALUE
    assert Outer.from_json(VALUE.to_json()) == VALUE


def test_only_a_none_that_is_the_default_is_left_out() -> None:
    values = dataclasses.replace(VALUE, pair=None).to_json()
    assert values["pair"] is None
    assert "share" not in values["inners"][0]
    assert Outer.from_json(values | {"inner": {"name": "a", "share": None}}).inner == Inner("a")


def test_what_has_a_default_may_be_left_out_and_unknown_keys_are_passed_over() -> None:
    assert Inner.from_json({"name": "a", "of a later version": 1}) == Inner("a")
    assert Outer.from_json({k: v for k, v in JSON.items() if k != "notes"}).notes == {}


def test_a_float_may_have_been_written_as_a_whole_number() -> None:
    assert json.dumps(Inner.from_json({"name": "a", "share": 2}).to_json()) == '{"name": "a", "share": 2}'


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"n": 3.5}, "n of the JSON is 3.5, expected a whole number"),
        ({"n": True}, "n of the JSON is True, expected a whole number"),
        ({"is_done": 1}, "is_done of the JSON is 1, expected true or false"),
        ({"inner": []}, "inner of the JSON is [], expected an object"),
        ({"inner": {"name": None}}, "name of inner of the JSON is None, expected text"),
        ({"inner": {"name": "a", "share": "b"}}, "share of inner of the JSON is 'b', expected a number"),
        ({"pair": [1]}, "pair of the JSON is [1], expected a list of 2"),
        ({"inners": [{"name": "b"}, {}]}, "entry 2 of inners of the JSON has no name, expected text"),
        ({"by_name": {"x": "12"}}, "x of by_name of the JSON is '12', expected a list"),
        ({"inners": {"name": "x" * 99}}, "inners of the JSON is a dict, expected a list"),
    ],
)
def test_what_is_of_another_type_is_refused_by_its_place(
    changed: dict[str, Any], words: str, refusal: Callable[..., str]
) -> None:
    refusal(lambda: Outer.from_json(JSON | changed), f"{words}; make it anew.")


def test_what_is_no_object_is_refused(refusal: Callable[..., str]) -> None:
    refusal(lambda: Inner.from_json([1], "reuse.json"), "reuse.json is [1], expected an object")


def test_a_text_that_is_nested_too_deeply_is_no_json():
    assert parse_json('{"a": [1, null]}') == {"a": [1, None]}
    for text in ("[" * 100_000, b'{"a":' * 100_000, "{", ""):
        with pytest.raises(json.JSONDecodeError):
            parse_json(text)
