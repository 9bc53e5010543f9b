"""The Gap page in a browser: a sentence within a minute, pictures for what is drawn around, and a lab that answers."""

import re
import time

import pytest

from tests.browser.driving import PATIENCE_MS, press, settle

pytestmark = pytest.mark.browser
READS_S = 10  # what is on the first page; meanwhile libraries are imported


def test_the_gap_is_a_sentence_with_pictures_and_can_be_taken_apart(server, page, picture, measured):
    from playwright.sync_api import expect

    page.goto(server.url)
    page.get_by_text("Begin with data that is here").wait_for()
    page.wait_for_timeout(1000 * READS_S)
    page.goto(f"{server.url}/gap?target=digits")
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_enabled()
    begin = time.monotonic()
    press(page, "measure")
    expect(page.get_by_text(re.compile("^Taken: "))).to_be_visible(timeout=2 * PATIENCE_MS)
    first = time.monotonic() - begin
    expect(page.get_by_role("tab", name="Translation lab")).to_be_visible(timeout=2 * PATIENCE_MS)
    whole = time.monotonic() - begin
    measured(
        f"gap, n = 1000, a new server, {READS_S} s on its first page: first reading after {first:.1f} s (5 wanted), "
        f"everything after {whole:.1f} s (12)"
    )
    settle(page)
    expect(page.get_by_role("heading", name=re.compile("what the network knows"))).to_be_visible()
    ruler = page.get_by_role("figure", name=re.compile("^Ruler: your data"))
    expect(ruler).to_be_visible()
    assert ruler.bounding_box()["y"] + ruler.bounding_box()["height"] < 768  # the hero, without scrolling
    picture("gap-1-sentence")

    page.get_by_role("tab", name="Who moves onto whom").click()
    expect(page.get_by_text(re.compile("comes from source classes"))).to_be_visible()
    settle(page)
    picture("gap-2-coupling")
    page.get_by_role("tab", name="Translation lab").click()
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    begin = time.monotonic()
    page.locator(".st-key-lab-shuffle label").click()
    expect(
        page.get_by_text(re.compile("Did not move: Sliced Wasserstein, Centroid distance, kNN index"))
    ).to_be_visible()
    measured(f"translation lab: a change is answered after {time.monotonic() - begin:.1f} s (1 wanted)")
    settle(page)
    picture("gap-3-lab")


def test_on_a_phone_the_figure_comes_before_its_controls(server, page, picture):
    from playwright.sync_api import expect

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.url}/gap?target=digits")
    settle(page)
    press(page, "measure")
    ruler = page.locator(".st-key-gap-ruler")
    expect(ruler).to_be_visible(timeout=2 * PATIENCE_MS)
    button = page.locator(".st-key-measure")
    assert ruler.bounding_box()["y"] < button.bounding_box()["y"]
    picture("gap-4-phone")
