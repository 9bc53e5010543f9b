"""The number of tokens a sample is asked for where samples are cut into tokens, once for a gap and the run after it."""

from tests.pages.runs import address, runs_root, shown
from xmodal_core.runs.rundir import RunDir

KEY = "tokens-series-minilm"


def keys(app) -> list[str]:
    return [widget.key for widget in app.number_input if widget.key and widget.key.startswith("tokens")]


def test_it_is_offered_for_series_and_tables_on_a_network_and_for_nothing_else(open_page):
    assert keys(open_page("gap", target="digits")) == []
    assert keys(open_page("gap", target="wine")) == ["tokens-tabular-minilm"]
    app = open_page("gap", target="gun_point", source="gun_point")
    assert keys(app) == [KEY]
    assert keys(app.selectbox(key="space").set_value("raw").run()) == []
    app = open_page("refine", target="gun_point")
    assert keys(app) == [KEY]
    assert keys(app.selectbox(key="refine-method").set_value("simple").run()) == []


def test_it_goes_up_to_what_the_body_takes_and_says_what_it_costs(open_page):
    app = open_page("align", target="gun_point")
    assert (app.number_input(key=KEY).value, app.number_input(key=KEY).max) == (24, 512)
    assert "A sample has 150 time steps and becomes 22 tokens of 7, as many as where nothing is said" in shown(app)
    app.number_input(key=KEY).set_value(150).run()
    assert not app.exception
    assert "becomes 150 tokens of 1: about 7.2 times the work of the usual 22; minilm takes 512." in shown(app)


def test_what_was_chosen_for_a_gap_is_what_a_run_is_started_with(open_page, home, no_worker):
    app = open_page("gap", target="gun_point")
    app.number_input(key=KEY).set_value(60).run()
    app.switch_page("pages/views/refine.py").run()
    assert app.number_input(key=KEY).value == 60
    app.button(key="refine-start").click().run()
    assert not app.exception
    run = RunDir.find(runs_root(home), address(app))
    assert run.spec_values()["tokens"] == 60
    assert "at most 60 tokens a sample" in shown(app)
    app.button(key="refine-scratch").click().run()
    others = [path for path in runs_root(home).iterdir() if path != run.path]
    assert [RunDir.open(path).spec_values()["tokens"] for path in others] == [60]


def test_the_usual_number_is_no_part_of_a_specification(open_page, home, no_worker):
    app = open_page("refine", target="gun_point")
    app.button(key="refine-start").click().run()
    assert "tokens" not in RunDir.find(runs_root(home), address(app)).spec_values()
