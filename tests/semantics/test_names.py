"""The check of class names that comes before any guidance."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xmodal_core.errors import SettingsError
from xmodal_core.semantics.names import (
    NameFlag,
    check_names,
    format_descriptions,
    parse_descriptions,
    parse_keep,
)


@pytest.mark.parametrize(
    "names",
    [
        [str(i) for i in range(10)],
        ["class_3", "label 7", "Class 12"],
        ["-1", "1"],
        ["1.5", "2.5", "3e-4"],
        ["0xff", "3f2a9c01d4", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"],
        ["", "  ", "_"],
        ["N", "b", "c"],
    ],
)
def test_names_without_meaning_switch_guidance_off(names: list[str]) -> None:
    report = check_names(names)
    assert not any(report.usable)
    assert report.refusal is not None
    assert f"{len(names)} of {len(names)}" in report.refusal


@pytest.mark.parametrize(
    "names",
    [["grip", "pinch", "rest"], ["F-16", "737-800", "707-320"], ["ER", "Golgi", "nuclear"], ["facade", "decade"]],
)
def test_names_with_meaning_pass(names: list[str]) -> None:
    report = check_names(names)
    assert all(report.usable)
    assert report.refusal is None


def test_a_flag_is_soft_the_user_may_vouch_for_a_name() -> None:
    names = ["C-130", "F-16", "747"]
    assert check_names(names).usable == (False, True, False)
    assert check_names(names).refusal is not None
    assert check_names(names, keep=["C-130"]).usable == (True, True, False)
    assert check_names(names, keep=["C-130"]).refusal is None
    assert check_names(names, keep="*").refusal is None
    with pytest.raises(SettingsError, match="no class"):
        check_names(names, keep=["C-131"])


def test_a_description_stands_in_for_a_bad_name_and_is_added_to_a_good_one() -> None:
    report = check_names(["0", "grip", "rest"], ["zero", "the hand closes", ""])
    assert report.phrases == ("zero", "grip, the hand closes", "rest")
    assert all(report.usable)
    assert not check_names(["0", "1"], ["3", "class 4"]).usable[0]


def test_equal_names_flag_each_other_whatever_their_case() -> None:
    report = check_names(["left_arm", "Left arm", "leg"])
    assert report.flags == ((NameFlag.DUPLICATE,), (NameFlag.DUPLICATE,), ())
    assert report.refusal is not None  # two of three
    assert check_names(["left arm", "Left arm", "leg", "head", "hip"]).refusal is None


def test_exactly_half_flagged_goes_on_and_one_more_does_not() -> None:
    assert check_names(["cat", "dog", "1", "2"]).refusal is None
    assert check_names(["cat", "dog", "1", "2", "3"]).refusal is not None


def test_one_class_is_refused_and_two_are_told_what_guidance_is_worth() -> None:
    assert "at least two" in (check_names(["cat"]).refusal or "")
    two = check_names(["cat", "dog"])
    assert two.refusal is None
    assert "label-vector regularisation" in two.note
    assert check_names(["cat", "dog", "cow"]).note == ""
    assert check_names(["cat", "7"]).refusal is not None  # one class alone relates to nothing


def test_later_flags_are_added_and_give_way_to_the_user_too() -> None:
    report = check_names(["cat", "dog", "cow"], keep=["dog"]).with_flag(NameFlag.SAME_VECTOR, {0, 1})
    assert report.usable == (False, True, True)


def test_descriptions_are_lines_and_the_longest_class_name_wins() -> None:
    names = ["left", "left: ventricle", "0"]
    text = "left: ventricle: lower chamber\n0: zero\nleft: a side"
    assert parse_descriptions(text, names) == ("a side", "lower chamber", "zero")
    assert parse_descriptions("0: zero | left: a side", names) == ("a side", "", "zero")
    assert parse_descriptions("  ", names) == ()
    assert parse_keep("a\n b|c ") == ("a", "b|c")
    assert parse_keep("a| b") == ("a", "b")
    with pytest.raises(SettingsError, match="expected 'class name: description'"):
        parse_descriptions("right: a side", names)
    with pytest.raises(SettingsError, match="two lines"):
        parse_descriptions("0: zero\n0: nought", names)
    with pytest.raises(SettingsError, match="2 descriptions for 3"):
        check_names(names, ["a", "b"])


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.text(st.characters(categories=("L", "N")), min_size=1), min_size=2, max_size=6, unique=True).flatmap(
        lambda names: st.tuples(st.just(names), st.lists(st.text("abc :.", max_size=9), min_size=len(names)))
    )
)
def test_what_the_table_writes_is_what_the_method_reads(case: tuple[list[str], list[str]]) -> None:
    names, texts = case
    written = format_descriptions(dict(zip(names, texts, strict=False)))
    found = parse_descriptions(written, names) or ("",) * len(names)
    assert found == tuple(" ".join(text.split()) for text in texts[: len(names)])
