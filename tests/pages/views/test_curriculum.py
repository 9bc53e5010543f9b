import json

import pytest

from tests.pages.runs import N_TOKENS, K, runs_root, shown, written_run
from xmodal_core.figures.playback import unpack
from xmodal_core.runs import job


def test_without_a_run_every_method_with_a_curriculum_can_be_started_here(open_page, home, no_worker):
    app = open_page("curriculum", target="digits")
    assert not app.exception
    assert len(app.selectbox(key="curriculum-method").options) == 2
    app.button(key="curriculum-start").click().run()
    assert not app.exception
    (run,) = job.list_runs(runs_root(home))
    assert run.spec_values()["method"] == "pare"
    assert run.read_control().run_until == 1


def test_a_run_that_is_still_aligning_offers_to_go_on(open_page, home, no_worker):
    run = written_run(home, done=1)
    app = open_page("curriculum", run=run.path.name)
    assert "has not reached the curriculum" in shown(app)
    assert app.button(key="watch-approach").label == "Go on to the curriculum (3 steps come first)"
    app.button(key="watch-approach").click().run()
    assert run.read_control().run_until == 5


def test_the_last_alignment_step_done_the_curriculum_can_be_stepped(open_page, home, no_worker):
    run = written_run(home, done=4)
    app = open_page("curriculum", run=run.path.name)
    assert "No step has been taken yet" in shown(app)
    app.button(key="watch-step").click().run()
    assert run.read_control().run_until == 5


def exchanged(app):
    """What the browser was sent of the chosen sample."""
    (mounted,) = [e.proto for e in app.get("bidi_component") if e.proto.component_name == "xmodal_exchange"]
    return json.loads(mounted.json)


def test_a_sample_comes_with_what_is_exchanged_at_every_step_and_in_which_order_at_any_k(open_page, home):
    run = written_run(home, "pare", done=2)
    app = open_page("curriculum", run=run.path.name)
    assert not app.exception
    told = exchanged(app)
    frame = run.read_frame(2)
    assert [one["step"] for one in told["frames"]] == [1, 2]
    last = told["frames"][-1]
    assert last["chosen"] == frame["source_chosen"][0].tolist()
    assert last["replaced"] == frame["target_replaced"][0].tolist()
    assert last["source_order"][0] == frame["source_scores"][0].argmax()
    assert last["target_order"][0] == frame["target_scores"][0].argmin()
    assert told["source"]["n"] == told["target"]["n"] == N_TOKENS
    assert told["previews"]
    assert f"{K} of {N_TOKENS}" in shown(app)
    assert "Mixing happens on embeddings" in shown(app).replace("\\", "")


def test_the_clouds_are_played_with_what_the_gate_learnt(open_page, home):
    app = open_page("curriculum", run=written_run(home, "pare", done=2).path.name)
    mounted = [e.proto for e in app.get("bidi_component") if e.proto.component_name == "xmodal_player"]
    (scene,) = unpack(mounted[0].bytes)[0]["scenes"]
    assert [cloud["name"] for cloud in scene["clouds"]] == ["source", "target", "intermediate"]
    assert "spread of gate scores" in [chart["title"] for chart in scene["charts"]]


@pytest.mark.parametrize("target", ["gun_point", "wine"])
def test_series_and_tables_are_exchanged_with_the_words_of_a_text(open_page, home, target):
    run = written_run(home, "pare", done=2, target=target, body="minilm")
    app = open_page("curriculum", run=run.path.name)
    assert not app.exception
    told = exchanged(app)
    assert told["source"]["sheet"] != told["target"]["sheet"]


def test_a_random_choice_cannot_be_previewed(open_page, home):
    app = open_page("curriculum", run=written_run(home, "pare", done=2, settings={"rule": "random"}).path.name)
    assert not app.exception
    assert not exchanged(app)["previews"]


def test_another_sample_can_be_chosen(open_page, home):
    app = open_page("curriculum", run=written_run(home, "pare", done=2).path.name)
    before = exchanged(app)
    app.selectbox(key="curriculum-sample").set_value(2).run()
    assert not app.exception
    assert exchanged(app)["target"] != before["target"]


def test_next_epoch_goes_to_the_end_of_the_epoch_within_the_stage(open_page, home, no_worker):
    run = written_run(home, "pare", done=1)
    open_page("curriculum", run=run.path.name).button(key="watch-more").click().run()
    assert run.read_control().run_until == 3  # an epoch of digits has 34 steps, the stage has 3


def test_a_missing_frame_is_told_not_thrown(open_page, home):
    run = written_run(home, "pare", done=2)
    (run.path / "frames" / "000002.npz").write_bytes(b"torn")
    app = open_page("curriculum", run=run.path.name)
    assert not app.exception
    assert "no readable frame" in shown(app)
