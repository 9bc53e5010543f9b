import json
import os
import time

import pytest

from pages.ui import watch
from tests.pages.runs import address, runs_root, shown, written_run
from xmodal_core.figures.playback import unpack
from xmodal_core.methods import METHODS
from xmodal_core.runs import job
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.plan import Plan
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.worker import execute

ROAD = Plan("orca_pare", "t", "digits", "fractals", "b", 0, {}, (("align", 30), ("curriculum", 85), ("refine", 200)))


def test_start_writes_the_whole_road_as_a_run_and_asks_for_one_step(open_page, home, no_worker):
    app = open_page("align", target="digits")
    app.number_input(key="align-seed").set_value(7)
    app.number_input(key="align-budget-align_steps").set_value(3)
    app.button(key="align-start").click().run()
    assert not app.exception
    run = RunDir.find(runs_root(home), address(app))
    spec = run.spec_values()
    assert (spec["method"], spec["target"], spec["source"]) == ("orca_pare", "digits", "fractals")
    assert spec["body"] == "fractal-vit"
    assert (spec["seed"], spec["budget"]["align_steps"]) == (7, 3)
    assert run.read_control().run_until == 1


def titled(method):
    return METHODS[method].title


def scenes(app):
    """What the player was sent."""
    mounted = [
        element.proto for element in app.get("bidi_component") if element.proto.component_name == "xmodal_player"
    ]
    return unpack(mounted[0].bytes)[0]["scenes"] if mounted else []


def titles_of(scene):
    return [chart["title"] for chart in scene["charts"]]


def test_a_run_shows_its_clouds_its_curves_and_what_they_were_read_on(open_page, home):
    run = written_run(home, done=3)
    app = open_page("align", run=run.path.name)
    assert not app.exception
    (scene,) = scenes(app)
    assert scene["steps"] == [1, 2, 3]
    assert titles_of(scene) == ["training objective, not a distance", "held-out OTDD", "held-out rows"]
    source, target = scene["clouds"]
    assert (source["name"], target["name"]) == ("source", "target")
    assert target["uid"] == [f"digits/{row}" for row in range(12)]
    assert "sheet" in target
    assert "warned" not in scene
    assert "came closer to the source's and its classes stay as far apart" in shown(app)
    assert "Paused at step 3 of 4 of alignment" in shown(app)
    assert "n = 12 rows a side; seed 0; objective otdd" in shown(app)
    assert not app.warning


def test_source_rows_that_are_not_certain_go_without_pictures(open_page, home):
    (scene,) = scenes(open_page("align", run=written_run(home, done=2).path.name))
    assert "sheet" not in scene["clouds"][0]  # these frames do not name their source rows, nor are they the drawn ones


def test_before_the_first_step_there_is_nothing_to_play(open_page, home):
    app = open_page("align", run=written_run(home, done=0, state={"state": "paused"}).path.name)
    assert not app.exception
    assert not scenes(app)
    assert "No step has been taken yet" in shown(app)


def test_falling_held_out_accuracy_warns_at_the_step_where_it_began(open_page, home):
    app = open_page("align", run=written_run(home, done=3, falling_accuracy=True).path.name)
    (scene,) = scenes(app)
    assert scene["warned"]["step"] == 2
    assert "From step 2 on the objective is lower" in scene["warned"]["text"]
    assert "but its classes ran together" in shown(app)


def test_two_runs_on_one_target_stand_side_by_side(open_page, home):
    one = written_run(home, done=4)
    other = written_run(home, "orca", done=3, seed=1)
    written_run(home, "orca", done=3, target="wine")
    written_run(home, "finetune", done=2)
    app = open_page("align", run=one.path.name)
    choice = app.selectbox(key=f"align-beside-{one.path.name}")
    beside = f"Beside {titled('orca')}, seed 1, run {other.path.name}"
    assert choice.options == ["No other run beside it", beside]
    choice.set_value(other.path.name).run()
    assert not app.exception
    first, second = scenes(app)
    assert (first["steps"], second["steps"]) == ([1, 2, 3, 4], [1, 2, 3])
    assert "seed 0" in first["title"]
    assert "seed 1" in second["title"]
    assert app.query_params["beside"] in (other.path.name, [other.path.name])
    again = open_page("align", run=one.path.name, beside=other.path.name)  # the address alone shows both
    assert len(scenes(again)) == 2
    again.selectbox[0].set_value("").run()
    assert len(scenes(again)) == 1
    assert "beside" not in again.query_params
    assert "A · The target's cloud" in shown(app).replace("*", "")
    assert "B · The target's cloud" in shown(app).replace("*", "")


@pytest.mark.parametrize(("key", "until"), [("watch-step", 2), ("watch-more", 4), ("watch-play", 4)])
def test_transport_asks_for_steps_of_this_stage_only(open_page, home, no_worker, key, until):
    run = written_run(home, done=1)
    open_page("align", run=run.path.name).button(key=key).click().run()
    assert run.read_control().run_until == until


def test_cancel_ends_the_run_and_the_transport_is_closed(open_page, home):
    run = written_run(home, done=1)
    app = open_page("align", run=run.path.name)
    app.button(key="watch-cancel").click().run()
    assert job.status(run).state == "cancelled"
    assert app.button(key="watch-step").disabled
    assert "Cancelled at step 1 of 4" in shown(app)


def test_a_lost_worker_offers_to_go_on_from_the_checkpoint(open_page, home, no_worker):
    run = written_run(home, done=2, state={"state": "running"})
    (run.path / "log.txt").write_text("Killed\n")
    app = open_page("align", run=run.path.name)
    assert "The worker died after step 2" in shown(app)
    assert "Killed" in shown(app)
    app.button(key="watch-revive").click().run()
    assert run.read_control().run_until == 3


def test_a_failed_run_shows_its_sentence_as_plain_text(open_page, home):
    run = written_run(home, done=2, state={"state": "failed", "error": "[x](http://a.b) diverged."})
    app = open_page("align", run=run.path.name)
    raw = [p.proto.text for p in app.get("progress")]
    assert "diverged" in raw[0]
    assert "[x](http" not in raw[0]


def test_every_method_that_aligns_is_offered_mona_too(open_page, home, no_worker):
    app = open_page("align", target="digits")
    names = app.selectbox(key="align-method").options
    assert [name.split(":")[0] for name in names] == [
        "Crossing · ORCA",
        "Crossing · ORCA + PaRe",
        "Crossing · MoNA",
        "Crossing · RECRAFT",
    ]
    app.selectbox(key="align-method").set_value("mona").run()
    app.button(key="align-start").click().run()
    assert not app.exception
    assert RunDir.find(runs_root(home), address(app)).spec_values()["method"] == "mona"


def test_a_meta_gradient_that_did_nothing_is_told(open_page, home):
    run = written_run(home, "mona", done=4)
    steps = [json.loads(text) for text in (run.path / "steps.jsonl").read_text().splitlines()]
    for step in steps:
        step["metrics"]["meta_ratio"] = 1e-5
    (run.path / "steps.jsonl").write_text("".join(json.dumps(step) + "\n" for step in steps))
    app = open_page("align", run=run.path.name)
    assert not app.exception
    assert any("equals pre" in w.value.replace("\\", "") for w in app.warning)


def with_distortion(run: RunDir, last: tuple[float, float, float], read: int = 4) -> RunDir:
    """The run as RECRAFT writes it: 1.4 nats before training, chance 1.5, all answers 1.6; `last` from a step on."""
    steps = [json.loads(text) for text in (run.path / "steps.jsonl").read_text().splitlines()]
    names = ("distortion", "distortion_chance", "answer_entropy", "distortion_noise")
    steps[0]["metrics"] |= {"head_accuracy": 0.875, "head_slope_limit": 0.2, "head_steep_share": 0.4}
    steps[0]["metrics"] |= dict(zip([f"start_{name}" for name in names], (1.4, 1.5, 1.6, 0.01), strict=True))
    for step in steps[read - 1 :]:
        step["metrics"] |= dict(zip([f"heldout_{name}" for name in names], (*last, 0.01), strict=True))
        step["metrics"] |= {"distortion_n": 12.0}
    (run.path / "steps.jsonl").write_text("".join(json.dumps(step) + "\n" for step in steps))
    return run


def test_distortion_stands_beside_the_clouds_with_its_chance_and_a_gain_is_told(open_page, home):
    run = with_distortion(written_run(home, "recraft", done=4), (0.9, 1.5, 1.6))
    app = open_page("align", run=run.path.name)
    assert not app.exception
    (scene,) = scenes(app)
    (chart,) = (one for one in scene["charts"] if "entropies of held-out answers" in one["title"])
    assert [line["label"] for line in chart["lines"]] == ["distortion", "distortion, labels permuted", "all answers"]
    assert chart["lines"][0]["steps"] == [0, 4]
    assert "from 1.40 to 0.90 nats (labels permuted: 1.50), the entropy of all answers from 1.60 to 1.60" in shown(app)
    assert "answers tell 0.50 nats more of the labels than before" in shown(app)
    assert "names the class of 88% of held-out source rows and answers n = 12 held-out target rows" in shown(app)
    assert not app.warning


def test_a_fall_of_distortion_that_is_a_collapse_is_told_as_no_progress(open_page, home):
    run = with_distortion(written_run(home, "recraft", done=4), (0.1, 0.11, 0.12), read=3)
    app = open_page("align", run=run.path.name)
    assert any("collapse onto fewer source classes" in w.value and "no progress" in w.value for w in app.warning)


def test_recraft_is_launched_from_the_form_trained_and_shown(open_page, home, no_worker, files):
    where = {"target": "digits", "source": "fractals", "body": files.body}
    app = open_page("align", **where)
    app.selectbox(key="align-method").set_value("recraft").run()
    for stage, n in (("align", 2), ("refine", 1)):
        app.number_input(key=f"align-budget-{stage}_steps").set_value(n)
    app.button(key="align-start").click().run()
    assert not app.exception
    run = RunDir.find(runs_root(home), address(app))
    execute(run.path, follow_control=False)
    assert run.read_state().state == "done"
    app = open_page("align", run=run.path.name, **where)
    assert not app.exception
    (scene,) = scenes(app)
    assert any("entropies" in title for title in titles_of(scene))
    assert all("sheet" in cloud for cloud in scene["clouds"])
    told = shown(app)
    assert "Held-out distortion went from" in told
    assert "objective sinkhorn" in told
    assert "The source head names the class of" in told


def test_without_held_out_rows_the_page_says_that_nothing_is_known_of_distortion(open_page, home):
    run = written_run(home, "recraft", done=4)
    steps = [json.loads(text) for text in (run.path / "steps.jsonl").read_text().splitlines()]
    steps[0]["metrics"]["head_accuracy"] = 0.875
    (run.path / "steps.jsonl").write_text("".join(json.dumps(step) + "\n" for step in steps))
    app = open_page("align", run=run.path.name)
    assert any("is not known" in w.value for w in app.warning)


def test_a_run_without_alignment_says_what_it_has(open_page, home):
    app = open_page("align", run=written_run(home, "finetune", done=1).path.name)
    assert "Alignment is no part of this run" in shown(app)
    assert not scenes(app)


def test_a_damaged_specification_is_one_sentence(open_page, home):
    run = written_run(home)
    (run.path / "spec.json").write_text(json.dumps({"method": "nonsense", "target": "digits", "body": "b"}))
    app = open_page("align", run=run.path.name)
    assert not app.exception
    assert "method is 'nonsense'" in shown(app)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (JobStatus("queued", queue_position=2, live=True), "Queued, 2nd in line"),
        (JobStatus("waiting", done=3, total=315), "Waiting at step 3 of 30 of alignment"),
        (JobStatus("running", done=31, total=315, steps_per_second=2.0, live=True), "step 1 of 85 of the curriculum"),
        (JobStatus("running", done=115, total=315, steps_per_second=2.0, live=True), "2 steps a second"),
        (JobStatus("running", done=215, total=315, steps_per_second=2.0, live=True), "50 s for the rest of the run"),
        (JobStatus("new"), "Not started."),
        (JobStatus("done", done=315, total=315), "all 315 steps"),
        (JobStatus("failed", done=4, error="Too warm."), "Failed at step 4 of 30 of alignment: Too warm."),
    ],
)
def test_every_state_has_its_sentence(status, words):
    assert words.replace("2 steps", "2.0 steps") in watch.sentence(status, ROAD)


@pytest.mark.parametrize(("n", "word"), [(1, "1st"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd")])
def test_places_in_line_are_spelt(n, word):
    assert f"{word} in line" in watch.sentence(JobStatus("queued", queue_position=n, live=True), ROAD)


def test_names_of_uploads_and_bodies_show_no_path():
    assert watch.short("/a/b/0123456789abcdef.npz") == "upload 01234567"
    assert watch.short("/home/me/body") == "body"
    assert watch.short("google/vit-base") == "vit-base"
    assert watch.short("digits") == "digits"


def test_a_worker_that_gives_no_sign_of_life_is_said_to_hang(open_page, home):
    run = written_run(home, done=2, state={"state": "running"})
    life = run.life()
    assert life.take()
    run.beat()
    long_ago = time.time() - 600
    os.utime(run.path / "heartbeat", (long_ago, long_ago))
    assert "No sign of life for 10 min" in shown(open_page("align", run=run.path.name))
    run.beat()
    assert "No sign of life" not in shown(open_page("align", run=run.path.name))
    life.end()
