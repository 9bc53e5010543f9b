"""The report as one file in a browser without a network: alive, silent, and nothing in it runs but its own scripts."""

import re
from pathlib import Path

import pytest

from tests.report.test_page import loaded
from tests.report.test_page import page as written_page

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(chromium, tmp_path):
    """A tab with the report, everything that it asked for, and everything that went wrong in it."""
    file = tmp_path / "report.html"
    file.write_text(written_page(tmp_path, loaded()), encoding="utf-8")
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True, offline=True)
    tab, asked, wrong = context.new_page(), [], []
    context.on("request", lambda sent: asked.append(sent.url))
    tab.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("dialog", lambda dialog: (wrong.append(f"alert: {dialog.message}"), dialog.dismiss()))
    tab.goto(file.as_uri())
    yield tab, asked, wrong
    context.close()


def outside(asked: list[str]) -> list[str]:
    return [url for url in asked if not url.startswith(("data:", "blob:", "file:"))]


def test_it_is_alive_without_a_network(opened):
    from playwright.sync_api import expect

    tab, asked, wrong = opened
    n = tab.locator(".plot").count()
    assert n >= 3
    expect(tab.locator(".plot svg.main-svg").first).to_be_visible()
    assert tab.locator(".plot:has(svg.main-svg)").count() == n
    player = tab.locator(".played").last
    player.scroll_into_view_if_needed()
    expect(player.get_by_text(re.compile(r"^step 4 of 4$"))).to_be_visible()
    player.get_by_role("button", name="First step").click()
    expect(player.get_by_text(re.compile(r"^step 1 of 4$"))).to_be_visible()
    player.get_by_role("button", name="Play").click()
    expect(player.get_by_text(re.compile(r"^step 4 of 4$"))).to_be_visible()
    assert outside(asked) == []
    assert [url for url in asked if url.startswith("file:")] == [tab.url]
    assert wrong == []


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_a_figure_is_saved_in_either_format(opened, kind):
    tab, asked, wrong = opened
    tab.locator(".plot").first.hover()
    with tab.expect_download() as download:
        tab.locator(f".plot .modebar-btn[data-title='Save as {kind}']").first.click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith({"PNG": b"\x89PNG", "SVG": b"<svg"}[kind])
    assert outside(asked) == []
    assert wrong == []


def test_paper_shows_what_is_folded_and_cuts_no_figure(opened):
    tab, _, wrong = opened
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.evaluate("[...document.querySelectorAll('details')].every((fold) => fold.open)")
    assert tab.evaluate(
        "[...document.querySelectorAll('figure')].every((f) => getComputedStyle(f).breakInside === 'avoid')"
    )
    beyond = "(e) => e.getBoundingClientRect().right > innerWidth + 1"
    assert tab.evaluate(f"[...document.querySelectorAll('body *')].filter({beyond}).length") == 0
    assert len(tab.pdf(format="A4")) > 10_000
    assert wrong == []


def test_axe_finds_nothing_serious(opened):
    from axe_playwright_python.sync_playwright import Axe

    tab, _, wrong = opened
    tab.locator(".plot svg.main-svg").first.wait_for()
    found = [one for one in Axe().run(tab).response["violations"] if one["impact"] in ("serious", "critical")]
    assert {one["id"]: [node["html"][:200] for node in one["nodes"]] for one in found} == {}
    assert wrong == []
