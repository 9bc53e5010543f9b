import json
import time
from dataclasses import replace

import pytest

from xmodal_core.gap.base import GapReading
from xmodal_core.panel import background, measure, umap_points
from xmodal_core.panel.kept import write_report
from xmodal_core.panel.layers_background import find_layers
from xmodal_core.panel.report import GapReport

METRICS = ["otdd", "knn", "target_knn", "centroid"]
TABS = ["What it means", "Class to class", "Who moves onto whom", "Translation lab", "Layer by layer"]
TABS += ["Distance against n", "Formula", "Table"]


def key_of(app) -> str:
    key = app.query_params["gap"]
    return key[0] if isinstance(key, list) else key


def kept(home, key):
    return home / "workspaces" / "default" / "gap" / f"{key}.json"


def ask(open_page, metrics=METRICS):
    """Digits against digits on the raw inputs, not measured yet: no network, and no gap."""
    app = open_page("gap", target="digits", source="digits")
    app.selectbox(key="space").set_value("raw").run()
    app.number_input(key="n").set_value(60).run()
    return app.multiselect(key="metrics").set_value(metrics).run()


def finish(app, home):
    """What a browser does by polling: the page once more when the measurement is over."""
    assert background.find(kept(home, key_of(app))).wait(60)
    return app.run()


@pytest.fixture
def measured(open_page, home):
    app = ask(open_page).button(key="measure").click().run()
    return finish(app, home)


@pytest.fixture
def held(monkeypatch):
    """Measurements stop after their first reading until they are cancelled."""
    reading = measure._reading

    def slow(metric, request, sample, clouds):
        while metric.name in ("target_knn", "otdd"):
            yield
            time.sleep(0.01)
        return (yield from reading(metric, request, sample, clouds))

    monkeypatch.setattr(measure, "_reading", slow)


def at_reading(app, home, n: int) -> None:
    measurement = background.find(kept(home, key_of(app)))
    deadline = time.monotonic() + 30
    while measurement.report is None or measurement.taken < n:
        assert time.monotonic() < deadline
        assert measurement.state == "running", measurement.error
        time.sleep(0.01)


def text(app) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption)).replace("\\", "")


def warnings(app) -> list[str]:
    return [element.value.replace("\\", "") for element in app.warning]


def opened(app):
    """All rows of readings, opened."""
    for row in range(4):
        app.session_state[f"gap-row-{row}"] = True
    return app.run()


def tab(app, name: str):
    app.session_state["gap-tab"] = name
    return app.run()


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
    assert not measured.warning
    key = key_of(measured)
    stored = json.loads(kept(home, key).read_text())
    again = open_page("gap", target="digits", source="digits", gap=key)
    for app in (measured, again):
        shown = text(opened(app))
        for reading in stored["readings"].values():
            assert f"{reading['value']:.3g}".replace("-", "−") in shown
        assert "n = 60 a side, seed 0" in shown
        assert "Cannot tell" in shown
        assert "bounds meet" in shown
        assert len(app.tabs) == len(TABS)


def test_after_a_refresh_the_controls_say_what_was_asked(measured, open_page):
    again = open_page("gap", target="digits", source="digits", gap=key_of(measured))
    assert again.selectbox(key="space").value == "raw"
    assert again.number_input(key="n").value == 60
    assert again.multiselect(key="metrics").value == METRICS


def test_umap_is_a_second_picture_that_says_what_it_cannot_show(measured, open_page, home, monkeypatch):
    monkeypatch.setattr(umap_points, "umap_projection", lambda _features, start, _seed: start[:, ::-1])
    assert measured.segmented_control(key="plane").value == "Linear"
    assert "UMAP" not in text(measured)
    app = measured.segmented_control(key="plane").set_value("UMAP").run()
    assert not app.exception
    assert not app.error
    assert "Distances between clusters, densities and the sizes of clusters are not preserved" in text(app)
    assert "No reading uses it" in text(app)
    linear = json.loads(kept(home, key_of(app)).read_text())["points"]["source"]
    drawn = json.loads(kept(home, key_of(app)).with_suffix(".umap.json").read_text())["source"]
    assert drawn == [pytest.approx([y, x], abs=1e-4) for x, y in linear]
    monkeypatch.setattr(umap_points, "umap_projection", None)  # what is kept is not fitted again
    app = open_page("gap", **query(app)).segmented_control(key="plane").set_value("UMAP").run()
    assert not app.exception
    assert "Mixing: 0 where" in text(app)


def test_the_class_plane_says_that_it_was_chosen_with_the_labels(measured):
    app = measured.segmented_control(key="plane").set_value("Class plane").run()
    assert not app.exception
    assert not app.error
    assert "This plane was chosen with the target's labels" in text(app)
    assert "Only target rows that did not choose it are drawn." in text(app)


def test_the_coupling_tells_where_a_class_and_a_sample_come_from(measured):
    app = tab(measured, "Who moves onto whom")
    assert not app.exception
    assert "of all mass, comes from source classes" in text(app)
    assert "drawn rows: " in text(app)
    app.segmented_control(key="coupling-of").set_value("A sample").run()
    assert not app.exception
    assert "1.7% of all mass" in text(app)  # one of 60
    app.segmented_control(key="coupling-side").set_value("source").run()
    assert "goes to target classes" in text(app)
    app.segmented_control(key="coupling-of").set_value("Everything").run()
    assert "All 60 pairs are drawn" in text(app)


def test_in_the_lab_numbers_move_or_do_not(measured):
    app = tab(measured, "Translation lab")
    assert not app.exception
    assert "Nothing is changed yet" in text(app)
    before = app.dataframe[0].value
    assert list(before["unchanged"]) == list(before["now"])
    app.toggle(key="lab-shuffle").set_value(True).run()
    assert not app.exception
    told = text(app)
    assert "Did not move: Sliced Wasserstein, Centroid distance, kNN index." in told
    assert "Moved: OTDD, Target kNN accuracy." in told
    app.selectbox(key="lab-drop").set_value("3").run()
    app.slider(key="lab-slide").set_value(100).run()
    assert not app.exception
    assert "and 54 drawn rows" in text(app)


def test_the_formula_has_the_numbers_of_this_measurement(measured, home):
    app = tab(measured, "Formula")
    assert not app.exception
    detail = json.loads(kept(home, key_of(app)).read_text())["readings"]["otdd"]["detail"]
    written = " ".join(element.value for element in app.latex)
    for part in ("feature_part", "label_part", "squared"):
        assert f"{detail[part]:.4g}" in written
    assert "For example" in text(app)


def test_raw_inputs_have_no_layers(measured):
    app = tab(measured, "Layer by layer")
    assert "there are no layers" in text(app)
    assert "gap-layers-start" not in [button.key for button in app.button]


def test_layers_are_measured_on_a_click_and_found_again(open_page, home, files):
    app = open_page("gap", target="digits", source="digits", body=files.body)
    app.number_input(key="n").set_value(40).run()
    app.multiselect(key="metrics").set_value(["centroid"]).run()
    app = tab(finish(app.button(key="measure").click().run(), home), "Layer by layer")
    assert "Does the gap shrink or grow inside the network?" in text(app)
    app.button(key="gap-layers-start").click().run()
    work = find_layers(kept(home, key_of(app)))
    assert work.wait(60), work.error
    app.run()
    assert not app.exception
    assert "on entering" in text(app)
    assert kept(home, key_of(app)).with_suffix(".layers.json").is_file()


def test_a_umap_of_data_that_changed_is_one_sentence_beside_the_linear_picture(measured, home):
    path = kept(home, key_of(measured))
    stored = json.loads(path.read_text())
    stored["points"]["source_uid"][0] = "gone"
    path.write_text(json.dumps(stored))
    app = measured.segmented_control(key="plane").set_value("UMAP").run()
    assert not app.exception
    assert ["has no sample gone" in element.value for element in app.error] == [True]
    assert "distances in 2-D are not the metric" in text(app)


def test_while_it_measures_only_the_linear_picture_is_offered(measured, home, monkeypatch, held):
    monkeypatch.setattr(umap_points, "umap_projection", lambda _features, start, _seed: start)
    app = measured.segmented_control(key="plane").set_value("UMAP").run()
    app.number_input(key="n").set_value(50).run()
    app = app.button(key="measure").click().run()
    at_reading(app, home, 1)
    app.run()
    assert not app.exception
    assert app.segmented_control(key="plane").options == ["Linear"]
    assert "distances in 2-D are not the metric" in text(app)
    app.button(key="gap-cancel").click().run()
    assert not app.exception


def query(app) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def test_the_same_data_is_not_told_apart(measured):
    assert "Your data (digits) cannot be told from the source (digits)" in text(measured)
    shown = text(opened(measured))
    assert "kNN index" in shown
    assert "Not distinguishable from the floor at this n." in shown


def test_readings_stand_in_rows_by_what_they_ask_and_only_the_open_tab_is_drawn(measured):
    shown = text(measured)
    for question in ("How far must samples move, classes and all?", "Can one tell which side a sample is from?"):
        assert f"**{question}**" in shown
    assert "Cannot tell:" not in shown  # details come with a click
    assert "Nearest pair" not in shown
    assert not measured.dataframe
    table = tab(measured, "Table")
    assert not table.exception
    assert "confidence: untested" not in text(table)
    assert [name.split(":")[0] for name in table.dataframe[0].value["reading"]][:2] == ["OTDD", "kNN index"]


def test_classes_can_be_chosen_without_a_mouse_and_are_put_in_words(measured):
    app = tab(measured, "Class to class")
    assert "Nearest pair: " in text(app)
    assert "Click a cell, or choose" in text(app)
    app.selectbox(key="class-source").set_value(3).run()
    assert "Click a cell, or choose" in text(app)
    app.selectbox(key="class-target").set_value(3).run()
    assert not app.exception
    assert "3 to 3: label distance" in text(app)
    app.segmented_control(key="matrix-view").set_value("mass moved").run()
    assert "Most mass moves from" in text(app)
    assert "3 to 3: label distance" in text(app)


def test_without_otdd_there_is_no_class_matrix(open_page, home):
    app = finish(ask(open_page, ["centroid"]).button(key="measure").click().run(), home)
    assert "come with OTDD, which was not measured" in text(tab(app, "Class to class"))


def test_value_and_floor_against_n_come_with_a_sentence_each(measured):
    app = tab(measured, "Distance against n")
    assert not app.exception
    assert "**OTDD against n**" in text(app)
    assert "n = 50" in text(app)


def test_the_context_strip_carries_the_number(measured):
    assert "OTDD" in measured.caption[0].value
    assert "floor" in measured.caption[0].value


def test_another_target_drops_the_number(measured):
    measured.switch_page("pages/views/data.py").run()
    measured.selectbox(key="target").set_value("wine").run()
    assert not measured.exception
    assert "gap" not in measured.query_params


def test_permutations_give_a_p_value_and_kept_class_shares_are_said(open_page, home):
    app = ask(open_page, ["knn"])
    app.number_input(key="permutations").set_value(99).run()
    app.selectbox(key="class-shares").set_value("fixed").run()
    app = finish(app.button(key="measure").click().run(), home)
    assert not app.exception
    assert "(99 permutations)" in text(opened(app))
    assert "about other rows of the same origin, with the class shares of these rows" in text(app)


def test_readings_show_as_they_come_and_another_tab_sees_the_same(held, open_page, home):
    app = ask(open_page).button(key="measure").click().run()
    at_reading(app, home, 1)
    second = open_page("gap", target="digits", source="digits", gap=key_of(app))
    for one in (app.run(), second):
        assert not one.exception
        assert "Taken: kNN index" in text(one)
        assert "On its way: OTDD, Target kNN accuracy, Centroid distance" in text(one)
        assert "distances in 2-D are not the metric" in text(one)
        assert one.button(key="gap-cancel")
        assert one.button(key="measure").disabled
        assert not one.tabs
    second.button(key="gap-cancel").click().run()
    for one in (app.run(), second.run()):
        assert warnings(one) == ["Cancelled: 1 of 4 readings were taken; they are shown."]
        assert "**Can one tell which side a sample is from?**" in text(one)
        assert "On its way" not in text(one)
        assert not one.button(key="measure").disabled
        assert len(one.tabs) == len(TABS)


def test_what_a_restarted_server_left_unfinished_is_shown_told_and_taken_up_again(measured, open_page, home):
    key = key_of(measured)
    report = GapReport.from_json(json.loads(kept(home, key).read_text()))
    part = {name: reading for name, reading in report.readings.items() if name != "otdd"}
    write_report(kept(home, key), replace(report, readings=part, curves={}, complete=False))
    background._known.clear()
    app = open_page("gap", target="digits", source="digits", gap=key)
    assert not app.exception
    assert warnings(app) == ["Not finished: 3 of 4 readings were taken; they are shown."]
    assert "**How far must samples move, classes and all?**" not in text(app)
    app = finish(app.button(key="gap-rest").click().run(), home)
    assert not app.warning
    assert json.loads(kept(home, key).read_text())["complete"]
    assert "**How far must samples move, classes and all?**" in text(app)


def test_a_measure_that_refuses_the_rows_is_named_with_its_sentence(measured, open_page, home):
    key = key_of(measured)
    report = GapReport.from_json(json.loads(kept(home, key).read_text()))
    part = {name: reading for name, reading in report.readings.items() if name != "otdd"}
    hostile = "![x](https://evil.example) has one class, expected at least 2; use more rows."
    write_report(kept(home, key), replace(report, readings=part, refused={"otdd": hostile}))
    app = open_page("gap", target="digits", source="digits", gap=key)
    assert not app.exception
    assert "has one class, expected at least 2; use more rows." in text(opened(app))
    assert not any("](" in element.value for element in (*app.markdown, *app.caption))


@pytest.mark.parametrize("key", ["../../etc", "0123456789abcdef", "%00", "a" * 200])
def test_a_result_that_is_not_here_is_one_warning(open_page, key):
    app = open_page("gap", target="digits", gap=key)
    assert not app.exception
    assert len(app.warning) == 1
    assert app.button(key="measure")


@pytest.mark.parametrize("request_file", ['{"source": 3}', "[]", "{", '{"metrics": ["nothing"], "source": "a"}'])
def test_a_damaged_result_is_measured_again(open_page, home, request_file):
    folder = kept(home, "abc").parent
    folder.mkdir(parents=True)
    (folder / "abc.json").write_text('{"readings": 3}')
    (folder / "abc.request.json").write_text(request_file)
    app = open_page("gap", target="digits", gap="abc")
    assert not app.exception
    assert len(app.warning) == 1


def test_an_error_of_the_core_is_one_sentence(open_page, home):
    empty = home / "folder"
    empty.mkdir()
    app = open_page("gap", target="digits", source="digits", body=str(empty))
    app = finish(app.button(key="measure").click().run(), home)
    assert not app.exception
    assert len(app.error) == 1
    assert "config" in app.error[0].value
    assert app.button(key="gap-rest")


def test_triage_says_what_the_data_show_and_where_to_test_it(measured):
    shown = text(measured)
    assert "**What the data show** · confidence: untested" in shown
    assert "Conventions, calibrated on nothing; a gap alone decides nothing." in shown
    assert "Target linear probe was not measured." in shown
    assert "Label structure in the body" in shown
    assert "Hypothesis" not in shown


def reading(value, ceiling, **detail):
    interval = (value - 0.02, value + 0.02)
    return GapReading(value, "", 0.0, ceiling, interval, None, 60, 0, detail, None)


@pytest.mark.parametrize(("gap", "random", "red"), [(0.9, 0.5, False), (0.05, 0.79, True)])
def test_false_comfort_is_red_and_align_first_is_not(measured, open_page, home, gap, random, red):
    key = key_of(measured)
    report = GapReport.from_json(json.loads(kept(home, key).read_text()))
    readings = {"knn": reading(gap, 1.0), "target_knn": reading(0.8, None, random_network=random, chance=0.1)}
    told = replace(
        report, space="body", readings=readings, refused={"logme": "![x](https://evil.example) no."}, curves={}
    )
    write_report(kept(home, key), told)
    app = open_page("gap", target="digits", source="digits", gap=key)
    assert not app.exception
    assert [e.value.startswith("False comfort") for e in app.error] == [True] * red
    assert [i.value.startswith("Hypothesis\\: align first") for i in app.info] == [True] * (not red)
    assert not any("](" in element.value for element in (*app.markdown, *app.caption))
