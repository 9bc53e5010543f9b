"""Files that cannot be read, and runs that are stopped: one sentence, and the app goes on."""

import re

import pytest

from tests.browser.driving import fill, pickled, png, press, settle, upload

pytestmark = pytest.mark.browser

BAD = {
    "pickled.npz": (pickled, "pickled"),
    "empty.npz": (bytes, "empty"),
    "picture.npz": (png, "picture.npz"),
}


def test_a_file_that_cannot_be_read_gets_one_sentence_and_changes_nothing(server, page, picture):
    from playwright.sync_api import expect

    page.goto(f"{server.url}/data?target=digits")
    expect(page.get_by_text("1,797 samples")).to_be_visible()
    said = page.get_by_test_id("stAlert")
    for name, (make, word) in BAD.items():
        upload(page, name, make())
        expect(said).to_contain_text(word)
        settle(page)
        text = said.inner_text().strip()
        assert re.fullmatch(r"[^\n]{20,420}[.]", text), text
        assert not re.search(r"[.!?] [A-Z]", text), text
        assert "Traceback" not in text
        picture(f"refused-{name}")
        assert "target=digits" in page.url
        expect(page.get_by_text("1,797 samples")).to_be_visible()
    page.get_by_role("button", name="Measure the gap").click()
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_visible()


def test_a_running_run_can_be_paused_taken_up_and_cancelled(server, page, picture):
    from playwright.sync_api import expect

    def steps_at(pattern: str) -> int:
        line = page.get_by_text(re.compile(pattern))
        expect(line).to_be_visible()
        found = re.search(pattern, line.inner_text())
        assert found is not None
        return int(found[1])

    page.goto(f"{server.url}/refine?target=wine&body=fractal-vit")
    page.get_by_text("One run alone, step by step").click()
    page.get_by_role("button", name="Settings").click()
    fill(page, {"refine-budget-refine_steps": 5000})
    expect(page.get_by_text("5000 steps of refine")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "refine-start")
    assert steps_at(r"Running: step (\d+) of 5000") < 5000
    picture("pause-1-running")
    press(page, "watch-pause")
    paused = steps_at(r"(?:Waiting|Paused) at step (\d+) of 5000")
    settle(page)
    picture("pause-2-paused")
    press(page, "watch-play")
    going = steps_at(r"Running: step (\d+) of 5000")
    assert going >= paused
    page.get_by_role("button", name="Cancel", exact=True).click()
    picture("pause-3-cancel")
    press(page, "watch-cancel")
    assert steps_at(r"Cancelled at step (\d+) of 5000") >= going
    settle(page)
    picture("pause-4-cancelled")
    expect(page.locator(".st-key-watch-play button:visible")).to_be_disabled()
