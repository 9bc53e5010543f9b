import json
from pathlib import Path

import pytest

from tests.pages.runs import READING, REUSE, shown, written_run
from tests.results import a_result
from xmodal_core.reuse import measure, trajectory
from xmodal_core.reuse.report import ReuseReport, Trajectory
from xmodal_core.runs import job
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.state import RunState


def point(step: int, retention: float | None, score: float | None) -> dict[str, object]:
    """A point of a trajectory."""
    return {
        "step": step,
        "accuracy": 0.9,
        "retention": retention,
        "probe": 0.9,
        "probe_retention": retention,
        "cka": 0.9,
        "drift": 0.1,
        "score": score,
        "n_score": 357,
    }


def followers(home: Path, run: RunDir, state: str = "done") -> dict[bool, RunDir]:
    """The two runs that follow a run, as workers leave them."""
    found = {}
    for shuffled in (False, True):
        spec = run.spec_values() | {"waypoints": 6, "shuffle_labels": shuffled}
        found[shuffled] = RunDir.create(home / "workspaces" / "default" / "followed", json.dumps(spec))
        found[shuffled].write_state(RunState(state, done=5, total=5))
        if state == "done":
            found[shuffled].write_result(a_result("finetune"))
    return found


def test_without_any_run_the_page_leads_to_align(open_page):
    app = open_page("reuse")
    assert not app.exception
    assert [b.key for b in app.button] == ["go-align"]


def test_an_unfinished_run_is_sent_on_to_its_end(open_page, home):
    app = open_page("reuse", run=written_run(home, done=2).path.name)
    assert not app.exception
    assert "not finished: Paused at step 2 of 4 of alignment" in shown(app)
    assert [b.key for b in app.button] == ["go-refine"]


def test_a_finished_run_offers_the_measurement_and_shows_no_number_before(open_page, home):
    app = open_page("reuse", run=written_run(home, accuracy=0.9).path.name)
    assert not app.exception
    assert [b.key for b in app.button] == ["reuse-measure", "reuse-follow"]
    assert not app.metric


def test_a_kept_report_is_shown_with_anchors_interval_and_blind_spots(open_page, home):
    run = written_run(home, accuracy=0.9)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    app = open_page("reuse", run=run.path.name)
    assert not app.exception
    assert app.metric[0].value == "50 %"
    assert "95 % interval −0.250 to −0.150".replace("−", "-") in shown(app)
    assert "400 held-out rows of fractals ask 600 others, k = 20" in shown(app)
    assert "is blind to this" in shown(app)
    assert len(app.get("plotly_chart")) == 5


def test_measuring_keeps_the_report_in_the_run_directory(open_page, home, monkeypatch):
    run = written_run(home, accuracy=0.9)
    monkeypatch.setattr(measure, "measure_reuse", lambda run: ReuseReport.from_json(REUSE))
    app = open_page("reuse", run=run.path.name)
    app.button(key="reuse-measure").click().run()
    assert not app.exception
    assert json.loads((run.path / "reuse.json").read_text()) == REUSE
    assert app.metric[0].value == "50 %"


def test_no_advantage_to_retain_is_said_in_words(open_page, home):
    run = written_run(home, accuracy=0.9)
    nothing = REUSE | {"retention": REUSE["retention"] | {"retention": None}}
    (run.path / "reuse.json").write_text(json.dumps(nothing))
    assert open_page("reuse", run=run.path.name).metric[0].value == "none to retain"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"retention": 3}', json.dumps(REUSE | {"retention": {}})])
def test_a_damaged_report_is_measured_again(open_page, home, text):
    run = written_run(home, accuracy=0.9)
    (run.path / "reuse.json").write_text(text)
    app = open_page("reuse", run=run.path.name)
    assert not app.exception
    assert app.button(key="reuse-measure")


@pytest.mark.parametrize("name", ["../../etc", "unknown"])
def test_an_address_that_names_no_run_is_told_and_finished_ones_are_offered(open_page, home, name):
    written_run(home, accuracy=0.9)
    app = open_page("reuse", run=name)
    assert not app.exception
    assert "not in this workspace" in shown(app)
    assert len(app.selectbox(key="reuse-pick").options) == 1


def test_every_reading_is_shown_with_its_rows_and_its_limits(open_page, home):
    run = written_run(home, accuracy=0.9)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    app = open_page("reuse", run=run.path.name)
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["50 %", "75 %"]
    assert len(app.get("plotly_chart")) == 5
    text = shown(app)
    assert "no stage of any method trains" in text
    assert "layer 1 0.0135, all 0.0165. Secondary" in text
    assert "Validation rows (n = 357)" in text
    table = next(t.value for t in app.dataframe if "kappa" in t.value)
    assert table["embedder"].tolist() == ["random", "before training", "trained"]
    assert "reuse-measure" not in [b.key for b in app.button]


def test_a_discrepancy_that_is_undefined_or_was_refused_is_said_in_words(open_page, home):
    run = written_run(home, accuracy=0.9)
    undefined = READING | {"discrepancy": None, "undefined": "Found 12 target classes."}
    knowledge = REUSE["knowledge"] | {"embedders": dict.fromkeys(("random", "start", "trained"), undefined)}
    (run.path / "reuse.json").write_text(json.dumps(REUSE | {"knowledge": knowledge}))
    app = open_page("reuse", run=run.path.name)
    assert not app.exception
    assert shown(app).count("undefined here: Found 12 target classes.") == 1
    refused = REUSE["knowledge"] | {"embedders": {}, "refused": "The targets fall into one cluster."}
    (run.path / "reuse.json").write_text(json.dumps(REUSE | {"knowledge": refused}))
    assert "Not measured: The targets fall into one cluster." in shown(open_page("reuse", run=run.path.name))


def test_without_the_three_arms_the_page_claims_nothing_and_names_what_is_missing(open_page, home):
    run = written_run(home, "finetune", accuracy=0.9)
    written_run(home, "stat_matched", accuracy=0.5, target="wine", body="minilm")
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    text = shown(open_page("reuse", run=run.path.name))
    assert "no finished run from scratch or of random weights with pretrained statistics" in text
    assert "reuse is shown" not in text
    assert "was reused" not in text


def test_with_the_three_arms_the_verdict_speaks(open_page, home):
    for seed in range(3):
        run = written_run(home, "finetune", accuracy=0.9 + seed / 1000, seed=seed)
        written_run(home, "scratch", accuracy=0.5, seed=seed)
        written_run(home, "stat_matched", accuracy=0.6, seed=seed)
    assert "Knowledge reuse is shown" in shown(open_page("reuse", run=run.path.name))


def test_where_pretrained_weights_do_not_help_there_is_nothing_to_explain(open_page, home):
    for seed in range(3):
        run = written_run(home, "finetune", accuracy=0.5, seed=seed)
        written_run(home, "scratch", accuracy=0.6 + seed / 1000, seed=seed)
        written_run(home, "stat_matched", accuracy=0.6, seed=seed)
    assert "no gain that reuse of knowledge could explain" in shown(open_page("reuse", run=run.path.name))


def test_a_mona_run_whose_meta_gradient_did_nothing_says_so(open_page, home):
    run = written_run(home, "mona", accuracy=0.9)  # its records have no meta_ratio at all
    app = open_page("reuse", run=run.path.name)
    assert not app.exception
    assert "equals pre-training the embedder" in shown(app)


def test_follow_creates_the_run_with_waypoints_and_its_control(open_page, home, monkeypatch):
    asked = []
    monkeypatch.setattr(job, "go", lambda run, until: asked.append((run, until)))
    run = written_run(home, "finetune", accuracy=0.9)
    app = open_page("reuse", run=run.path.name)
    app.button(key="reuse-follow").click().run()
    assert not app.exception
    specs = [followed.spec_values() for followed, _ in asked]
    assert [(s["waypoints"], s["shuffle_labels"]) for s in specs] == [(6, False), (6, True)]
    for spec in specs:
        assert {k: spec[k] for k in ("method", "target", "body", "seed")} == {
            k: run.spec_values()[k] for k in ("method", "target", "body", "seed")
        }
    assert {until for _, until in asked} == {5}
    assert len(list((home / "workspaces" / "default" / "runs").iterdir())) == 1, "no arms of the comparison"
    app.button(key="reuse-follow").click().run()
    assert len({followed.path for followed, _ in asked}) == 2, "what is there already goes on"


def test_finished_followers_are_measured_once_and_shown(open_page, home, monkeypatch):
    run = written_run(home, "finetune", accuracy=0.9)
    pair = followers(home, run)
    found = {
        "run": pair[False].path.name,
        "points": [point(0, 1.0, None), point(5, 0.8, 0.9)],
        "control_run": pair[True].path.name,
        "control": [point(0, 1.0, None), point(5, None, 0.1)],
        "source": "fractals",
        "source_labels": "",
        "source_rows": "400 bank rows and 300 queries.",
        "n_bank": 400,
        "n_query": 300,
        "n_layers": 200,
        "k": 20,
        "before": 0.8,
        "random": 0.4,
        "chance": 0.1,
        "score_name": "accuracy",
        "seed": 0,
    }
    monkeypatch.setattr(trajectory, "measure_trajectory", lambda run, control: Trajectory.from_json(found))
    app = open_page("reuse", run=run.path.name)
    assert "reuse-follow" not in [b.key for b in app.button]
    app.button(key="reuse-measure-along").click().run()
    assert not app.exception
    assert "Run at step 5: retention 0.800, accuracy 0.900; control at step 5: no advantage to retain" in shown(app)
    again = open_page("reuse", run=run.path.name)
    assert json.loads((pair[False].path / "trajectory.json").read_text()) == found
    assert "400 bank rows and 300 queries." in shown(again)
    assert "reuse-measure-along" not in [b.key for b in again.button]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_followers_that_ended_early_are_told_and_started_anew(open_page, home, monkeypatch, state):
    asked = []
    monkeypatch.setattr(job, "go", lambda run, until: asked.append(run.path.name))
    run = written_run(home, "finetune", accuracy=0.9)
    pair = followers(home, run, state)
    app = open_page("reuse", run=run.path.name)
    assert shown(app).count(state.capitalize()) == 2
    app.button(key="reuse-follow").click().run()
    assert len(asked) == 2
    assert not set(asked) & {one.path.name for one in pair.values()}


def test_a_baseline_without_a_body_has_no_way_to_follow(open_page, home):
    app = open_page("reuse", run=written_run(home, "simple", accuracy=0.9).path.name)
    assert not app.exception
    assert "reuse-follow" not in [b.key for b in app.button]
