import json
import re
import time
from pathlib import Path

import pytest

from tests.pages.runs import READING, REUSE, shown, written_run
from tests.results import a_result
from xmodal_core.reuse import background
from xmodal_core.runs import errand, job
from xmodal_core.runs.errand import ErrandState
from xmodal_core.runs.process import own_stamp
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.state import RunState

KNOWLEDGE, USED = "Do source classes name your labels?", "Does your data use it?"
ALONG = "Along the run"


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


def tab(open_page, run: RunDir, name: str):
    """The page of a run with one of its folds open."""
    app = open_page("reuse", run=run.path.name)
    app.session_state["reuse-tab"] = name
    return app.run()


def under_way(run: RunDir, along: bool = False, **known: object) -> None:
    """A measurement of the run that this very process carries out."""
    told = background.errand_of(run, along=along)
    told.path.mkdir(parents=True)
    told.write(ErrandState("running", **{"line": "Showing samples", **known}))
    own_stamp().write(told.path / "proc.json")


def test_without_any_run_the_page_leads_to_align(open_page):
    app = open_page("reuse")
    assert not app.exception
    assert [b.key for b in app.button if b.key != "glossary"] == ["go-align"]


def test_an_unfinished_run_is_sent_on_to_its_end(open_page, home):
    app = open_page("reuse", run=written_run(home, done=2).path.name)
    assert not app.exception
    assert "not finished: Paused at step 2 of 4 of alignment" in shown(app)
    assert [b.key for b in app.button if b.key != "glossary"] == ["go-refine"]


def test_a_finished_run_offers_the_measurement_and_shows_no_number_before(open_page, home):
    app = open_page("reuse", run=written_run(home, accuracy=0.9).path.name)
    assert not app.exception
    assert [b.key for b in app.button if b.key != "glossary"] == ["reuse-measure"]
    assert not app.metric
    assert not app.tabs


def test_a_kept_report_is_one_sentence_one_picture_and_folds(open_page, home):
    run = written_run(home, accuracy=0.9)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    app = open_page("reuse", run=run.path.name)
    assert not app.exception
    assert app.subheader[0].value == (
        "After training on your data, about half of what the network knew before is still there\\."
    )
    assert len(app.get("plotly_chart")) == 1 + 2  # the ruler, and the first fold
    text = shown(app)
    assert "it recognises 60 %; before training it was 80 %, with random weights 40 %" in text
    assert "What random weights would give is not known yet" in text
    assert app.metric[0].value == "50 %"
    assert "95 % interval -0.250 to -0.150" in text
    assert "400 held-out rows of fractals ask 600 others, k = 20" in text
    assert "is blind to this" not in text
    assert "is blind to this" in shown(tab(open_page, run, "What this cannot tell"))


def test_what_random_weights_gave_stands_beside_it_on_validation_rows(open_page, home):
    run = written_run(home, "finetune", accuracy=0.9)
    for seed in (0, 1):
        written_run(home, "scratch", accuracy=0.5 + seed / 10, seed=seed)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    text = shown(open_page("reuse", run=run.path.name))
    assert "validation accuracy of 0.900; starting from random weights gives 0.550 (the mean of 2 runs" in text


def test_measuring_is_a_process_that_is_started_once(open_page, home, monkeypatch):
    asked = []
    monkeypatch.setattr(errand, "start_detached", lambda module, arguments, _: asked.append((module, arguments[1])))
    run = written_run(home, accuracy=0.9)
    app = open_page("reuse", run=run.path.name)
    app.button(key="reuse-measure").click().run()
    assert not app.exception
    assert asked == [("xmodal_core.reuse.worker", str(run.path.resolve()))]


def test_a_measurement_under_way_is_found_by_whoever_opens_the_page_and_can_be_cancelled(open_page, home, monkeypatch):
    ended = []
    monkeypatch.setattr(errand, "end", lambda stamp, force: ended.append(force))
    monkeypatch.setattr(errand, "_GRACE_S", 0.0)
    run = written_run(home, accuracy=0.9)
    under_way(run, share=0.5, begun=time.time() - 10, at=time.time())
    app = open_page("reuse", run=run.path.name)
    assert not app.exception
    assert re.search(r"Showing samples · 1\d s, about (9|10) s left", shown(app))
    assert "reuse-measure" not in [b.key for b in app.button]
    app.button(key="reuse-cancel").click()
    monkeypatch.setattr(errand, "is_alive", lambda _: False)
    app.run()
    assert ended == [False, True]
    assert "Cancelled after 1" in shown(app)
    assert app.button(key="reuse-measure")


@pytest.mark.parametrize(("state", "said"), [("failed", "Out of memory"), ("running", "has died")])
def test_a_measurement_that_failed_or_was_lost_says_so_and_can_be_taken_again(open_page, home, state, said):
    run = written_run(home, accuracy=0.9)
    told = background.errand_of(run)
    told.path.mkdir()
    told.write(ErrandState(state, error="Out of memory; use a smaller body."))
    app = open_page("reuse", run=run.path.name)
    assert said in app.error[0].value.replace("\\", "")
    assert app.button(key="reuse-measure")


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
    assert len(app.button_group) == 2
    run = next(r for r in job.list_runs(home / "workspaces" / "default" / "runs"))
    app.button_group[1].set_value(run.path.name).run()
    assert not app.exception
    assert app.button(key="reuse-measure")


def test_every_reading_is_shown_with_its_rows_in_its_fold(open_page, home):
    run = written_run(home, accuracy=0.9)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    app = tab(open_page, run, "Two ways of asking")
    assert [metric.value for metric in app.metric] == ["50 %", "75 %"]
    assert "no stage of any method trains" in shown(app)
    app = tab(open_page, run, "Layer by layer")
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1 + 3
    assert "layer 1 0.0135, all 0.0165. Secondary" in shown(app)
    app = tab(open_page, run, KNOWLEDGE)
    assert "Validation rows (n = 357)" in shown(app)
    table = next(t.value for t in app.dataframe if "kappa" in t.value)
    assert table["embedder"].tolist() == ["random", "before training", "trained"]
    assert "reuse-measure" not in [b.key for b in app.button]


def test_a_discrepancy_that_is_undefined_or_was_refused_is_said_in_words(open_page, home):
    run = written_run(home, accuracy=0.9)
    undefined = READING | {"discrepancy": None, "undefined": "Found 12 target classes."}
    knowledge = REUSE["knowledge"] | {"embedders": dict.fromkeys(("random", "start", "trained"), undefined)}
    (run.path / "reuse.json").write_text(json.dumps(REUSE | {"knowledge": knowledge}))
    app = tab(open_page, run, KNOWLEDGE)
    assert not app.exception
    assert shown(app).count("undefined here: Found 12 target classes.") == 1
    refused = REUSE["knowledge"] | {"embedders": {}, "refused": "The targets fall into one cluster."}
    (run.path / "reuse.json").write_text(json.dumps(REUSE | {"knowledge": refused}))
    assert "Not measured: The targets fall into one cluster." in shown(tab(open_page, run, KNOWLEDGE))


def test_without_the_three_arms_the_page_claims_nothing_and_names_what_is_missing(open_page, home):
    run = written_run(home, "finetune", accuracy=0.9)
    written_run(home, "stat_matched", accuracy=0.5, target="wine", body="minilm")
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    text = shown(tab(open_page, run, USED))
    assert "no finished run from scratch or of random weights with pretrained statistics" in text
    assert "reuse is shown" not in text
    assert "was reused" not in text


def test_with_the_three_arms_the_verdict_speaks(open_page, home):
    for seed in range(3):
        run = written_run(home, "finetune", accuracy=0.9 + seed / 1000, seed=seed)
        written_run(home, "scratch", accuracy=0.5, seed=seed)
        written_run(home, "stat_matched", accuracy=0.6, seed=seed)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    assert "Knowledge reuse is shown" in shown(tab(open_page, run, USED))


def test_where_pretrained_weights_do_not_help_there_is_nothing_to_explain(open_page, home):
    for seed in range(3):
        run = written_run(home, "finetune", accuracy=0.5, seed=seed)
        written_run(home, "scratch", accuracy=0.6 + seed / 1000, seed=seed)
        written_run(home, "stat_matched", accuracy=0.6, seed=seed)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    assert "no gain that reuse of knowledge could explain" in shown(tab(open_page, run, USED))


def test_a_mona_run_whose_meta_gradient_did_nothing_says_so(open_page, home):
    run = written_run(home, "mona", accuracy=0.9)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    app = open_page("reuse", run=run.path.name)
    assert not app.exception
    assert "equals pre-training the embedder" in shown(app)


def test_follow_creates_the_run_with_waypoints_and_its_control(open_page, home, monkeypatch):
    asked = []
    monkeypatch.setattr(job, "go", lambda run, until: asked.append((run, until)))
    run = written_run(home, "finetune", accuracy=0.9)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    app = tab(open_page, run, ALONG)
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
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
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
    asked = []
    monkeypatch.setattr(errand, "start_detached", lambda module, arguments, _: asked.append(arguments[1:]))
    app = tab(open_page, run, ALONG)
    assert "reuse-follow" not in [b.key for b in app.button]
    app.button(key="reuse-measure-along").click().run()
    assert asked == [[str(pair[shuffled].path.resolve()) for shuffled in (False, True)]]
    pair[False].write_trajectory(found)
    app = tab(open_page, run, ALONG)
    assert not app.exception
    assert "Run at step 5: retention 0.800, accuracy 0.900; control at step 5: no advantage to retain" in shown(app)
    assert "400 bank rows and 300 queries." in shown(app)
    assert "reuse-measure-along" not in [b.key for b in app.button]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_followers_that_ended_early_are_told_and_started_anew(open_page, home, monkeypatch, state):
    asked = []
    monkeypatch.setattr(job, "go", lambda run, until: asked.append(run.path.name))
    run = written_run(home, "finetune", accuracy=0.9)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    pair = followers(home, run, state)
    app = tab(open_page, run, ALONG)
    assert shown(app).count(state.capitalize()) == 2
    app.button(key="reuse-follow").click().run()
    assert len(asked) == 2
    assert not set(asked) & {one.path.name for one in pair.values()}


def test_a_baseline_without_a_body_has_no_way_to_follow(open_page, home):
    app = open_page("reuse", run=written_run(home, "simple", accuracy=0.9).path.name)
    assert not app.exception
    assert "no pretrained network" in shown(app)
    assert "reuse-follow" not in [b.key for b in app.button]
