"""The fold "How samples go in and out": what it asks of which data, and that every page means the same by it."""

from tests.pages.runs import address, runs_root, shown, written_run
from xmodal_core.experiment.background import experiments
from xmodal_core.runs.rundir import RunDir

SERIES = "series-classification-minilm"
READOUT, POSITIONS, COMPAT = (f"model-{name}-{SERIES}" for name in ("readout", "positions", "compat"))


def asked(app) -> list[str]:
    """Names of the settings that are asked for, in their order."""
    return [box.key.split("-")[1] for box in app.selectbox if box.key and box.key.startswith("model-")]


def specs(home) -> list[dict]:
    return [RunDir.open(path).spec_values() for path in sorted(runs_root(home).iterdir())]


def test_it_asks_for_what_means_something_for_the_data(open_page):
    behind = ["readout", "start", "compat"]
    for target, own in (
        ("gun_point", ["positions", "stem", "scaling"]),
        ("digits", ["positions", "stem", "scaling"]),
        ("wine", ["positions", "numbers", "scaling"]),
    ):
        assert asked(open_page("refine", target=target)) == own + behind
        assert asked(open_page("gap", target=target)) == [*own, "compat"]
    assert asked(open_page("compare", target="gun_point")) == ["positions", "stem", "scaling", *behind]
    app = open_page("gap", target="gun_point", source="gun_point")
    assert asked(app.selectbox(key="space").set_value("raw").run()) == []
    app = open_page("refine", target="gun_point")
    assert asked(app.selectbox(key="refine-method").set_value("simple").run()) == []


def test_runs_of_before_say_so_where_they_are_shown_and_compared(open_page, home):
    run = written_run(home, "finetune", accuracy=0.9)
    assert "body fractal-vit, model of before · seed 0" in shown(open_page("refine", run=run.path.name))
    for page in ("compare", "report"):
        assert "Every run with a body: model of before." in shown(open_page(page, target="digits"))


def test_auto_is_shown_as_what_it_stands_for(open_page):
    app = open_page("align", target="gun_point")
    assert app.selectbox(key=POSITIONS).options[:2] == ["auto: before", "before"]
    assert app.selectbox(key=READOUT).options[0] == "auto: mean+flat"
    assert "Other than usual" not in shown(app)
    app.selectbox(key=COMPAT).set_value("earlier").run()
    assert app.selectbox(key=POSITIONS).options[0] == "auto: after"
    assert "Other than usual: model of before." in shown(app)


def test_what_was_chosen_for_a_gap_is_what_a_run_and_its_baselines_are_started_with(open_page, home, no_worker):
    app = open_page("gap", target="gun_point")
    app.selectbox(key=POSITIONS).set_value("after").run()
    app.switch_page("pages/views/refine.py").run()
    app.selectbox(key=READOUT).set_value("flat").run()
    app.button(key="refine-start").click().run()
    assert not app.exception
    assert RunDir.find(runs_root(home), address(app)).spec_values()["model"] == {
        "positions": "after",
        "readout": "flat",
    }
    assert "body minilm, positions after, readout flat · seed 0" in shown(app)
    app.button(key="refine-scratch").click().run()
    app.button(key="refine-simple").click().run()
    assert {spec["method"]: spec.get("model") for spec in specs(home)} == {
        "finetune": {"positions": "after", "readout": "flat"},
        "scratch": {"positions": "after", "readout": "flat"},
        "simple": None,
    }


def test_the_usual_model_is_no_part_of_a_specification(open_page, home, no_worker):
    open_page("refine", target="gun_point").button(key="refine-start").click().run()
    assert [("model" in spec, spec["schema"]) for spec in specs(home)] == [(False, 3)]


def test_an_experiment_runs_every_arm_with_it(open_page, home, no_worker):
    app = open_page("compare", target="gun_point")
    app.selectbox(key=READOUT).set_value("flat").run()
    app.button(key="compare-launch").click().run()
    assert not app.exception
    (experiment,) = experiments(home / "workspaces" / "default" / "experiments")
    assert experiment.design().model == {"readout": "flat"}


def test_what_the_release_does_not_have_is_refused_beside_start(open_page):
    app = open_page("refine", target="gun_point")
    app.selectbox(key=READOUT).set_value("flat").run()
    app.selectbox(key=COMPAT).set_value("released").run()
    assert not app.exception
    assert "readout is flat with compat released" in shown(app)
    assert app.button(key="refine-start").disabled
