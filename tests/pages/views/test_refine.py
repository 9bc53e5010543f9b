import numpy as np
import streamlit as st

from tests.pages.runs import address, runs_root, shown, written_run
from xmodal_core.methods import METHODS
from xmodal_core.runs import job
from xmodal_core.runs.rundir import RunDir


def test_without_a_run_fine_tuning_starts_here_and_goes_to_its_end(open_page, home, no_worker):
    app = open_page("refine", target="digits")
    app.number_input(key="refine-budget-refine_steps").set_value(9)
    app.button(key="refine-start").click().run()
    assert not app.exception
    run = RunDir.find(runs_root(home), address(app))
    assert run.spec_values()["method"] == "finetune"
    assert run.read_control().run_until == 9


def test_an_unfinished_run_shows_curves_but_no_test_score(open_page, home):
    app = open_page("refine", run=written_run(home, "finetune", done=3).path.name)
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1
    assert not app.metric
    assert "test rows are read once" in shown(app)


def test_a_finished_run_shows_its_test_score_with_n_seed_steps_and_device(open_page, home):
    run = written_run(home, "orca", accuracy=0.875, seed=3)
    app = open_page("refine", run=run.path.name)
    assert app.metric[0].value == "0.875"
    assert "n = 361 test rows" in shown(app)
    assert "seed 3; 9 steps in 12 s on cpu: 1 thread" in shown(app)
    assert app.button(key="watch-play").disabled


def test_a_baseline_takes_data_and_seed_of_the_run_and_as_many_labelled_steps(open_page, home, no_worker):
    run = written_run(home, accuracy=0.875, seed=3)
    app = open_page("refine", run=run.path.name)
    app.button(key="refine-scratch").click().run()
    assert not app.exception
    other = next(r for r in job.list_runs(runs_root(home)) if r.path != run.path)
    spec = other.spec_values()
    assert (spec["method"], spec["target"], spec["seed"]) == ("scratch", "digits", 3)
    assert spec["budget"] == {"refine_steps": 3 + 5}  # the curriculum's and the refinement's
    assert other.path.name in shown(app)


def test_every_method_is_offered_in_its_group(open_page):
    options = open_page("refine", target="digits").selectbox(key="refine-method").options
    assert len(options) == len(METHODS)
    groups = [option.split(" · ")[0] for option in options]
    assert groups == sorted(groups, reverse=True)  # crossing methods, then baselines
    assert sum(group == "Baseline" for group in groups) == 7


def test_lsg_without_names_is_refused_before_anything_starts(open_page, home):
    app = open_page("refine", target="digits")
    app.selectbox(key="refine-method").set_value("lsg").run()
    assert not app.exception
    assert "class names mean nothing in language" in shown(app)
    assert app.button(key="refine-start").disabled
    check = next(d.value for d in app.dataframe if "read as" in d.value)
    assert check["found"].tolist() == ["a number or placeholder"] * 10


def test_descriptions_typed_in_the_table_heal_it_and_go_into_the_run(open_page, home, no_worker, monkeypatch):
    words = ["ring", "stroke", "swan", "bows", "chair", "hook", "curl", "cane", "snowman", "pole"]
    monkeypatch.setattr(st, "data_editor", lambda given, **_: given | {"description": words})
    app = open_page("refine", target="digits")
    app.selectbox(key="refine-method").set_value("lsg").run()
    app.radio(key="refine-lsg-control").set_value("shuffled").run()
    app.button(key="refine-start").click().run()
    assert not app.exception
    settings = RunDir.find(runs_root(home), address(app)).spec_values()["settings"]
    assert settings["descriptions"].splitlines()[:2] == ["0: ring", "1: stroke"]
    assert (settings["control"], settings["keep_names"]) == ("shuffled", "")


def test_a_linear_probe_keeps_its_own_learning_rate_beside_a_run_with_another(open_page, home, no_worker):
    run = written_run(home, "finetune", accuracy=0.9, settings={"learning_rate": 0.005, "batch_size": 16})
    app = open_page("refine", run=run.path.name)
    app.button(key="refine-linear_probe").click().run()
    assert not app.exception
    other = next(r for r in job.list_runs(runs_root(home)) if r.path != run.path)
    assert other.spec_values()["settings"] == {"batch_size": 16}


def test_a_run_guided_by_names_offers_its_controls(open_page, home, no_worker):
    run = written_run(home, "lsg", accuracy=0.9, target="wine", body="minilm", settings={"keep_names": "*"})
    app = open_page("refine", run=run.path.name)
    app.button(key="refine-shuffled").click().run()
    assert not app.exception
    other = next(r for r in job.list_runs(runs_root(home)) if r.path != run.path)
    settings = other.spec_values()["settings"]
    assert (settings["control"], settings["keep_names"]) == ("shuffled", "*")


def test_any_method_that_fine_tunes_can_be_guided_by_names(open_page, home, no_worker, monkeypatch):
    words = ["ring", "stroke", "swan", "bows", "chair", "hook", "curl", "cane", "snowman", "pole"]
    monkeypatch.setattr(st, "data_editor", lambda given, **_: given | {"description": words})
    app = open_page("refine", target="digits")
    app.selectbox(key="refine-method").set_value("orca").run()
    app.toggle(key="refine-orca-guide").set_value(True).run()
    app.radio(key="refine-orca-guiding-control").set_value("random").run()
    app.button(key="refine-start").click().run()
    assert not app.exception
    spec = RunDir.find(runs_root(home), address(app)).spec_values()
    assert spec["method"] == "orca"
    assert spec["guidance"]["control"] == "random"
    assert spec["guidance"]["descriptions"].splitlines()[0] == "0: ring"
    assert "guided by random" in shown(app)


def test_guidance_by_names_that_mean_nothing_is_refused_before_anything_starts(open_page, home):
    app = open_page("refine", target="digits")
    app.selectbox(key="refine-method").set_value("finetune").run()
    assert not app.button(key="refine-start").disabled
    app.toggle(key="refine-finetune-guide").set_value(True).run()
    assert not app.exception
    assert app.button(key="refine-start").disabled
    assert "class names mean nothing in language" in shown(app)


def test_guidance_is_not_offered_where_nothing_is_fine_tuned(open_page, home):
    app = open_page("refine", target="digits")
    for method in ("simple", "linear_probe", "lsg"):
        app.selectbox(key="refine-method").set_value(method).run()
        assert not app.toggle


def test_a_finished_run_offers_what_it_says_of_every_row(open_page, home):
    run = written_run(home, "finetune", accuracy=0.9)
    assert not open_page("refine", run=run.path.name).get("download_button")
    run.write_predictions({"uid": np.array(["digits/0"]), "prediction": np.array(["3"])})
    app = open_page("refine", run=run.path.name)
    assert not app.exception
    assert [button.label for button in app.get("download_button")] == ["Predictions as CSV", "As Parquet"]
