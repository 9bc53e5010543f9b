"""The whole road as a person takes it, over a refresh and a restart of the server."""

import json
import re

import pytest

from tests.browser.driving import PATIENCE_MS, at_rest, fill, parameter, press, settle, three_digits, upload

pytestmark = pytest.mark.browser
ALIGN, CURRICULUM, REFINE = 4, 2, 4


def test_a_person_brings_data_and_learns_what_each_way_was_worth(server, page, picture):
    from playwright.sync_api import expect

    page.goto(f"{server.url}/data")
    upload(page, "three.npz", three_digits())
    expect(page.get_by_text("120 samples")).to_be_visible()
    expect(page.get_by_text("3 classes").first).to_be_visible()
    settle(page)
    picture("road-1-data")

    page.get_by_role("button", name="Measure the gap").click()
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile(r"from “same kind of data” to “no relation”"))).to_be_visible()
    otdd = page.get_by_text(re.compile(r"OTDD [\d.]+ \[[\d.]+, [\d.]+\], \d+ % of the way")).first
    expect(otdd).to_contain_text("floor")  # beside the number and its interval
    settle(page)
    picture("road-2-gap")

    page.get_by_role("link", name="Next: align").click()
    page.get_by_role("button", name="Settings").click()
    fill(
        page,
        {
            "align-budget-align_steps": ALIGN,
            "align-budget-curriculum_steps": CURRICULUM,
            "align-budget-refine_steps": REFINE,
        },
    )
    expect(
        page.get_by_text(f"{ALIGN} steps of align then {CURRICULUM} steps of curriculum then {REFINE} steps of refine")
    ).to_be_visible()
    picture("road-3-settings")
    page.keyboard.press("Escape")
    press(page, "align-start")
    at_rest(page, 1, ALIGN, "alignment")
    for step in (2, 3):
        press(page, "watch-step")
        at_rest(page, step, ALIGN, "alignment")
    settle(page)
    expect(page.locator(".chart-head", has_text="held-out OTDD")).to_be_visible()
    picture("road-4-align")
    name = parameter(page, "run")

    page.reload()
    at_rest(page, 3, ALIGN, "alignment")
    address = page.url
    server.stop()
    server.start()
    page.goto(address)
    at_rest(page, 3, ALIGN, "alignment")
    assert parameter(page, "run") == name
    assert [record["done"] for record in server.run(name).read_steps()[0]] == [1, 2, 3]

    press(page, "watch-step")
    page.get_by_role("button", name="Next: the curriculum").click()
    press(page, "watch-step")
    at_rest(page, 1, CURRICULUM, "the curriculum")
    page.locator(".exchange .mix canvas[data-drawn]").wait_for()
    settle(page)
    picture("road-5-curriculum")
    press(page, "watch-play")
    page.get_by_role("button", name="Next: refine").click()
    press(page, "watch-play")
    expect(page.get_by_text(f"Finished: all {ALIGN + CURRICULUM + REFINE} steps are done.")).to_be_visible()
    result = server.run(name).result()
    assert result is not None
    expect(page.get_by_text("The test result is sealed.")).to_be_visible()
    press(page, "refine-open-test")
    expect(page.get_by_test_id("stMetricValue").last).to_have_text(f"{result.test.score:.3f}")
    settle(page)
    picture("road-6-refine")

    press(page, "go-compare")
    said = f"ORCA + PaRe: the whole road has the highest mean, {result.test.score:.4f}"
    expect(page.get_by_role("figure", name=said)).to_be_visible()
    settle(page)
    picture("road-7-compare")
    page.get_by_text("Run more methods").click()
    controls = ("Random body, pretrained statistics", "Simple baseline, no transformer")
    for left_out in ("ORCA", *controls, "1", "2"):
        page.get_by_role("button", name=f"Remove {left_out}", exact=True).click()
    page.get_by_role("button", name="Budget").click()
    fill(page, {"compare-budget-curriculum_steps": 0, "compare-budget-refine_steps": REFINE})
    expect(page.get_by_text(f"finetune {REFINE} refine; scratch {REFINE} refine")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Launch 4 runs").click()  # each arm at two learning rates
    expect(page.get_by_text("The experiment is under way.")).to_be_visible()
    settle(page)
    picture("road-8-launched")
    expect(page.get_by_text("The experiment is under way.")).to_have_count(0, timeout=4 * PATIENCE_MS)
    expect(page.get_by_role("region", name="States of 5 runs.")).to_be_visible()
    settle(page)
    picture("road-9-compared")
    page.get_by_role("button", name="Take it away").click()
    with page.expect_download() as download:
        press(page, "board-download")
    found = json.loads(download.value.path().read_text())
    rows = sorted((row["method"], row["n_seeds"]) for row in found["table"])
    assert rows == [("finetune", 1), ("orca_pare", 1), ("scratch", 1)]  # each at the rate that was chosen
    assert {row["method"]: row.get("rate", "")[-4:] for row in found["table"]}["scratch"] == "of 2"
    (road,) = (row for row in found["table"] if row["method"] == "orca_pare")
    assert road["values"] == [result.test.score]
    assert found["gap"]["readings"]["otdd"]["value"] > found["gap"]["readings"]["otdd"]["floor"]
