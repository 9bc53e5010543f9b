import json

import pytest


@pytest.fixture
def measured(open_page):
    """Digits against digits on the raw inputs: no network, and no gap."""
    app = open_page("gap", target="digits", source="digits")
    app.selectbox(key="space").set_value("raw").run()
    app.number_input(key="n").set_value(60).run()
    app.multiselect(key="metrics").set_value(["otdd", "knn", "target_knn"]).run()
    return app.button(key="measure").click().run()


def text(app) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption)).replace("\\", "")


def test_without_a_target_the_page_leads_to_data(open_page):
    app = open_page("gap")
    assert not app.exception
    assert [b.key for b in app.button] == ["go-data"]
    assert len(app.info) == 1


def test_before_measuring_the_button_is_there_and_no_number(open_page):
    app = open_page("gap", target="digits")
    assert not app.exception
    assert app.button(key="measure").label == "Measure"
    assert len(app.info) == 1
    assert not app.tabs


def test_raw_inputs_are_offered_only_where_widths_agree(open_page):
    assert len(open_page("gap", target="digits").selectbox(key="space").options) == 2
    assert len(open_page("gap", target="digits", source="digits").selectbox(key="space").options) == 3
    assert len(open_page("gap", target="wine").selectbox(key="space").options) == 2


def test_a_result_is_shown_kept_and_found_after_a_refresh(measured, open_page, home):
    assert not measured.exception
    assert not measured.error
    key = measured.query_params["gap"]
    key = key[0] if isinstance(key, list) else key
    kept = json.loads((home / "workspaces" / "default" / "gap" / f"{key}.json").read_text())
    again = open_page("gap", target="digits", source="digits", gap=key)
    for app in (measured, again):
        shown = text(app)
        for reading in kept["readings"].values():
            assert f"{reading['value']:.3g}".replace("-", "−") in shown
        assert "n = 60 a side, seed 0" in shown
        assert "Cannot tell" in shown
        assert len(app.tabs) == 3


def test_the_same_data_is_not_told_apart(measured):
    assert "kNN index" in text(measured)
    assert "Not distinguishable from the floor at this n." in text(measured)


def test_the_context_strip_carries_the_number(measured):
    assert "OTDD" in measured.caption[0].value
    assert "floor" in measured.caption[0].value


def test_another_target_drops_the_number(measured):
    measured.switch_page("pages/views/data.py").run()
    measured.selectbox(key="target").set_value("wine").run()
    assert not measured.exception
    assert "gap" not in measured.query_params


@pytest.mark.parametrize("key", ["../../etc", "0123456789abcdef", "%00", "a" * 200])
def test_a_result_that_is_not_here_is_one_warning(open_page, key):
    app = open_page("gap", target="digits", gap=key)
    assert not app.exception
    assert len(app.warning) == 1
    assert app.button(key="measure")


def test_a_damaged_result_is_measured_again(open_page, home):
    folder = home / "workspaces" / "default" / "gap"
    folder.mkdir(parents=True)
    (folder / "abc.json").write_text('{"readings": 3}')
    app = open_page("gap", target="digits", gap="abc")
    assert not app.exception
    assert len(app.warning) == 1


def test_an_error_of_the_core_is_one_sentence(open_page, home):
    empty = home / "folder"
    empty.mkdir()
    app = open_page("gap", target="digits", source="digits", body=str(empty))
    app.button(key="measure").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert "config" in app.error[0].value
