from dataclasses import dataclass, make_dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.errors import SettingsError
from xmodal_core.settings import check_settings, setting, settings_from


@dataclass(frozen=True)
class Oven:
    degrees: int = setting(180, "How hot", low=50, high=250, unit="°C")
    hours: float = setting(0.5, "How long", low=0.0)
    mode: str = setting("fan", "Which heat", choices=("fan", "grill"))
    light: bool = setting(False, "Lamp on")

    def __post_init__(self):
        check_settings(self)


@dataclass(frozen=True)
class Lamp:
    mode: str = setting("steady", "Which light", choices=("steady", "blinking"))
    seconds: float = setting(1.0, "How long", where=("mode", "blinking"))

    def __post_init__(self):
        check_settings(self)


def test_a_setting_that_nothing_reads_beside_another_is_refused(refusal):
    assert Lamp(mode="blinking", seconds=2.0).seconds == 2.0
    refusal(lambda: Lamp(seconds=2.0), "seconds is 2.0 with mode steady, which does not read it", "mode to blinking")


def test_defaults_are_within_their_own_ranges():
    assert Oven() == Oven(180, 0.5, "fan", False)


def test_text_from_a_command_line_becomes_the_type_of_the_field():
    built = settings_from(Oven, {"degrees": "200", "hours": "1.5", "light": "TRUE"}, "oven")
    assert built == Oven(200, 1.5, "fan", True)


def test_a_whole_float_is_accepted_for_an_integer_field():
    assert settings_from(Oven, {"degrees": 200.0}, "oven").degrees == 200


@pytest.mark.parametrize(
    "values",
    [
        {"degrees": 200.5},
        {"degrees": "hot"},
        {"degrees": True},
        {"degrees": None},
        {"hours": "soon"},
        {"hours": False},
        {"light": 1},
        {"light": "yes"},
    ],
)
def test_a_value_of_another_type_is_refused_by_field_name(values, refusal):
    refusal(lambda: settings_from(Oven, values, "oven"), f"oven.{next(iter(values))}", "expected")


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"degrees": 49}, "degrees"),
        ({"degrees": 251}, "250"),
        ({"hours": -1}, "hours"),
        ({"hours": float("nan")}, "nan"),
        ({"mode": "steam"}, "fan, grill"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(values, word, refusal):
    refusal(lambda: settings_from(Oven, values, "oven"), word, "expected")


def test_an_unknown_field_is_refused_with_the_known_ones(refusal):
    refusal(lambda: settings_from(Oven, {"speed": 3}, "oven"), "'speed'", "degrees, hours, light, mode")


def test_metadata_holds_what_a_form_needs():
    field = Oven.__dataclass_fields__["degrees"]
    assert dict(field.metadata) == {
        "help": "How hot",
        "min": 50,
        "max": 250,
        "unit": "°C",
        "choices": (),
        "where": None,
    }


@given(st.integers())
@settings(deadline=None, max_examples=50)
def test_an_integer_is_accepted_exactly_inside_its_range(value):
    if 50 <= value <= 250:
        assert Oven(degrees=value).degrees == value
    else:
        with pytest.raises(SettingsError):
            Oven(degrees=value)


def test_of_many_settings_a_refusal_names_those_that_are_spelled_alike(refusal):
    names = [f"number_{i}" for i in range(29)] + ["kindness"]
    many = make_dataclass("Many", [(name, int, setting(0, "One of many")) for name in names], frozen=True)
    sentence = refusal(lambda: settings_from(many, {"kindnes": 1}, "oven"), "no setting 'kindnes'", "kindness")
    assert "and 18 more." in sentence
