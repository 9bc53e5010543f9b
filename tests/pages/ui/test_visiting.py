"""Where nothing may be changed, nothing is; and it becomes the person's own by one click."""

from pathlib import Path

import pytest

from tests.pages.runs import shown, written_run
from xmodal_core.gallery import shelf
from xmodal_core.gallery.items import ITEMS
from xmodal_core.gallery.links import token_of

NAME = "wine"
COMING = {"ws": f"gallery-{NAME}", "target": "wine", "source": "fractals", "body": "fractal-vit"}


def files(folder: Path) -> dict[str, float]:
    return {str(path): path.stat().st_mtime for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def item(home) -> Path:
    return shelf.workspace_of(NAME)


@pytest.mark.parametrize("page", ["gap", "align", "refine", "compare", "report", "data", "reuse"])
def test_an_item_is_shown_on_every_page_and_nothing_in_it_changes(open_page, item, page):
    card = shelf.shown(NAME)
    before = files(item)
    app = open_page(page, **COMING, gap=card.gap, run=card.run)
    assert not app.exception
    assert any("read only" in badge.value for badge in app.markdown)
    assert any("OTDD" in caption.value for caption in app.caption)
    assert files(item) == before


def test_measuring_in_an_item_is_refused_with_one_sentence_and_a_way_on(open_page, item):
    before = files(item)
    app = open_page("gap", **COMING)
    app.button(key="measure").click().run()
    assert not app.exception
    assert len(app.warning) == 1
    assert "stays as it is" in app.warning[0].value
    assert app.button(key="refused-mine").label == "Make it mine"
    assert files(item) == before


def test_a_run_in_an_item_is_refused(open_page, item, no_worker):
    before = files(item)
    app = open_page("align", **COMING)
    app.button(key="align-start").click().run()
    assert "stays as it is" in shown(app)
    assert files(item) == before
    assert sorted(path.name for path in (item / "runs").iterdir()) == sorted(
        {Path(p).parts[-2] for p in before if "spec.json" in p}
    )


def test_make_it_mine_copies_into_the_workspace_that_the_person_came_from(open_page, home, item):
    card = shelf.shown(NAME)
    app = open_page("gap", ws="mine", target="digits")
    for name, value in {**COMING, "gap": card.gap, "run": card.run}.items():
        app.query_params[name] = value
    app.run()
    app.button(key="strip-mine").click().run()
    assert not app.exception
    assert "mine" in str(app.query_params["ws"])
    mine = home / "workspaces" / "mine"
    assert (mine / "gap" / f"{card.gap}.json").is_file()
    assert {path.name for path in (mine / "runs").iterdir()} == {path.name for path in (item / "runs").iterdir()}
    assert not any("read only" in badge.value for badge in app.markdown)
    assert any("OTDD" in caption.value for caption in app.caption)


def test_somebody_who_came_by_a_bare_link_gets_it_into_the_default_workspace(open_page, home):
    app = open_page("gap", **COMING, gap=shelf.shown(NAME).gap)
    app.button(key="strip-mine").click().run()
    assert "ws" not in app.query_params
    assert list((home / "workspaces" / "default" / "runs").iterdir())


def test_a_link_to_look_shows_the_work_and_refuses_changes(open_page, home, no_worker):
    run = written_run(home, "finetune", accuracy=0.9)
    token = token_of(home.resolve() / "workspaces" / "default")
    before = files(home / "workspaces")
    app = open_page("refine", view=token, run=run.path.name)
    assert not app.exception
    assert "0.900" in shown(app) or any("0.900" in metric.value for metric in app.metric)
    app.button(key="refine-scratch").click().run()
    assert "somebody" in shown(app)
    assert files(home / "workspaces") == before


def test_a_link_that_leads_nowhere_shows_nobodys_work(open_page, home):
    run = written_run(home, "finetune", accuracy=0.9)
    app = open_page("refine", view="a" * 22, run=run.path.name)
    assert not app.exception
    assert "0.900" not in shown(app)
    app.button(key="strip-leave").click().run()
    assert "view" not in app.query_params


def test_the_strip_tells_source_and_body_of_the_run_that_is_looked_at(open_page, home):
    run = written_run(home, "orca", done=2, target="digits", body="minilm")
    app = open_page("align", run=run.path.name, target="digits", body="fractal-vit")
    (told,) = [caption.value for caption in app.caption if "→" in caption.value and "digits" in caption.value][:1]
    assert "scipy" in told
    assert "minilm" in told


def test_another_name_that_begins_like_the_gallery_is_no_item(open_page, home):
    app = open_page("gap", ws="gallery-unknown", target="wine")
    assert not app.exception
    assert not any("read only" in badge.value for badge in app.markdown)
    assert not (home / "gallery").exists()
    assert "unknown" not in ITEMS
