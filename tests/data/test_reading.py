import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmodal_core.data.reading import Reading, parse_reading, reading_from_json
from xmodal_core.errors import SettingsError

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)


def test_what_is_said_on_the_command_line_is_read_by_name() -> None:
    said = parse_reading(["label=Species,drop=Id+Row", "missing=drop,level=2"])
    assert said == Reading(label="Species", drop=("Id", "Row"), missing="drop", level=2)
    assert said.said == ("label", "drop", "missing", "level")


def test_later_words_win_and_columns_to_leave_out_add_up() -> None:
    assert parse_reading(["label=a,drop=x", "label=b,drop=y"]) == Reading(label="b", drop=("x", "y"))


@given(NAMES, st.lists(NAMES, min_size=1, max_size=3, unique=True))
def test_what_is_printed_for_a_shell_comes_back_whatever_columns_are_called(label: str, drop: list[str]) -> None:
    said = Reading(label=label, drop=tuple(drop))
    assert parse_reading(shlex.split(said.on_command_line())) == said


def test_plain_names_are_printed_plainly() -> None:
    assert Reading(label="Species", drop=("Id", "Row")).on_command_line() == "label=Species,drop=Id+Row"


@given(NAMES, st.sampled_from([None, "drop", "impute"]), st.sampled_from([None, 1, 2]))
def test_a_reading_is_its_json(label: str, missing: str | None, level: int | None) -> None:
    said = Reading(label=label, missing=missing, level=level)
    assert reading_from_json(said.to_json()) == said
    assert Reading.from_json(said.to_json()) == said
    assert None not in said.to_json().values()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("label", "expected NAME=VALUE"),
        ("=x", "expected NAME=VALUE"),
        ("lable=x", "has no 'lable'"),
        ("missing=keep", "expected one of drop, impute, refuse"),
        ("level=top", "expected a whole number"),
        ("level=0", "expected 1 or more"),
        ("drop=a++b", "expected a list of names"),
        ("{label: x}", "no JSON"),
    ],
)
def test_what_cannot_be_said_is_refused(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words.replace("+", r"\+")):
        parse_reading([text])


@pytest.mark.parametrize("values", [3, ["label"], {"label": ["a"]}, {"drop": [1]}, {"level": True}, {"colour": "red"}])
def test_a_specification_says_it_in_json_of_the_right_types(values: object) -> None:
    with pytest.raises(SettingsError):
        reading_from_json(values)


def test_a_column_may_be_called_by_a_number() -> None:
    assert reading_from_json({"label": 4}) == Reading(label="4")
