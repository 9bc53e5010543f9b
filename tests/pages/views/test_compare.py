from pathlib import Path

from pages.ui import board
from tests.pages.runs import shown, written_run
from tests.report.test_page import a_gap, loaded
from xmodal_core.experiment.background import experiments
from xmodal_core.experiment.design import Design, Trial
from xmodal_core.experiment.folder import ExperimentDir
from xmodal_core.experiment.progress import Progress, Tried
from xmodal_core.methods import METHODS
from xmodal_core.panel import kept
from xmodal_core.panel.request import GapRequest
from xmodal_core.runs import job
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.process import own_stamp


def designs(home: Path) -> list[Design]:
    return [found.design() for found in experiments(home / "workspaces" / "default" / "experiments")]


def test_one_arm_for_each_role_on_three_seeds_at_two_rates_is_nineteen_runs(open_page, home, no_worker):
    """Four arms have two rates at the first seed and one at two more; the simple baseline searches by itself."""
    app = open_page("compare", target="digits")
    assert app.button(key="compare-launch").label == "Launch 19 runs"
    assert set(app.multiselect(key="compare-arms").options) == {kind.title.split(":")[0] for kind in METHODS.values()}
    app.multiselect(key="compare-seeds").set_value([0, 4])
    app.multiselect(key="compare-arms").set_value(["finetune", "pare"]).run()
    app.button(key="compare-launch").click().run()
    assert not app.exception
    (design,) = designs(home)
    assert (design.target, design.body, design.source) == ("digits", "fractal-vit", "fractals")
    assert (design.arms, design.seeds, design.rates) == (("finetune", "pare"), (0, 4), (0.5, 2.0))
    assert design.choice(Trial("finetune", 1.0)).budget == {"refine_steps": 285}  # 200 and the curriculum's 85
    assert "The experiment has stopped" in shown(app)  # no process was started
    app.button(key=f"{folder_of(home)}-cancel").click().run()
    assert "The experiment" not in shown(app)


def folder_of(home: Path) -> str:
    (experiment,) = experiments(home / "workspaces" / "default" / "experiments")
    return experiment.path.name


def test_an_experiment_shows_how_far_it_is_and_what_was_tried(open_page, home):
    folder = home / "workspaces" / "default" / "experiments" / "one"
    kept = ExperimentDir.create_at(folder, Design("digits", "fractal-vit", "fractals", ("finetune",)))
    tried = [Tried("Fine-tuning", "finetune", rate, 0, 285, 0, 0.5, chosen=rate < 1e-3) for rate in (5e-4, 2e-3)]
    kept.write_progress(Progress("Training Fine-tuning at every seed.", 4, ("a", "b"), tuple(tried)))
    kept.write_state("running")
    kept.write_process(own_stamp())
    app = open_page("compare", target="digits")
    assert not app.exception
    assert "The experiment is under way." in shown(app)
    table = next(d.value for d in app.dataframe if "learning rate" in d.value)
    assert table["outcome"].tolist() == ["chosen", ""]
    assert table["learning rate"].tolist() == ["0.0005", "0.002"]
    kept.write_state("failed", "no memory is left.")
    app = open_page("compare", target="digits")
    assert "Failed: no memory is left." in shown(app)


def test_unequal_budgets_can_be_asked_for(open_page):
    app = open_page("compare", target="digits")
    assert "finetune 285 refine; orca 30 align + 285 refine = 315" in shown(app)
    app.checkbox(key="compare-equal").uncheck().run()
    assert "finetune 200 refine; orca 30 align + 200 refine = 230" in shown(app)


def test_without_arms_nothing_can_be_launched(open_page):
    app = open_page("compare", target="digits")
    app.multiselect(key="compare-arms").set_value([]).run()
    assert app.button(key="compare-launch").disabled


def test_finished_runs_become_means_contrasts_and_a_download(open_page, home):
    for seed, (tuned, fresh) in enumerate([(0.95, 0.80), (0.96, 0.82), (0.94, 0.81)]):
        written_run(home, "finetune", seed=seed, accuracy=tuned)
        written_run(home, "scratch", seed=seed, accuracy=fresh)
    app = open_page("compare", target="digits")
    assert not app.exception
    table = next(d.value for d in app.dataframe if "95 % interval" in d.value)
    assert table["method"].tolist() == ["Fine-tuning", "From scratch"]
    assert table["test accuracy"].tolist() == ["0.9500 ± 0.0100", "0.8100 ± 0.0100"]
    assert table["seeds"].tolist() == [3, 3]
    assert table["95 % interval"].tolist() == ["0.925 to 0.975", "0.785 to 0.835"]  # 4.303 * 0.01 / sqrt(3)
    assert "Fine-tuning against From scratch: +14.0 points" in shown(app)
    assert "No seed has both a crossing method and full fine-tuning" in shown(app)
    assert len(app.dataframe[-1].value) == 6
    assert app.get("download_button")
    assert [chart.key for chart in app.get("plotly_chart")] == ["verdict-picture", "board-dots"]
    assert "The pretrained transformer helps; which way of using it is best is inconclusive so far." in shown(app)


def test_runs_are_listed_once_on_a_full_run(open_page, home, monkeypatch):
    written_run(home, "finetune", accuracy=0.95)
    real, asked = board.entries, []
    monkeypatch.setattr(board, "entries", lambda *of: asked.append(of) or real(*of))
    app = open_page("compare", target="digits")
    assert not app.exception
    assert len(asked) == 1
    assert len(app.dataframe[-1].value) == 1


def test_chosen_runs_draw_their_curves_and_say_in_what_they_differ(open_page, home):
    first = written_run(home, "finetune", accuracy=0.95, settings={"learning_rate": 0.002})
    second = written_run(home, "finetune", accuracy=0.9, seed=1)
    written_run(home, "scratch", accuracy=0.8)
    app = open_page("compare", target="digits")
    app.session_state["board-chosen"] = [first.path.name]
    app.run()
    assert "board-curves" in [chart.key for chart in app.get("plotly_chart")]
    assert "Choose a second row" in shown(app)
    app.session_state["board-chosen"] = [first.path.name, second.path.name, "gone"]
    app.run()
    assert not app.exception
    table = next(d.value for d in app.dataframe if "setting" in d.value)
    assert table["setting"].tolist() == ["seed", "settings.learning_rate"]
    assert [table[name].tolist() for name in table.columns[1:]] == [["0", "0.002"], ["1", "0.001"]]


def test_one_seed_is_called_inconclusive(open_page, home):
    written_run(home, "finetune", accuracy=0.95)
    written_run(home, "scratch", accuracy=0.80)
    assert "on one seed, which decides nothing" in shown(open_page("compare", target="digits"))


def test_runs_on_other_data_or_bodies_are_not_mixed_in(open_page, home):
    written_run(home, "finetune", accuracy=0.95, target="wine", body="minilm")
    app = open_page("compare", target="digits")
    assert "No run on this data and body yet" in shown(app)


def test_a_damaged_run_does_not_hide_the_others(open_page, home):
    written_run(home, "finetune", accuracy=0.95)
    (written_run(home, "scratch").path / "spec.json").write_text("{")
    (written_run(home, "simple", accuracy=0.9).path / "result.json").write_text('{"test": {"accuracy": 0.9}}')
    app = open_page("compare", target="digits")
    assert not app.exception
    assert len(app.dataframe[-1].value) == 1


def test_unfinished_runs_can_be_cancelled_together(open_page, home, monkeypatch):
    runs = [written_run(home, "finetune", done=1, seed=seed) for seed in (0, 1)]
    real = job.status
    monkeypatch.setattr(job, "status", lambda run: _as_live(real(run)))
    app = open_page("compare", target="digits")
    app.button(key="compare-cancel").click().run()
    assert [real(run).state for run in runs] == ["cancelled", "cancelled"]


def _as_live(status: JobStatus) -> JobStatus:
    from dataclasses import replace

    return replace(status, state="running", live=True) if status.state == "paused" else status


def test_the_verdict_card_shows_every_line_of_the_rule_and_what_would_change_it(open_page, home):
    for seed in range(3):
        for method, mean in (("finetune", 0.9), ("orca", 0.9), ("scratch", 0.8), ("stat_matched", 0.9)):
            written_run(home, method, seed=seed, accuracy=mean + 0.001 * seed)
    app = open_page("compare", target="digits")
    assert not app.exception
    assert "What the data show: full fine-tuning is enough" in shown(app)
    assert "Initialisation helps, knowledge reuse not shown" in shown(app)
    rules = next(d.value for d in app.dataframe if "stands" in d.value)
    assert rules["stands"].tolist() == ["not enough arms", "does not hold", "holds", "does not hold"]
    assert "Not run: a simple baseline (D)." in shown(app)
    app.number_input(key="compare-margin").set_value(12.0).run()
    assert "What the data show: train from scratch" in shown(app)


def test_unequal_label_budgets_stand_in_the_first_sentence(open_page, home):
    """PaRe takes 3 steps of curriculum and 5 of refinement on labels, fine-tuning 5."""
    written_run(home, "finetune", accuracy=0.95)
    written_run(home, "pare", accuracy=0.80)
    said = "What the data show: at unequal label budgets (steps on labels: PaRe 8; Fine-tuning 5): inconclusive."
    assert said in shown(open_page("compare", target="digits"))


def test_a_method_that_does_not_apply_is_left_out_with_its_reason(open_page):
    app = open_page("compare", target="digits")
    app.multiselect(key="compare-arms").set_value(["finetune", "lsg"]).run()
    assert not app.exception
    assert "Left out: LSG. digits: 10 of 10 class names mean nothing" in shown(app)
    assert app.button(key="compare-launch").label == "Launch 4 runs"


def test_controls_are_arms_of_their_own(open_page, home):
    written_run(home, "lsg", accuracy=0.9, target="wine", body="minilm")
    written_run(home, "lsg", accuracy=0.8, target="wine", body="minilm", settings={"control": "random"})
    app = open_page("compare", target="wine", body="minilm")
    table = next(d.value for d in app.dataframe if "95 % interval" in d.value)
    assert table["method"].tolist() == ["LSG", "LSG with random vectors (ablation)"]


def test_two_sizes_double_the_runs_and_a_number_replaces_them(open_page, home, no_worker):
    app = open_page("compare", target="digits")
    app.multiselect(key="compare-seeds").set_value([0, 4])
    app.multiselect(key="compare-arms").set_value(["finetune", "simple"]).run()
    app.segmented_control(key="compare-rows").set_value("both").run()
    assert app.button(key="compare-launch").label == "Launch 10 runs"
    app.button(key="compare-launch").click().run()
    assert not app.exception
    app.segmented_control(key="compare-rows").set_value("number").run()
    app.number_input(key="compare-n").set_value(100).run()
    app.button(key="compare-launch").click().run()
    app.number_input(key="compare-n").set_value(1079).run()  # every training row, by number
    app.button(key="compare-launch").click().run()
    assert sorted(design.rows for design in designs(home)) == [(0,), (0, 270), (100,)]  # 1079 / 4


def test_several_budgets_are_asked_for_as_a_curve_or_by_number(open_page, home, no_worker):
    app = open_page("compare", target="digits")
    app.segmented_control(key="compare-budgets").set_value("curve").run()
    app.button(key="compare-launch").click().run()
    app.segmented_control(key="compare-budgets").set_value("numbers").run()
    app.text_input(key="compare-steps").set_value("90, 300").run()
    app.button(key="compare-launch").click().run()
    assert not app.exception
    assert sorted(design.budgets for design in designs(home)) == [(31, 95, 285), (90, 300)]
    app.text_input(key="compare-steps").set_value("many").run()
    assert app.button(key="compare-launch").disabled
    assert "steps are 'many', expected whole numbers" in shown(app)


def test_rates_are_tried_by_every_arm_but_the_one_that_searches(open_page, home, no_worker):
    app = open_page("compare", target="digits")
    app.multiselect(key="compare-seeds").set_value([0])
    app.multiselect(key="compare-arms").set_value(["finetune", "scratch", "simple"]).run()
    app.multiselect(key="compare-rates").set_value([0.5, 1.0]).run()
    assert app.button(key="compare-launch").label == "Launch 5 runs"
    app.button(key="compare-launch").click().run()
    assert [design.rates for design in designs(home)] == [(0.5, 1.0)]


def test_ways_of_crossing_compete_unless_that_is_given_up(open_page):
    app = open_page("compare", target="digits")
    app.multiselect(key="compare-arms").set_value(["orca", "pare"]).run()
    assert app.button(key="compare-launch").label == "Launch 8 runs"  # 4 at 95 steps, 2 at 285, two more seeds
    app.checkbox(key="compare-early").uncheck().run()
    assert app.button(key="compare-launch").label == "Launch 8 runs"  # each arm two rates, and two more seeds


def test_runs_of_two_sizes_are_shown_apart_with_how_the_answer_changes(open_page, home):
    """With all rows 14 points above scratch at every seed; with 270 rows 30 points: the change is -16."""
    for seed in range(3):
        for method, mean in (("finetune", 0.94), ("orca", 0.94), ("scratch", 0.80)):
            written_run(home, method, seed=seed, accuracy=mean + 0.01 * seed)
        for method, mean in (("finetune", 0.60), ("orca", 0.90), ("scratch", 0.30)):
            written_run(home, method, seed=seed, accuracy=mean + 0.01 * seed, train_rows=270)
    written_run(home, "finetune", accuracy=0.1, shuffle_labels=True)
    app = open_page("compare", target="digits")
    assert not app.exception
    assert not app.error
    text = shown(app)
    assert (
        "The answer differs with size: with 270 training rows it is: align first, with ORCA; with 1,079 training rows "
        "it is: full fine-tuning is enough." in text
    )
    assert "(A - C): +30.0 points with 270 training rows, +14.0 with 1,079; change -16.0" in text
    assert "What the data show with 1,079 training rows: full fine-tuning is enough." in text
    assert "What the data show with 270 training rows: align first, with ORCA." in text
    assert "Runs on shuffled labels, left out: 1." in text
    assert text.count("Learning rates were not tuned: every arm ran at its method's default") == 2
    tables = [d.value for d in app.dataframe if "95 % interval" in d.value]
    assert [t["seeds"].tolist() for t in tables] == [[3, 3, 3]] * 4  # at either size, and once more beside its figure
    states = app.dataframe[-1].value
    assert sorted(set(states["training rows"])) == ["270", "all"]
    assert "Fine-tuning (shuffled labels)" in states["method"].tolist()
    charts = [chart.key for chart in app.get("plotly_chart")]
    assert charts[:2] == ["verdict-picture", "board-dots"]
    assert charts[-2:] == ["board-winners", "board-rows"]
    assert len(charts) == 6  # verdict and seeds of either size, who wins where, and against rows


def test_an_open_answer_says_what_is_known_of_rows(open_page, home):
    """Gains of 1, 2, 3 points with 1,079 rows and of -1, 0, 1 with 270: 1079 * (1079 / 270)^0.742 = 3,016."""
    for seed, points in enumerate((1, 2, 3)):
        for method, gain in (("finetune", points), ("orca", points), ("scratch", 0)):
            written_run(home, method, seed=seed, accuracy=0.8 + gain / 100)
            small = gain - 2 if method != "scratch" else 0
            written_run(home, method, seed=seed, accuracy=0.6 + small / 100, train_rows=270)
    text = shown(open_page("compare", target="digits"))
    assert "seeds an arm, with a chance of 80 %" in text
    assert "Intervals over seeds alone leave out the test rows" in text
    assert "About 3,100 training rows would settle Fine-tuning against From scratch (A - C), above the margin" in text
    assert "Rows are extrapolated only if" in text


def test_one_size_says_that_rows_need_a_second(open_page, home):
    for seed, points in enumerate((1, 2, 3)):
        for method, gain in (("finetune", points), ("orca", points), ("scratch", 0)):
            written_run(home, method, seed=seed, accuracy=0.8 + gain / 100)
    assert "cannot be told from one size; run a second one" in shown(open_page("compare", target="digits"))


def test_runs_at_two_budgets_are_shown_as_a_map_and_level_by_level(open_page, home):
    """Five steps of fine-tuning lose four points to scratch, ten win four: the arms cross half way in the logarithm."""
    for seed in range(3):
        for times, gain in ((1, -4), (2, 4)):
            own = 0.8 + (gain + 0.1 * seed) / 100
            written_run(home, "finetune", seed=seed, accuracy=own, times=times)
            written_run(home, "orca", seed=seed, accuracy=own - 0.05, times=times)
            written_run(home, "scratch", seed=seed, accuracy=0.8, times=times)
    app = open_page("compare", target="digits")
    assert not app.exception
    assert not app.error
    text = shown(app)
    assert [tab.label for tab in app.tabs] == ["10 steps on labels", "5 steps on labels"]
    assert (
        "The answer differs with budget: with 5 steps on labels it is: train from scratch; with 10 steps on labels it "
        "is: full fine-tuning is enough." in text
    )
    assert "Fine-tuning against From scratch (A - C) changes sign at about 7 steps on labels, 95 % interval" in text
    assert "What the data show with 10 steps on labels: full fine-tuning is enough." in text
    assert [chart.key for chart in app.get("plotly_chart")] == [
        "verdict-picture",
        "board-dots",
        "verdict-picture-1",
        "board-dots-1",
        "board-winners",
        "board-steps",
    ]


def test_two_methods_are_pinned_against_each_other(open_page, home):
    for seed in range(3):
        written_run(home, "finetune", seed=seed, accuracy=0.90)
        written_run(home, "orca", seed=seed, accuracy=0.85)
        written_run(home, "scratch", seed=seed, accuracy=0.80)
    app = open_page("compare", target="digits")
    assert "pair-a" not in [box.key for box in app.selectbox]  # nothing is computed before it is opened
    app.session_state["pair"] = True
    app.run()
    assert not app.exception
    app.selectbox(key="pair-a").set_value("orca").run()
    app.selectbox(key="pair-b").set_value("scratch").run()
    assert not app.exception
    assert "ORCA against From scratch: +5.0 points" in shown(app)
    table = next(d.value for d in app.dataframe if "setting" in d.value)
    assert "method" in table["setting"].tolist()
    app.selectbox(key="pair-b").set_value("orca").run()
    assert "A and B are the same method" in shown(app)


def test_gap_against_gain_says_what_it_lacks_and_then_what_it_cannot_say(open_page, home):
    for seed in range(3):
        written_run(home, "finetune", seed=seed, accuracy=0.9)
        written_run(home, "scratch", seed=seed, accuracy=0.8)
    app = open_page("compare", target="digits")
    app.session_state["gains"] = True
    app.run()
    assert not app.exception
    assert "No gap has been measured entering the network of: digits (fractal-vit)." in shown(app)
    path = home / "workspaces" / "default" / "gap" / "abc.json"
    load = loaded()
    kept.write_request(path, GapRequest("fractals", "digits", "fractal-vit", "embedder"))
    kept.write_report(path, a_gap(load("digits"), load("fractals")).report)
    app = open_page("compare", target="digits")
    app.session_state["gains"] = True
    app.run()
    assert not app.exception
    assert "Cannot say: 1 data set, and it takes 5." in shown(app)
    (figure,) = [chart for chart in app.get("plotly_chart") if chart.key == "gains-figure"]
    assert figure
