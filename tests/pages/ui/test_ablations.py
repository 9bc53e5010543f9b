from tests.pages.runs import shown, written_run
from xmodal_core.experiment.background import experiments
from xmodal_core.runs.ablations import ABLATIONS


def titles(*names):
    return [ABLATIONS[name].title for name in names]


def test_ablations_are_those_of_the_chosen_arms_and_none_is_chosen(open_page):
    app = open_page("compare", target="digits")
    widget = app.multiselect(key="compare-ablations")
    assert widget.value == []
    square = "ORCA's 2 x 2: initialisation x alignment"
    cells = titles("orca_unaligned", "orca_random", "orca_random_unaligned")
    assert set(widget.options) == {*titles("finetune_one_rate"), square, *cells}
    app.multiselect(key="compare-arms").set_value(["scratch"]).run()
    assert not [one for one in app.multiselect if one.key == "compare-ablations"]


def test_the_square_of_orca_is_one_click_and_nothing_is_run_twice(open_page, home, no_worker):
    app = open_page("compare", target="digits")
    app.multiselect(key="compare-seeds").set_value([0])
    app.multiselect(key="compare-arms").set_value(["finetune", "orca"])
    app.multiselect(key="compare-ablations").set_value(["2 x 2"]).run()
    assert "Run once: ORCA without alignment is Fine-tuning, number by number." in shown(app)
    assert "orca_random 30 align + 285 refine = 315; orca_random_unaligned 0 align + 285 refine" in shown(app)
    app.button(key="compare-launch").click().run()
    assert not app.exception
    (experiment,) = experiments(home / "workspaces" / "default" / "experiments")
    assert experiment.design().arms == ("finetune", "orca", "orca_random", "orca_random_unaligned")


def test_an_ablation_goes_with_its_method(open_page):
    app = open_page("compare", target="digits")
    app.multiselect(key="compare-arms").set_value(["pare", "mona"]).run()
    app.multiselect(key="compare-ablations").set_value(["pare_beta0", "mona_plain"]).run()
    app.multiselect(key="compare-arms").set_value(["mona"]).run()
    assert not app.exception
    assert app.multiselect(key="compare-ablations").value == ["mona_plain"]
    assert app.button(key="compare-launch").label == "Launch 8 runs"  # two arms at two rates, and two more seeds each


def test_a_run_that_is_an_ablation_is_called_one_in_every_table(open_page, home):
    written_run(home, "pare", accuracy=0.8, settings={"beta": 0.0})
    app = open_page("compare", target="digits")
    told = shown_methods(app)
    assert set(told) == {"PaRe's schedule alone (ablation)"}
    assert len(told) > 1  # of means, of scores by seed, of states


def shown_methods(app):
    return [method for frame in app.dataframe if "method" in frame.value for method in frame.value["method"]]
