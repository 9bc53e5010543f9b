from xmodal_core.data.examples import EXAMPLES
from xmodal_core.runs.rundir import RunDir

SPEC = '{"schema": 1, "method": "finetune", "target": "wine", "body": "minilm", "seed": 0}'


def test_every_example_can_be_opened(open_page):
    app = open_page("start")
    assert not app.exception
    assert [button.key for button in app.button if button.label == "Open"] == [f"open-{name}" for name in EXAMPLES]


def test_open_selects_the_example_and_goes_to_gap(open_page):
    app = open_page("start", body="minilm")
    app.button(key="open-digits").click().run()
    assert not app.exception
    assert app.button(key="measure").label == "Measure"
    assert "digits" in str(app.query_params["target"])
    assert "body" not in app.query_params


def test_runs_of_this_workspace_are_listed_with_their_state(open_page, home):
    RunDir.create(home / "workspaces" / "mine" / "runs", SPEC)
    assert not any(s.value == "Recent runs" for s in open_page("start").subheader)
    app = open_page("start", ws="mine")
    assert not app.exception
    assert any(s.value == "Recent runs" for s in app.subheader)
    assert any("finetune on wine" in c.value and "new" in c.value for c in app.caption)


def test_a_damaged_run_does_not_hide_the_page(open_page, home):
    run = RunDir.create(home / "workspaces" / "default" / "runs", SPEC)
    (run.path / "spec.json").write_text("{")
    app = open_page("start")
    assert not app.exception
    assert app.title
