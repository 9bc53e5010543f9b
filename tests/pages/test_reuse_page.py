import json

import pytest

from tests.pages.runs import REUSE, make_run, shown


def test_without_any_run_the_page_leads_to_align(open_page):
    app = open_page("reuse")
    assert not app.exception
    assert [b.key for b in app.button] == ["go-align"]


def test_an_unfinished_run_is_sent_on_to_its_end(open_page, home):
    app = open_page("reuse", run=make_run(home, done=2).path.name)
    assert not app.exception
    assert "not finished: Paused at step 2 of 4 of alignment" in shown(app)
    assert [b.key for b in app.button] == ["go-refine"]


def test_a_finished_run_offers_the_measurement_and_shows_no_number_before(open_page, home):
    app = open_page("reuse", run=make_run(home, accuracy=0.9).path.name)
    assert not app.exception
    assert [b.key for b in app.button] == ["reuse-measure"]
    assert not app.metric


def test_a_kept_report_is_shown_with_anchors_interval_and_blind_spots(open_page, home):
    run = make_run(home, accuracy=0.9)
    (run.path / "reuse.json").write_text(json.dumps(REUSE))
    app = open_page("reuse", run=run.path.name)
    assert not app.exception
    assert app.metric[0].value == "50 %"
    assert "95 % interval −0.250 to −0.150".replace("−", "-") in shown(app)
    assert "400 held-out rows of fractals ask 600 others, k = 20" in shown(app)
    assert "is blind to this" in shown(app)
    assert len(app.get("plotly_chart")) == 3


def test_measuring_keeps_the_report_in_the_run_directory(open_page, home, monkeypatch):
    import xmodal_core.reuse_report

    run = make_run(home, accuracy=0.9)
    monkeypatch.setattr(xmodal_core.reuse_report, "measure_reuse", lambda run: REUSE)
    app = open_page("reuse", run=run.path.name)
    app.button(key="reuse-measure").click().run()
    assert not app.exception
    assert json.loads((run.path / "reuse.json").read_text()) == REUSE
    assert app.metric[0].value == "50 %"


def test_no_advantage_to_keep_is_said_in_words(open_page, home):
    run = make_run(home, accuracy=0.9)
    nothing = REUSE | {"retention": REUSE["retention"] | {"retention": None}}
    (run.path / "reuse.json").write_text(json.dumps(nothing))
    assert open_page("reuse", run=run.path.name).metric[0].value == "none to keep"


def test_a_damaged_report_is_measured_again(open_page, home):
    run = make_run(home, accuracy=0.9)
    (run.path / "reuse.json").write_text("{")
    app = open_page("reuse", run=run.path.name)
    assert not app.exception
    assert app.button(key="reuse-measure")


@pytest.mark.parametrize("name", ["../../etc", "unknown"])
def test_an_address_that_names_no_run_is_told_and_finished_ones_are_offered(open_page, home, name):
    make_run(home, accuracy=0.9)
    app = open_page("reuse", run=name)
    assert not app.exception
    assert "not in this workspace" in shown(app)
    assert len(app.selectbox(key="reuse-pick").options) == 1
