from tests.pages.runs import shown, written_run
from xmodal_core.data.examples import EXAMPLES
from xmodal_core.gallery import shelf
from xmodal_core.gallery.card import in_five_words
from xmodal_core.gallery.items import ITEMS
from xmodal_core.runs.rundir import RunDir

RECENT = "Recent work of this workspace"
SPEC = '{"schema": 1, "method": "finetune", "target": "wine", "body": "minilm", "seed": 0}'


def test_every_example_can_be_opened(open_page):
    app = open_page("start")
    assert not app.exception
    opening = [button.key for button in app.button if button.label == "Open" and "item" not in button.key]
    assert opening == [f"open-{name}" for name in EXAMPLES]


def test_every_item_that_ships_has_a_card_with_its_verdict_its_age_and_its_command(open_page):
    app = open_page("start")
    said = shown(app)
    for item in ITEMS.values():
        if (card := shelf.shown(item.name)) is None:
            continue
        assert app.button(key=f"open-item-{item.name}")
        assert f"**{item.title}**" in said
        assert f"**{in_five_words(card)}**" in said
        assert any(card.command in (caption.help or "") for caption in app.caption)


def test_an_item_opens_at_its_gap_read_only_and_the_first_page_is_ones_own_again(open_page):
    app = open_page("start", ws="mine")
    app.button(key="open-item-wine").click().run()
    assert not app.exception
    assert "gallery-wine" in str(app.query_params["ws"])
    assert shelf.shown("wine").gap in str(app.query_params["gap"])
    assert app.button(key="strip-mine")
    for name in list(app.query_params):
        del app.query_params[name]  # what a click in the bar does
    app.switch_page("pages/views/start.py").run()
    assert "mine" in str(app.query_params["ws"])
    assert "gap" not in app.query_params


def test_open_selects_the_example_and_goes_to_gap(open_page):
    app = open_page("start", body="minilm")
    app.button(key="open-digits").click().run()
    assert not app.exception
    assert app.button(key="measure").label == "Measure"
    assert "digits" in str(app.query_params["target"])
    assert "body" not in app.query_params


def test_runs_of_this_workspace_are_listed_with_their_state(open_page, home):
    RunDir.create(home / "workspaces" / "mine" / "runs", SPEC)
    assert not any(s.value == RECENT for s in open_page("start").subheader)
    app = open_page("start", ws="mine")
    assert not app.exception
    assert any(s.value == RECENT for s in app.subheader)
    assert "**finetune** on wine" in shown(app)
    assert any("new" in c.value for c in app.caption)


def test_a_finished_run_shows_its_score(open_page, home):
    written_run(home, "orca", accuracy=0.875)
    said = shown(open_page("start"))
    assert "**ORCA** on digits" in said
    assert "accuracy 0.875" in said.replace("\\", "")


def test_a_damaged_run_does_not_hide_the_page(open_page, home):
    run = RunDir.create(home / "workspaces" / "default" / "runs", SPEC)
    (run.path / "spec.json").write_text("{")
    app = open_page("start")
    assert not app.exception
    assert app.title
