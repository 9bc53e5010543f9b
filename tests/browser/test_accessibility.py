import pytest

from tests.browser.driving import settle

pytestmark = pytest.mark.browser
PAGES = ("", "data", "gap", "align", "curriculum", "refine", "reuse", "compare", "report")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(server, page, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    found = {}
    for name in PAGES:
        page.goto(f"{server.url}/{name}?target=digits")
        page.locator("[data-testid=stMainBlockContainer] [data-testid=stCaptionContainer]").first.wait_for()
        settle(page)
        for one in Axe().run(page).response["violations"]:
            if one["impact"] in ("serious", "critical"):
                found[name or "start", one["id"]] = [node["html"][:200] for node in one["nodes"]]
    assert not found, found
