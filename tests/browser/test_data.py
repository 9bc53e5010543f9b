"""Data in a browser: a sample that is clicked is the one that opens, and the page is there soon after a switch."""

import time

import pytest

from tests.browser.driving import settle

pytestmark = pytest.mark.browser


def test_the_sample_that_is_clicked_opens_with_its_name_class_and_split(server, page, measured):
    from playwright.sync_api import expect

    from xmodal_core.data.examples import EXAMPLES

    data = EXAMPLES["digits"].load()
    page.goto(f"{server.url}/data?target=digits")
    tile = page.locator(".st-key-samples-target .wall button").nth(20)
    tile.wait_for()
    settle(page)
    row = int(tile.get_attribute("data-row"))
    assert data.uid[row] in tile.get_attribute("aria-label")
    tile.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{data.uid[row]} · {data.splits[row]}")
    expect(dialog).to_contain_text(data.class_names[data.targets[row]])
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Curriculum", exact=True).first.click()
    settle(page)
    start = time.perf_counter()
    page.get_by_role("link", name="Data", exact=True).first.click()
    page.locator(".st-key-samples-target .wall button").first.wait_for()
    measured(f"Data after a switch: pictures of both sides in {time.perf_counter() - start:.2f} s")
