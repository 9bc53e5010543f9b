import pytest

from tests.pages.runs import N_TOKENS, K, runs_root, shown, written_run
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


def test_images_show_both_sides_of_a_sample_and_how_many_tokens_are_exchanged(open_page, home):
    app = open_page("curriculum", run=written_run(home, "pare", done=2).path.name)
    assert not app.exception
    assert len(app.get("plotly_chart")) == 6
    assert f"replace the {K} of {N_TOKENS} target tokens" in shown(app)
    assert "Mixing happens on embeddings" in shown(app)
    assert "gate was still random" in shown(app)


@pytest.mark.parametrize("target", ["gun_point", "wine"])
def test_series_and_tables_have_pictures_of_their_own_and_text_its_words(open_page, home, target):
    run = written_run(home, "pare", done=2, target=target, body="minilm")
    app = open_page("curriculum", run=run.path.name)
    assert not app.exception
    assert len(app.get("plotly_chart")) == 6
    assert len(app.text[0].value.split()) > 1


def test_another_sample_can_be_chosen(open_page, home):
    app = open_page("curriculum", run=written_run(home, "pare", done=2).path.name)
    before = app.markdown.values
    app.selectbox(key="curriculum-sample").set_value(2).run()
    assert not app.exception
    assert app.markdown.values != before


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
