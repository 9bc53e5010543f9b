"""A run belongs to nobody's tab: a refresh and a second browser find it going on; a dead worker is replaced."""

import re

import pytest

from tests.browser.driving import fill, parameter, press
from xmodal_core.runs.process import end

pytestmark = pytest.mark.browser
STEPS = 5000
RUNNING = rf"Running: step (\d+) of {STEPS}"


def steps_at(page, pattern: str) -> int:
    """The step in the line that has this pattern."""
    from playwright.sync_api import expect

    line = page.get_by_text(re.compile(pattern))
    expect(line).to_be_visible()
    found = re.search(pattern, line.inner_text())
    assert found is not None
    return int(found[1])


def test_a_run_goes_on_over_a_refresh_in_a_second_browser_and_after_its_worker_was_killed(server, page, picture):
    from playwright.sync_api import expect

    page.goto(f"{server.url}/refine?target=wine&body=fractal-vit")
    expect(page.get_by_text("The test result")).to_have_count(0)
    page.get_by_text("One run alone, step by step").click()
    page.get_by_role("button", name="Settings").click()
    fill(page, {"refine-budget-refine_steps": STEPS})
    expect(page.get_by_text(f"{STEPS} steps of refine")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "refine-start")
    first = steps_at(page, RUNNING)
    name = parameter(page, "run")

    page.reload()
    assert steps_at(page, RUNNING) >= first
    context = page.context.browser.new_context()
    other = context.new_page()
    other.goto(page.url)
    seen = steps_at(other, RUNNING)
    assert seen >= first
    expect(other.get_by_text(re.compile(RUNNING))).not_to_contain_text(f"step {seen} of")  # it goes on by itself
    context.close()

    worker = server.run(name).read_process()
    assert worker is not None
    end(worker, force=True)
    died = steps_at(page, r"The worker died after step (\d+)")
    picture("jobs-lost")
    press(page, "watch-revive")
    assert steps_at(page, RUNNING) <= died + STEPS
    page.get_by_role("button", name="Cancel", exact=True).click()
    press(page, "watch-cancel")
    assert steps_at(page, rf"Cancelled at step (\d+) of {STEPS}") > 0
