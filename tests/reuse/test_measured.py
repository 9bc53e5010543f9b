from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from xmodal_core.reuse.measured import Measured


@dataclass(frozen=True, kw_only=True)
class Part(Measured):
    name: str
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Whole(Measured):
    ends: tuple[float, float]
    later: int | None = None
    score: float | None
    parts: Mapping[str, Part]


WHOLE = Whole(ends=(0.0, 1.5), score=None, parts={"one": Part(name="a", sizes=(1, 2))})


def test_fields_are_keys_in_their_order_and_only_a_default_of_none_is_left_out() -> None:
    values = WHOLE.to_json()
    assert values == {"ends": [0.0, 1.5], "score": None, "parts": {"one": {"name": "a", "sizes": [1, 2]}}}
    assert list(values) == ["ends", "score", "parts"]
    assert Whole.from_json(values) == WHOLE
    assert Whole.from_json(values | {"later": 3}).to_json()["later"] == 3


def test_whole_numbers_are_read_as_numbers_and_unknown_keys_are_passed_over() -> None:
    found = Whole.from_json(WHOLE.to_json() | {"ends": [0, 2], "unknown": 1})
    assert found.ends == (0.0, 2.0)
    assert all(isinstance(end, float) for end in found.ends)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ends": [1.0]}, "expected tuple"),
        ({"ends": [True, 1.0]}, "Found True"),
        ({"score": "high"}, "Found 'high'"),
        ({"later": 1.5}, "Found 1.5"),
        ({"parts": []}, "expected collections.abc.Mapping"),
        ({"parts": {"one": 3}}, "JSON object of a Part"),
        ({"parts": {"one": {}}}, "Found no 'name'"),
    ],
)
def test_what_is_no_such_value_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Whole.from_json(WHOLE.to_json() | change)
