import numpy as np
import streamlit as st

from tests.pages.runs import address, runs_root, shown, written_run
from xmodal_core.experiment import background
from xmodal_core.experiment.design import Design, Trial
from xmodal_core.experiment.pace import Pace, StagePace
from xmodal_core.experiment.pacer import keys_of
from xmodal_core.experiment.progress import Progress
from xmodal_core.methods import METHODS
from xmodal_core.runs import errand, job
from xmodal_core.runs.objects import write_object
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.state import RunState


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


def test_the_test_result_is_sealed_until_it_is_asked_for_and_each_look_is_counted(open_page, home):
    run = written_run(home, "orca", accuracy=0.875, seed=3)
    app = open_page("refine", run=run.path.name)
    assert [metric.label for metric in app.metric] == ["Validation accuracy"]
    assert "n = 361 test rows" not in shown(app)
    assert "Nobody has looked at it so far." in shown(app)
    assert not app.get("download_button"), "predictions tell the test rows, too"
    app.button(key="refine-open-test").click().run()
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["0.875", "0.875"]
    assert "n = 361 test rows" in shown(app)
    assert "seed 3; 9 steps in 12 s on cpu: 1 thread. Looked at 1 time." in shown(app)
    assert not [button for button in app.button if button.key == "watch-play"], "nothing is left to train"
    assert len(run.looks()) == 1
    again = open_page("refine", run=run.path.name)
    assert "It was looked at once so far." in shown(again)
    again.button(key="refine-open-test").click().run()
    assert len(run.looks()) == 2


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
    run.write_predictions({"uid": np.array(["digits/0"]), "prediction": np.array(["3"])})
    app = open_page("refine", run=run.path.name)
    assert not app.get("download_button")
    app.button(key="refine-open-test").click().run()
    assert not app.exception
    assert [button.label for button in app.get("download_button")] == ["Predictions as CSV", "As Parquet"]


def pace(**changes) -> Pace:
    return Pace(**{"load_s": 5.0, "stages": {"refine": StagePace(1.0, 0.1)}, "memory": 10**9, **changes})


def keep(home, app_design, paces) -> None:
    for arm, key in keys_of(app_design).items():
        if arm in paces:
            write_object(home / "workspaces" / "default" / "paces" / f"{key}.json", paces[arm].to_json())


DESIGN = Design("digits", "fractal-vit", "fractals", ("finetune", "scratch", "simple"))


def test_baselines_are_ticked_and_times_are_not_known_before_they_are_measured(open_page):
    app = open_page("refine", target="digits")
    assert not app.exception
    table = next(t.value for t in app.dataframe if "time of a run" in t.value)
    assert table["method"].tolist() == ["Fine-tuning", "From scratch", "Simple baseline, no transformer"]
    assert table["runs"].tolist() == ["4: 3 seeds, 2 learning rates"] * 2 + ["3: 3 seeds"]
    assert set(table["time of a run"]) == {"not known yet"}
    assert app.button(key="plan-launch").label == "Launch 11 runs"
    assert "11 runs" in shown(app)
    assert app.button(key="plan-estimate")


def test_estimates_follow_from_the_paces_that_are_kept(open_page, home):
    keep(home, DESIGN, {"finetune": pace(), "scratch": pace(), "simple": pace(failed="Out of memory.")})
    app = open_page("refine", target="digits")
    table = next(t.value for t in app.dataframe if "time of a run" in t.value)
    # 285 steps of 0.1 and a second before them
    assert table["time of a run"].tolist() == ["≈ 30 s", "≈ 30 s", "fails"]
    assert table["time in all"].tolist() == ["≈ 2 min", "≈ 2 min", "fails"]
    assert table["memory"].tolist() == ["1.0 GB", "1.0 GB", "fails"]
    assert "Simple baseline, no transformer failed in its first steps: Out of memory." in shown(app)
    keep(home, DESIGN, {"simple": pace()})
    app = open_page("refine", target="digits")
    assert "≈" in app.button(key="plan-launch").label
    assert "plan-estimate" not in [b.key for b in app.button]


def test_estimating_is_asked_of_a_process(open_page, home, monkeypatch):
    asked = []
    monkeypatch.setattr(errand, "start_detached", lambda module, arguments, _: asked.append(module))
    app = open_page("refine", target="digits")
    app.button(key="plan-estimate").click().run()
    assert not app.exception
    assert asked == ["xmodal_core.experiment.pacer"]


def launched(open_page, home):
    """The page of a plan that was launched, with the experiment."""
    app = open_page("refine", target="digits")
    app.button(key="plan-launch").click().run()
    assert not app.exception
    (experiment,) = background.experiments(home / "workspaces" / "default" / "experiments")
    return app, experiment


def queue(app):
    return next(t.value for t in app.dataframe if "waits for" in t.value)


def test_launching_makes_an_experiment_with_its_queue_and_pause(open_page, home, no_worker):
    app, experiment = launched(open_page, home)
    assert experiment.design().arms == DESIGN.arms
    table = queue(app)
    assert table["run"].tolist()[:5] == [
        "Fine-tuning × 0.5",
        "Fine-tuning × 2",
        "From scratch × 0.5",
        "From scratch × 2",
        "Simple baseline, no transformer",
    ]
    assert table["state"].tolist()[:3] == ["queued (1st)", "queued (2nd)", "queued (3rd)"]
    assert table["waits for"].tolist()[3:6] == ["turns 1 to 2", "turns 1 to 4", "turns 1 to 4"]
    assert "paused" in shown(app), "no process took it up"
    assert app.button(key="plan-go")
    app.button(key="plan-cancel").click().run()
    assert experiment.state()[0] == "cancelled"
    assert set(queue(app)["state"]) == {"cancelled"}


def test_the_states_of_runs_are_told_in_words_and_their_curves_drawn(open_page, home, no_worker):
    _, experiment = launched(open_page, home)
    design = experiment.design()
    names = []
    for rate, state in ((0.5, "done"), (2.0, "failed")):
        choice = design.choice(Trial("finetune", rate))
        run = RunDir.create(runs_root(home), design.specification(choice).to_json())
        names.append(run.path.name)
        total = sum(choice.budget.values())
        if state == "done":
            run.append_step(
                {"done": 1, "stage": "refine", "index": 1, "total": total, "seconds": 0.1, "frame": False,
                 "metrics": {"loss": 1.0, "validation_score": 0.5}}
            )  # fmt: skip
            run.write_state(RunState("paused", done=30, total=total))
        else:
            run.write_state(RunState(state, done=3, total=total, error="training diverged; lower learning_rate."))
    experiment.write_progress(Progress("Choosing.", 11, tuple(names)))
    app = open_page("refine", target="digits")
    assert not app.exception
    assert queue(app)["state"].tolist()[:3] == [
        f"paused, step 30 of {total}",
        "failed: training diverged; lower learning_rate.",
        "queued (1st)",
    ]
    assert "1 of 11 runs are over" in shown(app)
    assert len(app.get("plotly_chart")) == 1
